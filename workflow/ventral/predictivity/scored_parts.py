"""Units that lack responses to the same images, which are scored together without these images.

A unit is scored as if the images that it lacks were in neither the training nor the test set of any split.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ventral.core.errors import Fault
from ventral.recordings import Recording
from ventral.recordings.gaps import Block, alike
from ventral.regression.splits import Splits, splits_within

Name = TypeVar("Name")
FEWEST = (3, 2)  # training and test images that a split must have


@dataclass(frozen=True)
class Part:
    """Units with the same images.

    Attributes
    ----------
    units, images : integer arrays
        Of the recording.
    splits : list of (train, test)
        Of these images, numbered from 0; empty if a split would have fewer than three training or two test images, so
        that the units have no score.
    """

    units: np.ndarray
    images: np.ndarray
    splits: Splits


def parts_of(responses: np.ndarray, splits: Sequence) -> list[Part]:
    """The parts of a recording; one with all units if no response is missing.

    Parameters
    ----------
    responses : array of shape (units, images)
        NaN where a response is missing.
    splits : sequence of (train, test)

    Raises
    ------
    Fault
        No unit has enough images in every split.
    """
    parts = [_part(block, splits, responses.shape[1]) for block in alike(np.isnan(responses))]
    if not any(part.splits for part in parts):
        raise Fault(
            "No unit has responses to enough images: every split needs three images or more for training and two for "
            "testing. Use fewer folds, or another kind of splits."
        )
    return parts


def _part(block: Block, splits: Sequence, images: int) -> Part:
    if len(block.images) == images:
        return Part(block.units, block.images, [*splits])
    within = splits_within(splits, block.images)
    if any(len(side) < fewest for pair in within for side, fewest in zip(pair, FEWEST, strict=True)):
        logging.warning("%d units lack too many images of a split and have no score.", len(block.units))
        within = []
    return Part(block.units, block.images, within)


def responses_to(recording: Recording, units: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Responses of some units to some images, (images, units); all units and images in order are not copied."""
    return Block(units, images).of(recording.responses).T


def joined_parts(parts: Sequence[Part], scored: Callable[[Part], dict[Name, np.ndarray]]) -> dict[Name, np.ndarray]:
    """Arrays of all units from the arrays of each part; NaN for the units of parts without splits.

    Parameters
    ----------
    parts : sequence of Part
    scored : callable
        From a part with splits to arrays of shape (…, units), by name.
    """
    if len(parts) == 1 and parts[0].splits:
        return scored(parts[0])
    units, joined = sum(len(part.units) for part in parts), dict[Name, np.ndarray]()
    for part in (part for part in parts if part.splits):
        for name, values in scored(part).items():
            if name not in joined:
                joined[name] = np.full((*values.shape[:-1], units), np.nan)
            joined[name][..., part.units] = values
    return joined
