"""Projections of many vectors on the cone of a few points, as non-negative least-squares problems.

The nearest point of the cone { Sᵀα : α ≥ 0 } to a vector t has the coefficients that minimize ‖t − Sᵀα‖². With
H = S Sᵀ and b = S t, they satisfy ::

    α ≥ 0,     Hα − b ≥ 0,     α · (Hα − b) = 0

Block pivoting guesses which coefficients are above zero, solves the linear system of these, and exchanges all that
violate a condition, for all vectors at once. Most vectors need two or three rounds; SciPy solves what is left, and
everything if points are linearly dependent.

Source: Portugal, Júdice & Vicente, "A comparison of block pivoting and interior-point algorithms for linear least
squares problems with nonnegative variables", Mathematics of Computation 63: 625-643 (1994).
"""

import numpy as np

ROUNDS = 3
TOLERANCE = 1e-10  # of the largest product of a vector and a point


def cone_coefficients(S: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Coefficients α of the projection of each vector on the cone of the points.

    Parameters
    ----------
    S : array of shape (M, D)
        Points.
    T : array of shape (k, D)
        Vectors.

    Returns
    -------
    array of shape (k, M)
        The projections are their product with S. They are unique; the coefficients are if the points are linearly
        independent.
    """
    from scipy.optimize import nnls

    alpha, left = np.zeros((len(T), len(S))), np.arange(len(T))
    if len(S) <= S.shape[1]:
        alpha, left = block_pivoting(S @ S.T, T @ S.T)
    for i in left:
        alpha[i] = nnls(S.T, T[i])[0]
    return alpha


def block_pivoting(H: np.ndarray, B: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients for each row of B, (k, M), and the rows that are not solved after a few rounds.

    Parameters
    ----------
    H : array of shape (M, M)
        Inner products of points.
    B : array of shape (k, M)
        Inner products of vectors and points.
    """
    alpha, left, positive = np.zeros_like(B), np.arange(len(B)), B > 0
    zero = TOLERANCE * np.abs(B).max(initial=0)
    for _ in range(ROUNDS):
        try:
            trial = solved(H, B[left], positive)
        except np.linalg.LinAlgError:
            break
        slope = trial @ H - B[left]
        wrong = np.where(positive, trial < 0, slope < -zero)
        exact = (np.abs(slope) <= zero).all(axis=1, where=positive)
        done = exact & ~wrong.any(axis=1)
        alpha[left[done]] = trial[done]
        left, positive = left[~done], (positive ^ wrong)[~done]
        if not len(left):
            break
    return alpha, left


def solved(H: np.ndarray, B: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Solutions x of H x = b in the coefficients that are positive; the others are zero.

    Vectors have different numbers of positive coefficients. Their systems are filled up to the largest one with rows of
    the identity.
    """
    most = max(1, positive.sum(axis=1).max())
    chosen = np.argsort(~positive, axis=1, kind="stable")[:, :most]
    known = np.take_along_axis(positive, chosen, axis=1)
    systems = np.where(known[:, :, None] & known[:, None, :], H[chosen[:, :, None], chosen[:, None, :]], np.eye(most))
    right = np.where(known, np.take_along_axis(B, chosen, axis=1), 0)
    x = np.zeros_like(B)
    np.put_along_axis(x, chosen, np.linalg.solve(systems, right[..., None])[..., 0], axis=1)
    return x
