"""How often do the 95 % intervals of corrected values hold the truth?

    python tests/benchmarks/coverage.py [trials]

Corrected covariance factorization: Gaussian responses in 60 dimensions, N scenes × L levels, whose parameter and
scenes share no axes, half of them, all of a round cloud's, or all. Corrected effective dimensionality: Gaussian
responses whose variances fall as rank^(−a). Every trial draws new data.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import product

import numpy as np
from threadpoolctl import threadpool_limits

from ventral.geometry import effective_dimensionality
from ventral.geometry.covariances import corrected_terms, factorization_of, plain_terms
from ventral.geometry.parts import parts
from ventral.geometry.resampling import interval, scene_weights
from ventral.gram import gram

TRIALS = 1000
UNITS = 60
RANKS = np.arange(1, UNITS + 1)
OVERLAPS = ("orthogonal", "half", "isotropic", "identical")


def main(trials: int) -> None:
    print("| scenes | levels | overlap | truth | plug-in | corrected | coverage | mean width |")
    print("|---|---|---|---|---|---|---|---|")
    with ProcessPoolExecutor() as workers:
        for N, L, overlap in product((30, 100), (5, 10), OVERLAPS):
            jobs = [(N, L, overlap, seed) for seed in range(trials)]
            truth, plain, value, low, high = np.transpose(list(workers.map(scene_trial, jobs, chunksize=20)))
            print(f"| {N} | {L} | {overlap} | {truth[0]:.3f} | {plain.mean():.3f} | {summary(truth, value, low, high)}")
        print("\n| images | variances | truth | plug-in | corrected | coverage | mean width |")
        print("|---|---|---|---|---|---|---|")
        for n, power in product((50, 100, 400), (2, 1, 0.5)):
            jobs = [(n, power, seed) for seed in range(trials)]
            truth, plain, value, low, high = np.transpose(list(workers.map(image_trial, jobs, chunksize=20)))
            print(f"| {n} | rank^−{power} | {truth[0]:.2f} | {plain.mean():.2f} | {summary(truth, value, low, high)}")


def summary(truth: np.ndarray, value: np.ndarray, low: np.ndarray, high: np.ndarray) -> str:
    covered = np.mean((low <= truth) & (truth <= high))
    return f"{np.nanmean(value):.3f} | {100 * covered:.1f} % | {np.nanmean(high - low):.3f} |"


def scene_trial(job: tuple[int, int, str, int]) -> tuple[float, ...]:
    N, L, overlap, seed = job
    rng = np.random.default_rng([seed, N, L, OVERLAPS.index(overlap)])
    of_scenes, of_parameter = variances(overlap)
    lengths = np.linalg.norm(of_scenes) * np.linalg.norm(of_parameter)
    X = rng.standard_normal((N, 1, UNITS)) * np.sqrt(of_scenes)
    X = X + rng.standard_normal((N, L, UNITS)) * np.sqrt(of_parameter)
    with threadpool_limits(1):
        p = parts(gram(X.reshape(-1, UNITS), device="cpu").centered, np.repeat(np.arange(N), L))
        W = scene_weights(N, rng)
        values = factorization_of(corrected_terms(p, W))
        plain = factorization_of(plain_terms(p, W[:1]))
    return 1 - of_scenes @ of_parameter / lengths, plain[0], values[0], *interval(values, N)


def variances(overlap: str) -> tuple[np.ndarray, np.ndarray]:
    """Variances along each axis, between scenes and by the parameter."""
    of_scenes = np.where(RANKS <= 10, 1 / RANKS, 0)
    within = (RANKS > 10) & (RANKS <= 20)
    return of_scenes, {
        "orthogonal": np.where(within, 0.6 / np.sqrt(np.maximum(RANKS - 10, 1)), 0),
        "half": np.where((RANKS > 5) & (RANKS <= 15), 0.6, 0),
        "isotropic": np.full(UNITS, 0.3),
        "identical": 0.6 * of_scenes,
    }[overlap]


def image_trial(job: tuple[int, float, int]) -> tuple[float, ...]:
    n, power, seed = job
    rng = np.random.default_rng([seed, n, int(10 * power)])
    spread = np.arange(1, 201) ** -float(power)
    with threadpool_limits(1):
        found = effective_dimensionality(gram(rng.standard_normal((n, 200)) * np.sqrt(spread), device="cpu"))
    truth = spread.sum() ** 2 / np.sum(spread**2)
    corrected = (found.corrected_effective_dimensionality, found.corrected_low, found.corrected_high)
    return truth, found.effective_dimensionality, *corrected


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else TRIALS)
