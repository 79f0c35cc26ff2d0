"""Intrinsic dimension: how many coordinates does it take to tell neighbouring responses apart?

Around a point of a d-dimensional manifold on which the density hardly changes, the ratio of the distances to the
second and the first neighbour, μ = r₂ / r₁, has the distribution::

    F(μ) = 1 − μ^(−d)      so that      −ln(1 − F(μ)) = d ln μ

whatever the density. d is the slope of a line through the origin, fitted to the sorted ratios, F being the share of
ratios that are no larger; the largest tenth, where the fit is worst, is left out.

Source: Facco, d'Errico, Rodriguez & Laio, "Estimating the intrinsic dimension of datasets by a minimal neighborhood
information", Scientific Reports 7: 12140 (2017).
"""

import logging

import numpy as np

from ventral.copies import NEAR
from ventral.gram import Gram
from ventral.store import Fault

FEWEST = 10
FITTED = 0.9
EVEN = 1e-9  # logarithms of ratios below it are those of equal distances


def intrinsic_dimension(G: Gram) -> float:
    """TwoNN estimate of the intrinsic dimension of n responses.

    It is local, unlike effective dimensionality: a curved line counts as one dimension however many axes it bends
    into. Few images make it too small when the dimension is high. Of images with equal responses one is kept; the
    others are counted in a warning. Distinct responses whose distance is below what float32 products tell (10⁻⁶ of the
    mean squared distance) are kept at this distance.

    Parameters
    ----------
    G : Gram of n images, n ≥ 10

    Raises
    ------
    Fault
        Fewer than ten distinct responses, or neighbours that are all equally far away.
    """
    K = G.centered
    squares = np.diag(K)
    distances = np.clip(squares[:, None] + squares - 2 * K, 0, None)
    first = G.copies == np.arange(len(G))  # of equal responses, the first
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
