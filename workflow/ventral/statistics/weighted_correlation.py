"""Correlations of many pairs of columns in many weighted samples of the same rows, also given other columns.

With w the weights of the rows in a sample ::

    r = Σ w (x − x̄)(y − ȳ) / sqrt( Σ w (x − x̄)² · Σ w (y − ȳ)² ),    x̄ = Σ w x / Σ w

For Spearman's coefficient, x and y are ranks in the weighted sample, with the mean rank for ties. A partial correlation
is that of the residuals of x and y, after a weighted regression of both on the given columns z (ranks of z for
Spearman's coefficient), fitted in each sample.
"""

import numpy as np

from ventral.statistics.correlation import tied

ELEMENTS_AT_ONCE = 2e7
ROUNDING = 1e-9  # of a column's largest value; quantities that differ by less are ties
FAR_LARGER = 1e3  # than the median
CONSTANT = 1e-12  # of a column's largest value; residuals of this size are rounding
COLLINEAR = 1e-8  # of the largest singular value of the given columns; directions below it do not count


def correlation(
    X: np.ndarray,
    Y: np.ndarray,
    weights: np.ndarray,
    statistic: str = "pearson",
    given: np.ndarray | None = None,
) -> np.ndarray:
    """Weighted correlations of columns.

    Parameters
    ----------
    X : array of shape (n, p)
    Y : array of shape (n, q)
    weights : array of shape (samples, n)
        The weight of each row.
    statistic : {"pearson", "spearman"}
    given : array of shape (n, k), optional
        Columns of which partial correlations are given. They may be collinear, also in some of the samples only.

    Returns
    -------
    array of shape (samples, p, q)
        NaN if a column does not vary, or does not vary beyond the given columns.
    """
    given = np.empty((len(X), 0)) if given is None else given
    columns = X.shape[1] + Y.shape[1] + given.shape[1]
    at_once = max(1, int(ELEMENTS_AT_ONCE / max(1, X.shape[0] * columns)))
    parts = []
    for w in np.split(weights.astype(float), range(at_once, len(weights), at_once)):
        basis = explained(given, w, statistic)
        x, y = (standardized(block, w, statistic, basis) for block in (X, Y))
        parts.append(np.matmul(x.swapaxes(1, 2), y))
    return np.clip(np.concatenate(parts), -1, 1)


def explained(given: np.ndarray, weights: np.ndarray, statistic: str) -> np.ndarray:
    """Orthonormal basis (samples, n, k) of the given columns, centered and times √w; zeros for dependent ones."""
    if not given.shape[1]:
        return np.empty((*weights.shape, 0))
    centered, varies = scaled(*deviations(given, weights, statistic))
    basis, spread, _ = np.linalg.svd(np.where(varies, centered, 0), full_matrices=False)
    return basis * (spread > COLLINEAR * spread[:, :1])[:, None]


def standardized(X: np.ndarray, weights: np.ndarray, statistic: str, basis: np.ndarray) -> np.ndarray:
    """Columns (samples, n, p) with weighted mean 0 and sum of squares 1, whose products are correlations."""
    centered, size = deviations(X, weights, statistic)
    centered = centered - np.matmul(basis, np.matmul(basis.swapaxes(1, 2), centered))
    residuals, varies = scaled(centered, size)
    return np.where(varies, residuals, np.nan)


def deviations(X: np.ndarray, weights: np.ndarray, statistic: str) -> tuple[np.ndarray, np.ndarray]:
    """√w (x − x̄) of values or ranks, (samples, n, p), and the size (samples, 1, p) of which rounding is a share."""
    if statistic == "spearman":
        columns = [tied(column, rounding(column)) for column in X.T]
        X = np.stack([weighted_ranks(column, weights) for column in columns], axis=-1)
    else:
        X = np.broadcast_to(X, (len(weights), *X.shape))
    total = weights.sum(axis=1)[:, None]
    mean = np.matmul(weights[:, None], X) / np.maximum(total, 1)[..., None]
    size = np.abs(X).max(axis=1, keepdims=True, initial=0) * np.sqrt(total)[..., None]
    return (X - mean) * np.sqrt(weights)[..., None], size


def rounding(values: np.ndarray) -> float:
    """By how much values differ that differ only by rounding: a share of the largest, unless a few are far larger."""
    size = np.abs(values[values != 0])
    return ROUNDING * min(size.max(), FAR_LARGER * np.median(size)) if len(size) else 0.0


def scaled(centered: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns with sum of squares 1, and which of them vary by more than rounding."""
    norm = np.sqrt(np.sum(centered**2, axis=1, keepdims=True))
    varies = norm > CONSTANT * size
    return centered / np.where(varies, norm, 1), varies


def weighted_ranks(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Ranks (samples, n) in weighted samples, with the mean rank for ties."""
    order = np.argsort(values)
    begins = np.flatnonzero(np.diff(values[order], prepend=-np.inf) > 0)
    counts = np.add.reduceat(weights[:, order], begins, axis=1)
    middle = np.cumsum(counts, axis=1) - (counts - 1) / 2
    ranks = np.empty(weights.shape)
    ranks[:, order] = np.repeat(middle, np.diff(begins, append=len(values)), axis=1)
    return ranks
