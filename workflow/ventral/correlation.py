"""Pearson correlation of many pairs of columns at once."""

import numpy as np

ROUNDING = 1e-14  # relative spread below which values count as constant: what means of equal numbers may differ by


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
    xx, yy = np.sum(dx**2, axis), np.sum(dy**2, axis)
    constant = (xx <= ROUNDING**2 * np.sum(x**2, axis)) | (yy <= ROUNDING**2 * np.sum(y**2, axis))
    r = np.sum(dx * dy, axis) / np.sqrt(np.where(constant, 1.0, xx * yy))
    return np.where(constant, np.nan, np.clip(r, -1, 1))
