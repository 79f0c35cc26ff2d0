"""Scores of all units of a recording, from predictions of one block of units after the other.

No predictions are kept. From the scores on resampled images, which are as many per unit as there are resamples, only
medians over the units of each area are kept, split by split.
"""

from itertools import groupby

import numpy as np
import pandas as pd

from ventral.core.random import generator
from ventral.gram import Gram
from ventral.predictivity.area_scores import Medians, is_reliable
from ventral.predictivity.encoding import MODELS, Block, blocks_of, encodings
from ventral.predictivity.target import Target
from ventral.predictivity.units import explained, other_units
from ventral.regression.ridge import warn
from ventral.regression.splits import Splits
from ventral.statistics.bootstrap import image_scores, medians_over
from ventral.statistics.correlation import pearson

METRICS_OF_SPLITS = (
    *(f"{method}_r" for method in MODELS),
    *("ridge_r_shuffled", "ridge_r_unit_shuffled"),
    *(f"{method}_R2" for method in MODELS),
)


def unit_scores(G: Gram, target: Target) -> tuple[dict[str, np.ndarray], dict[str, dict[str, Medians]]]:
    """Scores of every method, and medians over units of their scores on resampled images.

    Parameters
    ----------
    G : Gram of the images of the recording
    target : Target

    Returns
    -------
    scores : dict of arrays of shape (splits, units)
        By metric: r of every method, both controls, and R² of every method.
    medians : dict of dict of Medians
        By area and by metric: of r of every method.
    """
    recording, splits = target.recording, target.splits
    Y, units = recording.responses.T, recording.units
    areas = units.area.to_numpy()
    other = other_units(areas, generator(target.seed, recording.name, "units"))
    shuffling = generator(target.seed, recording.name, "shuffled")
    scores = {name: np.full((len(splits), len(units)), np.nan) for name in METRICS_OF_SPLITS}
    chosen, found, edges = sets_of_units(target), {}, []
    blocks = encodings(G, Y, splits, shuffling, target.images)
    for split, of_split in groupby(blocks, key=lambda block: block.split):
        test = splits[split][1]
        resampled = {f"{method}_r": np.empty((len(target.drawn), len(units))) for method in MODELS}
        for block in of_split:
            edges.append((block.at_edge, block.units.stop - block.units.start))
            responses_of_others = Y[:, other[block.units]][test]
            for name, values in scores_of(block, responses_of_others).items():
                scores[name][split, block.units] = values
            for method in MODELS:
                resampled[f"{method}_r"][:, block.units] = image_scores(*block.predicted[method], target.drawn[:, test])
        for key, members in chosen.items():
            for name, values in resampled.items():
                found.setdefault((*key, name), []).append(medians_over(values, members))
    scores["ridge_r_unit_shuffled"][:, other == np.arange(len(other))] = np.nan  # it would be the unit's own score
    shares, weights = zip(*edges, strict=True)
    warn(np.hstack([scores["ridge_r"], scores["ridge_r_shuffled"]]), np.average(shares, axis=0, weights=weights))
    medians = {
        area: {
            f"{method}_r": Medians(*(np.array(found[area, which, f"{method}_r"]) for which in Medians._fields))
            for method in MODELS
        }
        for area in pd.unique(areas)
    }
    return scores, medians


def scores_of(block: Block, responses_of_others: np.ndarray) -> dict[str, np.ndarray]:
    """Scores of a block of units in one split, (units,) each.

    Parameters
    ----------
    block : Block
    responses_of_others : array of shape (test, units)
        For each unit, the responses of another one.
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
    recording = target.recording
    varies = varying(recording.responses.T, target.splits)
    reliable = varies if target.ceilings is None else varies & is_reliable(target.ceilings[0])
    areas = recording.units.area.to_numpy()
    return {
        (area, which): members & (areas == area)
        for area in pd.unique(areas)
        for which, members in zip(Medians._fields, (varies, reliable), strict=True)
    }


def varying(Y: np.ndarray, splits: Splits) -> np.ndarray:
    """Which units vary in the training images and in the test images of every split, (units,)."""
    parts = []
    for units in blocks_of(Y):
        y = Y[:, units]
        of_splits = [(np.ptp(y[train], axis=0) > 0) & ~np.isnan(pearson(y[test], y[test])) for train, test in splits]
        parts.append(np.all(of_splits, axis=0))
    return np.concatenate(parts)
