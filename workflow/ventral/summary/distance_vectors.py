"""What areas whose distances alone are known are compared by, as vectors of norm 1 over pairs of images.

RSA compares mean ranks of observers, those of `ventral.predictivity.observers`. Squared Euclidean distances D also give
the centered Gram of the responses, without the responses (classical scaling), and with it CKA::

    K = −½ H D H        H = I − 11ᵀ/n

K is linear in D, so unbiased distances, some of which are negative, give unbiased products. Debiased CKA depends on the
entries of K off its diagonal alone, and is then a cosine of the double-centered distances. Observers are averaged after
each has a mean square of 1. The mean of squared distances is that of the units of all observers together.

Sources: Torgerson, "Multidimensional scaling: I. Theory and method", Psychometrika 17: 401-419 (1952); Székely & Rizzo,
"Partial distance correlation with methods for dissimilarities", Annals of Statistics 42: 2382-2412 (2014).
"""

import logging
from collections.abc import Callable, Mapping

import numpy as np

from ventral.core.centering import center
from ventral.core.errors import Fault
from ventral.gram import Gram
from ventral.predictivity.observers import Observer, observer_of, summed, unit_ranks
from ventral.recordings.distances import Distances, images_of, subset
from ventral.representational_similarity import cka_vector, debiased_cka_vector

OF_GRAM: Mapping[str, Callable[[Gram], np.ndarray]] = {"cka": cka_vector, "debiased_cka": debiased_cka_vector}


def vectors_of_areas(distances: Distances, images: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """Vectors of norm 1 of each area, whose inner products are similarities.

    Parameters
    ----------
    distances : Distances
    images : integer array of shape (m,)
        Positions of the images that are compared.

    Returns
    -------
    dict of dict of arrays
        By area and by metric: `rsa`, of shape (m (m − 1) / 2,) and, of squared Euclidean distances, `cka` and
        `debiased_cka`. An area is left out if no observer has one of the pairs, or if distances do not vary; the log
        says so.
    """
    values, areas = subset(distances.values, images), distances.matrices.area.astype(str).to_numpy()
    found = {}
    for area in dict.fromkeys(areas):
        of_area, who = values[areas == area], f"{distances.name}, {area}"
        observers = {i: one for i, row in enumerate(of_area) if (one := observer_of(str(i + 1), row, who)) is not None}
        ranks = mean_of_ranks([*observers.values()], who)
        if ranks is not None:
            squared = of_area[[*observers]] if distances.squared_euclidean else None
            found[area] = {"rsa": ranks} | ({} if squared is None else vectors_of_gram(squared, who))
    return found


def mean_of_ranks(observers: list[Observer], who: str) -> np.ndarray | None:
    """Ranks of the mean ranks of observers, of norm 1; None, with a line in the log, if nobody has one of the pairs."""
    if not observers:
        logging.warning("%s is not compared with layers and other areas: no observer is left.", who)
        return None
    total, count = summed(observers)
    if lacking := np.sum(count == 0):
        words = (
            "%s is not compared with layers and other areas: no observer has the distances of %d of %d pairs of images."
        )
        logging.warning(words, who, lacking, len(count))
        return None
    return unit_ranks(total / count)


def vectors_of_gram(values: np.ndarray, who: str) -> dict[str, np.ndarray]:
    """The vectors of CKA and of debiased CKA, without those that are undefined."""
    scales = np.sqrt(np.nanmean(values**2, axis=1, keepdims=True))
    G = gram_of_distances(np.nanmean(values / scales, axis=0))
    vectors = {}
    for metric, vector in OF_GRAM.items():
        try:
            vectors[metric] = vector(G)
        except Fault as fault:
            logging.warning("%s: no %s. %s", who, metric, fault)
    return vectors


def gram_of_distances(distances: np.ndarray) -> Gram:
    """The Gram of responses with these squared Euclidean distances, whose mean response is 0.

    Parameters
    ----------
    distances : array of shape (n (n − 1) / 2,)
        In the order of an upper triangle. Unbiased estimates may be negative; K then has negative eigenvalues.
    """
    n = images_of(len(distances))
    D = np.zeros((n, n))
    D[np.triu_indices(n, 1)] = distances
    nothing = np.zeros(n)
    return Gram(-center(D + D.T) / 2, nothing, 0.0, nothing, n, copy_of=np.arange(n), precision="float64")
