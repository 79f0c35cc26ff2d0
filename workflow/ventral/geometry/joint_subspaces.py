"""Orthogonal subspaces, one for each of several covariances: joint diagonalization by shares of variance.

Directions u_1 … u_q form an orthonormal basis, and each belongs to the covariance of which it carries the largest
share. With M_k the covariances, in units of what each is compared with, the basis maximizes::

    Σ_j max_k  u_jᵀ M_k u_j

The subspace of k is spanned by its directions. If the covariances have orthogonal axes, the subspaces are these axes.
The sum is convex in each u_j, so that a step to the nearest orthonormal basis of its gradient M_k u_j never decreases
it.

Source: sums of quadratic forms on orthonormal bases are maximized so by Bolla, Michaletzky, Tusnády & Ziermann,
"Extrema of sums of heterogeneous quadratic forms", Linear Algebra and its Applications 269: 331-365 (1998).
"""

import numpy as np

STEPS = 40


def joint_subspaces(
    M: np.ndarray, start: np.ndarray | None = None, steps: int = STEPS
) -> tuple[np.ndarray, np.ndarray]:
    """An orthonormal basis whose directions are divided among covariances.

    Parameters
    ----------
    M : array of shape (…, K, q, q)
        K covariances, and any number of such sets, which are treated separately.
    start : array of shape (…, q, q), optional
        A first basis; by default the principal axes of the sum.
    steps : int

    Returns
    -------
    basis : array of shape (…, q, q)
        Directions in columns.
    owner : integer array of shape (…, q)
        The covariance to which each direction belongs.
    """
    U = np.linalg.eigh(M.sum(axis=-3))[1] if start is None else start
    for _ in range(steps):
        gradients = M @ U[..., None, :, :]
        owner = owners(gradients, U)
        chosen = np.take_along_axis(gradients, owner[..., None, None, :], axis=-3)[..., 0, :, :]
        left, _, right = np.linalg.svd(chosen)
        U = left @ right
    return U, owners(M @ U[..., None, :, :], U)


def owners(products: np.ndarray, U: np.ndarray) -> np.ndarray:
    """For each direction u_j the k with the largest u_jᵀ M_k u_j, from M_k u_j of shape (…, K, q, q)."""
    return np.einsum("...kij,...ij->...kj", products, U).argmax(axis=-2)


def overlap(directions: np.ndarray, basis: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Mean squared cosine of the principal angles between directions and a subspace.

    If the subspace has fewer directions, the angles without one are 90°.

    Parameters
    ----------
    directions : array of shape (…, q, d)
        Orthonormal, in columns.
    basis : array of shape (…, q, q)
        Orthonormal, in columns.
    inside : boolean array of shape (…, q)
        Which directions of the basis span the subspace.
    """
    cosines = np.swapaxes(directions, -1, -2) @ basis
    return np.einsum("...di,...i->...", cosines**2, inside) / cosines.shape[-2]
