"""Manifold capacity: the published example, the time of a projection, and the coverage of the intervals.

    python tests/benchmarks/manifold.py [trials]

The example has 100 manifolds of 50 Gaussian points in 5,000 dimensions; the public code reports capacity .04, radius
1.48 and dimension 36.17. The same projections are then computed by one quadratic program for each Gaussian vector, as
in the public code. This needs `pip install cvxopt`.

For the coverage, every trial draws P classes of 20 images in 300 dimensions, whose radius and decay of variance differ
at random. The truth is the mean over all trials of 50 classes.
"""

import sys
from time import process_time

import numpy as np

from ventral.geometry.cone_projection import cone_coefficients
from ventral.geometry.manifold_capacity import VECTORS, estimates, manifold_capacity
from ventral.gram import gram

TRIALS = 200
FEATURES, POINTS, MANIFOLDS = 5000, 50, 100
SIZES = (50, 30, 14, 6)  # numbers of classes
DIMENSIONS, IMAGES = 300, 20


def main(trials: int) -> None:
    rng = np.random.default_rng(0)
    G = gram(rng.standard_normal((MANIFOLDS * POINTS, FEATURES)), precision="float64")
    start = process_time()
    found = manifold_capacity(G, np.repeat(np.arange(MANIFOLDS), POINTS), rng)
    print(f"{process_time() - start:.2f} s of the processor for {MANIFOLDS} manifolds and {VECTORS} vectors of each")
    print(*(f"{row['metric']} {row['value']:.4f}" for row in estimates(found)), sep=", ")
    projections(rng)
    coverage(trials)


def projections(rng: np.random.Generator) -> None:
    """Time per vector of both ways, for one Gaussian manifold."""
    X = rng.standard_normal((POINTS, FEATURES))
    block = (X - X.mean(axis=0)) @ (X - X.mean(axis=0)).T / (FEATURES / POINTS)
    eigenvalues, axes = np.linalg.eigh(block)
    S = np.column_stack([axes * np.sqrt(np.maximum(eigenvalues, 0)), np.ones(POINTS)])
    T = rng.standard_normal((VECTORS, POINTS + 1))
    start = process_time()
    ours = cone_coefficients(S, T) @ S
    middle = process_time()
    theirs = T - quadratic_programs(S, T)
    seconds = middle - start, process_time() - middle
    print(
        f"{1e6 * seconds[0] / VECTORS:.0f} µs per vector, and {1e6 * seconds[1] / VECTORS:.0f} µs by cvxopt "
        f"({seconds[1] / seconds[0]:.0f} ×); largest difference {np.abs(ours - theirs).max():.1e}"
    )


def quadratic_programs(S: np.ndarray, T: np.ndarray) -> np.ndarray:
    """For each t, the v nearest to it with v · s ≤ 0 for all points s."""
    from cvxopt import matrix, solvers

    precise = {"show_progress": False, "maxiters": 1000, "abstol": 1e-12, "reltol": 1e-12, "feastol": 1e-12}
    P, G, h = matrix(np.eye(S.shape[1])), matrix(S), matrix(np.zeros(len(S)))
    return np.array([np.ravel(solvers.qp(P, matrix(-t), G, h, options=precise)["x"]) for t in T])


def coverage(trials: int) -> None:
    """A row per number of classes and metric, with the share of intervals that hold the truth, or the mean of all
    trials of as many classes, and their mean width.
    """
    truth: dict[str, float] = {}
    print("| classes | metric | truth | mean | spread over trials | holds truth | holds mean | width |")
    for P in SIZES:
        rows = [estimates(drawn(np.random.default_rng([seed, P]), P)) for seed in range(trials)]
        for of_metric in zip(*rows, strict=True):
            name = of_metric[0]["metric"]
            values, low, high = (np.array([row[key] for row in of_metric]) for key in ("value", "low", "high"))
            true = truth.setdefault(name, values.mean())
            held, of_mean = (np.mean((low <= level) & (level <= high)) for level in (true, values.mean()))
            numbers = f"{true:.3f} | {values.mean():.3f} | {values.std():.3f} | {held:.1%} | {of_mean:.1%}"
            print(f"| {P} | {name} | {numbers} | {np.mean(high - low):.3f} |", flush=True)


def drawn(rng: np.random.Generator, P: int):
    """Capacity of P random classes."""
    ranks = np.arange(1, DIMENSIONS + 1)
    X = []
    for _ in range(P):
        scales = ranks ** -rng.uniform(0, 1)
        radius = rng.lognormal(0, 0.3)
        points = rng.standard_normal((IMAGES, DIMENSIONS)) * radius * scales / np.linalg.norm(scales)
        axes = np.linalg.qr(rng.standard_normal((DIMENSIONS, IMAGES)))[0]
        within = np.linalg.qr(points.T)[1].T @ axes.T
        X.append(within + rng.standard_normal(DIMENSIONS) / np.sqrt(DIMENSIONS))
    return manifold_capacity(gram(np.vstack(X), precision="float64"), np.repeat(np.arange(P), IMAGES), rng)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS)
