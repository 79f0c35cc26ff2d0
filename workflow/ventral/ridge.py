"""Ridge regression from a layer to recorded units, on inner products alone.

With K the Gram of the training images, centred on their own mean, K = V diag(λ) Vᵀ, and y one unit's
responses less their training mean, a penalty α leaves the residuals ::

    y − ŷ = V diag(α / (λ + α)) Vᵀ y

and the residual of image i when it is itself left out of the fit, intercept included, is ::

    (y_i − ŷ_i) / (1 − h_i),     1 − h_i = Σ_j V_ij² α / (λ_j + α)

where the constant vector, which has the eigenvalue zero, is taken out of the columns of V: what a small penalty leaves
would be lost in a difference from 1/n. So one eigendecomposition per split serves every unit and every penalty. Rows
that belong together, such as those of one image under many augmentations, are left out together: with V_g the rows of a
group and r_g its residuals ::

    (V_g diag(α / (λ + α)) V_gᵀ)⁻¹ r_g

Source: Hastie, Tibshirani & Friedman, "The Elements of Statistical Learning", 2nd ed., sections 3.4.1 and 7.10.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ventral.folds import Encoding, Fold, folds, predicted, scores
from ventral.gram import Gram

GRID = np.logspace(-5, 5, 31)  # penalties, in mean eigenvalues of the training Gram
AT_EDGE = 0.1  # share of units at an edge of the grid that is worth a warning
GAIN = 0.99  # of the error of the mean: above it a fit explains nothing, and any large penalty does as well


@dataclass(frozen=True)
class Ridge(Encoding):
    """Cross-validated predictions of every unit.

    Attributes
    ----------
    scores : array of shape (splits, units)
        Pearson r on held-out images; NaN where the unit or its prediction is constant.
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
        Whether the penalty is the smallest of the grid, and the largest, and the fit explains something.
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
    """Predict units from a layer, with a penalty per unit chosen by leave-one-out inside each training set.

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
        Y has another number of images than G, holds values that are not finite, a split shares rows between its
        sides or has fewer than three training rows or a single group of them, a row has no group, or a penalty is
        not positive.
    """
    if groups is not None and len(groups) != len(Y):
        raise ValueError(f"There are groups of {len(groups)} rows for {len(Y)} images; every row needs one.")
    if alphas is not None and np.min(alphas) <= 0:
        raise ValueError(f"Penalties must be positive; the smallest is {np.min(alphas)}.")
    Y = np.asarray(Y, dtype=np.float64)
    return joined([fit_ridge(fold, Y[fold.train], alphas, groups) for fold in folds(G, Y, splits)], Y, splits)


def joined(fits: Sequence[RidgeFold], Y: np.ndarray, splits: Sequence[tuple[np.ndarray, np.ndarray]]) -> Ridge:
    """The fits of all splits, with their scores and a warning of what they lack."""
    predictions = [fit.predictions for fit in fits]
    result = Ridge(scores(predictions, Y, splits), predictions, np.array([fit.alphas for fit in fits]))
    _warn(result, np.mean([fit.at_edge for fit in fits], axis=(0, 2)))
    return result


def fit_ridge(
    fold: Fold, Y: np.ndarray, alphas: Sequence[float] | None = None, groups: np.ndarray | None = None
) -> RidgeFold:
    """Ridge of one split from the training responses, (train, units); `alphas` and `groups` as in `ridge`."""
    n = len(fold.train)
    eigenvalues, V = fold.eigen
    scale = eigenvalues.mean() or 1.0  # a layer that gives every image the same response has no scale of its own
    grid = np.sort(np.atleast_1d(alphas).astype(float)) if alphas is not None else GRID * scale

    intercept = Y.mean(axis=0)
    projected = V.T @ (Y - intercept)  # Vᵀ y of every unit
    remaining = grid / (eigenvalues[:, None] + grid)  # α / (λ + α), one column per penalty
    axes = V - V.mean(axis=0)
    left_out = _rows_left_out(axes) if groups is None else _groups_left_out(axes, np.asarray(groups)[fold.train])
    errors = np.array([left_out(projected, a) for a in remaining.T])
    best = errors.argmin(axis=0)
    error_of_mean = left_out(projected, np.ones(n))
    explains = errors.min(axis=0) < GAIN * error_of_mean
    at_edge = np.array([best == 0, best == len(grid) - 1]) & explains & (len(grid) > 1)

    alpha = grid[best]
    kept = eigenvalues > 0
    weights = V[:, kept] @ (projected[kept] / (eigenvalues[kept, None] + alpha))
    return RidgeFold(predicted(fold, weights, intercept), alpha, at_edge)


def _rows_left_out(V: np.ndarray) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """A function of Vᵀy and a = α / (λ + α): the summed squares of what rows leave when the fit leaves them out."""
    squares = V**2

    def left_out(projected: np.ndarray, a: np.ndarray) -> np.ndarray:
        residuals = V @ (projected * a[:, None])
        residuals *= residuals
        return (squares @ a) ** -2 @ residuals

    return left_out


def _groups_left_out(V: np.ndarray, groups: np.ndarray) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The same where the fit leaves out all rows of a group; groups of one size are solved at once."""
    order = np.argsort(groups, kind="stable")
    _, starts = np.unique(groups[order], return_index=True)
    members = np.split(order, starts[1:])
    if len(members) < 2:
        raise ValueError("All training rows are in one group, so no rows remain for a fit without that group.")
    stacks = [np.array([rows for rows in members if len(rows) == size]) for size in {*map(len, members)}]

    def left_out(projected: np.ndarray, a: np.ndarray) -> np.ndarray:
        residuals = V @ (projected * a[:, None])
        for rows in stacks:
            within = (V[rows] * a) @ np.swapaxes(V[rows], 1, 2)
            residuals[rows] = np.linalg.solve(within, residuals[rows])
        return np.sum(residuals**2, axis=0)

    return left_out


def _warn(result: Ridge, edges: np.ndarray) -> None:
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
