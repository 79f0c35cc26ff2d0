"""Effective dimensionality: over how many axes is a representation's variance spread?

From the eigenvalues λ of the covariance of n responses (ddof 1)::

    ED = (Σ λ)² / Σ λ²

needs no decomposition, because Σ λ = tr K / (n−1) and Σ λ² = ‖K‖² / (n−1)². Few images make it too small;
the corrected value replaces (tr Σ)² and tr Σ² by U-statistics over distinct images.

Source: Elmoznino & Bonner, "High-performing neural network models of visual cortex benefit from high latent
dimensionality", PLoS Computational Biology 20(1): e1011792 (2024); U-statistics after Chen, Zhang & Zhong,
"Tests for high-dimensional covariance matrices", JASA 105: 810-819 (2010).
"""

from dataclasses import dataclass

import numpy as np

from ventral.gram import Gram
from ventral.store import Fault


@dataclass(frozen=True)
class Spectrum:
    """How variance spreads over the principal axes of a representation.

    Attributes
    ----------
    eigenvalues : array of shape (min(n − 1, d),)
        Of the covariance matrix (ddof 1), largest first.
    effective_dimensionality : float
        (Σ λ)² / Σ λ², from the images shown.
    corrected_effective_dimensionality : float
        The same ratio of unbiased estimates; NaN with fewer than four images.
    components_80 : int
        Fewest components that hold 80 % of the variance.
    alpha : float
        Exponent of the power law λ_i ~ i^(−alpha).
    """

    eigenvalues: np.ndarray
    effective_dimensionality: float
    corrected_effective_dimensionality: float
    components_80: int
    alpha: float


def spectrum(G: Gram) -> Spectrum:
    """Measure the eigenspectrum of the covariance of a layer's responses.

    Parameters
    ----------
    G : Gram of n images, n ≥ 2

    Raises
    ------
    Fault
        Fewer than two images, or responses that do not vary.
    """
    K, n = G.centered, len(G)
    if n < 2 or np.trace(K) <= 0:
        raise Fault("A spectrum needs two or more images and responses that vary between them.")
    # A centred Gram has no more than n − 1 eigenvalues above rounding, and what rounding left is zero.
    eigenvalues = np.linalg.eigvalsh(K)[::-1][: min(n - 1, G.n_features)] / (n - 1)
    eigenvalues[eigenvalues < n * np.finfo(float).eps * eigenvalues[0]] = 0
    squared_trace, trace_of_square = unbiased_traces(K) if n >= 4 else (np.nan, np.nan)
    return Spectrum(
        eigenvalues=eigenvalues,
        effective_dimensionality=float(np.trace(K) ** 2 / np.sum(K**2)),
        corrected_effective_dimensionality=float(squared_trace / trace_of_square),
        components_80=components_to_reach(eigenvalues, 0.8),
        alpha=power_law_exponent(eigenvalues),
    )


def components_to_reach(eigenvalues: np.ndarray, share: float) -> int:
    """Fewest leading components whose eigenvalues sum to at least this share of all."""
    reached = np.cumsum(eigenvalues) / np.sum(eigenvalues)
    return int(np.argmax(reached >= share) + 1)


def power_law_exponent(eigenvalues: np.ndarray) -> float:
    """Minus the slope of log λ against log rank, at 50 ranks spaced evenly in the logarithm.

    Ranks that round to the same number count as often as they occur, as in the published analysis.
    """
    ranks = np.round(np.logspace(0, np.log10(len(eigenvalues)), 50)).astype(int)
    ranks = ranks[eigenvalues[ranks - 1] > 0]
    if len(np.unique(ranks)) < 2:
        return float("nan")
    return float(-np.polyfit(np.log10(ranks), np.log10(eigenvalues[ranks - 1]), 1)[0])


def unbiased_traces(K: np.ndarray) -> tuple[float, float]:
    """Unbiased estimates of (tr Σ)² and tr Σ² from the inner products of n ≥ 4 independent responses.

    Both are averages over distinct images, so no response is ever multiplied with itself::

        tr Σ²   = S₂/(n)₂ − 2 S₃/(n)₃ + S₄/(n)₄,   S₂ = Σ K_ij², S₃ = Σ K_ij K_ik, S₄ = Σ K_ij K_kl
        (tr Σ)² = Σ v_ij v_kl / (n)₄,              v_ij = ½ ‖x_i − x_j‖²
    """
    n = len(K)
    pairs = n * (n - 1)
    triples, quadruples = pairs * (n - 2), pairs * (n - 2) * (n - 3)

    distinct = K - np.diag(np.diag(K))
    rows, total = distinct.sum(axis=1), distinct.sum()
    S2 = np.sum(distinct**2)
    S3 = np.sum(rows**2) - S2
    S4 = total**2 - 2 * S2 - 4 * S3
    trace_of_square = S2 / pairs - 2 * S3 / triples + S4 / quadruples

    v = (np.diag(K)[:, None] + np.diag(K)) / 2 - K
    squared_trace = (v.sum() ** 2 - 4 * np.sum(v.sum(axis=1) ** 2) + 2 * np.sum(v**2)) / quadruples
    return float(squared_trace), float(trace_of_square)
