"""Intrinsic dimension: how many coordinates distinguish neighboring responses?

If the density on a d-dimensional manifold is nearly constant around a point, the ratio of the distances to its second
and first neighbor, μ = r₂ / r₁, has a distribution that does not depend on the density::

    F(μ) = 1 − μ^(−d)      so that      −ln(1 − F(μ)) = d ln μ

d is the slope of a line through the origin that is fitted to the sorted ratios. F is the share of ratios that are not
larger. The largest tenth of the ratios, where the fit is worst, is left out.

Source: Facco, d'Errico, Rodriguez & Laio, "Estimating the intrinsic dimension of datasets by a minimal neighborhood
information", Scientific Reports 7: 12140 (2017).
"""

import logging
import math

import numpy as np

from ventral.core.copies import NEAR
from ventral.core.errors import Fault
from ventral.gram import Gram

FEWEST = 10
FITTED = 0.9
MOST = 10_000  # images whose neighbors are looked for, among all images
DISTANCES = 1e7  # that are held at once
EVEN = 1e-9  # below this logarithm of a ratio, distances count as equal


def intrinsic_dimension(G: Gram) -> float:
    """TwoNN estimate of the intrinsic dimension of n responses.

    It is local, unlike effective dimensionality: a curved line has one dimension, however many axes it bends into. Few
    images make it too small if the dimension is high. One of several images with equal responses is kept, and a warning
    counts the others. Distinct responses whose distance is below the resolution of float32 products (10⁻⁶ of the mean
    squared distance) get this distance. Of more than 10,000 images, ratios are those of 10,000 that are evenly spread
    over the set, whose neighbors are looked for among all: a standard error of about 1 % is added, and not the time of
    all pairs.

    Parameters
    ----------
    G : Gram of n images, n ≥ 10

    Returns
    -------
    float

    Raises
    ------
    Fault
        There are fewer than ten distinct responses, or all neighbors are equally far away.
    """
    first = np.flatnonzero(G.copies == np.arange(len(G)))  # the first of equal responses
    n = len(first)
    if n < len(G):
        logging.warning("%d of %d responses equal an earlier one and are left out.", len(G) - n, len(G))
    if n < FEWEST:
        raise Fault(f"The intrinsic dimension needs {FEWEST} images or more with distinct responses, not {n}.")
    smallest = max(NEAR, G.resolution) * 2 * G.squares.mean()  # of the mean squared distance
    chosen = np.unique(np.linspace(0, n - 1, min(n, MOST)).round().astype(int))
    r1, r2 = np.sqrt(np.maximum(_nearest_two(G, first, chosen), smallest).T)
    log_ratios = np.sort(np.log(r2 / r1))[: int(FITTED * len(chosen))]
    if log_ratios[-1] < max(EVEN, G.resolution):
        raise Fault("The nearest images are all equally far away, so the intrinsic dimension is undefined.")
    share = np.arange(1, len(log_ratios) + 1) / len(chosen)
    return float(log_ratios @ -np.log(1 - share) / (log_ratios @ log_ratios))


def _nearest_two(G: Gram, images: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Squared distances of some images to the nearest two others, (chosen, 2), a few rows of distances at a time.

    `chosen` holds places in `images`, whose responses all differ.
    """
    squares, nearest = G.squares[images], np.empty((len(chosen), 2))
    C = None if G.matrix is not None else G.factor[images]
    for part in np.array_split(np.arange(len(chosen)), math.ceil(len(chosen) * len(images) / DISTANCES)):
        rows, each = chosen[part], np.arange(len(part))
        products = G.matrix[np.ix_(images[rows], images)] if C is None else C[rows] @ C.T
        distances = squares[rows, None] + squares - 2 * products
        distances[each, rows] = np.inf
        for place in (0, 1):
            closest = distances.argmin(axis=1)
            nearest[part, place] = distances[each, closest]
            distances[each, closest] = np.inf
    return nearest
