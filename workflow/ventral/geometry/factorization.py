"""Factorization and invariance: does a scene parameter move a representation along its own axes?

Images come from N base scenes; inside each scene one parameter takes L levels and all else is held.
A response splits into its scene's mean and what the parameter adds to it::

    x_il = m_i + c_il

Every quantity below is a sum over inner products of these two parts, and all inner products are
linear in the Gram matrix, so the features themselves are never needed.

Source: Lindsey & Issa, "Factorized visual representations in the primate visual system and deep
neural networks", eLife 13:91685 (2024), Eqs. 2-4. The corrected form is Ventral's own.
"""

from dataclasses import dataclass

import numpy as np

from ventral.geometry.spectrum import unbiased_traces
from ventral.gram import Gram
from ventral.store import Fault


@dataclass(frozen=True)
class Factorization:
    """Geometry of one parameter's variance against the variance between scenes.

    Attributes
    ----------
    factorization : float
        Share of the parameter's variance outside the scenes' leading components, in [0, 1].
    invariance : float
        Share of all variance that the parameter does not cause, in [0, 1].
    subspace_invariance : float
        Invariance inside the scenes' leading components, in [0, 1].
    covariance_factorization : float
        One minus the cosine between the two covariance matrices, in [0, 1]; needs no threshold.
    corrected_covariance_factorization : float
        The same from unbiased products, so that it does not depend on how many scenes and levels were
        shown; noise can carry it past 0 or 1. NaN with fewer than four scenes, or where an unbiased
        squared norm comes out negative.
    n_components : int
        Leading components that reach the threshold.
    """

    factorization: float
    invariance: float
    subspace_invariance: float
    covariance_factorization: float
    corrected_covariance_factorization: float
    n_components: int


def factorization(G: Gram, scenes: np.ndarray, threshold: float = 0.9) -> Factorization:
    """Measure how separate a parameter's variance is from the variance between scenes.

    Parameters
    ----------
    G : Gram of n images
    scenes : array of shape (n,)
        The base scene of each image; every scene appears equally often.
    threshold : float
        Share of the between-scene variance that the leading components must reach, in (0, 1).

    Raises
    ------
    Fault
        Scenes of unequal size, fewer than two scenes or levels, a threshold outside (0, 1), or no
        variance to divide.
    """
    if not 0 < threshold < 1:
        raise Fault(f"The threshold must lie between 0 and 1, not {threshold}.")
    K = by_scene(G, scenes)
    N, L = K.shape[:2]
    n = N * L

    xm = K.mean(axis=3)  # x_il · m_j
    mm = xm.mean(axis=1)  # m_i · m_j
    cm = xm - mm[:, None]  # c_il · m_j
    cc = K - xm[..., None] - xm.transpose(2, 0, 1)[:, None] + mm[:, None, :, None]  # c_il · c_jk

    total = np.einsum("ilil->", K) / n
    induced = np.einsum("ilil->", cc) / n
    rounding = 1e-12 * total
    if induced <= rounding or np.trace(mm) <= rounding:
        raise Fault("The parameter or the scenes cause no variance; their ratio is undefined.")

    axes = leading_axes(mm, threshold)
    induced_inside = np.sum((cm @ axes) ** 2) / n
    total_inside = np.sum((xm @ axes) ** 2) / n

    return Factorization(
        factorization=float(1 - induced_inside / induced),
        invariance=float(1 - induced / total),
        subspace_invariance=float(1 - induced_inside / total_inside),
        covariance_factorization=float(1 - np.sum(cm**2) / np.sqrt(np.sum(cc**2) * np.sum(mm**2))),
        corrected_covariance_factorization=corrected_covariance_factorization(mm, cm, cc),
        n_components=axes.shape[1],
    )


def corrected_covariance_factorization(mm: np.ndarray, cm: np.ndarray, cc: np.ndarray) -> float:
    """One minus the cosine between the two covariances, 1 − a / √(b c), from unbiased products.

    With S_k = Σ_l c_kl c_klᵀ / (L−1), the parameter's covariance inside scene k::

        b = mean over scenes i ≠ j of ⟨S_i, S_j⟩                            estimates ‖C_P‖²
        a = mean over distinct i, j, k of ½ (m_i − m_j)ᵀ S_k (m_i − m_j) − b/L    ⟨C_other, C_P⟩
        c = U-statistic of tr Σ_m² over the scenes' means − 2a/L − b/L²           ‖C_other‖²

    because a mean over L levels carries the parameter's own covariance / L.

    Parameters
    ----------
    mm, cm, cc : arrays of shape (N, N), (N, L, N), (N, L, N, L)
        Inner products m_i · m_j, c_il · m_j and c_il · c_jk.
    """
    N, L = cm.shape[:2]
    if N < 4:
        return float("nan")
    SS = np.einsum("iljk,iljk->ij", cc, cc) / (L - 1) ** 2
    b = (SS.sum() - np.trace(SS)) / (N * (N - 1))

    # Sum over i ≠ j, both ≠ k, of m_iᵀ S_k m_i and of m_iᵀ S_k m_j.
    own = np.einsum("kli,kli->ki", cm, cm) / (L - 1)
    squares = own.sum(axis=1) - np.diag(own)
    others = cm.sum(axis=2) - np.einsum("klk->kl", cm)
    products = np.sum(others**2, axis=1) / (L - 1) - squares
    a = np.mean((N - 2) * squares - products) / ((N - 1) * (N - 2)) - b / L

    c = unbiased_traces(mm)[1] - 2 * a / L - b / L**2
    return float(1 - a / np.sqrt(b * c)) if b > 0 and c > 0 else float("nan")


def by_scene(G: Gram, scenes: np.ndarray) -> np.ndarray:
    """Centred inner products as an array of shape (N scenes, L levels, N, L)."""
    names, counts = np.unique(np.asarray(scenes), return_counts=True)
    if len(names) < 2 or counts.min() < 2 or counts.min() != counts.max():
        raise Fault(
            f"Every scene needs the same number of levels, two or more: "
            f"{len(names)} scenes with {counts.min()} to {counts.max()} images."
        )
    order = np.argsort(scenes, kind="stable")
    return G.centered[np.ix_(order, order)].reshape(len(names), counts[0], len(names), counts[0])


def leading_axes(mm: np.ndarray, threshold: float) -> np.ndarray:
    """Weights (N, k) that turn inner products with the scene means into coordinates on their components."""
    eigenvalues, vectors = np.linalg.eigh(mm)
    eigenvalues, vectors = eigenvalues[::-1], vectors[:, ::-1]
    rank = np.count_nonzero(eigenvalues > 1e-12 * eigenvalues[0])
    reached = np.cumsum(eigenvalues) / np.sum(eigenvalues)
    k = min(np.searchsorted(reached, threshold, side="right") + 1, rank)
    return vectors[:, :k] / np.sqrt(eigenvalues[:k])
