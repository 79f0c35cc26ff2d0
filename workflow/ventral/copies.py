"""Which responses are equal, feature by feature?

Features arrive block by block. Rows that equal an earlier row in all features so far are the only ones still in
question, so that a partition of the rows is refined by each block: exact, the same for blocks of any width and order of
arithmetic, and after the first few features almost free.
"""

import numpy as np
from array_api_compat import array_namespace, device

FIRST_LOOK = 64  # features that already tell most responses apart
NEAR = 1e-14  # of the mean squared distance: what products in float64 may leave between equal responses


def copies_after(copy_of: np.ndarray, x) -> np.ndarray:
    """For each row the first row that equals it, from what was known before and from further features.

    Parameters
    ----------
    copy_of : integer array of shape (n,)
        The first row that equals each row in the features before; zeros where there were none.
    x : array of shape (n, features)
        NumPy, CuPy or torch. 0 equals −0.

    Returns
    -------
    integer array of shape (n,)
        A row's own number where no earlier row equals it.
    """
    for part in (x[:, :FIRST_LOOK], x[:, FIRST_LOOK:]):
        followers = np.flatnonzero(copy_of != np.arange(len(copy_of)))
        if len(followers) and part.shape[1]:
            copy_of = _regrouped(copy_of, part, followers)
    return copy_of


def first_equal(*keys: np.ndarray) -> np.ndarray:
    """For each row the first row with the same keys, which are integer arrays of shape (n,)."""
    _, first, group = np.unique(np.stack(keys, axis=1), axis=0, return_index=True, return_inverse=True)
    return first[group.ravel()]


def nearest_equal(K: np.ndarray, resolution: float) -> np.ndarray:
    """For each row the first one at no distance from it, as far as inner products tell; for old files of Grams.

    Parameters
    ----------
    K : array of shape (n, n)
        Inner products, centered on any point.
    resolution : float
        What rounding may leave of products that cancel, as a share of the squared norms.
    """
    squares = np.diag(K)
    distances = np.clip(squares[:, None] + squares - 2 * K, 0, None)
    return (distances <= max(NEAR, resolution) * distances.mean()).argmax(axis=1)


def _regrouped(copy_of: np.ndarray, x, followers: np.ndarray) -> np.ndarray:
    """The partition after more features: rows that differ from the first of their group form groups of their own."""
    differ = followers[_host((_rows(x, followers) != _rows(x, copy_of[followers])).any(1))]
    regrouped, seen = copy_of.copy(), {}
    for row, values in zip(differ, _host(_rows(x, differ)) + 0.0, strict=True):  # −0 becomes 0
        regrouped[row] = seen.setdefault((copy_of[row], values.tobytes()), row)
    return regrouped


def _rows(x, index: np.ndarray):
    return x[array_namespace(x).asarray(index, device=device(x))]


def _host(x) -> np.ndarray:
    return np.asarray(x.get() if hasattr(x, "get") else x.cpu() if hasattr(x, "cpu") else x)
