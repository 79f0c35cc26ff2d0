"""Responses with fewer features than images, which are smaller than their Gram matrix and are kept instead of it."""

import numpy as np
from array_api_compat import array_namespace

from ventral.core.block_products import not_finite
from ventral.core.copies import copies_after
from ventral.core.device import to_numpy
from ventral.core.errors import Fault

Sums = tuple[np.ndarray, float, np.ndarray]


def kept_responses(X) -> tuple[np.ndarray, np.ndarray]:
    """Read all responses.

    Parameters
    ----------
    X : array or HDF5 dataset of shape (n, d), d < n

    Returns
    -------
    responses : array of shape (n, d)
        float32 if this holds every value exactly, else float64.
    copy_of : integer array of shape (n,)
        For each row, the first row that equals it in all features.

    Raises
    ------
    Fault
        A value is not finite.
    """
    part = X[:, : X.shape[1]]
    xp = array_namespace(part)
    exact = xp.float32 if part.dtype in (xp.float32, getattr(xp, "float16", xp.float32)) else xp.float64
    responses = to_numpy(xp.astype(part, exact))
    if not np.isfinite(responses).all():
        raise Fault(not_finite(X, responses, 0))
    return responses, copies_after(np.zeros(len(responses), dtype=int), responses)


def sums_of_responses(responses: np.ndarray) -> Sums:
    """Products of rows with the mean row μ, (n,); μ · μ; and row sums, (n,)."""
    X = responses.astype(np.float64)
    mean = X.mean(axis=0)
    return X @ mean, float(mean @ mean), X.sum(axis=1)


def overflows(responses: np.ndarray) -> bool:
    """Whether inner products of some rows exceed the largest float64 number."""
    with np.errstate(over="ignore"):
        return not np.isfinite(np.sum(responses.astype(np.float64) ** 2))
