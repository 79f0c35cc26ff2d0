"""Do the bounds of RSA's noise ceiling hold the RSA that the true responses reach with the recorded ones?

    python tests/benchmarks/rsa_ceiling.py [trials]

Units are rectified mixtures of 5 or 40 Gaussian drives of the images, of unequal strength. Noise is Gaussian of one
variance per unit (plain), of a variance that grows with the response (Poisson), or plain where images differ in the
strength with which they drive all units (contrast). Every trial draws new responses, noise and reliabilities.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))

from linear_responses import area_of

from ventral.gram import gram
from ventral.predictivity.alignment import rsa_ceiling
from ventral.recordings.ceiling import split_halves
from ventral.representational_similarity import rsa

TRIALS = 20
KINDS = ("plain", "Poisson", "contrast")
UNITS = (20, 60, 168)
RELIABILITIES = ((0.2, 0.3), (0.2, 0.95), (0.5, 0.6), (0.8, 0.95))
SHOWN = ((50, 4), (100, 2), (200, 8), (600, 30))  # images and repeats
DRIVES = (5, 40)


def main(trials: int) -> None:
    print("| responses | units | reliability | agreement of halves | lower | truth | upper | held |")
    print("|---|---|---|---|---|---|---|---|")
    with ProcessPoolExecutor() as workers:
        for kind, units, reliability in product(KINDS, UNITS, RELIABILITIES):
            jobs = [(kind, units, reliability, *rest) for rest in product(SHOWN, DRIVES, range(trials))]
            agreement, lower, truth, upper = np.transpose(list(workers.map(trial, jobs, chunksize=8)))
            held = 100 * np.mean((lower <= truth) & (truth <= upper))
            row = " | ".join(f"{one.mean():.3f}" for one in (agreement, lower, truth, upper))
            print(f"| {kind} | {units} | {reliability[0]}–{reliability[1]} | {row} | {held:.0f} % |", flush=True)


def trial(job: tuple[str, int, tuple[float, float], tuple[int, int], int, int]) -> tuple[float, ...]:
    kind, units, reliability, (images, repeats), drives, seed = job
    rng = np.random.default_rng([seed, KINDS.index(kind), units, int(100 * sum(reliability)), images, drives])
    drive = rng.standard_normal((units, drives)) @ rng.standard_normal((drives, images))
    signal = rng.uniform(1, 6, (units, 1)) * np.logaddexp(0, 1.5 * drive / drive.std(axis=1, keepdims=True))
    if kind == "contrast":
        signal *= np.exp(0.5 * rng.standard_normal(images))
    c = rng.uniform(*reliability, (units, 1))
    variance = signal.var(axis=1, keepdims=True) * repeats * (1 - c) / c
    if kind == "Poisson":
        variance = variance * signal / signal.mean(axis=1, keepdims=True)
    trials = signal[..., None] + np.sqrt(variance)[..., None] * rng.standard_normal((units, images, repeats))
    means = trials.mean(axis=2)
    with threadpool_limits(1):
        true, recorded, first, second = (
            gram(one.T, device="cpu") for one in (signal, means, *split_halves(trials, rng))
        )
        lower, upper = rsa_ceiling(trials, area_of(means.T), rng)
        return rsa(first, second), lower, rsa(true, recorded), upper


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else TRIALS)
