"""RSA over resampled images: ranks of pairs are fixed, and a pair counts as often as its images are drawn."""

import numpy as np

from ventral.pearson_distances import row_blocks

SINGLE = 1e-5  # of a mean square; smaller variances are rounding errors of float32
ROWS = 1024  # images whose pairs are resampled at once


def resampled_rsa(a: np.ndarray, b: np.ndarray, counts: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
    """Correlation of two vectors over pairs of images, over the pairs of each resample, (resamples,).

    Parameters
    ----------
    a, b : arrays of shape (n (n − 1) / 2,)
        In the order of an upper triangle.
    counts : array of shape (resamples, n)
        How often each image is drawn. A pair counts as often as both are drawn, and no image is paired with itself.
    known : bool array of shape (n (n − 1) / 2,), optional
        The pairs that `a` and `b` hold, in this order; by default all.
    """
    n, w = counts.shape[1], counts.astype(np.float32)
    vectors = (a, b) if known is None else (*(_at(known, one) for one in (a, b)), known / np.sqrt(len(known)))
    sums, done = np.zeros((3 + len(vectors), len(w))), 0
    for rows in row_blocks(n, ROWS):
        upper = np.triu(np.ones((rows.stop - rows.start, n - rows.start), dtype=bool), 1)
        stop = done + int(upper.sum())
        A, B, *there = (_from_upper(vector[done:stop] * np.sqrt(len(vector)), upper) for vector in vectors)
        done = stop
        later = w[:, rows.start :].copy()
        later[:, len(A) :] *= 2  # pairs with rows below, which are not repeated there
        for total, values in zip(sums, (A, B, A * B, A**2, B**2, *there), strict=True):
            total += np.einsum("ri,ri->r", later @ values.astype(np.float32).T, w[:, rows], dtype=np.float64)
    pairs = np.maximum(np.sum(counts, axis=1) ** 2 - np.sum(counts**2, axis=1), 1)  # a single image forms no pair
    pairs = pairs if known is None else np.maximum(sums[5], 1)
    mean_a, mean_b, product, square_a, square_b = sums[:5] / pairs
    covariance = product - mean_a * mean_b
    of_a, of_b = square_a - mean_a**2, square_b - mean_b**2
    varies = (of_a > SINGLE * square_a) & (of_b > SINGLE * square_b)
    return np.divide(covariance, np.sqrt(np.abs(of_a * of_b)), out=np.full(len(w), np.nan), where=varies)


def _at(known: np.ndarray, values: np.ndarray) -> np.ndarray:
    """A vector over all pairs, which is zero where nothing is known."""
    whole = np.zeros(len(known))
    whole[known] = values
    return whole


def _from_upper(values: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Some rows of a symmetric matrix with zeros on its diagonal, from the first of them on."""
    block = np.zeros(upper.shape)
    block[upper] = values
    inside = slice(len(block))
    block[:, inside] += block[:, inside].T
    return block
