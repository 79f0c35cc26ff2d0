"""Geometry without the noise of trials: products across two halves of the trials.

The mean of some trials is signal and noise, and an inner product of means holds the noise's variance wherever an
image meets itself. Let A and B (images × units) be the means of two halves of the trials, centred. Then ::

    R = A Bᵀ = K + N,        K = (R + Rᵀ) / 2,        N = (R − Rᵀ) / 2

has no such term, not even on its diagonal, because the halves' noises are independent. What is linear in a Gram
matrix (invariance, every trace) is taken of K. What is quadratic, q, is taken as q(K) − q(N): this puts R_ij R_ji in
the place of every square, and the noise of an image is again met by the other half's only. Terms are averaged over
several dealings of the trials before their ratio is taken. Without noise N is zero and every value is the plain one.

Sums over distinct scenes or images are then unbiased altogether; plain ones keep the bias of few images, as the
published metrics have it.

Source: cross-validated distances as in Walther et al., "Reliability of dissimilarity measures for multi-voxel pattern
analysis", NeuroImage 137: 188-200 (2016); the factorization family from them is Ventral's own.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ventral.geometry.covariances import FEWEST_SCENES, corrected_terms, factorization_of, plain_terms, quadratic
from ventral.geometry.factorization import corrected_row, left_out_scenes
from ventral.geometry.parts import Parts, parts
from ventral.geometry.resampling import interval, jackknife_interval, scene_weights, within
from ventral.geometry.spectrum import FEWEST_IMAGES, leave_one_out_traces, ratio, unbiased_traces
from ventral.geometry.subspaces import Axes, inside, principal_axes
from ventral.recordings.ceiling import split_halves
from ventral.store import Fault, generator

DEALS = 10
COVARIANCE_FORMS = {
    "covariance_factorization_crossed": plain_terms,
    "corrected_covariance_factorization_crossed": corrected_terms,
}


@dataclass(frozen=True)
class Crossed:
    """Inner products of the responses to n images, across two halves of the trials.

    Attributes
    ----------
    symmetric : array of shape (n, n)
        K, centred.
    antisymmetric : array of shape (n, n)
        N, centred.
    """

    symmetric: np.ndarray
    antisymmetric: np.ndarray

    def subset(self, index: np.ndarray) -> "Crossed":
        """Products of some of the images, centred on their own mean."""
        return Crossed(*(centred(R[np.ix_(index, index)]) for R in (self.symmetric, self.antisymmetric)))


def crossed_grams(trials: np.ndarray, rng: np.random.Generator, deals: int = DEALS) -> list[Crossed]:
    """Cross two halves of the trials, dealt several times.

    Parameters
    ----------
    trials : array of shape (units, images, repeats)
        NaN where a repeat is missing. Units without two trials of every image are left out.
    rng : Generator
    deals : int

    Raises
    ------
    Fault
        No unit has two trials of every image.
    """
    trials = np.asarray(trials, dtype=np.float64)
    complete = np.all(np.sum(~np.isnan(trials), axis=2) > 1, axis=1)
    if not complete.any():
        raise Fault("Noise can only be taken out where units have two trials or more of every image; none has.")
    if not complete.all():
        lacking = np.sum(~complete)
        logging.warning("%d of %d units lack two trials of some image and are left out.", lacking, len(complete))
    found = []
    for _ in range(deals):
        A, B = split_halves(trials[complete], rng)
        R = centred(A.T @ B)
        found.append(Crossed((R + R.T) / 2, (R - R.T) / 2))
    return found


def crossed_factorization_rows(
    crossed: Sequence[Crossed], scenes: np.ndarray, thresholds: Sequence[float], seed: int, held: bool = False
) -> list[dict[str, object]]:
    """Invariance and factorization of one parameter, without the noise of trials.

    The subspace of `factorization_crossed` is that of K averaged over the dealings, its negative eigenvalues dropped;
    the parameter's variance inside it is q(K) − q(N). Axes with little variance are found in noise all the same, so at
    high thresholds this metric keeps an error that those without a threshold do not have.

    Parameters
    ----------
    crossed : sequence of Crossed
        One for each dealing of the trials; of the images in which the parameter varies.
    scenes : array of shape (n,)
    thresholds : sequence of float
    seed : int
        For the resamples of the scenes.
    held : bool
        Whether the levels are the same in every scene, see `ventral.geometry.parts`.

    Returns
    -------
    list of dict
        metric, threshold, value, low, high, n. A value is NaN where noise leaves no variance to divide. Covariance
        forms need four scenes, and subspaces scenes that differ by more than noise; else they are left out with a line
        in the log.

    Raises
    ------
    Fault
        Scenes of unequal size, or fewer than two scenes or levels.
    """
    signal = [parts(each.symmetric, scenes, held) for each in crossed]
    noise = [parts(each.antisymmetric, scenes, held) for each in crossed]
    mean = parts(np.mean([each.symmetric for each in crossed], axis=0), scenes, held)
    N, L = mean.cm.shape[:2]
    W = scene_weights(N, generator(seed, "scenes"))
    induced = W @ mean.induced
    between = L * (W @ np.diag(mean.mm) - quadratic(W, mean.mm, W) / W.sum(axis=1))
    rows = [row("invariance_crossed", ratio(between, between + induced), N)]
    forms = COVARIANCE_FORMS if N >= FEWEST_SCENES else {}
    if not forms:
        logging.warning("Covariance factorization without noise needs %d scenes, not %d.", FEWEST_SCENES, N)
    for metric, form in forms.items():
        weights = left_out_scenes(N) if form is corrected_terms else W
        terms = [np.subtract(form(p, weights), form(q, weights)) for p, q in zip(signal, noise, strict=True)]
        values = factorization_of(np.mean(terms, axis=0))
        rows.append(corrected_row(metric, values) if form is corrected_terms else row(metric, values, N))
    axes = principal_axes(mean.mm, N, centred=True)
    if axes.weights.size == 0:
        logging.warning("Without noise the scenes do not differ, so they have no subspace.")
        thresholds = []
    for threshold, part in zip(thresholds, held_inside(axes, signal, noise, thresholds, W), strict=True):
        rows.append({"threshold": threshold} | row("factorization_crossed", 1 - ratio(part, induced), N))
    return [one | {"n": len(scenes)} for one in rows]


def crossed_dimensionality_rows(crossed: Sequence[Crossed], independent: bool) -> list[dict[str, object]]:
    """Effective dimensionality without the noise of trials, from the images shown and corrected for their number.

    Parameters
    ----------
    crossed : sequence of Crossed
        One for each dealing of the trials, of all n ≥ 5 images.
    independent : bool
        Whether images are no variants of each other; only then are there an interval, which leaves out one image at a
        time, and a corrected value.

    Returns
    -------
    list of dict
        metric, value, low, high, n. A value is NaN where noise leaves no variance to divide.
    """
    n = len(crossed[0].symmetric)
    if n <= FEWEST_IMAGES:
        logging.warning("Dimensionality without noise needs more than %d images, not %d.", FEWEST_IMAGES, n)
        return []
    plain = traces(crossed)
    values = {"effective_dimensionality_crossed": plain}
    if independent:
        values["corrected_effective_dimensionality_crossed"] = distinct_traces(crossed)
    rows = []
    for metric, terms in values.items():
        whole, *left_out = ratio(*terms)
        row = {"metric": metric, "value": float(whole), "n": n}
        if independent:
            ends = jackknife_interval(whole, np.array(left_out), heavy_tails=metric.startswith("corrected"))
            row |= dict(zip(("low", "high"), map(float, within(*ends, 1, np.inf)), strict=True))
        rows.append(row)
    return rows


def traces(crossed: Sequence[Crossed]) -> np.ndarray:
    """(tr K)² and q(K) − q(N) of the sum of squares q; of all n images, then with each left out, (2, n + 1)."""
    n = len(crossed[0].symmetric)
    d = np.array([np.diag(each.symmetric) for each in crossed])
    f = np.array([np.sum(each.symmetric**2 - each.antisymmetric**2, axis=1) for each in crossed])
    scaled = d * n / (n - 1)  # what the scatter loses with an image, as in `effective_dimensionality`
    total, lost = d.sum(axis=1).mean(), scaled.mean(axis=0)
    without = np.mean(f.sum(axis=1)[:, None] - 2 * f * n / (n - 1) + scaled**2, axis=0)
    return np.array([np.r_[total, total - lost] ** 2, np.r_[f.sum(axis=1).mean(), without]])


def distinct_traces(crossed: Sequence[Crossed]) -> np.ndarray:
    """(tr Σ)² and tr Σ² from distinct images; of all n images, then with each left out, (2, n + 1)."""
    found = []
    for each in crossed:
        K, N = each.symmetric, each.antisymmetric
        squared_trace, trace_of_square = np.hstack([np.transpose([unbiased_traces(K)]), leave_one_out_traces(K)])
        found.append((squared_trace, trace_of_square - noise_of_trace(N)))
    return np.mean(found, axis=0)


def noise_of_trace(N: np.ndarray) -> np.ndarray:
    """What `unbiased_traces` makes of tr Σ² when given N, whose rows sum to zero and whose S₄ is zero."""
    f = np.sum(N**2, axis=1)
    n = len(N) - np.r_[0, np.ones(len(N))]
    squares = f.sum() - 2 * np.r_[0, f]
    rows = np.r_[0, f]  # without image k, the other rows sum to what they held of it
    return squares / (n * (n - 1)) - 2 * (rows - squares) / (n * (n - 1) * (n - 2))


def held_inside(
    axes: Axes, signal: list[Parts], noise: list[Parts], thresholds: Sequence[float], W: np.ndarray
) -> list[np.ndarray]:
    """The parameter's variance inside the leading components of the scenes' means, for each row of weights."""
    # Dealings stand beside each other like levels, so that the subspace of a resample is found once for all.
    stacked = [np.concatenate([p.cm @ axes.weights for p in those], axis=1) for those in (signal, noise)]
    found = [at.others for at in inside(axes, stacked, thresholds, W)]
    return [(of_signal - of_noise) / len(signal) for of_signal, of_noise in found]


def row(metric: str, values: np.ndarray, N: int) -> dict[str, object]:
    """A value and its interval over scenes."""
    low, high = interval(values, N)
    return {"metric": metric, "value": float(values[0]), "low": float(low), "high": float(high)}


def centred(R: np.ndarray) -> np.ndarray:
    """H R H, of a matrix that need not be symmetric."""
    return R - R.mean(axis=0) - R.mean(axis=1)[:, None] + R.mean()
