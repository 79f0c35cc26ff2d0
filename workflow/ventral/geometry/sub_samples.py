"""Effective dimensionality of random sub-samples of the images.

With K the products of all images, about any origin, and d, r the diagonal and the row sums of K_S, those of m images,
centering gives ::

    tr H K_S H = Σ d − Σ r / m,     ‖H K_S H‖² = ‖K_S‖² − 2 Σ r² / m + (Σ r)² / m²

and the unbiased estimates of `ventral.geometry.spectrum.unbiased_traces` follow from the same sums. Of many sub-samples
at once, r and ‖K_S‖² are matrix products with K and K ∘ K, so no sub-sample is centered on its own.
"""

import logging
from collections.abc import Sequence

import numpy as np

from ventral.core.random import generator
from ventral.geometry.spectrum import FEWEST_IMAGES, PairSums, ratio, traces
from ventral.gram import Gram
from ventral.pearson_distances import row_blocks

PARTS = (8, 4, 2)  # a sub-sample has one in so many of the images
DRAWS = 10
SMALLEST = 20


def sample_rows(G: Gram, seed: int) -> list[dict[str, object]]:
    """Rows of effective dimensionality: from the mean terms of 10 draws of each size, with the range over draws."""
    rng, rows = generator(seed, "samples"), []
    sizes = [len(G) // part for part in PARTS if len(G) // part >= max(SMALLEST, FEWEST_IMAGES)]
    samples = [np.sort(rng.choice(len(G), size, replace=False)) for size in sizes for _ in range(DRAWS)]
    plain, unbiased = terms_of(G, samples) if samples else ([], [])
    for place, size in enumerate(sizes):
        drawn = slice(place * DRAWS, (place + 1) * DRAWS)
        for metric, terms in (
            ("effective_dimensionality", plain[drawn]),
            ("corrected_effective_dimensionality", unbiased[drawn]),
        ):
            squared_trace, trace_of_square = np.transpose(terms)
            of_draws = ratio(squared_trace, trace_of_square)
            if not np.isfinite(of_draws).any():
                logging.warning("%s is undefined for samples of %d images.", metric, size)
                continue
            spread = {"low": np.nanmin(of_draws), "high": np.nanmax(of_draws), "n": size}
            whole = float(ratio(squared_trace.mean(), trace_of_square.mean()))
            rows.append({"metric": f"{metric}_of_sample", "parameter": f"{size} images", "value": whole} | spread)
    return rows


def terms_of(G: Gram, samples: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(tr Σ)² and tr Σ² of sub-samples, up to a factor, and their unbiased estimates.

    Parameters
    ----------
    G : Gram of n images
    samples : sequence of integer arrays
        Four images or more each.

    Returns
    -------
    plain, unbiased : arrays of shape (samples, 2)
    """
    inside = np.zeros((len(G), len(samples)))
    for sample, column in zip(samples, inside.T, strict=True):
        column[sample] = 1
    row_sums, squares = G.times(inside), squares_of_samples(G, samples, inside)
    plain, unbiased = [], []
    for sample, r, square in zip(samples, row_sums.T, squares, strict=True):
        d, r, m = G.squares[sample], r[sample], len(sample)
        trace = d.sum() - r.sum() / m
        plain.append((trace**2, square - 2 * np.sum(r**2) / m + (r.sum() / m) ** 2))
        products = PairSums(np.sum(r - d), np.sum((r - d) ** 2), square - np.sum(d**2))
        v = (m * d + d.sum()) / 2 - r  # row sums of the distances ½ ‖x_i − x_j‖²
        v_squares = (m * np.sum(d**2) + d.sum() ** 2) / 2 + square - 2 * d @ r
        unbiased.append(traces(m, products, PairSums(v.sum(), np.sum(v**2), v_squares)))
    return np.array(plain), np.array(unbiased)


def squares_of_samples(G: Gram, samples: Sequence[np.ndarray], inside: np.ndarray) -> np.ndarray:
    """‖K_S‖² of each sub-sample, (samples,); `inside` has a column of zeros and ones for each."""
    if G.matrix is None:
        of_samples = (G.factor[sample] for sample in samples)
        return np.array([np.sum((C.T @ C) ** 2) for C in of_samples])
    blocks = row_blocks(len(G))
    return np.sum([np.sum(inside[rows] * (G.matrix[rows] ** 2 @ inside), axis=0) for rows in blocks], axis=0)
