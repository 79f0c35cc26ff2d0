"""How far are the geometry of an area and its similarity with a layer from those of the recording without gaps?

    python tests/benchmarks/missing_responses.py [recordings]

Units are random directions in 200 latent axes whose variances fall as 1/rank, as in `units_coverage.py`, with two
trials that each add as much variance of noise as there is signal. Dimensionality and similarity: 200 images, and a
layer of 300 noisy features of the same axes. Factorization: 32 scenes × 8 levels. Responses are missing at random, or
by sessions: each unit belongs to one of four sessions, and each session lacks images of its own. Four ways to go on::

    block        the units and images without a gap that have the most responses
    pairwise     products of images over the units that have both, over their share of the units, without the negative
                 eigenvalues of the Gram
    filled       `ventral.recordings.expected_responses.expected`, of what `ventral.recordings.gaps.recorded` keeps
    residuals    the same with random residuals

A cell holds the mean difference from the recording without gaps, whose values come first; "none" counts recordings
without a result.
"""

import sys
import warnings
from itertools import product

import numpy as np
from units_coverage import MOVED, latents

from ventral.core.errors import Fault
from ventral.geometry import debiased_cka, effective_dimensionality, factorization
from ventral.geometry.trial_halves import response_halves
from ventral.geometry.two_way import two_way_covariance_factorization, two_way_effective_dimensionality
from ventral.gram import gram
from ventral.recordings.expected_responses import expected
from ventral.recordings.gaps import recorded as recorded_block
from ventral.representational_similarity import rsa

RECORDINGS = 20
IMAGES, SCENES, LEVELS = 200, 32, 8
SCENE_OF = np.repeat(np.arange(SCENES), LEVELS)
METRICS = ("ED", "two-way ED crossed", "factorization", "two-way factorization crossed", "RSA", "CKA")


def main(recordings: int) -> None:
    print("| units | gaps | way |", " | ".join(METRICS), "| none |")
    for units, by_sessions, share in product((60, 168), (False, True), (0.01, 0.05, 0.2)):
        gaps = f"{share:.0%} {'by sessions' if by_sessions else 'at random'}"
        found = [
            compared(np.random.default_rng([seed, units]), units, by_sessions, share) for seed in range(recordings)
        ]
        for way in found[0]:
            rows = [each[way] for each in found if each[way] is not None]
            means = np.nanmean(rows, axis=0) if rows else np.full(len(METRICS), np.nan)
            cells = " | ".join(f"{value:+.3f}" for value in means)
            print(f"| {units} | {gaps} | {way} | {cells} | {recordings - len(rows)} |", flush=True)


def compared(rng: np.random.Generator, units: int, by_sessions: bool, share: float) -> dict[str, np.ndarray | None]:
    """Differences of all metrics by each way, None where it has no result."""
    Z = latents(rng, IMAGES)
    moved = rng.standard_normal((SCENES, LEVELS, len(MOVED))) * np.sqrt(MOVED)
    axes = rng.standard_normal((len(MOVED), units))
    layer = Z @ rng.standard_normal((len(MOVED), 300)) + Z.std() * rng.standard_normal((IMAGES, 300))
    trials = [recorded(rng, X @ axes) for X in (Z, (latents(rng, SCENES)[:, None] + moved).reshape(-1, len(MOVED)))]
    gaps = [missing(rng, units, each.shape[1], by_sessions, share) for each in trials]
    whole = measured(rng, trials, [each.mean(axis=2) for each in trials], layer, np.arange(IMAGES))
    with_gaps = [np.where(gap[..., None], np.nan, each) for gap, each in zip(gaps, trials, strict=True)]
    found = {"without gaps": whole}
    for way in (block, pairwise, filled, residuals):
        try:
            found[way.__name__] = way(rng, with_gaps, layer) - whole
        except (Fault, ValueError, np.linalg.LinAlgError):
            found[way.__name__] = None
    return found


def recorded(rng: np.random.Generator, X: np.ndarray) -> np.ndarray:
    """Two trials of each response, (units, images, 2)."""
    return X.T[..., None] + X.std() * rng.standard_normal((*X.T.shape, 2))


def missing(rng: np.random.Generator, units: int, images: int, by_sessions: bool, share: float) -> np.ndarray:
    if not by_sessions:
        return rng.random((units, images)) < share
    return (rng.random((4, images)) < share)[rng.integers(0, 4, units)]


def measured(rng, trials, means, layer, images, crossed=True) -> np.ndarray:
    """All metrics, from trials and means over them, (units, images), of images and of variants of scenes."""
    G, of_scenes = (gram(each.T, device="cpu") for each in means)
    L = gram(layer[images], device="cpu")
    scenes = SCENE_OF[-len(of_scenes) :]
    halves = [response_halves(each, rng, splits=2) for each in trials] if crossed else None
    return np.array(
        [
            effective_dimensionality(G).corrected_effective_dimensionality,
            two_way_effective_dimensionality(halves[0]).value if crossed else np.nan,
            factorization(of_scenes, scenes).corrected_covariance_factorization,
            two_way_covariance_factorization(halves[1], scenes).value if crossed else np.nan,
            rsa(G, L),
            debiased_cka(G, L),
        ]
    )


def block(rng, trials, layer) -> np.ndarray:
    """Units in the order of their gaps: the first k and the images that all of these have, of the most responses."""
    parts = []
    for each, together in zip(trials, (np.arange(IMAGES), SCENE_OF), strict=True):
        lacks = np.isnan(each[..., 0])
        lacks = np.stack([lacks[:, together == s].any(axis=1) for s in np.unique(together)], axis=1)[:, together]
        order = np.argsort(lacks.sum(axis=1), kind="stable")
        lacking = np.logical_or.accumulate(lacks[order], axis=0)
        k = np.argmax(np.arange(1, len(order) + 1) * np.sum(~lacking, axis=1))
        parts.append((order[: k + 1], np.flatnonzero(~lacking[k])))
    kept = [each[np.ix_(*part)] for each, part in zip(trials, parts, strict=True)]
    return measured(rng, kept, [each.mean(axis=2) for each in kept], layer, parts[0][1])


def pairwise(rng, trials, layer) -> np.ndarray:
    """From a Gram only, so without metrics of halves and of distinct units."""
    means = []
    for each in trials:
        X = each.mean(axis=2).T
        present = (~np.isnan(X)).astype(float)
        X = np.where(present, X - np.nanmean(X, axis=0), 0)
        K = X @ X.T / (present @ present.T) * X.shape[1]
        K = K - K.mean(axis=0) - K.mean(axis=1)[:, None] + K.mean()
        eigenvalues, V = np.linalg.eigh(K)
        means.append((V * np.sqrt(np.maximum(eigenvalues, 0))).T)
    return measured(rng, trials, means, layer, np.arange(IMAGES), crossed=False)


def filled(rng, trials, layer) -> np.ndarray:
    return from_expected(rng, trials, layer, None)


def residuals(rng, trials, layer) -> np.ndarray:
    return from_expected(rng, trials, layer, rng)


def from_expected(rng, trials, layer, draws) -> np.ndarray:
    blocks = [
        recorded_block(np.isnan(each[..., 0]), together)
        for each, together in zip(trials, (np.arange(IMAGES), SCENE_OF), strict=True)
    ]
    kept = [each[part.index] for each, part in zip(trials, blocks, strict=True)]
    means = [expected(each.mean(axis=2).T, draws).T for each in kept]
    return measured(rng, kept, means, layer, blocks[0].images)


if __name__ == "__main__":
    warnings.simplefilter("ignore", RuntimeWarning)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RECORDINGS)
