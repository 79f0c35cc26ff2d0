"""Bures distance: how far apart are the shapes of two clouds of responses?

With C1 and C2 the covariances of two samples, each scaled to unit trace::

    D_B² = 2 − 2 tr((C1^½ C2 C1^½)^½)

The trace is the fidelity of the two. For centred samples X (n × d) and Y (m × d) the matrix inside the root has the
squared singular values of X Yᵀ, up to scale, so that::

    tr((C1^½ C2 C1^½)^½) = ‖X Yᵀ‖_* / (‖X‖_F ‖Y‖_F)

and a block of a Gram matrix is enough. 0 means the same shape, √2 that no axis is shared. Small samples make the
distance too large, even between samples of one distribution: compare equal sample sizes only, and against a floor.

Source: Bhatia, Jain & Lim, "On the Bures-Wasserstein distance between positive definite matrices", Expositiones
Mathematicae 37: 165-191 (2019).
"""

import numpy as np

from ventral.store import Fault

ROUNDING = 1e-12  # relative variance below which responses count as constant


def bures_distance(X: np.ndarray, Y: np.ndarray) -> float:
    """Bures distance between the covariances of two samples, each scaled to unit trace.

    Parameters
    ----------
    X, Y : arrays of shape (n, d) and (m, d)
        Responses of the same d features to n and to m images; each sample is centred on its own mean.

    Returns
    -------
    float
        In [0, √2]; the same for any rotation of both, and for any scale and shift of either.

    Raises
    ------
    Fault
        Samples that are not two-dimensional, have different features, fewer than two images, values that are not
        finite, or no variance.
    """
    X, Y = _centred(X, "first"), _centred(Y, "second")
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
        X Yᵀ of centred samples: rows and columns sum to zero. Leading axes hold one pair of samples each.
    trace_x, trace_y : arrays of shape (...)
        ‖X‖²_F and ‖Y‖²_F. A distance is NaN where one of them is.

    Returns
    -------
    array of shape (...)

    Raises
    ------
    Fault
        A trace that is not positive: a sample without variance has no shape.
    """
    if np.any(np.less_equal(trace_x, 0)) or np.any(np.less_equal(trace_y, 0)):
        raise Fault("A Bures distance needs responses that vary; one of the two samples is constant.")
    fidelity = np.linalg.svd(block, compute_uv=False).sum(axis=-1) / np.sqrt(np.multiply(trace_x, trace_y))
    return np.sqrt(np.clip(2 - 2 * fidelity, 0, None))


def bures_between(K: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Bures distance between two sets of images of one Gram, for many pairs of sets at once.

    Parameters
    ----------
    K : array of shape (N, N)
        Inner products, centred on any point.
    x, y : integer arrays of shapes (..., n) and (..., m)
        Rows of K; the leading axes broadcast.

    Returns
    -------
    array of shape (...)
        NaN where the responses to one of the sets do not vary.
    """
    return bures_from_block(centred_block(K, x, y), squared_norms(K, x), squared_norms(K, y))


def squared_norms(K: np.ndarray, x: np.ndarray) -> np.ndarray:
    """‖X‖²_F of the centred responses to rows x (..., n) of a Gram, NaN where they do not vary."""
    traces = np.trace(centred_block(K, x, x), axis1=-2, axis2=-1)
    return np.where(traces > ROUNDING * x.shape[-1] * np.mean(np.diag(K)), traces, np.nan)


def centred_block(K: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Inner products (..., n, m) of rows x with rows y of a Gram, each set centred on its own mean."""
    block = K[x[..., :, None], y[..., None, :]]
    block = block - block.mean(axis=-1, keepdims=True)
    return block - block.mean(axis=-2, keepdims=True)


def _centred(X: np.ndarray, which: str) -> np.ndarray:
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2 or len(X) < 2:
        raise Fault(f"The {which} sample needs images × features with two images or more; its shape is {X.shape}.")
    if not np.isfinite(X).all():
        raise Fault(
            f"The {which} sample holds {np.sum(~np.isfinite(X))} values that are not finite; drop those images."
        )
    C = X - X.mean(axis=0)
    if (X[:1] == X).all():
        raise Fault(f"The {which} sample does not vary between its images; its covariance has no shape.")
    return C
