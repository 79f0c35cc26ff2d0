"""Sums over units behind the two-way corrections, at the cost of products of responses.

A term q of a Gram K = Σ_a K_a is a sum over pairs of units, see `ventral.geometry.two_way`. This module has, for every
unit a, the term q(K_a, K_a) of the unit itself, and Σ_b q(K_a, K_b) over all units b, the unit itself included. With
ĉ(x, y; z, w) the U-statistic of cov(x, y) cov(z, w) over distinct images i, j, k, l::

    ĉ = T₂/(n)₂ − T₃/(n)₃ + T₄/(n)₄
    T₂ = Σ x_i y_i z_j w_j,   T₃ = Σ x_i y_i z_j w_k + x_j y_k z_i w_i,   T₄ = Σ x_i y_j z_k w_l

For centered responses, with ⟨xy⟩ = Σ_i x_i y_i and Q = Σ_i x_i y_i z_i w_i::

    T₂ = ⟨xy⟩⟨zw⟩ − Q,   T₃ = 2 (2 Q − ⟨xy⟩⟨zw⟩),   T₄ = ⟨xy⟩⟨zw⟩ + ⟨xz⟩⟨yw⟩ + ⟨xw⟩⟨yz⟩ − 6 Q
"""

import numpy as np


def squared_covariance(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """ĉ(A_a, B_a; A_a, B_a) of every unit, with all n images and without each one.

    Parameters
    ----------
    A, B : arrays of shape (n, p)
        Responses in two halves of the trials.

    Returns
    -------
    array of shape (1 + n, p)
    """
    A, B = A - A.mean(axis=0), B - B.mean(axis=0)
    a, b, AA, BB, AB, AAB, ABB, Q = map(left_out_sums, (A, B, A**2, B**2, A * B, A**2 * B, A * B**2, A**2 * B**2))
    n = left_out_counts(len(A))
    pairs, triples, quadruples = tuples(n)
    T2 = AB**2 - Q
    T3 = 2 * (AB * a * b - a * ABB - b * AAB + 2 * Q - AB**2)
    T4 = a**2 * b**2 - AA * b**2 - BB * a**2 - 4 * AB * a * b + AA * BB + 2 * AB**2 + 4 * (b * AAB + a * ABB) - 6 * Q
    return T2 / pairs - T3 / triples + T4 / quadruples


def traces_of_pairs(A: np.ndarray, B: np.ndarray, other_A: np.ndarray, other_B: np.ndarray) -> np.ndarray:
    """Sums over all units b of an area, for every unit a: of ĉ(A_a, B_a; A′_b, B′_b) and of ĉ(A_a, B′_b; A′_b, B_a).

    Parameters
    ----------
    A, B : arrays of shape (n, p)
        Responses in two halves of the trials.
    other_A, other_B : arrays of shape (n, q)
        Those of the units b, which are the same units or those of another area.

    Returns
    -------
    array of shape (2, p)
    """
    A, B, other_A, other_B = (X - X.mean(axis=0) for X in (A, B, other_A, other_B))
    Q = (A * B).T @ np.sum(other_A * other_B, axis=1)
    traces = np.sum(A * B, axis=0) * np.sum(other_A * other_B)
    crossed, same = through(A, B, other_A, other_B), through(A, B, other_B, other_A)
    pairs, triples, quadruples = tuples(len(A))
    T4 = traces + crossed + same - 6 * Q
    return np.array([(T2 - Q) / pairs - 2 * (2 * Q - T2) / triples + T4 / quadruples for T2 in (traces, crossed)])


def scene_terms(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """The terms of covariance factorization of every unit alone, with all N scenes and without each one.

    With S_k = Σ_l A_kl B_kl / (L − 1) of the residuals and m, m′ the means over levels in both halves::

        a = mean over distinct i, j, k of ½ (m_i − m_j) (m′_i − m′_j) S_k
        b = mean over i ≠ j of S_i S_j
        c = ĉ(m, m′; m, m′)

    The share 1/L of the parameter in the means is not yet removed.

    Parameters
    ----------
    A, B : arrays of shape (N scenes, L levels, p)

    Returns
    -------
    array of shape (3, 1 + N, p)
    """
    (m, A), (other, B) = split(A), split(B)
    S = np.sum(A * B, axis=1) / (A.shape[1] - 1)
    a, b, s, ab, aS, bS, abS, SS = map(left_out_sums, (m, other, S, m * other, m * S, other * S, m * other * S, S**2))
    pairs, triples, _ = tuples(left_out_counts(len(A)))
    moved = (ab * s - abS) / pairs - (a * b * s - ab * s - b * aS - a * bS + 2 * abS) / triples
    return np.array([moved, (s**2 - SS) / pairs, squared_covariance(m, other)])


def scene_terms_of_pairs(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """The terms of `scene_terms` for pairs of units, summed over all units b for every unit a, (3, p)."""
    (m, A), (other, B) = split(A), split(B)
    N, L, p = A.shape
    flat = A.reshape(-1, p), B.reshape(-1, p)
    inside_scenes = np.einsum("kla,kla->a", A, (B @ A.swapaxes(1, 2)) @ B)
    norm = (through(*flat, *flat) - inside_scenes) / ((L - 1) ** 2 * N * (N - 1))
    moved = (along_means(A, B, m, other) + along_means(B, A, other, m)) / 2
    return np.array([moved, norm, traces_of_pairs(m, other, m, other)[1]])


def along_means(A: np.ndarray, B: np.ndarray, m: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Σ_b of the mean over distinct i, j, k of S_k[a, b] ½ (m_bi − m_bj) (m′_ai − m′_aj), (p,).

    S_k[a, b] = Σ_l A_akl B_bkl / (L − 1). The means are centered over all scenes, so that those of the scenes but k add
    up to −m_k.
    """
    N, L, p = A.shape
    everywhere = np.sum(A.reshape(-1, p) * np.linalg.multi_dot([B.reshape(-1, p), m.T, other]), axis=0)
    own = np.einsum("ka,kla,kl->a", other, A, np.einsum("klb,kb->kl", B, m))
    return (everywhere - own * N / (N - 1)) / ((L - 1) * N * (N - 2))


def through(A: np.ndarray, B: np.ndarray, other_A: np.ndarray, other_B: np.ndarray) -> np.ndarray:
    """Σ_b ⟨A_a B′_b⟩ ⟨A′_b B_a⟩ for every unit a, (p,)."""
    return np.sum(A * np.linalg.multi_dot([other_B, other_A.T, B]), axis=0)


def split(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The means of scenes, centered, (N, p), and the residuals, (N, L, p)."""
    means = X.mean(axis=1)
    return means - means.mean(axis=0), X - means[:, None]


def left_out_sums(x: np.ndarray) -> np.ndarray:
    """Sums of the rows, with all n rows and without each one, (1 + n, p)."""
    total = x.sum(axis=0)
    return np.vstack([total, total - x])


def left_out_counts(n: int) -> np.ndarray:
    """n with all rows, n − 1 without each one, (1 + n, 1)."""
    return np.r_[n, np.full(n, n - 1)][:, None]


def tuples(n: int | np.ndarray) -> tuple:
    """(n)₂, (n)₃ and (n)₄: the numbers of ordered tuples of distinct images."""
    pairs = n * (n - 1)
    return pairs, pairs * (n - 2), pairs * (n - 2) * (n - 3)
