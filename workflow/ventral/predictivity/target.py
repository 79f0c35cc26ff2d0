"""A recording with everything that its scores need beside the layer, made once for all layers of a model."""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.predictivity.alignment import rsa_ceiling
from ventral.predictivity.area_geometry import AreaGeometry, area_geometries
from ventral.predictivity.reliability import scored_ceilings
from ventral.predictivity.scored_parts import Part, parts_of
from ventral.predictivity.whitened_cosine import CrossedHalves, crossed_halves
from ventral.recordings import Recording, matched
from ventral.recordings.expected_responses import without_gaps
from ventral.recordings.gaps import Block, recorded_areas
from ventral.recordings.presentations import gathered
from ventral.regression.splits import Splits, brainscore_splits, fixed_splits, kept_together, kfold_splits
from ventral.statistics.bootstrap import image_draws
from ventral.stimuli.main_effects import MainEffect, main_effects

SPLITS = {
    "brainscore": lambda ids, labels, spec: brainscore_splits(ids, labels, seed=spec["seed"]),
    "kfold": lambda ids, labels, spec: kfold_splits(ids, spec["folds"], spec["seed"]),
}
FEWEST_TESTED = 3  # images in a split


@dataclass(frozen=True)
class Target:
    """A recording of n responses per unit, and what does not depend on the layer.

    Attributes
    ----------
    recording : Recording
    images : array of shape (n,)
        Which image each response belongs to; images with identical pixels, and images of a group, count as one.
    splits : list of (train, test)
        Cross-validation over all images.
    parts : list of Part
        Units that lack responses to the same images, with the splits of the other images. One part if none is missing.
    drawn : array of shape (resamples, n)
        How often each response is drawn; all responses to an image are drawn together.
    ceilings : tuple of arrays, or None
        See `ventral.predictivity.reliability.scored_ceilings`.
    once : Recording
        With each image once, because RSA and CKA compare pairs of images, and with expected responses in place of those
        that are missing in the blocks.
    first : integer array
        The rows of these images.
    blocks : dict of Block
        The units and images of `once` that lack at most half of their responses, for each area. An area of which fewer
        than three images remain is absent here and in `geometries`, `rsa_ceilings` and `crossed`.
    geometries : dict of AreaGeometry
        What RSA and CKA need of each area.
    rsa_ceilings : dict of str to (lower, upper) or None
        Bounds on the RSA of each area.
    crossed : dict of CrossedHalves or None
        Halves of the trials of each area, for unbiased distances.
    effects : dict of MainEffect
        What each parameter changes between the images of `once`, by its name.
    seed : int
    """

    recording: Recording
    images: np.ndarray
    splits: Splits
    parts: list[Part]
    drawn: np.ndarray
    ceilings: tuple[np.ndarray, np.ndarray] | None
    once: Recording
    first: np.ndarray
    blocks: dict[str, Block]
    geometries: dict[str, AreaGeometry]
    rsa_ceilings: dict[str, tuple[float, float] | None]
    crossed: dict[str, CrossedHalves | None]
    effects: dict[str, MainEffect]
    seed: int


def prepare(recording: Recording, table: pd.DataFrame, splits_spec: dict, seed: int) -> Target:
    """Splits, resamples and ceilings of a recording; see `ventral.predictivity.measure` for the parameters.

    Raises
    ------
    Fault
        The recording and the table do not have the same images; the splits are "fixed" and the recording has none; or
        no unit has enough images in every split.
    """
    who = f"the recording {recording.name}"
    table = table.iloc[matched(recording.stimulus_id, table.stimulus_id, who, "the stimulus table")]
    contents = table["content" if "content" in table else "stimulus_id"].to_numpy()
    images = contents if recording.group is None else kept_together(contents, recording.group)
    splits = splits_of(splits_spec, recording, images, table.label.to_numpy())
    warn_of_small_tests(splits, recording.name)
    drawn = image_draws(generator(seed, recording.name, "images"), images)
    parts = parts_of(recording.responses, splits)
    ceilings = scored_ceilings(recording, parts, drawn)
    once, first = gathered(recording, contents)
    blocks = recorded_areas(once)
    once = without_gaps(once, blocks)
    crossed = {
        area: crossed_halves(once.trials, block, generator(seed, recording.name, area, "crossed"))
        for area, block in blocks.items()
    }
    geometries = area_geometries(once.responses, blocks)
    rsa_ceilings = {area: _rsa_ceiling(once, area, geometry, seed) for area, geometry in geometries.items()}
    effects = main_effects(table.iloc[first].reset_index(drop=True))
    beside = (drawn, ceilings, once, first, blocks, geometries, rsa_ceilings, crossed, effects, seed)
    return Target(recording, images, splits, parts, *beside)


def _rsa_ceiling(recording: Recording, area: str, geometry: AreaGeometry, seed: int) -> tuple[float, float] | None:
    if recording.trials is None:
        return None
    return rsa_ceiling(geometry.block.of(recording.trials), geometry, generator(seed, recording.name, area, "halves"))


def warn_of_small_tests(splits: Splits, name: str) -> None:
    """Warn if a split has too few test images for a correlation."""
    fewest = min(len(test) for _, test in splits)
    if fewest < FEWEST_TESTED:
        logging.warning(
            "%s: a split has %d test images, and a correlation over two images is 1 or −1 for every model. Use more "
            "images or fewer folds.",
            name,
            fewest,
        )


def splits_of(spec: dict, recording: Recording, images: np.ndarray, labels: np.ndarray) -> Splits:
    """Cross-validation as configured, with Brain-Score's splits stratified if every image has a label.

    Raises
    ------
    Fault
        Fixed splits are asked for, but the recording has none.
    """
    if spec["kind"] == "fixed":
        if recording.part is None:
            raise Fault(
                f"The recording {recording.name} has no images for training and others for testing, which fixed splits "
                "need. Use splits of the kind 'kfold' or 'brainscore', or add the parts to your own file as 'split'."
            )
        return fixed_splits(images, recording.part)
    labels = labels if all(label != "" for label in labels) else None
    return SPLITS[spec["kind"]](images, labels, spec)
