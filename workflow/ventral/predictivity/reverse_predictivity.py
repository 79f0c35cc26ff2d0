"""How well do recorded units predict a layer?

A layer can predict an area well and hold much that the area does not. In the reverse direction, ridge regression
predicts all features of the layer from the units of the area. The prediction of the held-out responses x_s from the
training responses x_t is linear in the latter, x̂_s = x̄_t + H (x_t − x̄_t), where H depends on the recorded responses
alone. The squared error, summed over features, therefore needs only inner products of the layer, K, centered on x̄_t::

    ‖x_s − x̂_s‖² = K_ss − 2 H K_ts + H K_tt Hᵀ        (diagonals)
    R² = 1 − Σ_s ‖x_s − x̂_s‖² / Σ_s ‖x_s − x̄_t‖²

It is 0 if the training mean predicts as well. R² weights features by their variance, and does not change if the layer
is rotated. Folds are those of the forward direction. The one penalty of all features has the smallest error on training
images that are left out one at a time. Units are scaled to the same variance, because their units of measurement are
arbitrary.

Features of a layer have no noise, so no ceiling of theirs is below 1. Noise of the units does lower R², and so do units
that were not recorded: an area of few or noisy units does not predict a layer that is linear in its true responses.
Layers are compared for the same area, and areas at equal numbers of units and similar reliability.

Source: Muzellec & Kar, "Reverse predictivity: going beyond one-way mapping to compare artificial neural network models
and brains", bioRxiv 2025.08.08.669382 (2025), who predict single features; the form for all features of a Gram is
Ventral's own.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ventral.core.random import generator
from ventral.gram import Gram, gram
from ventral.metrics import Method, Metric, Role
from ventral.predictivity.scored_parts import FEWEST, responses_to
from ventral.predictivity.target import Target
from ventral.recordings.gaps import Block
from ventral.regression.folds import Fold, fold_of
from ventral.regression.left_out import LeftOut
from ventral.regression.ridge import left_out_of
from ventral.regression.splits import Splits, splits_within
from ventral.statistics.bootstrap import mean_of_splits, with_interval

LARGEST = 2000  # images; of more, so many are drawn
DRAWS = 5  # of units
ROUNDING = 1e-9  # of a mean square

REVERSE = Method(
    "Reverse predictivity",
    "Share of the variance of held-out responses of a layer, summed over its features, that ridge regression from the "
    "units of an area predicts, with one penalty for all features; 0 if the training mean predicts as well. Shuffled "
    "images are the control. Noise of the units and a small number of units lower it, so areas are compared at equal "
    "numbers of units. Intervals are over the held-out images.",
    "Muzellec & Kar, bioRxiv 2025.08.08.669382 (2025); the form for inner products is Ventral’s own.",
    ("muzellec2025",),
)
PREDICTED = Metric(
    "reverse_R2",
    "reverse R²",
    Role.SCORE,
    "Share of the variance of the layer’s held-out responses that ridge regression from the area’s units predicts; "
    "negative if the mean would predict better.",
    REVERSE,
    (None, 1),
    heading="reverse R²",
    counts="unit",
    control="reverse_R2_shuffled",
)
METRICS = (
    PREDICTED,
    PREDICTED.as_control(
        "reverse_R2_equal",
        "reverse R² at equal numbers of units",
        f"The metric reverse_R2 with as many units as the smallest area of the recording has: mean of {DRAWS} draws of "
        "the units, with their range.",
    ),
    PREDICTED.as_control(
        "reverse_R2_shuffled",
        "reverse R² of shuffled images",
        "Control: the metric reverse_R2 if the responses of the layer belong to other images.",
    ),
)


def reverse_rows(G: Gram, target: Target) -> list[dict[str, object]]:
    """Rows of every area: how well its units predict the layer.

    If responses are missing, they are of the units and images of the area's block, which lack at most half of their
    responses, with expected responses in place of missing ones. Gaps lower R² as noise does. Of more than 2,000 images,
    2,000 are drawn.

    Parameters
    ----------
    G : Gram of the images of `target.once`
    target : Target

    Returns
    -------
    list of dict
        area, metric, value, n (units), low_images and high_images, and low and high of draws of units. No rows of an
        area with too few images or without a block, or of a layer that does not vary; the log says so.
    """
    if not G.varies():
        logging.warning("No reverse predictivity: the responses of the layer do not vary between images.")
        return []
    rows, fewest = [], min((len(block.units) for block in target.blocks.values()), default=0)
    for area, block in target.blocks.items():
        images = drawn_images(block, target)
        splits = splits_within(target.splits, target.first[images])
        if any(len(side) < least for pair in splits for side, least in zip(pair, FEWEST, strict=True)):
            logging.warning("%s: too few images for reverse predictivity.", area)
            continue
        Y = responses_to(target.once, block.units, images)
        counts = target.drawn[:, target.first[images]]
        rows += [{"area": area} | row for row in area_rows(G.subset(images), Y, splits, counts, fewest, target.seed)]
    return rows


def drawn_images(block: Block, target: Target) -> np.ndarray:
    """The images of a block, or 2,000 of them, ascending."""
    if len(block.images) <= LARGEST:
        return block.images
    rng = generator(target.seed, target.recording.name, "reverse predictivity")
    return np.sort(rng.choice(block.images, LARGEST, replace=False))


def area_rows(
    G: Gram, Y: np.ndarray, splits: Splits, counts: np.ndarray, fewest: int, seed: int
) -> list[dict[str, object]]:
    """Rows of one area.

    Parameters
    ----------
    G : Gram of n images
    Y : array of shape (n, units)
    splits : list of (train, test)
    counts : array of shape (resamples, n)
        How often each image is drawn.
    fewest : int
        Units of the smallest area.
    seed : int
        For the order of shuffled images and for draws of units.
    """
    units, rng = Y.shape[1], generator(seed, "reverse predictivity")
    order = rng.permutation(len(G))
    readouts = readouts_of(Y, splits)
    row, of_shuffled = (
        with_images([readout.errors(layer) for readout in readouts], splits, counts) for layer in (G, G.subset(order))
    )
    equal: dict[str, object] = row
    if units > fewest:
        chosen = (rng.choice(units, fewest, replace=False) for _ in range(DRAWS))
        some = (readouts_of(Y[:, members], splits) for members in chosen)
        draws = [mean_explained([readout.errors(G) for readout in of_draw]) for of_draw in some]
        equal = {"value": float(np.mean(draws)), "low": min(draws), "high": max(draws)}
    return [
        {"metric": "reverse_R2", "n": units} | row,
        {"metric": "reverse_R2_equal", "n": fewest} | equal,
        {"metric": "reverse_R2_shuffled", "n": units} | of_shuffled,
    ]


@dataclass(frozen=True)
class Errors:
    """Of the held-out images of a split, summed over the features of a layer.

    Attributes
    ----------
    of_units, of_mean : arrays of shape (test,)
        Squared errors of the prediction from units, and of the training mean; the latter are zero if they are rounding
        errors.
    """

    of_units: np.ndarray
    of_mean: np.ndarray

    def explained(self, counts: np.ndarray) -> np.ndarray:
        """R² if images are drawn as often as `counts`, (resamples, test), says; NaN if the drawn ones do not vary."""
        whole = counts @ self.of_mean
        return np.where(whole > 0, 1 - counts @ self.of_units / np.where(whole > 0, whole, 1), np.nan)


@dataclass(frozen=True)
class Readout:
    """Ridge regression from recorded units in one split, with any penalty."""

    fold: Fold
    left_out: LeftOut

    def errors(self, G: Gram) -> Errors:
        """Errors of the held-out responses of a layer."""
        train, test, V = self.fold.train, self.fold.test, self.left_out.axes
        lifted = np.zeros((len(G), V.shape[1] + 1))
        lifted[train, :-1], lifted[train, -1] = V, 1 / len(train)
        along, of_mean = np.hsplit(G.times(lifted), [-1])  # K V, and products with the mean training response
        squares = G.squares - 2 * of_mean[:, 0] + of_mean[train].mean()
        along -= along[train].mean(axis=0)
        penalty = self.left_out.grid[self.left_out.best_for_all(squares[train], along[train])]
        eigenvalues = self.left_out.eigenvalues
        Z = self.fold.test_coordinates * np.where(eigenvalues > 0, 1 / (eigenvalues + penalty), 0)  # H = Z Vᵀ
        errors = squares[test] + np.sum(Z * (Z @ (V.T @ along[train]) - 2 * along[test]), axis=1)
        return Errors(np.maximum(errors, 0), np.where(squares[test] > ROUNDING * G.squares.mean(), squares[test], 0))


def readouts_of(Y: np.ndarray, splits: Splits) -> list[Readout]:
    """Ridge regression from units of equal variance, (n, units), in every split."""
    varies = np.ptp(Y, axis=0) > 0
    of_units = gram(np.where(varies, Y - Y.mean(axis=0), 0) / np.where(varies, Y.std(axis=0), 1), device="cpu")
    return [
        Readout(fold, left_out_of(fold, search=False))
        for fold in (fold_of(of_units, np.asarray(train), np.asarray(test)) for train, test in splits)
    ]


def with_images(errors: Sequence[Errors], splits: Splits, counts: np.ndarray) -> dict[str, float]:
    """R² and its interval over the held-out images, with fixed fits."""
    resampled = [of_split.explained(counts[:, test]) for of_split, (_, test) in zip(errors, splits, strict=True)]
    return with_interval(mean_explained(errors), mean_of_splits(np.array(resampled)), "images")


def mean_explained(errors: Sequence[Errors]) -> float:
    """R², mean over splits; NaN if the held-out responses of one of them do not vary."""
    return float(np.mean([of_split.explained(np.ones((1, len(of_split.of_mean)))) for of_split in errors]))
