"""Scores of all units of a recording, from predictions of one block of units after the other.

No predictions are kept. From the scores on resampled images, which are as many per unit as there are resamples, only
medians over the units of each area are kept, split by split.
"""

import logging
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from ventral.core.random import generator
from ventral.gram import Gram
from ventral.predictivity.area_scores import Medians, is_reliable
from ventral.predictivity.encoding import COMPONENTS, COUNTS, MODELS, Block, blocks_of, encodings
from ventral.predictivity.scored_parts import Part, responses_to
from ventral.predictivity.target import Target
from ventral.predictivity.units import explained, other_units
from ventral.regression.ridge import warn
from ventral.statistics.bootstrap import image_scores, medians_over
from ventral.statistics.correlation import pearson

SCORED = (
    *(f"{method}_r" for method in MODELS),
    *("ridge_r_shuffled", "ridge_r_unit_shuffled"),
    *(f"{method}_R2" for method in MODELS),
)


class UnitScores(NamedTuple):
    """Scores of all units, and medians over units of their scores on resampled images.

    Attributes
    ----------
    scores : dict of arrays of shape (splits, units)
        By metric: r of every method, both controls, and R² of every method.
    medians : dict of dict of Medians
        By area and by metric: of r of every method.
    by_components : array of shape (len(COUNTS) + 1, splits, units)
        See `ventral.predictivity.encoding.Block`.
    components : int
        That the training images of every split have.
    """

    scores: dict[str, np.ndarray]
    medians: dict[str, dict[str, Medians]]
    by_components: np.ndarray
    components: int


def unit_scores(G: Gram, target: Target) -> UnitScores:
    """Scores of every method, and medians over units of their scores on resampled images.

    A unit is scored without the images that it lacks.

    Parameters
    ----------
    G : Gram of the images of the recording
    target : Target

    Returns
    -------
    UnitScores
    """
    areas = target.recording.units.area.to_numpy()
    other = other_units(areas, generator(target.seed, target.recording.name, "units"))
    parts, chosen = [part for part in target.parts if part.splits], sets_of_units(target)
    count = len(parts[0].splits)
    scores = {name: np.full((count, len(areas)), np.nan) for name in SCORED}
    medians = {key: {f"{method}_r": np.empty((count, len(target.drawn))) for method in MODELS} for key in chosen}
    edges, components, curves = [], [], np.full((len(COUNTS) + 1, count, len(areas)), np.nan)
    for split in range(count):
        resampled, order = {f"{method}_r": [] for method in MODELS}, []
        for part, units, block in blocks_of_split(G, target, parts, split):
            test = part.images[part.splits[split][1]]
            for name, values in scores_of(block, target.recording.responses[other[units]][:, test].T).items():
                scores[name][split, units] = values
            for method in MODELS:
                resampled[f"{method}_r"].append(image_scores(*block.predicted[method], target.drawn[:, test]))
            order.append(units)
            edges.append(block.at_edge)
            components.append(block.components)
            curves[:, split, units] = block.by_components
        for name, blocks in resampled.items():
            values = np.hstack(blocks)
            blocks.clear()
            for key, members in chosen.items():
                medians[key][name][split] = medians_over(values, members[np.concatenate(order)])
    scores["ridge_r_unit_shuffled"][:, other == np.arange(len(other))] = np.nan  # it would be the unit's own score
    scored = np.concatenate([part.units for part in parts])
    both = np.hstack([scores[name][:, scored] for name in ("ridge_r", "ridge_r_shuffled")])
    warn(both, np.mean(np.hstack(edges), axis=1))
    if min(components) < max(COMPONENTS):
        logging.info(
            "The training images have %d to %d components, so pcr uses no more.", min(components), max(components)
        )
    of_areas = {
        area: {name: Medians(*(medians[area, which][name] for which in Medians._fields)) for name in resampled}
        for area in pd.unique(areas)
    }
    return UnitScores(scores, of_areas, curves, min(components))


def blocks_of_split(G: Gram, target: Target, parts: list[Part], split: int) -> Iterator[tuple[Part, np.ndarray, Block]]:
    """The parts of a recording, with blocks of their units, numbered as in the recording, and their predictions."""
    for part in parts:
        Y = responses_to(target.recording, part.units, part.images)
        order = generator(target.seed, target.recording.name, "shuffled").permutation(len(Y))
        for block in encodings(G.subset(part.images), Y, part.splits[split], order, target.images[part.images]):
            yield part, part.units[block.units], block


def scores_of(block: Block, responses_of_others: np.ndarray) -> dict[str, np.ndarray]:
    """Scores of a block of units in one split, (units,) each.

    Parameters
    ----------
    block : Block
    responses_of_others : array of shape (test, units)
        For each unit, the responses of another one; NaN where these are missing.
    """
    of = block.predicted
    return {
        **{f"{method}_r": pearson(*of[method]) for method in MODELS},
        "ridge_r_shuffled": pearson(*of["ridge_shuffled"]),
        "ridge_r_unit_shuffled": pearson(of["ridge"].predictions, responses_of_others),
        **{f"{method}_R2": explained(*of[method]) for method in MODELS},
    }


def sets_of_units(target: Target) -> dict[tuple[str, str], np.ndarray]:
    """The units of each area that vary in every split, and those of them that are reliable, (units,) each.

    A unit that does not vary in the training or test images of some split has no score there, and its scores in other
    splits do not count.
    """
    units = target.recording.units
    varies = np.zeros(len(units), dtype=bool)
    for part in target.parts:
        for block in blocks_of(target.recording.responses.T) if part.splits else ():
            chosen = part.units[block]
            varies[chosen] = _vary(target.recording.responses[chosen].T[part.images], part)
    reliable = varies if target.ceilings is None else varies & is_reliable(target.ceilings[0])
    return {
        (area, which): members & (units.area == area).to_numpy()
        for area in pd.unique(units.area)
        for which, members in zip(Medians._fields, (varies, reliable), strict=True)
    }


def _vary(Y: np.ndarray, part: Part) -> np.ndarray:
    """Which units vary in the training images and in the test images of every split, (units,)."""
    of_splits = [(np.ptp(Y[train], axis=0) > 0) & ~np.isnan(pearson(Y[test], Y[test])) for train, test in part.splits]
    return np.all(of_splits, axis=0)
