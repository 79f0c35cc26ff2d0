"""Factorization and invariance: does a scene parameter move a representation along its own axes?

Images come from N base scenes. Inside each scene one parameter takes L levels and everything else is fixed. A response
is the sum of its scene's mean and of what the parameter adds to it::

    x_il = m_i + c_il

Every quantity below is a sum over inner products of means and residuals (`decomposition`). They are compared on the
leading components of the other source of variance (`subspaces`), or without a threshold (`covariances`).

Source: Lindsey & Issa, "Factorized visual representations in the primate visual system and deep neural networks",
eLife 13:91685 (2024), Eqs. 2-4. The corrected form is Ventral's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ventral.core.errors import Fault
from ventral.geometry.covariances import FEWEST_SCENES, corrected_terms, factorization_of, plain_terms
from ventral.geometry.decomposition import Decomposition, decompose
from ventral.geometry.subspaces import ROUNDING, inside, principal_axes
from ventral.gram import Gram

THRESHOLD = 0.9  # of variance, where none is given
CORRECTED = "corrected_covariance_factorization"


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
        The same from unbiased products. It does not depend on the number of scenes, nor on the number of levels if
        every scene has levels of its own. Sampling error can move it below 0 or above 1. NaN with fewer than four
        scenes, or if an unbiased estimate of a squared norm is negative.
    n_components : int
        Leading components that reach the threshold.
    """

    factorization: float
    invariance: float
    subspace_invariance: float
    covariance_factorization: float
    corrected_covariance_factorization: float
    n_components: int


def factorization(
    G: Gram, scenes: np.ndarray, threshold: float = THRESHOLD, shared_levels: bool = False
) -> Factorization:
    """Measure how separate a parameter's variance is from the variance between scenes.

    Parameters
    ----------
    G : Gram of n images
    scenes : array of shape (n,)
        The base scene of each image; every scene appears equally often.
    threshold : float
        Share of the between-scene variance that the leading components must reach, in (0, 1).
    shared_levels : bool
        Whether the levels are the same in every scene (moments of movies, sampled augmentations). Otherwise every scene
        has levels of its own.

    Returns
    -------
    Factorization

    Raises
    ------
    Fault
        Scenes of unequal size, fewer than two scenes or levels, a threshold outside (0, 1), or no
        variance to divide.
    """
    check_threshold(threshold)
    D = varying_decomposition(G.centered, scenes, shared_levels)
    once = np.ones((1, len(D.mean_mean)))
    metrics = overall(D, once) | corrected(D, once) | on_subspaces(D, [threshold], once)[threshold]
    metrics["n_components"] = np.ceil(metrics["n_components"]).astype(int)
    return Factorization(**{name: values[0].item() for name, values in metrics.items()})


class NoVariance(Fault):
    """The parameter changes no response, or the scenes do not differ."""


def varying_decomposition(K: np.ndarray, scenes: np.ndarray, shared_levels: bool = False) -> Decomposition:
    """The decomposition of a centered Gram; the parameter and the scenes must both cause variance."""
    D = decompose(K, scenes, shared_levels)
    rounding = ROUNDING * np.trace(K)
    if D.induced.sum() <= rounding or np.trace(D.mean_mean) <= rounding:
        raise NoVariance("The parameter or the scenes cause no variance, so factorization is undefined.")
    return D


def overall(D: Decomposition, W: np.ndarray) -> dict[str, np.ndarray]:
    """Metrics without a threshold, for each row of weights."""
    between, induced = variances(D, W)
    return {
        "invariance": between / (between + induced),
        "covariance_factorization": factorization_of(plain_terms(D, W)),
    }


def variances(D: Decomposition, W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The variance between the means of the scenes, and that which the parameter causes, for each row of weights."""
    s, L = W.sum(axis=1), D.residual_mean.shape[1]
    between = W @ np.diag(D.mean_mean) / s - np.sum((W @ D.mean_mean) * W, axis=1) / s**2
    return between, W @ D.induced / (s * L)


def corrected(D: Decomposition, W: np.ndarray) -> dict[str, np.ndarray]:
    """The metric that does not depend on the number of scenes and levels, for each row of weights."""
    enough = len(D.mean_mean) >= FEWEST_SCENES
    values = factorization_of(corrected_terms(D, W)) if enough else np.full(len(W), np.nan)
    return {CORRECTED: values}


def on_subspaces(D: Decomposition, thresholds: Sequence[float], W: np.ndarray) -> dict[float, dict[str, np.ndarray]]:
    """Metrics on the leading components of the scenes' means, at each threshold and for each row of weights.

    The last of the components counts in part in their number (`ventral.geometry.subspaces.Inside`).
    """
    axes = principal_axes(D.mean_mean, len(D.mean_mean), centered=True)
    metrics = {}
    for threshold, at in zip(thresholds, inside(axes, [D.residual_mean @ axes.weights], thresholds, W), strict=True):
        [induced] = at.others
        metrics[threshold] = {
            "factorization": 1 - induced / (W @ D.induced),
            "subspace_invariance": 1 - induced / (induced + D.residual_mean.shape[1] * at.own),
            "n_components": at.n_components,
        }
    return metrics


def check_threshold(threshold: float) -> None:
    """Raise a `Fault` unless the threshold is a share of variance in (0, 1)."""
    if not 0 < threshold < 1:
        raise Fault(f"The threshold must be between 0 and 1, not {threshold}.")
