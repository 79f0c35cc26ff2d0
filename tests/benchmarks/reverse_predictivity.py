"""Prints reverse R² against the number and the noise of units, and how often its interval has the truth.

A layer is 50 latents with variances 1/rank in 200 features. Units are random in the latents, with noise of the given
standard deviation. The truth of a study is R² of the same fits on 2,000 further images.

    python tests/benchmarks/reverse_predictivity.py [repetitions]
"""

import sys

import numpy as np

from ventral.gram import gram
from ventral.predictivity.reverse_predictivity import area_rows, mean_explained, readouts_of
from ventral.regression.splits import kfold_splits
from ventral.statistics.bootstrap import draws

LATENTS, FEATURES, FURTHER = 50, 200, 2000


def study(n, units, noise, rng):
    """Value, interval and truth of one study of n images."""
    Z = rng.standard_normal((n + FURTHER, LATENTS)) / np.sqrt(np.arange(1, LATENTS + 1))
    X = Z @ np.linalg.qr(rng.standard_normal((FEATURES, LATENTS)))[0].T
    Y = Z @ rng.standard_normal((LATENTS, units))
    Y += noise * Y.std(axis=0) * rng.standard_normal(Y.shape)
    splits = kfold_splits(np.arange(n), 5, 0)
    row = area_rows(gram(X[:n], device="cpu"), Y[:n], splits, draws(rng, n), units, 0)[0]
    G, further = gram(X, device="cpu"), np.arange(n, n + FURTHER)
    truth = mean_explained([readout.errors(G) for readout in readouts_of(Y, [(train, further) for train, _ in splits])])
    return row["value"], row["low_images"], row["high_images"], truth


if __name__ == "__main__":
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print("| images | units | noise | mean | truth | coverage |\n|---|---|---|---|---|---|")
    for n, units, noise in ((400, 15, 0), (400, 60, 0), (400, 60, 1), (400, 240, 1), (100, 60, 1)):
        rng = np.random.default_rng(0)
        value, low, high, truth = np.transpose([study(n, units, noise, rng) for _ in range(repetitions)])
        covered = np.mean((low <= truth) & (truth <= high))
        print(f"| {n} | {units} | {noise} | {value.mean():.3f} | {truth.mean():.3f} | {covered:.1%} |", flush=True)
