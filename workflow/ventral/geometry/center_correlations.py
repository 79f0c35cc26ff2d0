"""Axes that the centers of manifolds share, which are removed before the manifolds' capacity is computed.

The theory of capacity assumes that centers point in random directions. With c_i the center of manifold i, about the
mean of all centers, and R_ij = c_i · c_j outside K axes, the axes are those that minimize ::

    Σ_ij R_ij² / (R_ii R_jj)

for K = 1, 2, …, and K is the number that leaves the smallest mean correlation, mean |R_ij| / √(R_ii R_jj). All of this
is a function of the inner products of centers. The public code searches each K from ten random starts; here the search
starts from the axes of K − 1 and the leading axis of what these leave.

Source: Cohen, Chung, Lee & Sompolinsky, "Separability and geometry of object manifolds in deep neural networks",
Nature Communications 11: 746 (2020), methods; the search over K is that of the public code of Stephenson et al.,
"Untangling in invariant speech recognition", NeurIPS 32 (2019).
"""

import numpy as np

from ventral.core.errors import Fault
from ventral.core.unit_rows import unit_rows

SHARE = 0.95  # the search ends ten axes beyond those that hold this share of the centers' variance
TOLERANCE = 1e-5  # of the search, relative
LEFT = 0.01  # share of the squared norm of every center that the axes must leave
DIGITS = 11  # of products; a search with many solutions, as for few centers, must not follow rounding errors
ROUNDING = 1e-9  # of the largest eigenvalue, or of the mean squared norm of centers


def shared_axes(C: np.ndarray) -> np.ndarray:
    """Axes that centers share.

    Parameters
    ----------
    C : array of shape (P, P)
        Inner products of P centers about their mean.

    Returns
    -------
    array of shape (P, K)
        The axes are sums of centers with these weights; they have unit norm and are orthogonal.

    Raises
    ------
    Fault
        Centers lie on a line, or one of them equals the mean of all.
    """
    squares = np.diag(C)
    if squares.min() <= ROUNDING * squares.mean():
        raise Fault("The mean response to a class equals the mean of all classes, so it has no direction.")
    scale = squares.max()
    eigenvalues, vectors = np.linalg.eigh(np.round(C / scale, DIGITS))
    kept = np.flatnonzero(eigenvalues > ROUNDING * eigenvalues[-1])[::-1][: len(C) - 1]
    if len(kept) < 2:
        raise Fault("The mean responses to all classes lie on a line, so they have no axes that can be removed.")
    lengths = np.sqrt(eigenvalues[kept])
    return vectors[:, kept] / (lengths * np.sqrt(scale)) @ best_axes(vectors[:, kept] * lengths)


def center_correlation(C: np.ndarray) -> float:
    """Mean |cosine| between two of P centers, with inner products C, (P, P)."""
    lengths, P = np.sqrt(np.diag(C)), len(C)
    return float((np.abs(C / np.outer(lengths, lengths)).sum() - P) / (P * (P - 1)))


def best_axes(X: np.ndarray) -> np.ndarray:
    """Axes (r, K) of the coordinates X, (P, r), outside which the centers are least correlated.

    The search ends when more axes have left higher correlations three times in a row, or would take almost all of a
    center.
    """
    X = unit_rows(X)
    variance = np.cumsum(np.linalg.svd(X, compute_uv=False) ** 2)
    none = np.zeros((X.shape[1], 0))
    axes, found, left = none, [], []
    for _ in range(min(X.shape[1] - 1, int(np.sum(variance < SHARE * variance[-1])) + 10)):
        leading = np.linalg.svd(unit_rows(X - X @ axes @ axes.T))[2][0]
        axes = least_correlated(X, np.column_stack([axes, leading]))
        R = X - X @ axes @ axes.T
        if np.min(np.sum(R**2, axis=1)) < LEFT:
            break
        found.append(axes)
        left.append(center_correlation(R @ R.T))
        if len(left) > 4 and left[-1] > left[-2] > left[-3] > left[-4]:
            break
    return found[int(np.argmin(left))] if found else none


def least_correlated(X: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Orthonormal axes (r, K) that minimize the squared correlations outside them, from a start of the same shape."""
    from scipy.optimize import minimize

    shape, C = start.shape, X @ X.T
    found = minimize(
        squared_correlations,
        np.linalg.qr(start)[0].ravel(),
        args=(X, C, shape),
        jac=True,
        method="L-BFGS-B",
        options={"ftol": TOLERANCE},
    )
    return np.linalg.qr(found.x.reshape(shape))[0]


def squared_correlations(
    a: np.ndarray, X: np.ndarray, C: np.ndarray, shape: tuple[int, int]
) -> tuple[float, np.ndarray]:
    """Half the sum of squared correlations outside the span of A, and its gradient in A, of `shape`."""
    V, triangle = np.linalg.qr(a.reshape(shape))
    c = X @ V
    R = C - c @ c.T
    r = np.maximum(np.diag(R), ROUNDING * np.diag(C))
    norms = np.outer(r, r)
    shares, W = R**2 / norms, R / norms
    W.flat[:: len(W) + 1] -= shares.sum(axis=1) / r
    slope = -2 * X.T @ (W @ c)
    slope -= V @ (V.T @ slope)
    return shares.sum() / 2, np.linalg.solve(triangle, slope.T).T.ravel()
