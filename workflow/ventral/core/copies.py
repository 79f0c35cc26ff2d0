"""Finds responses that are equal in all features.

Features arrive block by block, and each block refines a partition of the rows into groups of equal ones. Only rows that
equal an earlier row in all features so far need to be compared, so after the first few features this costs almost
nothing. The result is exact and does not depend on the width of blocks or the order of arithmetic.
"""

import numpy as np
from array_api_compat import array_namespace, device

from ventral.core.device import to_numpy

FIRST_LOOK = 64  # features, enough to distinguish most responses
NEAR = 1e-14  # of the mean squared distance; float64 products of equal responses may differ by as much


def copies_after(copy_of: np.ndarray, x) -> np.ndarray:
    """For each row, the first row that equals it, after comparing further features.

    Parameters
    ----------
    copy_of : integer array of shape (n,)
        For each row, the first row that equals it in the features before; zeros before the first features.
    x : array of shape (n, features)
        A NumPy, CuPy or torch array. 0 equals −0.

    Returns
    -------
    integer array of shape (n,)
        A row that equals no earlier row has its own number.
    """
    for part in (x[:, :FIRST_LOOK], x[:, FIRST_LOOK:]):
        followers = np.flatnonzero(copy_of != np.arange(len(copy_of)))
        if len(followers) and part.shape[1]:
            copy_of = _regrouped(copy_of, part, followers)
    return copy_of


def first_equal(*keys: np.ndarray) -> np.ndarray:
    """For each row, the first row with the same keys, which are integer arrays of shape (n,)."""
    _, first, group = np.unique(np.stack(keys, axis=1), axis=0, return_index=True, return_inverse=True)
    return first[group.ravel()]


def distinct(copy_of: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Rows without copies of one another, and the place of each of `rows` among them; None if there are no copies."""
    first, place = np.unique(copy_of[rows], return_inverse=True)
    return (rows, None) if len(first) == len(rows) else (first, place)


def nearest_equal(K: np.ndarray, resolution: float) -> np.ndarray:
    """For each row, the first row at distance zero within rounding; for Gram files of earlier versions.

    Parameters
    ----------
    K : array of shape (n, n)
        Inner products, centered on any point.
    resolution : float
        Largest rounding error of products that cancel, as a share of the squared norms.

    Returns
    -------
    integer array of shape (n,)
    """
    squares = np.diag(K)
    distances = np.clip(squares[:, None] + squares - 2 * K, 0, None)
    return (distances <= max(NEAR, resolution) * distances.mean()).argmax(axis=1)


def _regrouped(copy_of: np.ndarray, x, followers: np.ndarray) -> np.ndarray:
    """The partition after more features: rows that differ from the first row of their group form new groups."""
    differ = followers[to_numpy((_rows(x, followers) != _rows(x, copy_of[followers])).any(1))]
    regrouped = copy_of.copy()
    seen: dict[tuple[int, bytes], int] = {}
    for row, values in zip(differ, to_numpy(_rows(x, differ)) + 0.0, strict=True):  # −0 becomes 0
        regrouped[row] = seen.setdefault((copy_of[row], values.tobytes()), row)
    return regrouped


def _rows(x, index: np.ndarray):
    return x[array_namespace(x).asarray(index, device=device(x))]
