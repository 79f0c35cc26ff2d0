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

import numpy as np

from ventral.core.copies import NEAR
from ventral.core.errors import Fault
from ventral.gram import Gram

FEWEST = 10
FITTED = 0.9
EVEN = 1e-9  # below this logarithm of a ratio, distances count as equal


def intrinsic_dimension(G: Gram) -> float:
    """TwoNN estimate of the intrinsic dimension of n responses.

    It is local, unlike effective dimensionality: a curved line has one dimension, however many axes it bends into. Few
    images make it too small if the dimension is high. One of several images with equal responses is kept, and a warning
    counts the others. Distinct responses whose distance is below the resolution of float32 products (10⁻⁶ of the mean
    squared distance) get this distance.

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
    K = G.centered
    squares = np.diag(K)
    distances = np.clip(squares[:, None] + squares - 2 * K, 0, None)
    first = G.copies == np.arange(len(G))  # the first of equal responses
    if not first.all():
        logging.warning("%d of %d responses equal an earlier one and are left out.", np.sum(~first), len(G))
    n = int(first.sum())
    if n < FEWEST:
        raise Fault(f"The intrinsic dimension needs {FEWEST} images or more with distinct responses, not {n}.")
    distances = np.maximum(distances[np.ix_(first, first)], max(NEAR, G.resolution) * distances.mean())
    np.fill_diagonal(distances, np.inf)
    r1, r2 = np.sqrt(np.partition(distances, 1, axis=1)[:, :2].T)
    log_ratios = np.sort(np.log(r2 / r1))[: int(FITTED * n)]
    if log_ratios[-1] < max(EVEN, G.resolution):
        raise Fault("The nearest images are all equally far away, so the intrinsic dimension is undefined.")
    share = np.arange(1, len(log_ratios) + 1) / n
    return float(log_ratios @ -np.log(1 - share) / (log_ratios @ log_ratios))
