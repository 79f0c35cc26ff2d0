"""How well decoded augmentation parameters agree with the actual ones: Pearson r and R², with intervals.

The mean of the training values falls where the mean of the test values rises, so predictions that follow only the mean
would correlate negatively with the values. Pearson's r is therefore pooled within test blocks.

If images share draws, r over n draws is near 0 on average for a parameter that the responses do not represent, but two
arbitrary parameters correlate by about 1/√n over n draws. The interval of r includes this error.
"""

from dataclasses import dataclass

import numpy as np

from ventral.geometry.draw_splits import FOLDS
from ventral.statistics.intervals import Estimate, interval, scene_weights, wider_for_new_fits

LARGEST_R = 1 - 1e-12  # whose arctanh is finite
TINY = 1e-12  # share of unexplained variance, whose logarithm is finite


@dataclass(frozen=True)
class Decoded:
    """Predictions of one augmentation parameter for images and draws that the decoder was not fitted to.

    Attributes
    ----------
    parameter : str
    actual, predicted : arrays of shape (rows,)
        Only augmentations in which the operation was applied.
    image : integer array of shape (rows,)
        The source image of each row, from 0 to `n_images` − 1.
    n_images : int
    draw : integer array of shape (rows,), optional
        The draw of each row, from 0; by default every row has its own.
    block : integer array of shape (rows,), optional
        The test block of each row. One fit predicts all rows of a block; by default there is one block.
    """

    parameter: str
    actual: np.ndarray
    predicted: np.ndarray
    image: np.ndarray
    n_images: int
    draw: np.ndarray | None = None
    block: np.ndarray | None = None

    @property
    def n_draws(self) -> int:
        """Number of distinct draws."""
        return len(self.actual) if self.draw is None else len(np.unique(self.draw))

    @property
    def shares_draws(self) -> bool:
        """Whether any draw is shown in two or more images."""
        return self.draw is not None and len(np.unique([self.draw, self.image], axis=1).T) > self.n_draws

    def scores(
        self, weights: np.ndarray | None = None, of_draws: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Pearson r and R² over all rows, with a weight for each source image and each draw.

        Parameters
        ----------
        weights : array of shape (..., n_images), optional
            Weights of the images, 1 by default. Bootstrap weights give an interval for fixed fits.
        of_draws : array of shape (..., n_draws), optional
            Weights of the draws, if images share them. A row has the product of its two weights.

        Returns
        -------
        r, r2 : arrays of shape (...)
            r is pooled within test blocks. R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)², which is negative if the mean predicts
            better. Both are NaN if the actual values are constant, and r also if the predictions are.
        """
        w = np.ones(len(self.actual)) if weights is None else np.asarray(weights)[..., self.image]
        w = w if of_draws is None else w * of_draws[..., self.draw]
        y, p = self.actual - self.actual.mean(), self.predicted - self.actual.mean()
        terms = np.stack([np.ones_like(y), y, p, y * y, p * p, y * p, (y - p) ** 2], axis=1)
        block = np.zeros(len(y), dtype=int) if self.block is None else self.block
        sums = np.array([w[..., block == one] @ terms[block == one] for one in np.unique(block)])
        yy, pp, yp = _spreads(sums)
        total_yy, _, _ = _spreads(sums.sum(axis=0, keepdims=True))
        return np.clip(yp / np.sqrt(yy * pp), -1, 1), 1 - sums[..., -1].sum(axis=0) / total_yy


def _spreads(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums of squares and products about the mean of each block, from sums (blocks, ..., 7) of `Decoded.scores`."""
    n, sy, sp, syy, spp, syp, _ = np.moveaxis(sums, -1, 0)
    n = np.where(n > 0, n, 1)
    yy, pp, yp = (np.sum(part, axis=0) for part in (syy - sy**2 / n, spp - sp**2 / n, syp - sy * sp / n))
    # Rounding leaves a small sum for constant values, relative to their squares or to the spread of the actual values.
    syy, spp = syy.sum(axis=0), spp.sum(axis=0)
    yy = np.where(yy > 1e-12 * syy, yy, np.nan)
    return yy, np.where(pp > 1e-12 * spp + 1e-20 * syy, pp, np.nan), yp


def decoding_estimates(decoded: Decoded, rng: np.random.Generator) -> tuple[Estimate, Estimate]:
    """r and R² of one parameter with 95 % intervals over source images, and over draws if images share them.

    The interval of r is computed for arctanh r. If images share draws, its standard error includes that of a
    correlation over as many values as there are draws. The folds are subtracted from the number of draws, because the
    decoder was also fitted to chance correlations with the other draws.

    The interval of R² is that of log(1 − R²) for fixed fits, times √(1 + 1/s), with s the share of the rows to which a
    decoder is fitted, because fits share rows: Nadeau & Bengio, "Inference for the generalization error", Machine
    Learning 52: 239-281 (2003).

    Parameters
    ----------
    decoded : Decoded
    rng : Generator
        For the resamples.
    """
    images, N = scene_weights(decoded.n_images, rng), decoded.n_images
    draws, chance = None, 0.0
    if decoded.shares_draws:
        draws, N = scene_weights(decoded.n_draws, rng), min(decoded.n_images, decoded.n_draws)
        chance = 1.96 / np.sqrt(max(decoded.n_draws - FOLDS - 2, 1e-12))
    r, r2 = decoded.scores(images, draws)
    z = np.arctanh(np.clip(r, -LARGEST_R, LARGEST_R))
    half = np.hypot(interval(z, N)[1] - z[0], chance)
    of_r = Estimate(float(r[0]), float(np.tanh(z[0] - half)), max(float(r[0]), float(np.tanh(z[0] + half))))
    error, share = np.log(np.maximum(1 - r2, TINY)), ((FOLDS - 1) / FOLDS) ** (2 if decoded.shares_draws else 1)
    half = wider_for_new_fits(share) * (interval(error, N)[1] - error[0])
    return of_r, Estimate(float(r2[0]), float(1 - np.exp(error[0] + half)), float(1 - np.exp(error[0] - half)))
