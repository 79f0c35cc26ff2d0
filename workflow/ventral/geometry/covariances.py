"""Do two sources of variance share axes? The cosine between their covariance matrices, without a threshold.

    1 − ⟨C, C′⟩ / (‖C‖ ‖C′‖)

Each product is a sum of squares of Gram blocks. A sum over all images depends on their number: a mean over L levels
contains 1/L of the parameter's own variance, and products of images with themselves make every norm too large. The
corrected form replaces each product by an average over distinct scenes, which is unbiased.

All functions take weights of the scenes, one row per resample. With all weights equal to one they give the plain
estimate. If the matrices K behind the parts are antisymmetric, the same sums are the contribution of noise to each
product.
"""

import numpy as np

from ventral.geometry.decomposition import Parts
from ventral.statistics.rank import ESTIMATED

FEWEST_SCENES = 4  # needed by an unbiased squared norm


def factorization_of(terms: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """One minus the cosine, 1 − a / √(b c); NaN if an estimated squared norm is not positive."""
    a, b, c = terms
    positive = (b > 0) & (c > 0)
    return np.where(positive, 1 - a / np.sqrt(np.where(positive, b * c, 1)), np.nan)


def plain_terms(p: Parts, W: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """⟨C_P, C_other⟩, ‖C_P‖² and ‖C_other‖² of a parameter and the scenes' means, up to factors that cancel.

    Parameters
    ----------
    p : Parts of N scenes
    W : array of shape (resamples, N)
        Weights of the scenes.

    Returns
    -------
    three arrays of shape (resamples,)
    """
    s = W.sum(axis=1)
    own = np.einsum("kli,kli->ki", p.cm, p.cm)
    a = quadratic(W, own, W) - s * np.einsum("rk,klr->r", W, (p.cm @ (W / s[:, None]).T) ** 2)
    b = quadratic(W, squared_blocks(p.cc), W)
    along = W @ p.mm / s[:, None]
    c = quadratic(W, p.mm**2, W) - 2 * s * np.sum(W * along**2, axis=1) + np.sum(W * along, axis=1) ** 2
    return a, b, c


def corrected_terms(p: Parts, W: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unbiased estimates of ⟨C_P, C_other⟩, ‖C_P‖² and ‖C_other‖².

    With S_k = Σ_l c_kl c_klᵀ / (L−1), the parameter's covariance inside scene k::

        b = mean over scenes i ≠ j of ⟨S_i, S_j⟩
        a = mean over distinct i, j, k of ½ (m_i − m_j)ᵀ S_k (m_i − m_j) − b/L
        c = U-statistic of tr Σ_m² over the scenes' means − 2a/L − b/L²

    because a mean over L levels contains 1/L of the parameter's own covariance. Levels that are held, that is, the same
    in every scene, shift all means equally. Nothing is then subtracted (L → ∞), and the covariance is that of these
    levels. The weight of a tuple of scenes is the product of their weights.

    Parameters
    ----------
    p : Parts of N ≥ 4 scenes
    W : array of shape (resamples, N)

    Returns
    -------
    three arrays of shape (resamples,)
    """
    N, L = p.cm.shape[:2]
    b = corrected_norm(p.cc, W)

    s, q = W.sum(axis=1), np.sum(W**2, axis=1)
    cm = p.cm.copy()
    cm[np.arange(N), :, np.arange(N)] = 0  # no product of a scene's mean with its own residuals
    own = np.einsum("kli,kli->ki", cm, cm)
    among = quadratic(W, own, W**2)
    squares = s * quadratic(W, own, W) - among - quadratic(W**2, own, W)
    products = np.einsum("rk,klr->r", W, (cm @ W.T) ** 2) - among
    triples = s**3 - 3 * s * q + 2 * np.sum(W**3, axis=1)
    carried = 0 if p.held else 1 / L
    a = (squares - products) / (L - 1) / triples - b * carried

    c = trace_of_square(p.mm, W) - 2 * a * carried - b * carried**2
    return a, b, np.where(np.abs(c) > ESTIMATED * np.mean(np.diag(p.mm)) ** 2, c, 0)


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
    own = np.mean(np.diag(SS))
    np.fill_diagonal(SS, 0)
    found = quadratic(W, SS, W) / (W.sum(axis=1) ** 2 - np.sum(W**2, axis=1))
    return np.where(np.abs(found) > ESTIMATED * own, found, 0)


def squared_blocks(block: np.ndarray) -> np.ndarray:
    """Sums of squares over the levels of two scenes, (N, N)."""
    return np.einsum("iljk,iljk->ij", block, block)


def quadratic(U: np.ndarray, A: np.ndarray, V: np.ndarray) -> np.ndarray:
    """u_rᵀ A v_r for each row r of U and V."""
    return np.sum((U @ A) * V, axis=1)


def trace_of_square(K: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Weighted U-statistic of tr Σ² over distinct samples i, j, k, l: mean of K_ij² − 2 K_ij K_ik + K_ij K_kl.

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

    rows, rows_of_squares = W @ K, W**2 @ K**2  # Σ_j w_j K_ij and Σ_j w_j² K_ij²
    F = W @ K**2
    S2 = (s**2 - q2) * np.sum(W * F, axis=1) + 4 * np.sum(W**3 * F, axis=1)
    S2 += 2 * np.sum(W**2 * rows_of_squares, axis=1) - 4 * s * np.sum(W**2 * F, axis=1)

    pairs = rows**2 - rows_of_squares  # Σ_{j≠k} w_j w_k K_ij K_ik
    heavier = (W**2 @ K) * rows - W**3 @ K**2
    S3 = np.sum(W * ((s[:, None] - W) * pairs - 2 * heavier), axis=1)

    H = (K + K.T) / 2  # zero for an antisymmetric matrix
    rows = W @ H
    S4 = np.sum(W * rows, axis=1) ** 2 - 4 * np.sum(W**2 * rows**2, axis=1) + 2 * quadratic(W**2, H**2, W**2)
    return (S2 - 2 * S3 + S4) / quadruples
