"""Unbiased inner products of covariances whose samples share draws, or a common set of images.

The inner product of two sample covariances is too large if it contains products of a response with itself, or with the
response of another image to the same draw, because draw a affects x_a and y_a alike. Inner products are therefore
averages over distinct draws::

    ⟨C_x, C_y⟩ = mean over distinct a, b, c, d of ¼ ((x_a − x_b) · (y_c − y_d))²

Draws that are deliberately spread evenly, as in augmentation sets, depend on each other slightly. Their norms are too
small (by a seventh with 6 draws, by a sixteenth with 20), but a cosine of two such norms hardly changes.

If samples share no draw, the inner product of their covariances (ddof 1) is unbiased.

Source: after Chen, Zhang & Zhong, "Tests for high-dimensional covariance matrices", JASA 105: 810-819 (2010).
"""

import numpy as np

from ventral.geometry.bures import centered_block
from ventral.geometry.covariances import trace_of_square
from ventral.gram import Gram


def covariance_products(M: np.ndarray) -> np.ndarray:
    """Unbiased ⟨C_x, C_y⟩ from inner products x_a · y_c over the same L ≥ 4 draws.

    Responses to the same draw may depend on each other, but responses to distinct draws do not. The estimate therefore
    uses only products of distinct draws. With P = M without its diagonal::

        ⟨C_x, C_y⟩ = S₂/(L)₂ − (R + C)/(L)₃ + S₄/(L)₄
        S₂ = Σ P_ac²,  R = Σ P_ac P_ad,  C = Σ P_ac P_bc,  S₄ = Σ P_ac P_bd        over distinct a, b, c, d

    With y = x this is the U-statistic of ‖C_x‖².

    Parameters
    ----------
    M : array of shape (..., L, L)
        Leading axes hold one pair of samples each. The origin of either sample does not matter.

    Returns
    -------
    array of shape (...)
    """
    L = M.shape[-1]
    pairs = L * (L - 1)
    triples, quadruples = pairs * (L - 2), pairs * (L - 2) * (L - 3)
    P = np.where(np.eye(L, dtype=bool), 0, M)
    r, c = P.sum(axis=-1), P.sum(axis=-2)
    S2 = np.sum(P**2, axis=(-1, -2))
    R, C = np.sum(r**2, axis=-1) - S2, np.sum(c**2, axis=-1) - S2
    crossed = np.sum(P * np.swapaxes(P, -1, -2), axis=(-1, -2))
    S4 = r.sum(axis=-1) ** 2 - S2 - R - C - 2 * np.sum(r * c, axis=-1) + crossed
    return S2 / pairs - (R + C) / triples + S4 / quadruples


def content_covariance_products(G: Gram, x: np.ndarray, z: np.ndarray, W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unbiased inner products of each image's covariance with the covariance of the other images, shown clean.

    The content that image i is compared with excludes image i, and only products of distinct images are used. With w_j
    the weight of image j and M_lj = x_il · z_j, centered over l::

        ⟨C_i, C_content⟩ = Σ_l Σ_{j≠k} w_j w_k ½ (M_lj − M_lk)² / ((L−1) Σ_{j≠k} w_j w_k),   j, k ≠ i

    Parameters
    ----------
    G : Gram of n images
    x, z : integer arrays of shapes (N, L) and (N,)
        Rows of G that show each image under its draws, and clean.
    W : array of shape (R, N)
        Weights of the images, for R resamples.

    Returns
    -------
    products : array of shape (R, N)
        ⟨C_i, C_content⟩; NaN if fewer than two other images have a weight.
    squares : array of shape (R,)
        ‖C_content‖²; NaN if fewer than four images have a weight.
    """
    N, L = x.shape
    M = G.block(x.ravel(), z).reshape(N, L, N)
    M = M - M.mean(axis=1, keepdims=True)
    M[np.arange(N), :, np.arange(N)] = 0
    n, squares = W.sum(axis=1, keepdims=True) - W, np.sum(W**2, axis=1, keepdims=True) - W**2
    of_squares = W @ np.sum(M**2, axis=1).T
    square_of_sums = np.sum((W @ M.reshape(N * L, N).T).reshape(-1, N, L) ** 2, axis=2)
    distinct = n**2 - squares
    products = (n * of_squares - square_of_sums) / ((L - 1) * np.where(distinct > 0, distinct, np.nan))
    return products, trace_of_square(centered_block(G, z, z), W)
