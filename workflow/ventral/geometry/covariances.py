"""Do two sources of variance share axes? The cosine between their covariance matrices, without a threshold.

    1 − ⟨C, C′⟩ / (‖C‖ ‖C′‖)

Each product is a sum of squares of Gram blocks. A sum over all images depends on their number: a mean over L levels
contains 1/L of the parameter's own variance, and products of images with themselves make every norm too large. The
corrected form replaces each product by an average over distinct scenes, which is unbiased.

All functions take weights of the scenes, one row per resample. With all weights equal to one they give the plain
estimate. If the matrix K behind a decomposition is antisymmetric, the same sums are the contribution of noise to each
product.
"""

import numpy as np

from ventral.geometry.decomposition import Decomposition
from ventral.statistics.rank import ESTIMATED

FEWEST_SCENES = 4  # needed by an unbiased squared norm


def factorization_of(terms: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """One minus the cosine, 1 − a / √(b c); NaN if an estimated squared norm is not positive."""
    a, b, c = terms
    positive = (b > 0) & (c > 0)
    return np.where(positive, 1 - a / np.sqrt(np.where(positive, b * c, 1)), np.nan)


def plain_terms(D: Decomposition, W: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """⟨C_P, C_other⟩, ‖C_P‖² and ‖C_other‖² of a parameter and the scenes' means, up to factors that cancel.

    Parameters
    ----------
    D : Decomposition of N scenes
    W : array of shape (resamples, N)
        Weights of the scenes.

    Returns
    -------
    three arrays of shape (resamples,)
    """
    s = W.sum(axis=1)
    over_levels = np.einsum("kli,kli->ki", D.residual_mean, D.residual_mean)
    a = quadratic(W, over_levels, W) - s * np.einsum("rk,klr->r", W, (D.residual_mean @ (W / s[:, None]).T) ** 2)
    b = quadratic(W, squared_blocks(D.residual_residual), W)
    along = W @ D.mean_mean / s[:, None]
    c = quadratic(W, D.mean_mean**2, W) - 2 * s * np.sum(W * along**2, axis=1) + np.sum(W * along, axis=1) ** 2
    return a, b, c


def corrected_terms(D: Decomposition, W: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unbiased estimates of ⟨C_P, C_other⟩, ‖C_P‖² and ‖C_other‖².

    With S_k = Σ_l c_kl c_klᵀ / (L−1), the parameter's covariance inside scene k::

        b = mean over scenes i ≠ j of ⟨S_i, S_j⟩
        a = mean over distinct i, j, k of ½ (m_i − m_j)ᵀ S_k (m_i − m_j) − b/L
        c = U-statistic of tr Σ_m² over the scenes' means − 2a/L − b/L²

    because a mean over L levels contains 1/L of the parameter's own covariance. Levels that all scenes share shift all
    means equally. Nothing is then subtracted (L → ∞), and the covariance is that of these levels. The weight of a tuple
    of scenes is the product of their weights.

    Parameters
    ----------
    D : Decomposition of N ≥ 4 scenes
    W : array of shape (resamples, N)

    Returns
    -------
    three arrays of shape (resamples,)
    """
    N, L = D.residual_mean.shape[:2]
    b = corrected_norm(D.residual_residual, W)

    s, q = W.sum(axis=1), np.sum(W**2, axis=1)
    along = D.residual_mean.copy()  # c_kl · m_i
    along[np.arange(N), :, np.arange(N)] = 0  # no product of a scene's mean with its own residuals
    over_levels = np.einsum("kli,kli->ki", along, along)
    equal = quadratic(W, over_levels, W**2)  # the terms with i = j
    squares = s * quadratic(W, over_levels, W) - equal - quadratic(W**2, over_levels, W)
    products = np.einsum("rk,klr->r", W, (along @ W.T) ** 2) - equal
    triples = s**3 - 3 * s * q + 2 * np.sum(W**3, axis=1)
    share_in_means = 0 if D.shared_levels else 1 / L
    a = (squares - products) / (L - 1) / triples - b * share_in_means

    c = trace_of_square(D.mean_mean, W) - 2 * a * share_in_means - b * share_in_means**2
    return a, b, np.where(np.abs(c) > ESTIMATED * np.mean(np.diag(D.mean_mean)) ** 2, c, 0)


def plain_pair_terms(cross: np.ndarray, first: np.ndarray, second: np.ndarray, W: np.ndarray):
    """⟨C_P, C_Q⟩, ‖C_P‖² and ‖C_Q‖² of the effects of two parameters on the same scenes.

    Parameters
    ----------
    cross, first, second : arrays of shape (N, L, N, L′), (N, L, N, L) and (N, L′, N, L′)
        Inner products c_il · c′_jk, c_il · c_jk and c′_il · c′_jk.
    W : array of shape (resamples, N)
    """
    return tuple(quadratic(W, squared_blocks(block), W) for block in (cross, first, second))


def corrected_pair_terms(cross: np.ndarray, first: np.ndarray, second: np.ndarray, W: np.ndarray):
    """Unbiased estimates of the terms of `plain_pair_terms`: averages over distinct scenes."""
    return tuple(corrected_norm(block, W) for block in (cross, first, second))


def corrected_norm(block: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Mean over scenes i ≠ j of ⟨S_i, S_j⟩ from inner products of shape (N, L, N, L′)."""
    L, L_ = block.shape[1], block.shape[3]
    SS = squared_blocks(block) / ((L - 1) * (L_ - 1))
    within_scenes = np.mean(np.diag(SS))
    np.fill_diagonal(SS, 0)
    norm = quadratic(W, SS, W) / (W.sum(axis=1) ** 2 - np.sum(W**2, axis=1))
    return np.where(np.abs(norm) > ESTIMATED * within_scenes, norm, 0)


def squared_blocks(block: np.ndarray) -> np.ndarray:
    """Sums of squares over the levels of two scenes, (N, N)."""
    return np.einsum("iljk,iljk->ij", block, block)


def quadratic(U: np.ndarray, A: np.ndarray, V: np.ndarray) -> np.ndarray:
    """u_rᵀ A v_r for each row r of U and V."""
    return np.sum((U @ A) * V, axis=1)


def trace_of_square(K: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Weighted U-statistic of tr Σ²: the mean of K_ij² − 2 K_ij K_ik + K_ij K_kl over distinct samples i, j, k, l.

    The weight of four samples is w_i w_j w_k w_l. Each term is summed over all samples first, and the sums over samples
    that are not distinct are then subtracted. With s = Σ w and q_p = Σ wᵖ, the weights themselves add up to
    s⁴ − 6 s² q₂ + 3 q₂² + 8 s q₃ − 6 q₄.

    Parameters
    ----------
    K : array of shape (N, N), N ≥ 4
        Inner products of the samples.
    W : array of shape (resamples, N)

    Returns
    -------
    array of shape (resamples,)
    """
    K = K - np.diag(np.diag(K))
    s, q2, q3, q4 = (np.sum(W**power, axis=1) for power in (1, 2, 3, 4))
    quadruples = s**4 - 6 * s**2 * q2 + 3 * q2**2 + 8 * s * q3 - 6 * q4
    return (_squares(K, W) - 2 * _pairs_with_shared_sample(K, W) + _disjoint_pairs(K, W)) / quadruples


def _squares(K: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Σ w_i w_j w_k w_l K_ij² over distinct samples.

    The weights w_k w_l beside i and j add up to s² − q₂ − 2 s (w_i + w_j) + 2 (w_i² + w_j² + w_i w_j).
    """
    s, q2 = W.sum(axis=1), np.sum(W**2, axis=1)
    row = W @ K**2  # Σ_j w_j K_ij²
    cubes, lines = 4 * np.sum(W**3 * row, axis=1), 4 * s * np.sum(W**2 * row, axis=1)
    return (s**2 - q2) * np.sum(W * row, axis=1) + cubes + (2 * quadratic(W**2, K**2, W**2) - lines)


def _pairs_with_shared_sample(K: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Σ w_i w_j w_k w_l K_ij K_ik over distinct samples; the weights w_l add up to s − w_i − w_j − w_k."""
    s = W.sum(axis=1, keepdims=True)
    row = W @ K
    pairs = row**2 - W**2 @ K**2  # Σ_{j≠k} w_j w_k K_ij K_ik
    heavier_pairs = (W**2 @ K) * row - W**3 @ K**2  # Σ_{j≠k} w_j² w_k K_ij K_ik
    return np.sum(W * ((s - W) * pairs - 2 * heavier_pairs), axis=1)


def _disjoint_pairs(K: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Σ w_i w_j w_k w_l K_ij K_kl over distinct samples: all pairs of pairs, less those that share a sample."""
    H = (K + K.T) / 2  # zero for an antisymmetric matrix
    row = W @ H
    sharing_one = 4 * np.sum(W**2 * row**2, axis=1)
    return np.sum(W * row, axis=1) ** 2 - sharing_one + 2 * quadratic(W**2, H**2, W**2)
