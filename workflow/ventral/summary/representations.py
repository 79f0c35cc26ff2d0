"""The representations that are compared: layers of models, and areas of recordings, on the same images."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.hdf5 import open_hdf5, read_texts
from ventral.core.random import generator
from ventral.gram import Gram, gram, read_gram
from ventral.recordings import read_recording
from ventral.recordings.distances import Distances, images_of, is_distances, read_distances
from ventral.recordings.expected_responses import without_gaps
from ventral.recordings.gaps import recorded_areas
from ventral.regression.splits import kept_together
from ventral.summary.distance_vectors import vectors_of_areas
from ventral.summary.tables import IMAGES_COMPARED, LAYER, RECORDED, SIMULATED


@dataclass(frozen=True)
class Node:
    """One representation of the images.

    Attributes
    ----------
    kind : {"layer", "recording", "simulated recording"}
    model, layer : str
        A recording and its area, unless the kind is "layer".
    gram : Gram of the images that all nodes share, or None
        None of an area whose distances alone are known.
    vectors : dict of arrays
        What such an area is compared by; see `ventral.summary.distance_vectors`.
    """

    kind: str
    model: str
    layer: str
    gram: Gram | None
    vectors: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        """The number of images."""
        return images_of(len(self.vectors["rsa"])) if self.gram is None else len(self.gram)


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
    copies, scenes = copies or {}, scenes or {}
    recordings = [Path(path) for path in recordings]
    units = [path for path in recordings if not holds_distances(path)]
    for name, (paths, of_these) in by_images([*map(Path, grams)], recordings, stimuli, copies).items():
        images = images_of_set(name, paths, of_these, seed, copies.get(name, ()))
        nodes = [*layers_of(paths, images), *areas_of(of_these, images)]
        if nodes:
            yield name, nodes, held_together(images, [one for one in of_these if one in units], scenes.get(name))


def by_images(
    grams: Sequence[Path], recordings: Sequence[Path], stimuli: dict[str, str], pictures: Collection[str]
) -> dict[str, tuple[list[Path], list[Path]]]:
    """Grams and recordings of each stimulus set; recordings without pictures share one if their images share ids."""
    found: dict[str, tuple[list[Path], list[Path]]] = {}
    for path in grams:
        found.setdefault(path.parts[-3], ([], []))[0].append(path)
    names: dict[frozenset, str] = {}
    for path in recordings:
        name = stimuli[path.stem]
        if name not in found and name not in pictures:
            name = names.setdefault(frozenset(ids_of(path)), name)
        found.setdefault(name, ([], []))[1].append(path)
    return found


def ids_of(path: Path) -> np.ndarray:
    """The ids of the images of a Gram or a recording, in its order."""
    with open_hdf5(path) as file:
        return read_texts(file, "stimulus_id")


def holds_distances(recording: Path) -> bool:
    """Whether a recording is of distances, not of units."""
    with open_hdf5(recording) as file:
        return is_distances(file)


def images_of_set(
    stimuli: str, grams: Sequence[Path], recordings: Sequence[Path], seed: int, copies: Sequence[str]
) -> np.ndarray:
    """Ids of the images that are compared: at most 256, of the first Gram or else of the first recording."""
    ids = ids_of([*grams, *recordings][0])
    lacking = images_with_gaps([path for path in recordings if not holds_distances(path)])
    return drawn(ids[~np.isin(ids.astype(str), [*copies, *lacking])], generator(seed, stimuli, "similarity"))


def layers_of(grams: Iterable[Path], images: np.ndarray) -> Iterator[Node]:
    """The layers of one stimulus set, each reduced to the images as soon as it is read."""
    for path in grams:
        G = read_gram(path)
        index = positions(images, G.stimulus_id, f"the Gram {path}")
        yield Node(LAYER, path.parts[-2], path.stem, G.subset(index))


def areas_of(recordings: Iterable[Path], images: np.ndarray) -> Iterator[Node]:
    """The areas of one stimulus set, each reduced to the images as soon as its recording is read."""
    for path in recordings:
        recording = read_distances(path) if holds_distances(path) else read_recording(path)
        index = positions(images, recording.stimulus_id, f"the recording {recording.name}")
        kind = SIMULATED if recording.simulated else RECORDED
        if isinstance(recording, Distances):
            for area, vectors in vectors_of_areas(recording, index).items():
                yield Node(kind, recording.name, area, None, vectors)
            continue
        blocks = recorded_areas(recording)
        recording = without_gaps(recording, blocks)
        for area, block in blocks.items():
            if np.isin(index, block.images).all():
                responses = recording.responses[np.ix_(block.units, index)].T
                yield Node(kind, recording.name, str(area), gram(responses, device="cpu"))


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
    return stimulus_id if n <= IMAGES_COMPARED else stimulus_id[np.sort(rng.choice(n, IMAGES_COMPARED, replace=False))]


def positions(images: np.ndarray, available: np.ndarray, where: str) -> np.ndarray:
    """Positions of the images among those available."""
    index = pd.Index(available).get_indexer(images)
    if len(lacking := images[index < 0]):
        raise Fault(
            f"{len(lacking)} images of the stimulus set are missing from {where}: {', '.join(lacking[:5])}"
            f"{', …' if len(lacking) > 5 else ''}. Make both from the same stimulus set."
        )
    return index
