"""Geometry of an area from a sample of its units: unbiased over images, over units and over trials.

The recorded units of an area are a sample, as the images are. Let x_a be the responses of unit a, and ⟨f⟩ a mean over
units of the whole population. Its kernel k(x, y) = ⟨x_a y_a⟩ decides effective dimensionality, covariance factorization
and CKA, each of which is a ratio of terms that are quadratic in k. A term of the recorded Gram K = Σ_a K_a, with
K_a = x_a x_aᵀ, is a sum over pairs of units, ::

    q(K) = Σ_ab q(K_a, K_b)

in which the pairs a = b multiply a unit with itself. They add a term of order 1/p for p units, which makes
dimensionality and factorization too small. The mean over pairs of distinct units has no such term::

    q̂ = (q(K) − Σ_a q(K_a, K_a)) / (p (p − 1))

If q is a U-statistic over distinct images or scenes (`ventral.geometry.spectrum`, `ventral.geometry.covariances`), q̂
is unbiased over both. With A and B the means over two halves of the trials, K_a becomes A_a B_aᵀ, and only products of
different halves enter, as in `ventral.geometry.cross_validated`; q̂ is then unbiased over trials as well. Terms are
averaged over splits of the trials before their ratio is taken. A ratio of unbiased terms keeps a small bias, which
falls with the numbers of images and units.

In terms of units, with ĉ(x, y; z, w) the U-statistic of cov(x, y) cov(z, w) over distinct images::

    (tr Σ)²   = mean over a ≠ b of ĉ(A_a, B_a; A_b, B_b)
    tr Σ²     = mean over a ≠ b of ĉ(A_a, B_b; A_b, B_a)
    ⟨Σ, Σ′⟩   = mean over a, a′ of ĉ(A_a, B′_a′; A′_a′, B_a)                  units of two areas
    ⟨S_i, S_j⟩ = mean over a ≠ b of S_i[a, b] S_j[b, a]                         covariances inside scenes i ≠ j

Intervals leave out one image (or scene) at a time and one unit at a time, and add both jackknife variances. They assume
that both are independent samples. `ventral.geometry.distinct_units` has the sums over units.

If noise is independent between units, tr Σ², CKA and covariance factorization contain none even without trials, because
they never multiply a unit with itself. (tr Σ)², and with it dimensionality, does contain it.

Sources: Chun, Canatar, Chung & Lee, "Estimating dimensionality of neural representations from finite samples", ICLR
2026, for effective dimensionality; covariance factorization and CKA in the same way are Ventral's own.
"""

from collections.abc import Sequence

import numpy as np

from ventral.core.errors import Fault
from ventral.geometry.covariances import FEWEST_SCENES, corrected_terms, factorization_of
from ventral.geometry.cross_validated import (
    CrossValidatedGram,
    cross_validated_grams,
    distinct_traces,
    terms_without_noise,
)
from ventral.geometry.decomposition import by_scene, decompose
from ventral.geometry.distinct_units import scene_terms, scene_terms_of_pairs, squared_covariance, traces_of_pairs
from ventral.geometry.factorization_intervals import left_out_scenes
from ventral.geometry.spectrum import FEWEST_IMAGES, ratio
from ventral.geometry.trial_halves import Halves
from ventral.statistics.intervals import Estimate, samples_jackknife_interval, within

FEWEST_UNITS = 4


def two_way_effective_dimensionality(halves: Halves) -> Estimate:
    """Effective dimensionality of the population of which the units are a sample, for infinitely many images.

    Parameters
    ----------
    halves : sequence of two arrays of shape (n ≥ 5 images, p ≥ 4 units)
        Means over two halves of the trials, one pair for each way to divide them
        (`ventral.geometry.trial_halves.response_halves`). Without trials, one pair of the same responses twice.

    Returns
    -------
    Estimate
        With a 95 % interval over images and units. NaN if the estimate of tr Σ² is not positive.

    Raises
    ------
    Fault
        Arrays of different or wrong shapes, or too few images or units.
    """
    expect_halves(halves, FEWEST_IMAGES + 1)
    of_images, of_units = trace_terms(halves, cross_validated_grams(halves))
    value, *without_image = ratio(*of_images)
    return estimate(value, [without_image, ratio(*of_units)], 1, np.inf)


def two_way_covariance_factorization(halves: Halves, scenes: np.ndarray, shared_levels: bool = False) -> Estimate:
    """Covariance factorization of the population of which the units are a sample, for infinitely many scenes.

    Parameters
    ----------
    halves : sequence of two arrays of shape (n images, p ≥ 4 units)
        See `two_way_effective_dimensionality`.
    scenes : array of shape (n,)
        The base scene of each image; every scene appears equally often, and there are four or more.
    shared_levels : bool
        Whether the levels are the same in every scene, see `ventral.geometry.scene_factorization`.

    Returns
    -------
    Estimate
        With a 95 % interval over scenes and units, which needs six scenes. NaN if the estimate of a squared norm is not
        positive.

    Raises
    ------
    Fault
        Arrays of different or wrong shapes, too few images or units, or scenes of unequal size.
    """
    expect_halves(halves, FEWEST_SCENES * 2)
    _, N, _ = by_scene(scenes)
    if N < FEWEST_SCENES:
        raise Fault(f"Two-way covariance factorization needs {FEWEST_SCENES} scenes or more, not {N}.")
    of_scenes, of_units = factorization_terms(halves, scenes, shared_levels)
    value, *without_scene = factorization_of(of_scenes)
    return estimate(value, [without_scene or [np.nan], factorization_of(of_units)], 0, 2)


def two_way_cka(first: Halves, second: Halves) -> Estimate:
    """Centered kernel alignment of two populations of which the units are samples, for infinitely many images.

    Parameters
    ----------
    first, second : sequences of two arrays of shapes (n ≥ 5 images, p ≥ 4 units) and (n, q ≥ 4)
        See `two_way_effective_dimensionality`. No unit is in both areas. Areas that were recorded together need the
        same divisions of the trials, so that noise which they share is never multiplied with itself.

    Returns
    -------
    Estimate
        With a 95 % interval over images and the units of both areas. NaN if the estimate of a squared norm is not
        positive.

    Raises
    ------
    Fault
        Arrays of different or wrong shapes, or too few images or units.
    """
    for halves in (first, second):
        expect_halves(halves, FEWEST_IMAGES + 1)
    if len(first) != len(second) or len(first[0][0]) != len(second[0][0]):
        raise Fault("Two-way CKA needs the same images and as many splits of the trials for both areas.")
    (value, *without_image), *without_unit = cka_values(scaled(first), scaled(second))
    return estimate(value, [without_image, *without_unit], -1, 1)


def estimate(value: float, left_out: Sequence[np.ndarray], least: float, most: float) -> Estimate:
    """A value and its interval, from the values without each image and without each unit."""
    low, high = within(*samples_jackknife_interval(value, *map(np.asarray, left_out), heavy_tails=True), least, most)
    return Estimate(float(value), float(low), float(high))


def trace_terms(halves: Halves, grams: Sequence[CrossValidatedGram]) -> tuple[np.ndarray, np.ndarray]:
    """(tr Σ)² and tr Σ² over distinct units: with all and without each image, (2, 1 + n); without each unit, (2, p)."""
    itself = np.mean([squared_covariance(A, B) for A, B in halves], axis=0)
    of_pairs = np.mean([traces_of_pairs(A, B, A, B) for A, B in halves], axis=0)
    of_images = distinct_traces(grams) - itself.sum(axis=1)
    of_units = of_images[:, :1] - 2 * (of_pairs - itself[0])
    p = itself.shape[1]
    return of_images / (p * (p - 1)), of_units / ((p - 1) * (p - 2))


def factorization_terms(halves: Halves, scenes: np.ndarray, shared_levels: bool) -> tuple[np.ndarray, np.ndarray]:
    """The terms of `corrected_terms` over distinct units, up to a factor that cancels.

    Returns
    -------
    of_scenes : array of shape (3, 1 + N)
        With all and without each of N scenes; (3, 1) with too few scenes for an interval.
    of_units : array of shape (3, p)
        Without each unit.
    """
    order, N, L = by_scene(scenes)
    W, share = left_out_scenes(N), 0 if shared_levels else 1 / L
    grams = cross_validated_grams(halves)
    signal, noise = (
        [decompose(K, scenes, shared_levels) for K in part]
        for part in ([G.symmetric for G in grams], [G.antisymmetric for G in grams])
    )
    grouped = [[X[order].reshape(N, L, -1) for X in pair] for pair in halves]
    itself = without_share(np.mean([scene_terms(A, B) for A, B in grouped], axis=0), share)
    of_pairs = without_share(np.mean([scene_terms_of_pairs(A, B) for A, B in grouped], axis=0), share)
    of_scenes = terms_without_noise(corrected_terms, signal, noise, W) - itself.sum(axis=2)[:, : len(W)]
    return of_scenes, of_scenes[:, :1] - 2 * (of_pairs - itself[:, 0])


def cka_values(first: Halves, second: Halves) -> list[np.ndarray]:
    """CKA with all and without each of n images, (1 + n,), and without each unit of both areas, (p,) and (q,)."""
    grams = cross_validated_grams(first), cross_validated_grams(second)
    p, q = (halves[0][0].shape[1] for halves in (first, second))
    product = between(*grams) / (p * q)
    of_first, of_second = (
        np.mean([traces_of_pairs(*own, *other)[1] for own, other in zip(*areas, strict=True)], axis=0) / (p * q)
        for areas in ((first, second), (second, first))
    )
    (norms, norms_first), (others, others_second) = (
        [terms[1] for terms in trace_terms(*area)] for area in zip((first, second), grams, strict=True)
    )
    return [
        cosine(product, norms, others),
        cosine((product[0] - of_first) * p / (p - 1), norms_first, others[:1]),
        cosine((product[0] - of_second) * q / (q - 1), norms[:1], others_second),
    ]


def between(first: Sequence[CrossValidatedGram], second: Sequence[CrossValidatedGram]) -> np.ndarray:
    """⟨Σ, Σ′⟩ over distinct images, with all n images and without each, (1 + n,): ¼ (tr (Σ + Σ′)² − tr (Σ − Σ′)²)."""
    pairs = list(zip(first, second, strict=True))
    added, taken = (
        distinct_traces(
            [
                CrossValidatedGram(G.symmetric + sign * H.symmetric, G.antisymmetric + sign * H.antisymmetric)
                for G, H in pairs
            ]
        )[1]
        for sign in (1, -1)
    )
    return (added - taken) / 4


def scaled(halves: Halves) -> Halves:
    """The halves in a unit in which the products of both areas have like sizes."""
    scale = np.sqrt(
        np.mean([np.linalg.norm(A - A.mean(axis=0)) * np.linalg.norm(B - B.mean(axis=0)) for A, B in halves])
    )
    return [(A / scale, B / scale) for A, B in halves] if scale > 0 else halves


def cosine(product: np.ndarray, square: np.ndarray, other_square: np.ndarray) -> np.ndarray:
    """product / √(square · other_square); NaN if an estimated square is not positive."""
    return 1 - factorization_of((product, square, other_square))


def without_share(terms: np.ndarray, share: float) -> np.ndarray:
    """The terms of `corrected_terms`, from those of means that hold a share (1/L) of the parameter's variance."""
    a, b, c = terms
    a = a - b * share
    return np.array([a, b, c - 2 * a * share - b * share**2])


def expect_halves(halves: Halves, fewest: int) -> None:
    """Raise a `Fault` unless all halves have the same images and units, and enough of both."""
    shapes = {np.shape(X) for pair in halves for X in pair}
    if len(shapes) != 1 or len(min(shapes)) != 2:
        raise Fault(f"Both halves of the trials need images × units of the same shape, not {sorted(shapes)}.")
    [(n, p)] = shapes
    if n < fewest or p < FEWEST_UNITS:
        raise Fault(f"Two-way corrections need {fewest} images and {FEWEST_UNITS} units or more, not {n} and {p}.")
