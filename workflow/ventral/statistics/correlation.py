"""Pearson correlation of many pairs of columns at once, and ties among values that differ only by rounding."""

import numpy as np

AT_ONCE = 1 << 20  # values
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
    equal = values.copy()
    tie(equal, error)
    return equal


def tie(values: np.ndarray, error: np.ndarray | float) -> None:
    """As `tied`, in place."""
    if not len(values):
        return
    error = np.broadcast_to(error, values.shape)
    width = 2 * np.median(error)
    usual = error <= width
    order = np.argsort(np.where(usual, values, np.inf))[: np.count_nonzero(usual)]
    ordered = values[order]
    _take_first_of_group(ordered, width)
    others = values[~usual]
    values[order] = ordered
    after = np.clip(np.searchsorted(ordered, others), 1, max(len(ordered) - 1, 1))
    either = np.stack([ordered[after - 1], ordered[np.minimum(after, len(ordered) - 1)]])
    nearest = np.take_along_axis(either, np.abs(either - others).argmin(axis=0)[None], axis=0)[0]
    reached = np.abs(nearest - others) <= error[~usual]
    values[~usual] = np.where(reached, nearest, tied(others, error[~usual]))


def _take_first_of_group(ordered: np.ndarray, width: float) -> None:
    """Give sorted values the first value of their group, in place and without arrays of their size."""
    previous, start, cell, first = -np.inf, 0.0, 0.0, 0.0  # of the value before
    for begin in range(0, len(ordered), AT_ONCE):
        part = ordered[begin : begin + AT_ONCE].copy()
        begins = np.diff(part, prepend=previous) > width
        starts = _filled(part, begins, start)
        cells = np.floor((part - starts) / (2 * width)) if width > 0 else np.zeros(len(part))
        begins |= np.diff(cells, prepend=cell) != 0
        ordered[begin : begin + AT_ONCE] = _filled(part, begins, first)
        previous, start, cell, first = part[-1], starts[-1], cells[-1], ordered[begin + len(part) - 1]


def _filled(values: np.ndarray, chosen: np.ndarray, before: float) -> np.ndarray:
    """For each value, the last chosen one up to it, or `before` if there is none."""
    return np.append(before, values[chosen])[np.cumsum(chosen)]
