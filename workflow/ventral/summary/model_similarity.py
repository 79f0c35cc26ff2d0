"""Similarity of all pairs of representations, layers of models and areas of recordings, on the same images."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.gram import Gram, gram, read_gram
from ventral.recordings import read_recording
from ventral.recordings.expected_responses import without_gaps
from ventral.recordings.gaps import recorded_areas
from ventral.regression.splits import kept_together
from ventral.representational_similarity import cka_vector, debiased_cka_vector, distance_of_roots, root, rsa_vector
from ventral.summary.tables import LAYER, NODE, RECORDED, SIMILARITY, SIMULATED

IMAGES = 256
COSINES = {"cka": cka_vector, "debiased_cka": debiased_cka_vector, "rsa": rsa_vector}
DISTANCE = "procrustes_distance"


@dataclass(frozen=True)
class Node:
    """One representation of the images.

    Attributes
    ----------
    kind : {"layer", "recording", "simulated recording"}
    model, layer : str
        A recording and its area, unless the kind is "layer".
    gram : Gram of the images that all nodes share
    """

    kind: str
    model: str
    layer: str
    gram: Gram


def sets_of(
    grams: Iterable[str | Path],
    recordings: Iterable[str | Path],
    stimuli: dict[str, str],
    seed: int,
    copies: Mapping[str, Sequence[str]] | None = None,
    scenes: Mapping[str, Mapping[str, str]] | None = None,
) -> Iterator[tuple[str, list[Node], np.ndarray]]:
    """The representations of one stimulus set after the other.

    Parameters
    ----------
    grams : paths …/{stimuli}/{model}/{layer}.h5
    recordings : paths …/{recording}.h5
        Their areas are compared with the layers. The responses of an area are the means over trials of its units,
        including noise.
    stimuli : dict
        The stimulus set of each recording's images.
    seed : int
        For the draw of 256 images from larger sets, which is the same for all pairs.
    copies : dict, optional
        For each stimulus set, the ids of images with the same pixels as an earlier one. They are left out.
    scenes : dict, optional
        For each stimulus set, the scene of each image by its id; without it, every image is a scene of its own.

    Yields
    ------
    stimuli : str
    nodes : list of Node
        Layers in the order of their paths, and areas after them.
    together : integer array of shape (images,)
        Equal for images that belong together, in one scene or one group of a recording.

    Raises
    ------
    Fault
        An image of the draw is missing from a Gram or a recording, or a file is missing or damaged.
    """
    copies, scenes, of_set = copies or {}, scenes or {}, {}
    for path in map(Path, grams):
        of_set.setdefault(path.parts[-3], []).append(path)
    recordings = [Path(path) for path in recordings]
    for name, paths in of_set.items():
        of_these = [path for path in recordings if stimuli[path.stem] == name]
        nodes = nodes_of(name, paths, of_these, seed, copies.get(name, ()))
        yield name, nodes, held_together(nodes[0].gram.stimulus_id, of_these, scenes.get(name))


def nodes_of(
    stimuli: str, grams: Sequence[Path], recordings: Sequence[Path], seed: int, copies: Sequence[str] = ()
) -> list[Node]:
    """The layers and areas of one stimulus set, each reduced to the drawn images as soon as it is read."""
    nodes, images, lacking = [], None, images_with_gaps(recordings)
    for path in grams:
        G = read_gram(path)
        if images is None:
            left = G.stimulus_id[~np.isin(G.stimulus_id.astype(str), [*copies, *lacking])]
            images = drawn(left, generator(seed, stimuli, "similarity"))
        index = positions(images, G.stimulus_id, f"the Gram {path}")
        nodes.append(Node(LAYER, path.parts[-2], path.stem, G.subset(index)))
    for path in recordings:
        recording = read_recording(path)
        index = positions(images, recording.stimulus_id, f"the recording {recording.name}")
        kind = SIMULATED if recording.simulated else RECORDED
        blocks = recorded_areas(recording)
        recording = without_gaps(recording, blocks)
        for area, block in blocks.items():
            if np.isin(index, block.images).all():
                responses = recording.responses[np.ix_(block.units, index)].T
                nodes.append(Node(kind, recording.name, str(area), gram(responses, device="cpu")))
    return nodes


def held_together(
    images: np.ndarray, recordings: Sequence[Path], scenes: Mapping[str, str] | None = None
) -> np.ndarray:
    """Numbers that are equal for images of a scene, or of a group that a recording names."""
    keys = [np.array([scenes[image] for image in images]) if scenes else images]
    for recording in map(read_recording, recordings):
        if recording.group is not None:
            keys.append(recording.group[positions(images, recording.stimulus_id, f"the recording {recording.name}")])
    return kept_together(*keys)


def images_with_gaps(recordings: Sequence[Path]) -> set[str]:
    """Ids of images that are left out because most units of an area have no response to them.

    Areas that lack no image come first. An area that would leave less than half of the images is left out instead,
    which the log says.
    """
    lacking, blocks = set(), []
    for path in recordings:
        recording = read_recording(path)
        ids = recording.stimulus_id.astype(str)
        blocks += [
            (f"{recording.name}, {area}", len(ids), {*np.delete(ids, block.images)})
            for area, block in recorded_areas(recording).items()
        ]
    for area, images, absent in sorted(blocks, key=lambda block: len(block[2])):
        if len(lacking | absent) > images / 2:
            logging.warning("%s lacks too many images and is not compared with layers and other areas.", area)
        else:
            lacking |= absent
    return lacking


def drawn(stimulus_id: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Ids of the images that are used, in the order of the set."""
    n = len(stimulus_id)
    return stimulus_id if n <= IMAGES else stimulus_id[np.sort(rng.choice(n, IMAGES, replace=False))]


def positions(images: np.ndarray, available: np.ndarray, where: str) -> np.ndarray:
    """Positions of the images among those available."""
    index = pd.Index(available).get_indexer(images)
    if len(lacking := images[index < 0]):
        raise Fault(
            f"{len(lacking)} images of the stimulus set are missing from {where}: {', '.join(lacking[:5])}"
            f"{', …' if len(lacking) > 5 else ''}. Make both from the same stimulus set."
        )
    return index


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
    ).assign(stimuli=stimuli, n=len(nodes[0].gram))
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
    try:
        return of(node.gram)
    except Fault as fault:
        logging.warning("%s, %s: no %s. %s", node.model, node.layer, metric, fault)
        return None
