"""Decoding of augmentations: how well do a layer's responses tell what was done to an image?

A ridge regression reads each parameter of an augmentation (where the crop lay, how the contrast changed, …) from the
responses to the clean and to the augmented image, one after the other in one vector. The Gram of such pairs is a sum
of two Grams::

    (x_i0, x_ik) · (x_j0, x_jl) = x_i0 · x_j0 + x_ik · x_jl

so that the features are not needed. All augmentations of a source image fall on the same side of every split, hence
a decoder must carry over to images it has not seen; its penalty is the best for training images left out one by one.
The draws are the same in every image, hence also in training and test images: the values speak of these draws.

Source: Yerxa, Feather, Simoncelli & Chung, "Contrastive-equivariant self-supervised learning improves alignment with
primate visual area IT", NeurIPS 37 (2024).
"""

import logging
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ventral.gram import Gram
from ventral.ridge import ridge
from ventral.splits import kfold_splits
from ventral.store import Fault

# What is decoded, and the column that says where the operation was on. Flip, grey and solarize are switches themselves.
GATES = {
    "crop_x": None,
    "crop_y": None,
    "crop_area": None,
    "crop_ratio": None,
    "flip": None,
    "brightness": "jitter_applied",
    "contrast": "jitter_applied",
    "saturation": "jitter_applied",
    "hue": "jitter_applied",
    "grey": None,
    "blur": "blur_applied",
    "solarize": None,
}
FOLDS = 3


@dataclass(frozen=True)
class Decoded:
    """Predictions of one augmentation parameter for images that the decoder was not trained on.

    Attributes
    ----------
    parameter : str
    actual, predicted : arrays of shape (rows,)
        Only augmentations whose operation was on.
    image : integer array of shape (rows,)
        The source image of each row, from 0 to `n_images` − 1.
    n_images : int
    """

    parameter: str
    actual: np.ndarray
    predicted: np.ndarray
    image: np.ndarray
    n_images: int

    def scores(self, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Pearson r and R² over all rows, each source image counted as often as its weight says.

        Parameters
        ----------
        weights : array of shape (..., n_images), optional
            1 by default; those of a bootstrap over images give an interval, with the fits held.

        Returns
        -------
        r, r2 : arrays of shape (...)
            R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)², below 0 where the mean predicts better. NaN where the actual values, or
            for r the predictions, are constant.
        """
        y, p = self.actual - self.actual.mean(), self.predicted - self.actual.mean()
        weights = np.ones(self.n_images) if weights is None else weights
        terms = np.stack([np.ones_like(y), y, p, y * y, p * p, y * p, (y - p) ** 2], axis=1)
        sums = np.zeros((self.n_images, terms.shape[1]))
        np.add.at(sums, self.image, terms)
        n, sy, sp, syy, spp, syp, error = np.moveaxis(weights @ sums, -1, 0)
        n = np.maximum(n, 1)
        yy, pp, yp = syy - sy**2 / n, spp - sp**2 / n, syp - sy * sp / n
        # A constant leaves what rounding leaves of its square, or of the spread that it fails to predict.
        yy = np.where(yy > 1e-12 * syy, yy, np.nan)
        pp = np.where(pp > 1e-12 * spp + 1e-20 * syy, pp, np.nan)
        return np.clip(yp / np.sqrt(yy * pp), -1, 1), 1 - error / yy


def decode(G: Gram, table: pd.DataFrame, seed: int) -> list[Decoded]:
    """Read every augmentation parameter from the responses to images that were not trained on.

    Parameters
    ----------
    G : Gram of n images
    table : DataFrame of n rows
        The stimulus table: `scene`, `parameter`, `level` and the columns of the draw. Decoded are the rows of the
        parameter "augmentation", each beside the clean image of its scene.
    seed : int
        Of the split of the source images into three folds.

    Returns
    -------
    list of Decoded
        Parameters that the table lacks, or that are constant, are left out with a line in the log.

    Raises
    ------
    Fault
        Fewer than three source images, images without a clean version or with unequal numbers of augmentations, or a
        parameter with values that are not finite.
    """
    augmented, clean = rows_by_image(table, "augmentation"), rows_by_image(table, "")
    if len(clean) < FOLDS or clean.shape != (len(augmented), 1):
        raise Fault(
            f"Decoding needs three or more source images with one clean version each; the table has {len(augmented)} "
            f"images with augmentations and {clean.size} clean ones."
        )
    N, L = augmented.shape
    pairs = paired(G, np.repeat(clean.ravel(), L), augmented.ravel())
    image, draws = np.repeat(np.arange(N), L), table.iloc[augmented.ravel()]
    found = []
    for gate, names in _by_gate(draws).items():
        on = np.arange(N * L) if gate is None else np.flatnonzero(draws[gate] > 0)
        values = draws[names].iloc[on]
        varied = [name for name in names if values[name].nunique() > 1]
        if len(varied) < len(names):
            logging.info("Not decoded, since constant: %s.", ", ".join(sorted({*names} - {*varied})))
        if varied:
            Y = values[varied].to_numpy(dtype=np.float64)
            if not np.isfinite(Y).all():
                raise Fault(f"Among {', '.join(varied)} are values that are not finite; make the stimulus set again.")
            splits = kfold_splits(image[on], FOLDS, seed)
            part = ridge(pairs if gate is None else pairs.subset(on), Y, splits, groups=image[on])
            predicted = np.empty_like(Y)
            for (_, test), prediction in zip(splits, part.predictions, strict=True):
                predicted[test] = prediction
            found += [Decoded(name, Y[:, j], predicted[:, j], image[on], N) for j, name in enumerate(varied)]
    return sorted(found, key=lambda one: list(GATES).index(one.parameter))


def paired(G: Gram, first: np.ndarray, second: np.ndarray) -> Gram:
    """Gram of responses to two images each, one after the other in one vector.

    Parameters
    ----------
    G : Gram of n images
    first, second : integer arrays of shape (m,)
        The two images of each of the m rows.
    """
    a, b = G.subset(first), G.subset(second)
    return replace(
        a,
        centered=a.centered + b.centered,
        mean_products=a.mean_products + b.mean_products,
        mean_square=a.mean_square + b.mean_square,
        row_sums=a.row_sums + b.row_sums,
        n_features=a.n_features + b.n_features,
        stimulus_id=None,
    )


def rows_by_image(table: pd.DataFrame, parameter: str) -> np.ndarray:
    """Rows of the table that show each source image under each level of a parameter.

    Parameters
    ----------
    table : DataFrame
        The stimulus table: `scene`, `parameter`, `level`.
    parameter : str
        '' for the clean images, which have one level.

    Returns
    -------
    integer array of shape (N images, L levels)
        Images in the order of their names.

    Raises
    ------
    Fault
        Images that do not all have the same levels, once each.
    """
    index = np.flatnonzero(table.parameter == parameter)
    scenes, levels = table.scene.to_numpy()[index], table.level.to_numpy()[index]
    N, L = len(np.unique(scenes)), len(np.unique(levels))
    order = np.lexsort((levels, scenes))
    if len(index) != N * L or np.any(levels[order].reshape(N, L) != np.unique(levels)):
        raise Fault(
            f"Every image needs the same levels of {parameter or 'its clean version'!r}, once each: {N} images and {L} "
            f"levels do not make {len(index)} rows."
        )
    return index[order].reshape(N, L)


def _by_gate(draws: pd.DataFrame) -> dict[str | None, list[str]]:
    """The parameters of the table under the column that says where their operation was on."""
    groups = {}
    for name, gate in GATES.items():
        if name in draws and (gate is None or gate in draws):
            groups.setdefault(gate, []).append(name)
    absent = [name for name in GATES if name not in {name for group in groups.values() for name in group}]
    if absent:
        logging.info("Not decoded, since the stimulus table lacks them or their gate: %s.", ", ".join(absent))
    return groups
