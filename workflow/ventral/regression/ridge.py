"""Ridge regression from a layer to recorded units, from inner products alone.

Let K = V diag(λ) Vᵀ be the Gram of the training images, centered on their own mean, and y the responses of a unit minus
their training mean. With a penalty α the residuals are ::

    y − ŷ = V diag(α / (λ + α)) Vᵀ y

and the residual of image i, if it is left out of the fit and of the intercept, is ::

    (y_i − ŷ_i) / (1 − h_i),     1 − h_i = Σ_j V_ij² α / (λ_j + α)

The constant vector, which has the eigenvalue zero, is removed from the columns of V. Otherwise 1 − h_i would be a
difference from 1/n, which loses precision if the penalty is small. If V lacks eigenvectors of the eigenvalue zero, what
it does not span has a factor of 1 in both formulas. One eigendecomposition per split is sufficient for all units and
penalties.

Rows that belong together, such as those of one image under many augmentations, are left out together. With V_g the rows
of a group and r_g their residuals, the residuals without the group are ::

    (V_g diag(α / (λ + α)) V_gᵀ)⁻¹ r_g

Source: Hastie, Tibshirani & Friedman, "The Elements of Statistical Learning", 2nd ed., sections 3.4.1 and 7.10.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ventral.gram import Gram
from ventral.regression.folds import Encoding, Fold, folds, predicted, scores

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
    _warn(result, np.mean([fit.at_edge for fit in fits], axis=(0, 2)))
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
    n = len(fold.train)
    eigenvalues, V = fold.eigen
    scale = eigenvalues.sum() / n or 1.0  # a layer with the same response to every image has no scale
    grid = np.sort(np.atleast_1d(alphas).astype(float)) if alphas is not None else GRID * scale

    intercept = Y.mean(axis=0)
    projected = V.T @ (Y - intercept)  # Vᵀ y of every unit
    remaining = grid / (eigenvalues[:, None] + grid)  # α / (λ + α), one column per penalty
    axes = V - V.mean(axis=0)
    rest = Y - intercept - V @ projected if V.shape[1] < n else np.zeros((n, 1))
    left_out = (
        _rows_left_out(axes, rest) if groups is None else _groups_left_out(axes, rest, np.asarray(groups)[fold.train])
    )
    errors = np.array([left_out(projected, a) for a in remaining.T])
    best = np.full(Y.shape[1], errors.sum(axis=1).argmin()) if shared else errors.argmin(axis=0)
    error_of_mean = left_out(projected, np.ones(len(eigenvalues)))
    explains = errors.min(axis=0) < GAIN * error_of_mean
    at_edge = np.array([best == 0, best == len(grid) - 1]) & explains & (len(grid) > 1)

    alpha = grid[best]
    kept = eigenvalues > 0
    weights = V[:, kept] @ (projected[kept] / (eigenvalues[kept, None] + alpha))
    return RidgeFold(predicted(fold, weights, intercept), alpha, at_edge)


def _rows_left_out(V: np.ndarray, rest: np.ndarray) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """A function of Vᵀy and a = α / (λ + α) that gives the sum of squared residuals of left-out rows, (units,).

    `rest` is what V does not span of y, (train, units), and `share_of_rest` what it does not span of each row.
    """
    squares = V**2
    share_of_rest = np.clip(1 - 1 / len(V) - squares.sum(axis=1), 0, None) if V.shape[1] < len(V) else 0

    def left_out(projected: np.ndarray, a: np.ndarray) -> np.ndarray:
        residuals = V @ (projected * a[:, None])
        residuals += rest
        residuals *= residuals
        return (squares @ a + share_of_rest) ** -2 @ residuals

    return left_out


def _groups_left_out(
    V: np.ndarray, rest: np.ndarray, groups: np.ndarray
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """As `_rows_left_out`, for groups of rows that are left out together; groups of equal size are solved at once."""
    order = np.argsort(groups, kind="stable")
    _, starts = np.unique(groups[order], return_index=True)
    members = np.split(order, starts[1:])
    if len(members) < 2:
        raise ValueError("All training rows are in one group, so no rows remain for a fit without that group.")
    unspanned = float(V.shape[1] < len(V))
    stacks = [np.array([rows for rows in members if len(rows) == size]) for size in {*map(len, members)}]

    def left_out(projected: np.ndarray, a: np.ndarray) -> np.ndarray:
        residuals = V @ (projected * a[:, None])
        residuals += rest
        for rows in stacks:
            within = (V[rows] * (a - unspanned)) @ np.swapaxes(V[rows], 1, 2)
            within += unspanned * (np.eye(rows.shape[1]) - 1 / len(V))
            residuals[rows] = np.linalg.solve(within, residuals[rows])
        return np.sum(residuals**2, axis=0)

    return left_out


def _warn(result: Ridge, edges: np.ndarray) -> None:
    """Warn of units without a score, and if many units chose a penalty at an edge of the grid (smallest, largest)."""
    undefined = np.isnan(result.scores).any(axis=0).sum()
    if undefined:
        logging.warning(
            "%d of %d units have no score in some split: they, or their predictions, are constant there.",
            undefined,
            result.scores.shape[1],
        )
    for name, share in zip(("smallest", "largest"), edges, strict=True):
        if share > AT_EDGE:
            logging.warning(
                "%.0f %% of the units chose the %s penalty of the grid; the best one may lie beyond it.",
                100 * share,
                name,
            )
