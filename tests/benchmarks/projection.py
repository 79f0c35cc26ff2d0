"""What random projection changes: products, effective dimensionality and the score of ridge, of one made-up layer.

    python tests/benchmarks/projection.py [images [features]]

1,000 images × 25,088 features: rectified read-outs of 200 Gaussian directions with variances 1/rank, with noise of each
feature. 100 units read out the directions, with as much noise as signal, and are predicted in five folds. Processor
seconds are those of the projection; errors are means over three projections.
"""

import sys
import time

import numpy as np

from ventral.geometry import effective_dimensionality
from ventral.gram import gram
from ventral.predictivity import kfold_splits, ridge
from ventral.projection import projected

IMAGES, FEATURES, DIRECTIONS, UNITS = 1_000, 25_088, 200, 100
KEPT, PROJECTIONS = (2_048, 4_096, 8_192), 3


def main(arguments: list[str]) -> None:
    n, d = [*map(int, arguments), *(IMAGES, FEATURES)[len(arguments) :]]
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((n, DIRECTIONS), np.float32)
    directions *= np.arange(1, DIRECTIONS + 1, dtype=np.float32) ** -0.5
    X = directions @ rng.standard_normal((DIRECTIONS, d), np.float32)
    X = np.maximum(X + X.std() / 2 * rng.standard_normal(X.shape, np.float32), 0)
    Y = directions @ rng.standard_normal((DIRECTIONS, UNITS), np.float32)
    Y = (Y + Y.std() * rng.standard_normal(Y.shape, np.float32)).astype(float)
    whole = gram(X, device="cpu")
    dimensionality, r = measures(whole, Y)
    print(f"{n:,} × {d:,}: effective dimensionality {dimensionality:.2f}, median r {r:.4f}\n")
    print("| features kept | error of K | of effective dimensionality | of median r | processor, s |")
    print("|---|---|---|---|---|")
    for kept in KEPT:
        rows = []
        for seed in range(PROJECTIONS):
            started = time.process_time()
            Z = projected(X, kept, seed)
            seconds, G = time.process_time() - started, gram(Z, device="cpu")
            error = np.linalg.norm(G.centered - whole.centered) / np.linalg.norm(whole.centered)
            found, score = measures(G, Y)
            rows.append((error, abs(found / dimensionality - 1), abs(score - r), seconds))
        error, of_dimensionality, of_r, seconds = np.mean(rows, axis=0)
        print(f"| {kept:,} | {error:.3f} | {of_dimensionality:.3f} | {of_r:.4f} | {seconds:.1f} |", flush=True)


def measures(G, Y: np.ndarray) -> tuple[float, float]:
    """Effective dimensionality, and the median r of ridge."""
    found = ridge(G, Y, kfold_splits(np.arange(len(G))))
    return effective_dimensionality(G).effective_dimensionality, float(np.median(found.scores, axis=1).mean())


if __name__ == "__main__":
    main(sys.argv[1:])
