"""Missing responses: units that lack the same images, and the units and images that were mostly recorded.

A unit may lack the response to some images, because it was not recorded in a session or its trials were rejected. Such
units are kept. What is computed unit by unit uses the images that the unit has, together with all units that have the
same images. What compares images by all units of an area, such as its geometry, uses the units and images that lack at
most half of their responses; `ventral.recordings.expected_responses` fills what these lack.
"""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.recordings.recording import Recording

MOST = 0.5  # of the responses of a unit or image may be missing
FEWEST_IMAGES = 3


@dataclass(frozen=True)
class Block:
    """Indices of units and of images."""

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

    @property
    def size(self) -> int:
        """Units times images."""
        return len(self.units) * len(self.images)


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


def recorded(missing: np.ndarray, together: np.ndarray | None = None) -> Block:
    """The units and images that lack at most half of their responses.

    Images and then units that lack more are left out, until all others lack at most half of those that remain.

    Parameters
    ----------
    missing : bool array of shape (units, images)
    together : array of shape (images,), optional
        Images with the same value, such as those of one scene, are all in the block or none of them.

    Returns
    -------
    Block
        In the order of the units and images; empty if nothing remains.
    """
    units, images = (np.arange(count) for count in missing.shape)
    while True:
        of_images = missing[np.ix_(units, images)].mean(axis=0) > MOST if len(units) else np.ones(len(images), bool)
        if together is not None:
            of_images = np.isin(together[images], together[images][of_images])
        images = images[~of_images]
        of_units = missing[np.ix_(units, images)].mean(axis=1) > MOST if len(images) else np.ones(len(units), bool)
        units = units[~of_units]
        if not (of_images.any() or of_units.any()):
            return Block(units, images)


def recorded_areas(
    recording: Recording, images: np.ndarray | None = None, together: np.ndarray | None = None
) -> dict[str, Block]:
    """The units and images of each area that were mostly recorded, see `recorded`; the log counts what is missing.

    Parameters
    ----------
    recording : Recording
    images : integer array, optional
        The images that are considered; by default all.
    together : array of shape (images,), optional
        As in `recorded`, for these images.

    Returns
    -------
    dict of Block
        By area, in the order of the areas' first units. Indices are those of the recording. An area of which fewer than
        three images remain is left out, as one whose units were recorded in sessions with different images.
    """
    areas, gaps = recording.units.area.to_numpy(), np.isnan(recording.responses)
    images = np.arange(len(recording.stimulus_id)) if images is None else images
    blocks = {}
    for area in pd.unique(areas):
        inside = np.flatnonzero(areas == area)
        missing = gaps[np.ix_(inside, images)]
        block = recorded(missing, together)
        if missing.any():
            logging.warning(
                "%s, %s: responses are missing. What compares images by all units uses %d of %d units and %d of %d "
                "images, and expected responses in place of %d.",
                *(recording.name, area, len(block.units), len(inside), len(block.images), len(images)),
                missing[block.index].sum(),
            )
        if len(block.images) >= FEWEST_IMAGES:
            blocks[area] = Block(inside[block.units], images[block.images])
        else:
            logging.warning("%s, %s: too few images to compare them by all units.", recording.name, area)
    return blocks
