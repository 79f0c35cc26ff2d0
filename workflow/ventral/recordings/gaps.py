"""Missing responses: units that lack the same images, and the part of an area without gaps.

A unit may lack the response to some images, because it was not recorded in a session or its trials were rejected. Such
units are kept. What is computed unit by unit uses the images that the unit has, together with all units that have the
same images. What compares images by all units of an area, such as its geometry, uses units and images without a gap.
"""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.recordings.recording import Recording


@dataclass(frozen=True)
class Block:
    """Indices of units and of images such that every unit has a response to every image."""

    units: np.ndarray
    images: np.ndarray

    @property
    def index(self) -> tuple[np.ndarray, np.ndarray]:
        """An index into arrays of shape (units, images, …)."""
        return np.ix_(self.units, self.images)

    def of(self, values: np.ndarray) -> np.ndarray:
        """The block of an array of shape (units, images, …), which is not copied if it has all of them in order."""
        chosen = zip((self.units, self.images), values.shape[:2], strict=True)
        whole = all(np.array_equal(indices, np.arange(size)) for indices, size in chosen)
        return values if whole else values[self.index]


def alike(missing: np.ndarray) -> list[Block]:
    """Groups of units that lack the same images, in the order of their first units.

    Parameters
    ----------
    missing : bool array of shape (units, images)

    Returns
    -------
    list of Block
        Every unit is in one of them, with all images that it has.
    """
    if not missing.any():
        return [Block(*map(np.arange, missing.shape))]
    _, first, group = np.unique(np.packbits(missing, axis=1), axis=0, return_index=True, return_inverse=True)
    units = [np.flatnonzero(group.ravel() == group.ravel()[one]) for one in np.sort(first)]
    return [Block(of_group, np.flatnonzero(~missing[of_group[0]])) for of_group in units]


def complete(missing: np.ndarray, together: np.ndarray | None = None) -> Block:
    """The units and images without a gap that hold the most responses.

    Units are ordered by the number of images that they lack. The block has the first k of them and the images that all
    of these have, with the k for which units × images is largest. A few gaps thus cost either these images or these
    units, whichever are fewer responses.

    Parameters
    ----------
    missing : bool array of shape (units, images)
    together : array of shape (images,), optional
        Images with the same value, such as those of one scene, are all in the block or none of them.

    Returns
    -------
    Block
        In the order of the units and images.
    """
    if not missing.any():
        return Block(*map(np.arange, missing.shape))
    if together is not None:
        codes, names = pd.factorize(together)
        of_sets = np.zeros((len(missing), len(names)), dtype=bool)
        np.logical_or.at(of_sets, (slice(None), codes), missing)
        missing = of_sets[:, codes]
    order = np.argsort(missing.sum(axis=1), kind="stable")
    lacking = np.logical_or.accumulate(missing[order], axis=0)
    sizes = np.arange(1, len(order) + 1) * np.sum(~lacking, axis=1)
    k = len(sizes) - 1 - np.argmax(sizes[::-1])  # of equal sizes, the one with most units
    return Block(np.sort(order[: k + 1]), np.flatnonzero(~lacking[k]))


def complete_areas(
    recording: Recording, images: np.ndarray | None = None, together: np.ndarray | None = None
) -> dict[str, Block]:
    """The part of each area without gaps, see `complete`; the log counts what is left out.

    Parameters
    ----------
    recording : Recording
    images : integer array, optional
        The images that are considered; by default all.
    together : array of shape (images,), optional
        As in `complete`, for these images.

    Returns
    -------
    dict of Block
        By area, in the order of the areas' first units. Indices are those of the recording.
    """
    areas, missing = recording.units.area.to_numpy(), np.isnan(recording.responses)
    images = np.arange(len(recording.stimulus_id)) if images is None else images
    blocks = {}
    for area in pd.unique(areas):
        inside = np.flatnonzero(areas == area)
        block = complete(missing[np.ix_(inside, images)], together)
        blocks[area] = Block(inside[block.units], images[block.images])
        if len(block.units) < len(inside) or len(block.images) < len(images):
            logging.warning(
                "%s, %s: responses are missing. What compares images by all units uses %d of %d units and %d of %d "
                "images.",
                recording.name,
                area,
                len(block.units),
                len(inside),
                len(block.images),
                len(images),
            )
    return blocks
