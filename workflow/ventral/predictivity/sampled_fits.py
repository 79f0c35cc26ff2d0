"""Ridge regression of a layer from random subsets of the images, with one penalty for all units of an area.

Training images are drawn at random from all images, also if the splits of the scores keep groups of images together.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ventral.gram import Gram
from ventral.predictivity.spectral_theory import Modes, modes
from ventral.regression.folds import Fold, fold_of, predicted
from ventral.statistics.intervals import jackknife_interval

SHARES = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8)  # of the images, for training
FEWEST_TRAINED, FEWEST_IMAGES, FEWEST_UNITS = 3, 10, 3
LARGEST = 2000  # images; of more, so many are drawn, so that the cost stays below that of the scores
DRAWS = 5  # of training images


@dataclass(frozen=True)
class Sample:
    """A layer and the units that it predicts.

    Attributes
    ----------
    G : Gram of n images
    Y : array of shape (n, units)
        Responses that vary.
    images : integer array of shape (n,)
        Which images of the layer they are.
    areas : dict of integer arrays
        The units of each area.
    """

    G: Gram
    Y: np.ndarray
    images: np.ndarray
    areas: dict[str, np.ndarray]

    @cached_property
    def modes(self) -> Modes:
        """The spectrum of the layer and the alignment of all units."""
        return modes(self.G, self.Y)

    def of_area(self, units: np.ndarray) -> Modes:
        """The same with some of the units."""
        return Modes(self.modes.eigenvalues, self.modes.shares[:, units])

    @property
    def training_sizes(self) -> list[int]:
        """Numbers of training images, smallest first."""
        return sorted({max(int(share * len(self.G)), FEWEST_TRAINED) for share in SHARES})


def sample(
    G: Gram, Y: np.ndarray, areas: np.ndarray, rng: np.random.Generator, images: np.ndarray | None = None
) -> Sample | None:
    """Up to 2,000 of the images, and the units that vary.

    Parameters
    ----------
    G : Gram
    Y : array of shape (n, units)
    areas : array of shape (units,)
        The area of each unit.
    rng : Generator
        For the images, if there are more.
    images : integer array of shape (n,), optional
        The images of the Gram to which Y has the responses; by default all of them.

    Returns
    -------
    Sample, or None
        If there are fewer than ten images, or the layer or all units do not vary; the log says so.
    """
    images = np.arange(len(G)) if images is None else images
    if len(images) > LARGEST:
        drawn = np.sort(rng.choice(len(images), LARGEST, replace=False))
        images, Y = images[drawn], Y[drawn]
    varies = np.ptp(Y, axis=0) > 0 if len(Y) else np.zeros(Y.shape[1], dtype=bool)
    if len(images) < FEWEST_IMAGES or not G.varies(images) or not varies.any():
        logging.warning("Learning curves need %d images or more, and responses that vary.", FEWEST_IMAGES)
        return None
    inside = {str(area): np.flatnonzero(areas[varies] == area) for area in dict.fromkeys(areas[varies])}
    return Sample(G.subset(images), Y[:, varies], images, inside)


def fits(
    of: Sample, p: int, penalties: Sequence[tuple[np.ndarray, float]], rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Ridge regression from p training images, for several draws of them and several groups of units.

    Parameters
    ----------
    of : Sample
    p : int
    penalties : sequence of (indices of units, α)
    rng : Generator

    Yields
    ------
    train, test : integer arrays
    units : integer array
    weights : array of shape (train, units)
        Of the training images, see `ridge_weights`.
    predictions : array of shape (test, units)
    """
    for _ in range(DRAWS):
        train, test = np.split(rng.permutation(len(of.G)), [p])
        fold = fold_of(of.G, train, test)
        for units, penalty in penalties:
            Y = of.Y[np.ix_(train, units)]
            weights = ridge_weights(fold, Y - Y.mean(axis=0), penalty)
            yield train, test, units, weights, predicted(fold, fold.across_times(weights), Y.mean(axis=0))


def ridge_weights(fold: Fold, Y: np.ndarray, penalty: float) -> np.ndarray:
    """Weights of the training images, (train, units), with which `fold.across` becomes predictions.

    Parameters
    ----------
    fold : Fold
    Y : array of shape (train, units)
        Responses minus their mean.
    penalty : float
    """
    from scipy.linalg import solve

    if fold.responses is None:
        return solve(fold.inside + penalty * np.eye(len(Y)), Y, assume_a="pos")
    X = fold.responses[0]
    return (Y - X @ solve(X.T @ X + penalty * np.eye(X.shape[1]), X.T @ Y, assume_a="pos")) / penalty


def interval_over_units(value: float, without: np.ndarray) -> dict[str, float]:
    """The 95 % interval of a value, as columns of a table, from those without each unit; none of less than three."""
    if len(without) < FEWEST_UNITS:
        return {}
    low, high = jackknife_interval(np.asarray(value), without, heavy_tails=True)
    return {"low": float(low), "high": float(high)}
