"""Do the 95 % intervals of parallelism and cross-condition generalization hold the mean of other samples of images?

    python tests/benchmarks/abstraction_coverage.py [trials]

Four variables move responses of 40 units along directions of their own, of which a share changes with each other
variable; noise is Gaussian. Every trial draws new images.
"""

import sys

import numpy as np
import pandas as pd

from ventral.geometry.parallelism import abstraction_rows, halves_of
from ventral.gram import gram

TRIALS, UNITS, VARIABLES = 100, 40, 4


def main(trials: int) -> None:
    print("| images | interaction | metric | mean | spread over trials | shuffled | holds mean |")
    for images in (100, 300):
        for interaction in (0.0, 1.0):
            rows = pd.concat(pd.DataFrame(one(seed, images, interaction)).assign(seed=seed) for seed in range(trials))
            rows = rows[rows.parameter.isna()]
            for metric in ("parallelism", "cross_condition_generalization"):
                found, chance = rows[rows.metric == metric], rows[rows.metric == f"{metric}_shuffled"]
                mean = found.value.mean()
                held = np.mean((found.low <= mean) & (mean <= found.high))
                numbers = f"{mean:.3f} | {found.value.std():.3f} | {chance.value.mean():.3f} | {held:.0%}"
                print(f"| {images} | {interaction} | {metric} | {numbers} |", flush=True)


def one(seed: int, images: int, interaction: float):
    design, rng = np.random.default_rng(0), np.random.default_rng([seed, images])
    axes = design.standard_normal((VARIABLES, UNITS)) / 4
    mixed = design.standard_normal((VARIABLES, VARIABLES, UNITS)) / 4
    z = rng.uniform(-1, 1, (images, VARIABLES))
    X = z @ axes + interaction * np.einsum("ia,ib,abu->iu", z, z, mixed) + rng.standard_normal((images, UNITS)) / 2
    return abstraction_rows(gram(X, device="cpu"), halves_of(pd.DataFrame(z, columns=list("abcd"))), seed)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS)
