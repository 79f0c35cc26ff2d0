"""How often do the 95 % intervals of two-way corrected values hold the truth of a population of units?

    python tests/benchmarks/units_coverage.py [trials]

The population has 200 latent axes whose variances fall as 1/rank, and every unit is a random direction (Gaussian
weights). Dimensionality: 200 images. Factorization: 64 scenes × 20 levels; the parameter moves 20 of the axes. CKA: two
areas, one of which lacks the four leading axes. In the cases with noise, each of two trials adds Gaussian noise,
independent between units, of the variance of the responses; halves of the trials are then used. Every trial draws new
images, units and noise. A cell holds the mean value, the coverage of the intervals, and their mean width; beside it,
for comparison, the mean value that is corrected for images alone.
"""

import sys
from itertools import product

import numpy as np

from ventral.geometry import (
    debiased_cka,
    effective_dimensionality,
    factorization,
)
from ventral.geometry.two_way import (
    two_way_cka,
    two_way_covariance_factorization,
    two_way_effective_dimensionality,
)
from ventral.gram import gram
from ventral.statistics.intervals import Estimate

TRIALS = 200
LATENTS, IMAGES, SCENES, LEVELS = 200, 200, 64, 20
SCALE = np.sqrt(1 / np.arange(1, LATENTS + 1))
MOVED = np.zeros(LATENTS)
MOVED[5:25] = 0.6
FIRST, SECOND = np.ones(LATENTS), (np.arange(LATENTS) >= 4).astype(float)
SCENE_OF = np.repeat(np.arange(SCENES), LEVELS)


def main(trials: int) -> None:
    for measure, truth in (
        (dimensionality, true_dimensionality()),
        (factorized, true_factorization()),
        (aligned, true_cka()),
    ):
        print(f"\n{measure.__name__}, truth {truth:.3f}\n| units | noise | images alone | two-way | coverage | width |")
        for units, noise in product((60, 88, 168, 500), (False, True)):
            found = [measure(np.random.default_rng([seed, units, noise]), units, noise) for seed in range(trials)]
            plain = np.mean([value for value, _ in found])
            value, low, high = np.transpose([(each.value, each.low, each.high) for _, each in found])
            covered = np.mean((low <= truth) & (truth <= high))
            means = f"{plain:.3f} | {np.mean(value):.3f} | {covered:.1%} | {np.mean(high - low):.3f}"
            print(f"| {units} | {noise} | {means} |", flush=True)


def true_dimensionality() -> float:
    return np.sum(SCALE**2) ** 2 / np.sum(SCALE**4)


def true_factorization() -> float:
    return 1 - SCALE**2 @ MOVED / np.linalg.norm(SCALE**2) / np.linalg.norm(MOVED)


def true_cka() -> float:
    first, second = SCALE**2 * FIRST, SCALE**2 * SECOND
    return first @ second / np.linalg.norm(first) / np.linalg.norm(second)


def dimensionality(rng: np.random.Generator, units: int, noise: bool) -> tuple[float, Estimate]:
    halves = recorded(rng, latents(rng, IMAGES), units, noise)
    return effective_dimensionality(
        mean_gram(halves)
    ).corrected_effective_dimensionality, two_way_effective_dimensionality(halves)


def factorized(rng: np.random.Generator, units: int, noise: bool) -> tuple[float, Estimate]:
    moved = rng.standard_normal((SCENES, LEVELS, LATENTS)) * np.sqrt(MOVED)
    responses = (latents(rng, SCENES)[:, None] + moved).reshape(-1, LATENTS)
    halves = recorded(rng, responses, units, noise)
    plain = factorization(mean_gram(halves), SCENE_OF).corrected_covariance_factorization
    return plain, two_way_covariance_factorization(halves, SCENE_OF)


def aligned(rng: np.random.Generator, units: int, noise: bool) -> tuple[float, Estimate]:
    Z = latents(rng, IMAGES)
    first, second = (recorded(rng, Z * axes, units, noise) for axes in (FIRST, SECOND))
    return debiased_cka(mean_gram(first), mean_gram(second)), two_way_cka(first, second)


def latents(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.standard_normal((n, LATENTS)) * SCALE


def recorded(rng: np.random.Generator, Z: np.ndarray, units: int, noise: bool) -> list[tuple[np.ndarray, np.ndarray]]:
    """Responses of random units, as two halves of two trials that are equal without noise."""
    X = Z @ rng.standard_normal((LATENTS, units)) / np.sqrt(units)
    if not noise:
        return [(X, X)]
    spread = X.std()
    return [(X + spread * rng.standard_normal(X.shape), X + spread * rng.standard_normal(X.shape))]


def mean_gram(halves):
    [(A, B)] = halves
    return gram((A + B) / 2, device="cpu")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS)
