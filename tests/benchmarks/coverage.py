"""How often do the 95 % intervals of corrected values hold the truth?

    python tests/benchmarks/coverage.py [trials]

Corrected covariance factorization: responses in 60 dimensions, N scenes × L levels, whose parameter and scenes share
no axes, half of them, all of a round cloud's, or all; in three more cases each has four axes alone. What the parameter
adds to a scene is Gaussian, or is multiplied by a gain of the scene: |Student's t| with 3 degrees of freedom, or
log-normal with σ = 1. Corrected effective dimensionality: responses whose variances fall as a power of the rank, or lie
on three or five axes, with a gain of each image. Cosines of equivariance: N images under L shared draws that move four
axes, half of whose variance images share; draws are Gaussian, have gains, or are spread evenly as those of a stimulus
set. Every trial draws new data. A cell holds the truth, the mean value, the coverage of the intervals that are printed,
their share of all trials, and their mean width.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats.qmc import LatinHypercube
from threadpoolctl import threadpool_limits

from ventral.core.centering import center
from ventral.geometry import effective_dimensionality
from ventral.geometry.covariance_comparisons import COMPARISONS
from ventral.geometry.covariances import corrected_terms, factorization_of
from ventral.geometry.decomposition import decompose
from ventral.geometry.factorization_intervals import corrected_row, left_out_scenes
from ventral.geometry.scene_factorization import CORRECTED
from ventral.gram import gram

TRIALS = 300
UNITS = 60
RANKS = np.arange(1, UNITS + 1)
FEW = 4  # axes of the cases of low rank
OVERLAPS = ("orthogonal", "half", "isotropic", "identical", "low_orthogonal", "low_half", "low_identical")
TAILS = ("none", "t3", "lognormal")
SPECTRA = {f"rank^−{power}": np.arange(1, 201) ** -float(power) for power in (2, 1, 0.5)}
SPECTRA |= {"3 axes": np.array([1, 0.7, 0.5]), "5 axes": 1 / np.arange(1, 6)}
SHARED = 0.5  # of the variance that augmentations cause


def main(trials: int) -> None:
    with ProcessPoolExecutor() as workers:
        print(f"| gains | scenes | levels | {' | '.join(OVERLAPS)} |")
        for tails, N, L in product(TAILS, (12, 20, 30, 100), (5, 10)):
            cells = []
            for overlap in OVERLAPS:
                jobs = [(N, L, overlap, tails, seed) for seed in range(trials)]
                cells.append(summary(*np.transpose(list(workers.map(scene_trial, jobs, chunksize=20)))))
            print(f"| {tails} | {N} | {L} | {' | '.join(cells)} |", flush=True)
        print(f"\n| gains | images | {' | '.join(SPECTRA)} |")
        for tails, n in product(TAILS, (20, 50, 100, 400)):
            cells = []
            for name in SPECTRA:
                jobs = [(n, name, tails, seed) for seed in range(trials)]
                cells.append(summary(*np.transpose(list(workers.map(image_trial, jobs, chunksize=20)))))
            print(f"| {tails} | {n} | {' | '.join(cells)} |", flush=True)
        print(f"\n| draws | images | levels | {' | '.join(COMPARISONS)} |")
        for kind, N, L in product(("Gaussian", "t3", "even"), (20, 40), (8, 20)):
            found = list(workers.map(equivariance_trial, [(N, L, kind, seed) for seed in range(trials)]))
            cells = [summary(*columns) for columns in np.transpose(found, (1, 2, 0))]
            print(f"| {kind} | {N} | {L} | {' | '.join(cells)} |", flush=True)


def summary(truth: np.ndarray, value: np.ndarray, low: np.ndarray, high: np.ndarray) -> str:
    """Truth, mean value, coverage of the intervals that are printed, their share, and their mean width."""
    printed = np.isfinite(low)
    covered = ((low <= truth + 1e-9) & (truth <= high + 1e-9))[printed].mean()
    width = (high - low)[printed].mean()
    return f"{truth[0]:.3f}: {np.nanmean(value):.3f}, {covered:.1%} of {printed.mean():.0%}, {width:.2f}"


def scene_trial(job: tuple[int, int, str, str, int]) -> tuple[float, ...]:
    N, L, overlap, tails, seed = job
    rng = np.random.default_rng([seed, N, L])
    of_scenes, of_parameter = variances(overlap)
    X = rng.standard_normal((N, 1, UNITS)) * np.sqrt(of_scenes)
    added = rng.standard_normal((N, L, UNITS)) * np.sqrt(of_parameter)
    X = X + added * gains(tails, N, rng)[:, None, None]
    with threadpool_limits(1):
        X = X.reshape(-1, UNITS)[:, of_scenes + of_parameter > 0]
        D = decompose(center(X @ X.T), np.repeat(np.arange(N), L))
        row = corrected_row(CORRECTED, factorization_of(corrected_terms(D, left_out_scenes(N))))
    lengths = np.linalg.norm(of_scenes) * np.linalg.norm(of_parameter)
    return 1 - of_scenes @ of_parameter / lengths, row["value"], row["low"], row["high"]


def variances(overlap: str) -> tuple[np.ndarray, np.ndarray]:
    """Variances along each axis, between scenes and by the parameter."""
    if overlap.startswith("low_"):
        of_scenes = np.where(RANKS <= FEW, 1 / RANKS, 0)
        return of_scenes, {
            "low_orthogonal": np.where((RANKS > FEW) & (RANKS <= 2 * FEW), 0.6, 0),
            "low_half": np.where((RANKS > FEW / 2) & (RANKS <= 3 * FEW / 2), 0.6, 0),
            "low_identical": 0.6 * of_scenes,
        }[overlap]
    of_scenes = np.where(RANKS <= 10, 1 / RANKS, 0)
    within = (RANKS > 10) & (RANKS <= 20)
    return of_scenes, {
        "orthogonal": np.where(within, 0.6 / np.sqrt(np.maximum(RANKS - 10, 1)), 0),
        "half": np.where((RANKS > 5) & (RANKS <= 15), 0.6, 0),
        "isotropic": np.full(UNITS, 0.3),
        "identical": 0.6 * of_scenes,
    }[overlap]


def gains(tails: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """A factor for each scene or image; the covariance keeps its shape."""
    if tails == "none":
        return np.ones(n)
    return np.abs(rng.standard_t(3, n)) if tails == "t3" else rng.lognormal(0, 1, n)


def image_trial(job: tuple[int, str, str, int]) -> tuple[float, ...]:
    n, name, tails, seed = job
    rng = np.random.default_rng([seed, n])
    spread = SPECTRA[name]
    X = rng.standard_normal((n, len(spread))) * np.sqrt(spread) * gains(tails, n, rng)[:, None]
    with threadpool_limits(1):
        found = effective_dimensionality(gram(X, precision="float64", device="cpu"))
    truth = spread.sum() ** 2 / np.sum(spread**2)
    return truth, found.corrected_effective_dimensionality, found.corrected_low, found.corrected_high


def equivariance_trial(job: tuple[int, int, str, int]) -> list[tuple[float, ...]]:
    """Each comparison of images whose augmentations move axes of their own and shared ones."""
    N, L, kind, seed = job
    rng = np.random.default_rng([seed, N, L])
    axes, content = moved(N, rng), rng.standard_normal((N, 6)) @ CONTENT
    added = [np.einsum("lk,nkd->nld", draws(kind, L, rng), axes[sort]) for sort in axes]
    X = np.concatenate([content[:, None], *(content[:, None] + part for part in added)], axis=1)
    levels = [("", 1), *((sort, L) for sort in axes)]
    names = np.repeat(*zip(*levels, strict=True))
    table = pd.DataFrame({"parameter": np.tile(names, N), "scene": np.repeat(np.arange(N), len(names))})
    table["level"] = table.groupby(["scene", "parameter"], sort=False).cumcount()
    with threadpool_limits(1):
        G = gram(X.reshape(-1, X.shape[-1]), precision="float64", device="cpu")
        found = [compare(G, table, rng).cosine for compare in COMPARISONS.values()]
    return [(truth, one.value, one.low, one.high) for truth, one in zip(TRUTHS, found, strict=True)]


def moved(N: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The axes (N, FEW, units) that each sort of draws moves in each image; place and color have half in common."""

    def of_images(shared: float) -> np.ndarray:
        own = rng.standard_normal((N, FEW, AXES.shape[1])) / np.sqrt(AXES.shape[1])
        return np.sqrt(shared) * AXES + np.sqrt(1 - shared) * own

    everything, place, apart = of_images(SHARED), of_images(SHARED), of_images(0)
    color = np.concatenate([place[:, : FEW // 2], apart[:, FEW // 2 :]], axis=1)
    return {"augmentation": everything, "spatial": place, "photometric": color}


def draws(kind: str, L: int, rng: np.random.Generator) -> np.ndarray:
    if kind == "even":
        return ndtri(LatinHypercube(FEW, rng=rng).random(L))
    return rng.standard_normal((L, FEW)) * gains({"Gaussian": "none"}.get(kind, kind), L, rng)[:, None]


def truths(images: int = 400) -> tuple[float, ...]:
    """Cosines of the covariances of many images under all draws."""
    axes = moved(images, np.random.default_rng(123))
    C = {sort: np.einsum("nkd,nke->nde", A, A) for sort, A in axes.items()}
    C = {sort: each / np.trace(each, axis1=1, axis2=2)[:, None, None] for sort, each in C.items()}
    square = {sort: np.mean(np.sum(each**2, axis=(1, 2))) for sort, each in C.items()}
    every, content = C["augmentation"], CONTENT.T @ CONTENT
    pairs = (np.sum(every.sum(axis=0) ** 2) - np.sum(every**2)) / (images * (images - 1))
    apart = np.mean(np.sum(C["spatial"] * C["photometric"], axis=(1, 2)))
    return (
        pairs / square["augmentation"],
        np.sum(every.mean(axis=0) * content) / np.sqrt(square["augmentation"] * np.sum(content**2)),
        apart / np.sqrt(square["spatial"] * square["photometric"]),
    )


AXES = np.linalg.qr(np.random.default_rng(5).standard_normal((40, FEW)))[0].T
CONTENT = np.vstack([AXES[-3:], np.random.default_rng(6).standard_normal((3, 40)) / np.sqrt(40)])
TRUTHS = truths()

if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else TRIALS)
