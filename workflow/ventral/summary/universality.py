"""Tables of all pairs of representations, and of the components that networks and areas share, set by set."""

import logging
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from ventral.core.random import generator
from ventral.gram import Gram
from ventral.regression.splits import kfold_splits
from ventral.shared_components import correlations, leading_components, r_of
from ventral.summary.model_similarity import compared
from ventral.summary.representations import Node
from ventral.summary.tables import LAYER, SIMILARITY

FOLDS = 5
FEWEST = 10  # training images
SHUFFLED = 5  # every fifth component has a floor
COLUMNS = ("stimuli", "model", "layer", "metric", "parameter", "recording", "area", "value", "low", "high", "n")


def compared_sets(
    sets: Iterable[tuple[str, list[Node], np.ndarray]], families: Mapping[str, str], seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Similarity of all pairs of representations, and universality of components, of one stimulus set after the other.

    Parameters
    ----------
    sets : iterable of (stimuli, nodes, together)
        See `ventral.summary.representations.sets_of`.
    families, seed
        See `universality`.

    Returns
    -------
    pairs, components : DataFrames
        See `ventral.summary.model_similarity.compared` and `universality`.
    """
    tables = [
        (compared(name, nodes), universality(name, nodes, families, seed, together)) for name, nodes, together in sets
    ]
    pairs, components = zip(*tables, strict=True) if tables else ([pd.DataFrame(columns=list(SIMILARITY))], [])
    measured = [table for table in components if len(table)]
    stacked = pd.concat(measured, ignore_index=True) if measured else pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(pairs, ignore_index=True), stacked


def universality(
    stimuli: str, nodes: Sequence[Node], families: Mapping[str, str], seed: int, together: np.ndarray | None = None
) -> pd.DataFrame:
    """Universality of the components of every layer on the images of a recording.

    Parameters
    ----------
    stimuli : str
    nodes : sequence of Node
        Layers and areas on the same images.
    families : dict of str
        The family of every network that predicts, by its model; see `ventral.models.model_entry.trained_families`.
    seed : int
        For the folds and the order of shuffled images.
    together : integer array of shape (images,), optional
        Equal for images of a scene, or of a group, which are in one fold; without it, all images are independent.

    Returns
    -------
    DataFrame
        Columns stimuli, model, layer, metric, parameter, recording, area, value, low, high, n. No rows without a
        recorded area, with too few images or scenes, or of layers without networks of two other families.
    """
    n, nodes = len(nodes[0]), [node for node in nodes if node.gram is not None]
    layers, areas = [node for node in nodes if node.kind == LAYER], [node for node in nodes if node.kind != LAYER]
    networks = networks_of(layers, families)
    others = {node.model: others_of(node.model, networks, families) for node in layers}
    layers = [node for node in layers if len(others[node.model]) > 1]
    together = np.arange(n) if together is None else together
    if not (layers and areas) or n * (FOLDS - 1) < FEWEST * FOLDS or len(np.unique(together)) < FOLDS:
        logging.info(
            "%s: no universality; it needs a recorded area, trained networks of two other families and five scenes.",
            stimuli,
        )
        return pd.DataFrame(columns=list(COLUMNS))
    splits, order = kfold_splits(together, FOLDS, seed), shuffled(together, generator(seed, stimuli, "universality"))
    targets = [leading_components(node.gram) for node in layers]
    targets += [T[order, ::SHUFFLED] for T in targets]
    every, ends = np.hstack(targets), np.cumsum([T.shape[1] for T in targets])[:-1]
    of_networks = {name: np.split(r_of(G, every, splits), ends) for name, G in networks.items()}
    of_areas = [(node, np.split(r_of(node.gram, every, splits), ends)) for node in areas]
    rows = []
    for i, node in enumerate(layers):
        shared, floor = (
            np.median(
                [np.mean([of_networks[name][k] for name in names], axis=0) for names in others[node.model]], axis=0
            )
            for k in (i, i + len(layers))
        )
        of_layer = numbered("universality", shared, len(others[node.model])) + floor_rows(floor)
        for area, r in of_areas:
            place = {"recording": area.model, "area": area.layer}
            found = numbered("component_r", r[i], area.gram.n_features) + correlations(shared, r[i])
            of_layer += [place | row for row in found]
        rows += [{"model": node.model, "layer": node.layer} | row for row in of_layer]
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS)).assign(stimuli=stimuli)


def shuffled(together: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An order of the images in which scenes or groups change places; those of one size do so as a whole."""
    members = [np.flatnonzero(together == one) for one in pd.unique(together)]
    order = np.empty(len(together), dtype=int)
    order[np.concatenate(members)] = np.concatenate([members[i] for i in rng.permutation(len(members))])
    return order


def networks_of(layers: Sequence[Node], families: Mapping[str, str]) -> dict[str, Gram]:
    """The Gram of each network, with its layers side by side and scaled to the same variance."""
    kernels: dict[str, np.ndarray] = {}
    for node in layers:
        if node.model in families and node.gram.varies():
            K = node.gram.centered
            kernels[node.model] = kernels.get(node.model, 0) + K / np.trace(K)
    nothing = np.zeros(len(layers[0].gram) if layers else 0)
    each = np.arange(len(nothing))
    return {
        name: Gram(K, nothing, 0.0, nothing, len(nothing), copy_of=each, precision="float32")
        for name, K in kernels.items()
    }


def others_of(model: str, networks: Iterable[str], families: Mapping[str, str]) -> list[list[str]]:
    """The networks of every family but that of a model."""
    found: dict[str, list[str]] = {}
    for name in networks:
        if families[name] != families.get(model):
            found.setdefault(families[name], []).append(name)
    return [*found.values()]


def numbered(metric: str, values: np.ndarray, n: int) -> list[dict[str, object]]:
    """One row per component, from the first."""
    return [{"metric": metric, "parameter": str(k), "value": value, "n": n} for k, value in enumerate(values, 1)]


def floor_rows(floor: np.ndarray) -> list[dict[str, object]]:
    """The row of the floor; none of a layer that does not vary."""
    if not len(floor):
        return []
    low, high = np.quantile(floor, (0.025, 0.975))
    row = {"metric": "universality_shuffled", "value": floor.mean(), "low": low, "high": high}
    return [row | {"n": len(floor)}]
