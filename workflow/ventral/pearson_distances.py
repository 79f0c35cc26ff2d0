"""Pearson distances between the responses to all pairs of images, a few rows at a time.

Correlations over the features follow from inner products; see `ventral.representational_similarity.rdm`.
"""

from collections.abc import Callable, Iterator

import numpy as np

from ventral.core.errors import Fault
from ventral.gram import Gram

ROUNDING = 8  # safety factor on the rounding errors of `_product_errors`; sufficient in all simulations
ROWS = 256  # of n × n matrices that are in memory at once
EVERY = slice(None)


def distances_of_pairs(G: Gram) -> tuple[np.ndarray, np.ndarray]:
    """Pearson distances and bounds on their rounding errors, (pairs,) each, in the order of an upper triangle."""
    if len(G) < 3:
        raise Fault(f"A correlation of distances needs three images or more, not {len(G)}.")
    n, done = len(G), 0
    pairs = [np.empty(n * (n - 1) // 2, dtype) for dtype in (np.float64, np.float32)]
    for _, *block in pearson_distances(G):
        upper = np.triu(np.ones(block[0].shape, dtype=bool), 1)
        stop = done + int(upper.sum())
        for values, of_block in zip(pairs, block, strict=True):
            values[done:stop] = of_block[upper]
        done = stop
    return pairs[0], pairs[1]


def pearson_distances(G: Gram) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
    """Pearson distances and bounds on their rounding errors, of some rows with themselves and all later columns."""
    s, d, m = G.row_sums, G.n_features, G.mean_products
    variance = G.squares + m + m - G.mean_square - s**2 / d
    error_of = _product_errors(G)
    relative = error_of(EVERY, None)
    flat = variance <= relative
    if flat.any():
        names = np.flatnonzero(flat) if G.stimulus_id is None else G.stimulus_id[flat]
        raise Fault(
            f"The Pearson distances of {flat.sum()} images are undefined, because all {d} features give the same "
            f"response: {', '.join(map(str, names[:5]))}{', …' if len(names) > 5 else ''}."
        )
    scale, relative = np.sqrt(variance), relative / variance
    for rows in row_blocks(len(G)):
        later = slice(rows.start, None)
        covariance = G.block(rows, later) + m[rows, None] + m[later] - G.mean_square - np.outer(s[rows], s[later]) / d
        scales = np.outer(scale[rows], scale[later])
        distances = np.clip(1 - covariance / scales, 0, 2)
        yield rows, distances, error_of(rows, later) / scales + (relative[rows, None] + relative[later]) / 2


def _product_errors(G: Gram) -> Callable[[slice, slice | None], np.ndarray]:
    """Bounds on the rounding errors of the inner products before centering, a function of rows and columns.

    Without columns, of the squares of the rows.

    `gram` multiplies deviations c_i from the mean response μ in float32 or float64, and adds the other terms in
    float64. Let ε and ε₆₄ be the relative precisions, and ν the mean response minus its average over features. The
    error of x_i · x_j is of the order ε (|c_i| |c_j| + |ν| (|c_i| + |c_j|) / 8) + ε₆₄ (|c_i| + |μ|) (|c_j| + |μ|), and
    centering adds 1/n of the mean |c|² to every |c_i|². In simulations with responses along one direction, whose
    distances are 0 and 2, errors were below `ROUNDING` times this, for 2 to 100,000 features and means of 0 to 10,000
    standard deviations.
    """
    double = np.finfo(np.float64).eps
    epsilon = np.finfo(np.float32).eps if G.resolution else double
    squares = np.clip(G.squares, 0, None)
    c, mean = np.sqrt(squares + squares.mean() / len(G)), np.sqrt(max(G.mean_square, 0.0))
    uneven = np.sqrt(max(G.mean_square - G.row_sums.mean() ** 2 / G.n_features, double * G.mean_square))

    def error_of(rows: slice, columns: slice | None) -> np.ndarray:
        a, b = (c[rows], c[rows]) if columns is None else (c[rows, None], c[columns])
        return ROUNDING * (epsilon * (a * b + uneven * (a + b) / 8) + double * (a + mean) * (b + mean))

    return error_of


def row_blocks(n: int, at_once: int = ROWS) -> list[slice]:
    """Slices of the rows of an n × n matrix that is computed a few rows at a time."""
    return [slice(start, min(start + at_once, n)) for start in range(0, n, at_once)]
