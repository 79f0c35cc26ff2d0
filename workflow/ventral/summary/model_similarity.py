"""Similarity of all pairs of representations, layers of models and areas of recordings, on the same images."""

import logging
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.gram import Gram
from ventral.representational_similarity import distance_of_roots, root, rsa_vector
from ventral.summary.distance_vectors import OF_GRAM
from ventral.summary.representations import Node
from ventral.summary.tables import NODE, SIMILARITY

COSINES = {**OF_GRAM, "rsa": rsa_vector}
DISTANCE = "procrustes_distance"


def compared(stimuli: str, nodes: Sequence[Node]) -> pd.DataFrame:
    """All pairs of nodes of one stimulus set, in all metrics.

    Returns
    -------
    DataFrame
        Each pair once. Columns stimuli, kind, model, layer, other_kind, other_model, other_layer, metric (cka,
        debiased_cka, rsa, procrustes_distance), value, and n, the number of images. A value is NaN if the metric is
        undefined for one of the two; the log says why.
    """
    first, second = np.triu_indices(len(nodes), 1)
    places = pd.DataFrame([(node.kind, node.model, node.layer) for node in nodes], columns=list(NODE))
    pairs = pd.concat(
        [
            places.take(first).reset_index(drop=True),
            places.add_prefix("other_").take(second).reset_index(drop=True),
        ],
        axis=1,
    ).assign(stimuli=stimuli, n=len(nodes[0]))
    values = {metric: cosines(nodes, metric, vector)[first, second] for metric, vector in COSINES.items()}
    values[DISTANCE] = distances(nodes, first, second)
    return pd.concat([pairs.assign(metric=metric, value=value) for metric, value in values.items()])[list(SIMILARITY)]


def cosines(nodes: Sequence[Node], metric: str, vector: Callable[[Gram], np.ndarray]) -> np.ndarray:
    """Inner products of the nodes' vectors; NaN for pairs with a node that has no vector."""
    vectors = [attempted(node, metric, vector) for node in nodes]
    length = max((len(one) for one in vectors if one is not None), default=0)
    V = np.array([np.full(length, np.nan) if one is None else one for one in vectors])
    return np.clip(V @ V.T, -1, 1) if length else np.full((len(nodes), len(nodes)), np.nan)


def distances(nodes: Sequence[Node], first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Procrustes distances of pairs of nodes; NaN for pairs with a node that does not vary."""
    roots = [attempted(node, DISTANCE, root) for node in nodes]
    pairs = ((roots[i], roots[j]) for i, j in zip(first, second, strict=True))
    return np.array([np.nan if A is None or B is None else distance_of_roots(A, B) for A, B in pairs])


def attempted(node: Node, metric: str, of: Callable[[Gram], np.ndarray]) -> np.ndarray | None:
    """The vector or matrix of a node that a metric needs; None, with a reason in the log, if it is undefined."""
    if node.gram is None:
        return node.vectors.get(metric)
    try:
        return of(node.gram)
    except Fault as fault:
        logging.warning("%s, %s: no %s. %s", node.model, node.layer, metric, fault)
        return None
