"""Effective dimensionality: over how many axes is the variance of a representation spread?

With λ the eigenvalues of the covariance of n responses (ddof 1)::

    ED = (Σ λ)² / Σ λ²

This needs no decomposition, because Σ λ = tr K / (n−1) and Σ λ² = ‖K‖² / (n−1)². Few images make it too small. The
corrected value replaces (tr Σ)² and tr Σ² by U-statistics over distinct images.

Source: Elmoznino & Bonner, "High-performing neural network models of visual cortex benefit from high latent
dimensionality", PLoS Computational Biology 20(1): e1011792 (2024); U-statistics after Chen, Zhang & Zhong,
"Tests for high-dimensional covariance matrices", JASA 105: 810-819 (2010).
"""

from dataclasses import dataclass

import numpy as np

from ventral.core.errors import Fault
from ventral.gram import Gram
from ventral.statistics.intervals import jackknife_interval, within
from ventral.statistics.rank import ESTIMATED, SHARE, rounding

FEWEST_IMAGES = 4  # needed by an unbiased product of two covariances
LARGE = 3000  # rows of a matrix whose eigenvalues take longer than the import of torch


@dataclass(frozen=True)
class Spectrum:
    """How variance is spread over the principal axes of a representation.

    Attributes
    ----------
    eigenvalues : array of shape (min(n − 1, d),)
        Of the covariance matrix (ddof 1), largest first.
    effective_dimensionality : float
        (Σ λ)² / Σ λ² of the images shown.
    corrected_effective_dimensionality : float
        Ratio of unbiased estimates of the same terms; NaN with fewer than four images.
    components_80 : int
        Smallest number of components with 80 % of the variance.
    alpha : float
        Exponent of the power law λ_i ~ i^(−alpha); NaN with fewer than two eigenvalues above zero.
    """

    eigenvalues: np.ndarray
    effective_dimensionality: float
    corrected_effective_dimensionality: float
    components_80: int
    alpha: float


@dataclass(frozen=True)
class Dimensionality:
    """Effective dimensionality with 95 % intervals over images.

    Attributes
    ----------
    effective_dimensionality, low, high : float
        (Σ λ)² / Σ λ² of the images shown. The interval describes the variation between samples of n images, and does
        not include the value for more images.
    corrected_effective_dimensionality, corrected_low, corrected_high : float
        Ratio of unbiased estimates, an estimate for infinitely many images. NaN with fewer than four images, or if the
        estimate of tr Σ² is not positive; no interval with fewer than five images.
    """

    effective_dimensionality: float
    low: float
    high: float
    corrected_effective_dimensionality: float
    corrected_low: float
    corrected_high: float


def effective_dimensionality(G: Gram) -> Dimensionality:
    """Effective dimensionality with intervals, without a decomposition.

    Intervals leave out one image at a time and therefore assume independent images. Images of one scene are not.

    Parameters
    ----------
    G : Gram of n images, n ≥ 2

    Returns
    -------
    Dimensionality

    Raises
    ------
    Fault
        Fewer than two images, or responses that do not vary.
    """
    require_variation(G)
    n, d, f = len(G), G.squares, G.squares_of_rows
    plain = d.sum() ** 2 / f.sum()
    scaled = d * n / (n - 1)  # without image k the scatter loses x_k x_kᵀ n / (n−1)
    left_out = np.full(n, np.nan)
    if n > 2:
        scatter = f.sum() - 2 * f * n / (n - 1) + scaled**2
        left_out = ratio((d.sum() - scaled) ** 2, scatter)
    low, high = jackknife_interval(plain, left_out)

    corrected, corrected_low, corrected_high = np.full(3, np.nan)
    if n >= FEWEST_IMAGES:
        corrected = ratio(*unbiased_traces(G))
    if n > FEWEST_IMAGES:
        ends = jackknife_interval(corrected, ratio(*leave_one_out_traces(G)), heavy_tails=True)
        corrected_low, corrected_high = within(*ends, 1, np.inf)
    return Dimensionality(
        effective_dimensionality=float(plain),
        low=float(np.maximum(low, 1)),  # one axis is the least there can be
        high=float(high),
        corrected_effective_dimensionality=float(corrected),
        corrected_low=float(corrected_low),
        corrected_high=float(corrected_high),
    )


def spectrum(G: Gram) -> Spectrum:
    """Eigenspectrum of the covariance of a layer's responses.

    Parameters
    ----------
    G : Gram of n images, n ≥ 2

    Returns
    -------
    Spectrum

    Raises
    ------
    Fault
        Fewer than two images, or responses that do not vary.
    """
    require_variation(G)
    n, of_K = len(G), eigenvalues_of(G.covariation)[::-1]
    eigenvalues = np.where(of_K > rounding(of_K), of_K, 0)[: min(n - 1, G.n_features)] / (n - 1)
    dimensionality = effective_dimensionality(G)
    return Spectrum(
        eigenvalues=eigenvalues,
        effective_dimensionality=dimensionality.effective_dimensionality,
        corrected_effective_dimensionality=dimensionality.corrected_effective_dimensionality,
        components_80=components_to_reach(eigenvalues, 0.8),
        alpha=power_law_exponent(eigenvalues),
    )


def eigenvalues_of(A: np.ndarray) -> np.ndarray:
    """Eigenvalues of a symmetric matrix, smallest first."""
    if len(A) <= LARGE:
        return np.linalg.eigvalsh(A)
    import torch  # takes a second; its LAPACK is twice as fast, because most of the reduction is matrix products

    return torch.linalg.eigvalsh(torch.from_numpy(A)).numpy()


def require_variation(G: Gram) -> None:
    """Raise a `Fault` unless there are two or more images whose responses differ."""
    if not G.varies() or G.squares.sum() <= 0:
        whose = G.origin.get("model", "this layer")
        raise Fault(
            f"A spectrum needs two or more images, and responses that vary between them: {whose} gives the same "
            f"response to all {len(G)} images. Leave the layer out of its `layers`."
        )


def ratio(squared_trace: float | np.ndarray, trace_of_square: float | np.ndarray) -> np.ndarray:
    """(tr Σ)² / tr Σ²; NaN if tr Σ² is not positive beyond rounding."""
    positive = np.asarray(trace_of_square) > ESTIMATED * np.abs(squared_trace)
    return np.where(positive, squared_trace / np.where(positive, trace_of_square, 1), np.nan)


def components_to_reach(eigenvalues: np.ndarray, share: float) -> int:
    """Smallest number of leading components with at least this share of the variance, within rounding."""
    reached = np.cumsum(eigenvalues) / np.sum(eigenvalues)
    return int(np.argmax(reached >= share * (1 - SHARE)) + 1)


def power_law_exponent(eigenvalues: np.ndarray) -> float:
    """Minus the slope of log λ against log rank, at 50 ranks that are evenly spaced in the logarithm.

    A rank counts as often as it occurs after rounding, as in the published analysis.
    """
    ranks = np.round(np.logspace(0, np.log10(len(eigenvalues)), 50)).astype(int)
    ranks = ranks[eigenvalues[ranks - 1] > 0]
    if len(np.unique(ranks)) < 2:
        return float("nan")
    return float(-np.polyfit(np.log10(ranks), np.log10(eigenvalues[ranks - 1]), 1)[0])


def unbiased_traces(products: Gram | np.ndarray) -> tuple[float, float]:
    """Unbiased estimates of (tr Σ)² and tr Σ² from the inner products K of n ≥ 4 independent responses.

    Both are averages over distinct images, so that no response is multiplied with itself::

        tr Σ²   = S₂/(n)₂ − 2 S₃/(n)₃ + S₄/(n)₄,   S₂ = Σ K_ij², S₃ = Σ K_ij K_ik, S₄ = Σ K_ij K_kl
        (tr Σ)² = Σ v_ij v_kl / (n)₄,              v_ij = ½ ‖x_i − x_j‖²

    Parameters
    ----------
    products : Gram, or array of shape (n, n)
        Inner products about any origin.
    """
    G = _gram_of(products)
    squared_trace, trace_of_square = traces(len(G), *_sums(G))
    return float(squared_trace), float(trace_of_square)


def leave_one_out_traces(products: Gram | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The estimates of `unbiased_traces` without each of n ≥ 5 images, two arrays of shape (n,), at the same cost."""
    G = _gram_of(products)
    products_of_pairs, distances = _sums(G)
    d, r = G.squares, _row_sums(G) - G.squares
    f = G.squares_of_rows - d**2
    along = G.times(r) - d * r
    v, v_squares = _distance_rows(G)
    along_v = (d * v.sum() + d @ v) / 2 - G.times(v)
    without_each = products_of_pairs.without_each(r, along, f), distances.without_each(v, along_v, v_squares)
    return traces(len(G) - 1, *without_each)


def _gram_of(products: Gram | np.ndarray) -> Gram:
    if isinstance(products, Gram):
        return products
    n = len(products)
    return Gram(products, np.zeros(n), 0.0, np.zeros(n), n)


def _row_sums(G: Gram) -> np.ndarray:
    return G.times(np.ones(len(G)))


@dataclass(frozen=True)
class PairSums:
    """Sums over the pairs of distinct images of a symmetric matrix A.

    Attributes
    ----------
    total : float, or array of shape (n,)
        Σ A_ij over i ≠ j, with all images or without each of n images.
    square_of_rows : like total
        Σ_i (Σ_j A_ij)².
    squares : like total
        Σ A_ij².
    """

    total: float | np.ndarray
    square_of_rows: float | np.ndarray
    squares: float | np.ndarray

    def without_each(self, row_sums: np.ndarray, along: np.ndarray, row_squares: np.ndarray) -> "PairSums":
        """The sums without each image k, from Σ_j A_kj, Σ_j A_kj Σ_i A_ij and Σ_j A_kj², of shape (n,) each."""
        return PairSums(
            total=self.total - 2 * row_sums,
            square_of_rows=self.square_of_rows - row_sums**2 - 2 * along + row_squares,
            squares=self.squares - 2 * row_squares,
        )


def _sums(G: Gram) -> tuple[PairSums, PairSums]:
    """The sums of inner products K and of distances v."""
    d = G.squares
    r = _row_sums(G) - d
    v, v_squares = _distance_rows(G)
    squares = G.squares_of_rows.sum() - np.sum(d**2)
    return PairSums(r.sum(), np.sum(r**2), squares), PairSums(v.sum(), np.sum(v**2), v_squares.sum())


def _distance_rows(G: Gram) -> tuple[np.ndarray, np.ndarray]:
    """Row sums of v and of v², with v_ij = ½ (K_ii + K_jj) − K_ij, without forming v."""
    d, n = G.squares, len(G)
    everything = _row_sums(G)
    squared = (n * d**2 + 2 * d * d.sum() + np.sum(d**2)) / 4
    squared += G.squares_of_rows - d * everything - G.times(d)
    return (n * d + d.sum()) / 2 - everything, squared


def traces(n: int, products: PairSums, distances: PairSums):
    """(tr Σ)² and tr Σ² of n images, see `unbiased_traces`."""
    pairs = n * (n - 1)
    triples, quadruples = pairs * (n - 2), pairs * (n - 2) * (n - 3)
    S2, S3 = products.squares, products.square_of_rows - products.squares
    S4 = products.total**2 - 2 * S2 - 4 * S3
    squared_trace = (distances.total**2 - 4 * distances.square_of_rows + 2 * distances.squares) / quadruples
    return squared_trace, S2 / pairs - 2 * S3 / triples + S4 / quadruples
