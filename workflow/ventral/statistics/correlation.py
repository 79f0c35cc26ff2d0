"""Pearson correlation of many pairs of columns at once, and ties among values that differ only by rounding."""

import numpy as np

ROUNDING = 1e-14  # relative spread below which values count as constant; means of equal numbers may differ by as much


def pearson(x: np.ndarray, y: np.ndarray, axis: int = 0) -> np.ndarray:
    """Pearson r along one axis, NaN where either side is constant.

    Parameters
    ----------
    x, y : arrays of one shape
        NaN entries are left out, from both sides at once.
    axis : int
        The axis of the samples.
    """
    missing = np.isnan(x) | np.isnan(y)
    n = np.maximum(np.sum(~missing, axis=axis, keepdims=True), 1)
    x, y = np.where(missing, 0.0, x), np.where(missing, 0.0, y)
    dx = np.where(missing, 0.0, x - x.sum(axis, keepdims=True) / n)
    dy = np.where(missing, 0.0, y - y.sum(axis, keepdims=True) / n)
    (dx, x_varies), (dy, y_varies) = _scaled(dx, x, axis), _scaled(dy, y, axis)
    varies = x_varies & y_varies
    r = np.sum(dx * dy, axis) / np.sqrt(np.where(varies, np.sum(dx**2, axis) * np.sum(dy**2, axis), 1.0))
    return np.where(varies, np.clip(r, -1, 1), np.nan)


def _scaled(d: np.ndarray, x: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Deviations d of x from its mean, the largest ±1 so that no square is lost, and whether x varies at all."""
    largest = np.abs(d).max(axis=axis, keepdims=True, initial=0)
    varies = largest > ROUNDING * np.abs(x).max(axis=axis, keepdims=True, initial=0)
    return d / np.where(varies, largest, 1.0), np.squeeze(varies, axis)


def tied(values: np.ndarray, error: np.ndarray | float) -> np.ndarray:
    """The values, with those that differ only by rounding made equal, so that ranks treat them as ties.

    Sorted values are in one group as long as neighbors differ by at most twice the median error. If values are so dense
    that this would chain them, groups are cut at twice that width. A value with a larger error takes the nearest value
    of the others within its error. Those without such a value are grouped among themselves in the same way.

    Parameters
    ----------
    values : array of shape (n,)
    error : array of shape (n,), or float
        How far rounding may have moved each value.

    Returns
    -------
    array of shape (n,)
    """
    if not len(values):
        return values
    error = np.broadcast_to(error, values.shape)
    width = 2 * np.median(error)
    usual = error <= width
    order = np.flatnonzero(usual)[np.argsort(values[usual])]
    ordered = values[order]
    begins = np.diff(ordered, prepend=-np.inf) > width
    start = ordered[begins][np.cumsum(begins) - 1]
    cell = np.floor((ordered - start) / (2 * width)) if width > 0 else np.zeros(len(ordered))
    begins |= np.diff(cell, prepend=-1) != 0
    distinct = ordered[begins]
    equal = values.copy()
    equal[order] = distinct[np.cumsum(begins) - 1]
    after = np.clip(np.searchsorted(distinct, values[~usual]), 1, max(len(distinct) - 1, 1))
    either = np.stack([distinct[after - 1], distinct[np.minimum(after, len(distinct) - 1)]])
    nearest = np.take_along_axis(either, np.abs(either - values[~usual]).argmin(axis=0)[None], axis=0)[0]
    reached = np.abs(nearest - values[~usual]) <= error[~usual]
    equal[~usual] = np.where(reached, nearest, tied(values[~usual], error[~usual]))
    return equal
