"""Bures distance: how far apart are the shapes of two clouds of responses?

With C1 and C2 the covariances of two samples, each scaled to unit trace::

    D_B² = 2 − 2 tr((C1^½ C2 C1^½)^½)

The trace is the fidelity of the two. For centered samples X (n × d) and Y (m × d) the eigenvalues of the matrix inside
the root are the squared singular values of X Yᵀ, up to scale, so that::

    tr((C1^½ C2 C1^½)^½) = ‖X Yᵀ‖_* / (‖X‖_F ‖Y‖_F)

and a block of a Gram matrix is enough. 0 means the same shape, √2 that no axis is shared. Small samples make the
distance too large, even between samples of one distribution. Compare only samples of equal size, and with a floor.

Source: Bhatia, Jain & Lim, "On the Bures-Wasserstein distance between positive definite matrices", Expositiones
Mathematicae 37: 165-191 (2019).
"""

import numpy as np

from ventral.core.errors import Fault
from ventral.gram import Gram

ROUNDING = 1e-12  # relative variance below which responses count as constant


def bures_distance(X: np.ndarray, Y: np.ndarray) -> float:
    """Bures distance between the covariances of two samples, each scaled to unit trace.

    Parameters
    ----------
    X, Y : arrays of shape (n, d) and (m, d)
        Responses of the same d features to n and to m images; each sample is centered on its own mean.

    Returns
    -------
    float
        In [0, √2]. Rotating both samples, or scaling and shifting either, does not change it.

    Raises
    ------
    Fault
        The samples are not two-dimensional, differ in their features, have fewer than two images or values that are not
        finite, or do not vary.
    """
    X, Y = _centered(X, "first"), _centered(Y, "second")
    if X.shape[1] != Y.shape[1]:
        raise Fault(
            f"The two samples have {X.shape[1]} and {Y.shape[1]} features; a distance needs the same features in both."
        )
    return float(bures_from_block(X @ Y.T, np.sum(X**2), np.sum(Y**2)))


def bures_from_block(block: np.ndarray, trace_x: np.ndarray, trace_y: np.ndarray) -> np.ndarray:
    """Bures distance from the inner products between two samples.

    Parameters
    ----------
    block : array of shape (..., n, m)
        X Yᵀ of centered samples: rows and columns sum to zero. Leading axes hold one pair of samples each.
    trace_x, trace_y : arrays of shape (...)
        ‖X‖²_F and ‖Y‖²_F. A distance is NaN if one of them is.

    Returns
    -------
    array of shape (...)

    Raises
    ------
    Fault
        A trace is not positive, because a sample without variance has no shape.
    """
    if np.any(np.less_equal(trace_x, 0)) or np.any(np.less_equal(trace_y, 0)):
        raise Fault("A Bures distance needs responses that vary; one of the two samples is constant.")
    fidelity = np.linalg.svd(block, compute_uv=False).sum(axis=-1) / np.sqrt(np.multiply(trace_x, trace_y))
    return np.sqrt(np.clip(2 - 2 * fidelity, 0, None))


def bures_between(G: Gram, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Bures distance between two sets of images of one Gram, for many pairs of sets at once.

    Parameters
    ----------
    G : Gram of N images
    x, y : integer arrays of shapes (..., n) and (..., m)
        Images; the leading axes are the same.

    Returns
    -------
    array of shape (...)
        NaN if the responses to one of the sets do not vary.
    """
    return bures_from_block(centered_block(G, x, y), squared_norms(G, x), squared_norms(G, y))


def squared_norms(G: Gram, x: np.ndarray) -> np.ndarray:
    """‖X‖²_F of the centered responses to images x (..., n), NaN if they do not vary."""
    traces = np.trace(centered_block(G, x, x), axis1=-2, axis2=-1)
    return np.where(traces > ROUNDING * x.shape[-1] * G.squares.mean(), traces, np.nan)


def centered_block(G: Gram, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Inner products (..., n, m) of images x and images y, each set centered on its own mean."""
    if G.matrix is None:
        if x.ndim > 2:  # the responses to all sets at once could need too much memory
            return np.stack([centered_block(G, *pair) for pair in zip(x, y, strict=True)])
        X, Y = (G.factor[images] - G.factor[images].mean(axis=-2, keepdims=True) for images in (x, y))
        return X @ np.swapaxes(Y, -1, -2)
    block = G.matrix[x[..., :, None], y[..., None, :]]
    block = block - block.mean(axis=-1, keepdims=True)
    return block - block.mean(axis=-2, keepdims=True)


def _centered(X: np.ndarray, which: str) -> np.ndarray:
    """One sample about its mean; a `Fault` if it cannot have a covariance."""
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2 or len(X) < 2:
        raise Fault(
            f"The {which} sample needs the shape (images, features), with two images or more; it has {X.shape}."
        )
    if not np.isfinite(X).all():
        raise Fault(f"The {which} sample has {np.sum(~np.isfinite(X))} values that are not finite; drop those images.")
    C = X - X.mean(axis=0)
    if (X[:1] == X).all():
        raise Fault(f"The {which} sample does not vary between its images; its covariance has no shape.")
    return C
