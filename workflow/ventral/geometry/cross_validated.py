"""Geometry without the noise of trials: inner products across two halves of the trials.

The mean over trials is signal plus noise, so the inner product of an image's mean with itself contains the variance of
the noise. Let A and B (images × units) be the centered means of two halves of the trials. Then ::

    R = A Bᵀ = K + N,        K = (R + Rᵀ) / 2,        N = (R − Rᵀ) / 2

has no such term, because the noises of the two halves are independent. Quantities that are linear in a Gram matrix
(invariance, every trace) are computed from K. A quadratic quantity q is computed as q(K) − q(N). This replaces every
square by R_ij R_ji, so that again only noises of different halves are multiplied. Terms are averaged over several
random splits of the trials before their ratio is taken. Without noise, N is zero and every value equals the plain one.

Sums over distinct scenes or images are then unbiased. Plain sums keep the bias from few images, as in the published
metrics.

Source: cross-validated distances as in Walther et al., "Reliability of dissimilarity measures for multi-voxel pattern
analysis", NeuroImage 137: 188-200 (2016); their use for the factorization family is Ventral's own.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ventral.core.random import generator
from ventral.geometry.covariances import FEWEST_SCENES, corrected_terms, factorization_of, plain_terms
from ventral.geometry.decomposition import Decomposition, decompose
from ventral.geometry.dimensionality_rows import METRICS as DIMENSIONALITY
from ventral.geometry.factorization_intervals import corrected_row, left_out_scenes, row_of, share_interval
from ventral.geometry.factorization_rows import METRICS as FACTORIZATION
from ventral.geometry.scene_factorization import variances
from ventral.geometry.spectrum import FEWEST_IMAGES, leave_one_out_traces, ratio, unbiased_traces
from ventral.geometry.subspaces import Axes, inside, principal_axes
from ventral.metrics import Method
from ventral.statistics.intervals import interval, jackknife_interval, leave_one_out, scene_weights, within

WITHOUT_NOISE = Method(
    "Recorded areas without noise",
    "The same metrics for the responses of an area, from the means over trials and from inner products across "
    "halves of the trials, which exclude their noise.",
    "Cross-validation after Walther et al., NeuroImage 137:188 (2016); applied to these metrics, Ventral’s own.",
    ("walther2016",),
)
CROSS_VALIDATED = (
    *("effective_dimensionality", "corrected_effective_dimensionality", "invariance", "factorization"),
    *("covariance_factorization", "corrected_covariance_factorization"),
)
METRICS = tuple(
    replace(
        metric,
        name=f"{metric.name}_crossed",
        label=f"{metric.label} without noise",
        text=f"The metric {metric.name} of a recorded area, from inner products across halves of the trials.",
        method=WITHOUT_NOISE,
        heading="",
        control="",
    )
    for metric in (*DIMENSIONALITY, *FACTORIZATION)
    if metric.name in CROSS_VALIDATED
)


@dataclass(frozen=True)
class CrossValidatedGram:
    """Inner products of the responses to n images across two halves of the trials.

    Attributes
    ----------
    symmetric : array of shape (n, n)
        K, centered.
    antisymmetric : array of shape (n, n)
        N, centered.
    """

    symmetric: np.ndarray
    antisymmetric: np.ndarray

    def subset(self, index: np.ndarray) -> "CrossValidatedGram":
        """Products of some of the images, centered on their own mean."""
        return CrossValidatedGram(*(centered(R[np.ix_(index, index)]) for R in (self.symmetric, self.antisymmetric)))


def cross_validated_grams(halves: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[CrossValidatedGram]:
    """Inner products across two halves of the trials, from the means over each half, (images, units), per split."""
    products = [centered(A @ B.T) for A, B in halves]
    return [CrossValidatedGram(symmetric=(R + R.T) / 2, antisymmetric=(R - R.T) / 2) for R in products]


def factorization_rows_cv(
    grams: Sequence[CrossValidatedGram],
    scenes: np.ndarray,
    thresholds: Sequence[float],
    seed: int,
    shared_levels: bool = False,
) -> list[dict[str, object]]:
    """Invariance and factorization of one parameter without the noise of trials.

    The subspace of `factorization_crossed` is that of K averaged over splits, without its negative eigenvalues. The
    parameter's variance inside it is q(K) − q(N). The axes themselves are estimated from noisy responses, which makes
    those with little variance inaccurate. At high thresholds this metric therefore has an error that the metrics
    without a threshold do not have.

    Parameters
    ----------
    grams : sequence of CrossValidatedGram
        One for each split, of the images in which the parameter varies.
    scenes : array of shape (n,)
    thresholds : sequence of float
    seed : int
        For the resamples of the scenes.
    shared_levels : bool
        Whether the levels are the same in every scene, see `ventral.geometry.decomposition`.

    Returns
    -------
    list of dict
        metric, threshold, value, low, high, n. A value is NaN if no variance is left without the noise. The metrics
        of covariances need four scenes, and those on subspaces need scenes that differ by more than noise; otherwise
        they are left out, which the log says.

    Raises
    ------
    Fault
        Scenes of unequal size, or fewer than two scenes or levels.
    """
    signal = [decompose(each.symmetric, scenes, shared_levels) for each in grams]
    noise = [decompose(each.antisymmetric, scenes, shared_levels) for each in grams]
    mean = decompose(np.mean([each.symmetric for each in grams], axis=0), scenes, shared_levels)
    N = len(mean.mean_mean)
    W = scene_weights(N, generator(seed, "scenes"))
    left_out = leave_one_out(N)
    between, induced = variances(mean, left_out)
    rows = [uncut_share_row("invariance_crossed", ratio(between, between + induced))]
    if N < FEWEST_SCENES:
        logging.warning("Covariance factorization without noise needs %d scenes, not %d.", FEWEST_SCENES, N)
    else:
        plain = covariance_factorization(plain_terms, signal, noise, left_out)
        unbiased = covariance_factorization(corrected_terms, signal, noise, left_out_scenes(N))
        rows.append(uncut_share_row("covariance_factorization_crossed", plain))
        rows.append(corrected_row("corrected_covariance_factorization_crossed", unbiased))
    axes = principal_axes(mean.mean_mean, N, centered=True)
    if axes.weights.size == 0:
        logging.warning("Without noise the scenes do not differ, so they have no subspace.")
        thresholds = []
    for threshold, part in zip(thresholds, variance_inside(axes, signal, noise, thresholds, W), strict=True):
        outside = 1 - ratio(part, W @ mean.induced)
        rows.append({"threshold": threshold} | row_of("factorization_crossed", outside[0], interval(outside, N)))
    return [one | {"n": len(scenes)} for one in rows]


def covariance_factorization(
    terms: Callable[[Decomposition, np.ndarray], tuple],
    signal: list[Decomposition],
    noise: list[Decomposition],
    W: np.ndarray,
) -> np.ndarray:
    """Factorization from the mean over splits of each term, q(K) − q(N), for each row of weights."""
    a, b, c = terms_without_noise(terms, signal, noise, W)
    return factorization_of((a, b, c))


def terms_without_noise(
    terms: Callable[[Decomposition, np.ndarray], tuple],
    signal: list[Decomposition],
    noise: list[Decomposition],
    W: np.ndarray,
) -> np.ndarray:
    """The mean over splits of each term, q(K) − q(N), for each row of weights, (terms, rows)."""
    without_noise = [np.subtract(terms(D, W), terms(E, W)) for D, E in zip(signal, noise, strict=True)]
    return np.mean(without_noise, axis=0)


def dimensionality_rows_cv(grams: Sequence[CrossValidatedGram], independent: bool) -> list[dict[str, object]]:
    """Effective dimensionality without the noise of trials, plain and corrected for the number of images.

    Parameters
    ----------
    grams : sequence of CrossValidatedGram
        One for each split, of all n ≥ 5 images.
    independent : bool
        Whether the images are independent, not variants of each other. Only then are there a corrected value and
        intervals, which leave out one image at a time.

    Returns
    -------
    list of dict
        metric, value, low, high, n. A value is NaN if no variance is left without the noise.
    """
    n = len(grams[0].symmetric)
    if n <= FEWEST_IMAGES:
        logging.warning("Dimensionality without noise needs more than %d images, not %d.", FEWEST_IMAGES, n)
        return []
    if not independent:
        value, *_ = ratio(*traces(grams))
        return [{"metric": "effective_dimensionality_crossed", "value": float(value), "n": n}]
    rows = []
    for metric, terms, heavy_tails in (
        ("effective_dimensionality_crossed", traces(grams), False),
        ("corrected_effective_dimensionality_crossed", distinct_traces(grams), True),
    ):
        value, *left_out = ratio(*terms)
        low, high = within(*jackknife_interval(value, np.array(left_out), heavy_tails), 1, np.inf)
        rows.append({"metric": metric, "value": float(value), "low": float(low), "high": float(high), "n": n})
    return rows


def traces(grams: Sequence[CrossValidatedGram]) -> np.ndarray:
    """(tr K)² and q(K) − q(N) of the sum of squares q, with all n images and with each left out, (2, n + 1)."""
    n = len(grams[0].symmetric)
    d = np.array([np.diag(each.symmetric) for each in grams])
    f = np.array([np.sum(each.symmetric**2 - each.antisymmetric**2, axis=1) for each in grams])
    scaled = d * n / (n - 1)  # the loss of scatter without an image, as in `effective_dimensionality`
    total, lost = d.sum(axis=1).mean(), scaled.mean(axis=0)
    without = np.mean(f.sum(axis=1)[:, None] - 2 * f * n / (n - 1) + scaled**2, axis=0)
    return np.array([np.r_[total, total - lost] ** 2, np.r_[f.sum(axis=1).mean(), without]])


def distinct_traces(grams: Sequence[CrossValidatedGram]) -> np.ndarray:
    """(tr Σ)² and tr Σ² from distinct images, with all n images and with each left out, (2, n + 1)."""
    of_splits = []
    for each in grams:
        K, N = each.symmetric, each.antisymmetric
        squared_trace, trace_of_square = np.hstack([np.transpose([unbiased_traces(K)]), leave_one_out_traces(K)])
        of_splits.append((squared_trace, trace_of_square - noise_of_trace(N)))
    return np.mean(of_splits, axis=0)


def noise_of_trace(N: np.ndarray) -> np.ndarray:
    """The tr Σ² of `unbiased_traces` for N, whose rows sum to zero and whose S₄ is zero."""
    f = np.sum(N**2, axis=1)
    n = len(N) - np.r_[0, np.ones(len(N))]
    squares = f.sum() - 2 * np.r_[0, f]
    rows = np.r_[0, f]  # without image k, every other row sums to minus its entry for k
    return squares / (n * (n - 1)) - 2 * (rows - squares) / (n * (n - 1) * (n - 2))


def variance_inside(
    axes: Axes, signal: list[Decomposition], noise: list[Decomposition], thresholds: Sequence[float], W: np.ndarray
) -> list[np.ndarray]:
    """The parameter's variance inside the leading components of the scenes' means, for each row of weights."""
    # Splits are concatenated like levels, so that the subspace of a resample is computed once for all of them.
    stacked = [np.concatenate([D.residual_mean @ axes.weights for D in those], axis=1) for those in (signal, noise)]
    sums = [at.others for at in inside(axes, stacked, thresholds, W)]
    return [(of_signal - of_noise) / len(signal) for of_signal, of_noise in sums]


def uncut_share_row(metric: str, values: np.ndarray) -> dict[str, object]:
    """A share that noise can move out of [0, 1], and its jackknife interval over scenes."""
    return row_of(metric, values[0], share_interval(values))


def centered(R: np.ndarray) -> np.ndarray:
    """H R H of a matrix that need not be symmetric."""
    return R - R.mean(axis=0) - R.mean(axis=1)[:, None] + R.mean()
