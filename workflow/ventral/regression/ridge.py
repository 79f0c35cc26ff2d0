"""Ridge regression from a layer to recorded units, from inner products alone.

With K = V diag(λ) Vᵀ the Gram of the training images and y the responses of a unit, both centered, ridge regression
with a penalty α predicts ::

    ŷ = across V diag(1 / (λ + α)) Vᵀ y + ȳ

One eigendecomposition per split is sufficient for all units and penalties. Each unit gets the penalty with the smallest
error on rows that are left out (`ventral.regression.left_out`).

Source: Hastie, Tibshirani & Friedman, "The Elements of Statistical Learning", 2nd ed., section 3.4.1.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ventral.gram import Gram
from ventral.regression.folds import Encoding, Fold, folds, predicted, scores
from ventral.regression.left_out import LeftOut

GRID = np.logspace(-5, 5, 31)  # penalties, in mean eigenvalues of the training Gram
AT_EDGE = 0.1  # share of units at an edge of the grid above which there is a warning
GAIN = 0.99  # of the error of the mean; with a larger error a fit explains nothing, and its penalty does not matter


@dataclass(frozen=True)
class Ridge(Encoding):
    """Cross-validated predictions of every unit.

    Attributes
    ----------
    scores : array of shape (splits, units)
        Pearson r on held-out images; NaN if the unit or its prediction is constant.
    predictions : list of arrays of shape (test, units)
        Of the held-out images of each split.
    alphas : array of shape (splits, units)
        The penalty chosen for each unit, in the units of K.
    """

    alphas: np.ndarray


@dataclass(frozen=True)
class RidgeFold:
    """Ridge of one split.

    Attributes
    ----------
    predictions : array of shape (test, units)
    alphas : array of shape (units,)
    at_edge : array of shape (2, units)
        Whether the fit explains anything and its penalty is the smallest of the grid (first row) or the largest.
    """

    predictions: np.ndarray
    alphas: np.ndarray
    at_edge: np.ndarray


def ridge(
    G: Gram,
    Y: np.ndarray,
    splits: Sequence[tuple[np.ndarray, np.ndarray]],
    alphas: Sequence[float] | None = None,
    groups: np.ndarray | None = None,
) -> Ridge:
    """Predict units from a layer, with one penalty per unit, chosen by leave-one-out inside each training set.

    Parameters
    ----------
    G : Gram of n images
    Y : array of shape (n, units)
    splits : sequence of (train, test)
        Row indices.
    alphas : sequence of float, optional
        Penalties to choose from, all > 0; by default 31 from 1e-5 to 1e5 mean eigenvalues of the training Gram.
    groups : array of shape (n,), optional
        Rows of one group are left out together; by default every row by itself. Each training set needs two groups.

    Returns
    -------
    Ridge

    Raises
    ------
    ValueError
        Y and G differ in the number of images, Y has values that are not finite, a split has rows on both sides, fewer
        than three training rows or a single group of them, a row has no group, or a penalty is not positive.
    """
    if groups is not None and len(groups) != len(Y):
        raise ValueError(f"There are groups of {len(groups)} rows for {len(Y)} images; every row needs one.")
    if alphas is not None and np.min(alphas) <= 0:
        raise ValueError(f"Penalties must be positive; the smallest is {np.min(alphas)}.")
    Y = np.asarray(Y, dtype=np.float64)
    return joined([fit_ridge(fold, Y[fold.train], alphas, groups) for fold in folds(G, Y, splits)], Y, splits)


def joined(fits: Sequence[RidgeFold], Y: np.ndarray, splits: Sequence[tuple[np.ndarray, np.ndarray]]) -> Ridge:
    """The fits of all splits with their scores; warns of undefined scores and of penalties at an edge of the grid."""
    predictions = [fit.predictions for fit in fits]
    result = Ridge(scores(predictions, Y, splits), predictions, np.array([fit.alphas for fit in fits]))
    warn(result.scores, np.mean([fit.at_edge for fit in fits], axis=(0, 2)))
    return result


def fit_ridge(
    fold: Fold,
    Y: np.ndarray,
    alphas: Sequence[float] | None = None,
    groups: np.ndarray | None = None,
    shared: bool = False,
) -> RidgeFold:
    """Ridge of one split from the training responses, (train, units); `alphas` and `groups` as in `ridge`.

    With `shared` all units have the one penalty with the smallest sum of their errors.
    """
    return fit_with(left_out_of(fold, alphas, groups, search=not shared), fold, Y, shared)


def left_out_of(
    fold: Fold, alphas: Sequence[float] | None = None, groups: np.ndarray | None = None, search: bool = True
) -> LeftOut:
    """What the choice of penalties needs of one split, for any number of calls of `fit_with`."""
    eigenvalues, V = fold.eigen
    scale = eigenvalues.sum() / len(V) or 1.0  # a layer with the same response to every image has no scale
    grid = np.sort(np.atleast_1d(alphas).astype(float)) if alphas is not None else GRID * scale
    return LeftOut(eigenvalues, V, grid, None if groups is None else np.asarray(groups)[fold.train], search)


def fit_with(left_out: LeftOut, fold: Fold, Y: np.ndarray, shared: bool = False) -> RidgeFold:
    """As `fit_ridge`, of a block of units."""
    eigenvalues, grid = left_out.eigenvalues, left_out.grid
    intercept = Y.mean(axis=0)
    y = Y - intercept
    projected = left_out.V.T @ y
    errors, error_of_mean = left_out.errors(y, projected)
    best = np.full(Y.shape[1], errors.sum(axis=1).argmin()) if shared else errors.argmin(axis=0)
    explains = errors.min(axis=0) < GAIN * error_of_mean
    at_edge = np.array([best == 0, best == len(grid) - 1]) & explains & (len(grid) > 1)

    kept = eigenvalues > 0
    coefficients = np.divide(projected, eigenvalues[:, None] + grid[best], where=kept[:, None], out=projected)
    coefficients[~kept] = 0
    return RidgeFold(predicted(fold, fold.test_coordinates @ coefficients, intercept), grid[best], at_edge)


def warn(scores: np.ndarray, edges: Sequence[float]) -> None:
    """Warn of units without a score, and if many units chose a penalty at an edge of the grid (smallest, largest)."""
    undefined = np.isnan(scores).any(axis=0).sum()
    if undefined:
        logging.warning(
            "%d of %d units have no score in some split: they, or their predictions, are constant there.",
            undefined,
            scores.shape[1],
        )
    for name, share in zip(("smallest", "largest"), edges, strict=True):
        if share > AT_EDGE:
            logging.warning(
                "%.0f %% of the units chose the %s penalty of the grid; the best one may lie beyond it.",
                100 * share,
                name,
            )
