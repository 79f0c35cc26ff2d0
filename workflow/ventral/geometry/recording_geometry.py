"""Geometry of the areas of a recording, by the functions that measure a network's layers.

Means over trials contain noise, which looks like variance that no scene and no object explains. If a recording has
trials, metrics named `…_crossed` are computed without this noise (`ventral.geometry.cross_validated`).

The units of an area are a sample, and areas have different numbers of them. Metrics named `two_way_…` describe the
population (`ventral.geometry.two_way`), and metrics named `…_at_equal_units` compare areas at the same number of units
(`ventral.geometry.equal_units`).

If responses are missing, an area is measured with the units and images that lack at most half of them, and without the
noise of trials with those that have two trials or more of at least half (`ventral.recordings.gaps`). Missing responses
are expected from the other units, with random residuals (`ventral.recordings.expected_responses`). Scenes are kept or
left out as a whole.
"""

import logging
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.geometry.cross_validated import (
    cross_validated_grams,
    dimensionality_rows_cv,
    factorization_rows_cv,
)
from ventral.geometry.cross_validated_spectrum import spectrum_rows_cv
from ventral.geometry.curvature_without_noise import curvature_rows_cv
from ventral.geometry.distinct import distinct_images
from ventral.geometry.equal_units import equal_units_rows
from ventral.geometry.measure import COLUMNS, measure
from ventral.geometry.rotation import object_decoding, reduced_factorization
from ventral.geometry.trial_halves import Halves, response_halves
from ventral.geometry.two_way_rows import cka_rows, two_way_rows
from ventral.gram import gram
from ventral.recordings import Recording, matched
from ventral.recordings.expected_responses import without_gaps
from ventral.recordings.gaps import Block, recorded, recorded_areas
from ventral.statistics.intervals import jackknife_interval
from ventral.stimuli import read_contents, read_table
from ventral.stimuli.design import independent, parameters_with_shared_levels, varied_parameters


def shown_images(recording: Recording, stimuli: Sequence[str | Path]) -> pd.DataFrame:
    """The stimulus table of a recording's images, with a digest of each; without pictures, ids of independent images.

    Parameters
    ----------
    recording : Recording
    stimuli : paths
        The one stimulus set of the recording; none if it has no pictures.
    """
    if stimuli:
        return read_table(stimuli[0]).assign(content=read_contents(stimuli[0]))
    ids = recording.stimulus_id
    return pd.DataFrame({"stimulus_id": ids, "content": ids, "scene": "", "parameter": "", "level": -1, "label": ""})


def measure_recording(
    recording: Recording, table: pd.DataFrame, thresholds: Sequence[float], seed: int = 0
) -> pd.DataFrame:
    """Measure everything that a recording and its stimulus set allow, area by area.

    Parameters
    ----------
    recording : Recording
    table : DataFrame
        The stimulus table of the recording's images, in any order. If it has the column `content`, images with the same
        content count once.
    thresholds : sequence of float
        Shares of the scenes' variance at which the subspace metrics are computed.
    seed : int

    Returns
    -------
    DataFrame
        Columns area, metric, parameter, against, threshold, value, low, high, n. `n` counts the images behind a value,
        or the units of metrics named `…_at_equal_units`. `two_way_cka` names the second area in `against`.
        The metrics of `ventral.geometry.measure` describe the means over trials, and metrics named `…_crossed` exclude
        the noise of trials. `object_decoding` and `object_decoding_rotated` describe the means before and after
        factorization is reduced (`ventral.geometry.rotation`); their intervals are over images, or over scenes if
        scenes are shown in variants.

    Raises
    ------
    Fault
        The recording and the table do not have the same images, the responses of an area do not vary, or no area has
        three images that half of its units have.
    """
    order = matched(recording.stimulus_id, table.stimulus_id, f"the recording {recording.name}", "the stimulus table")
    table = table.iloc[order].reset_index(drop=True)
    kept = distinct_images(table, independent(table))
    together = None if independent(table) else table.scene.to_numpy()[kept]
    blocks = recorded_areas(recording, kept, together)
    recording = without_gaps(recording, blocks, generator(seed, recording.name, "gaps"))
    repeated = {area: repeated_part(recording, block, table) for area, block in blocks.items()}
    fewest = min((len(block.units) for block in blocks.values()), default=0)
    tables = []
    for area, block in blocks.items():
        logging.info("%s", area)
        responses, shown = recording.responses[block.index].T, table.iloc[block.images].reset_index(drop=True)
        rows, _ = measure(gram(responses, device="cpu"), shown, thresholds, seed)
        extra = object_decoding_rows(responses, shown, seed)
        extra += two_way_rows(means_twice(responses), shown)
        if fewest < max(len(each.units) for each in blocks.values()):
            extra += equal_units_rows(responses, fewest, shown, thresholds, seed)
        if recording.trials is not None:
            shown = table.iloc[repeated[area].images].reset_index(drop=True)
            extra += cross_validated_rows(recording.trials[repeated[area].index], shown, thresholds, seed)
        tables += [part.assign(area=area) for part in (rows, table_of(extra)) if len(part)]
    if independent(table):
        tables += between_areas(recording, blocks, repeated, seed)
    if not tables:
        raise Fault(f"Recording {recording.name}: no area has units with responses to the same three images or more.")
    return pd.concat(tables, ignore_index=True)[["area", *COLUMNS]]


def repeated_part(recording: Recording, block: Block, table: pd.DataFrame) -> Block:
    """The units and images of an area that mostly have two trials or more; the log counts what is left out."""
    if recording.trials is None:
        return block
    lacking = np.sum(~np.isnan(recording.trials[block.index]), axis=2) < 2
    part = recorded(lacking, None if independent(table) else table.scene.to_numpy()[block.images])
    if len(part.images) == 0:
        return block
    if len(part.units) < len(block.units) or len(part.images) < len(block.images):
        logging.warning(
            "Images with a single trial: the geometry without noise is of %d of %d units and %d of %d images.",
            *(len(part.units), len(block.units), len(part.images), len(block.images)),
        )
    return Block(block.units[part.units], block.images[part.images])


def between_areas(
    recording: Recording, blocks: dict[str, Block], repeated: dict[str, Block], seed: int
) -> list[pd.DataFrame]:
    """Tables of the similarity of every pair of areas, from the means over trials and across halves of the trials.

    Parameters
    ----------
    recording : Recording
    blocks, repeated : dicts of Block
        By area, the units and images, and those with two trials or more. Both areas of a pair are compared
        on the images that they have in common.
    seed : int
    """
    tables = []
    for pair in combinations(blocks, 2):
        inside = on_common_images(*(blocks[area] for area in pair))
        rows = cka_rows(*(means_twice(recording.responses[each].T) for each in inside), pair[1])
        if recording.trials is not None:
            inside = on_common_images(*(repeated[area] for area in pair))
            halves = [trial_halves(recording.trials[each], seed) for each in inside]
            rows += cka_rows(*halves, pair[1], "_crossed") if all(halves) else []
        tables.append(table_of(rows).assign(area=pair[0]))
    return [each for each in tables if len(each)]


def on_common_images(first: Block, second: Block) -> list[tuple[np.ndarray, np.ndarray]]:
    """Indices of two areas' units at the images of both blocks."""
    common = np.intersect1d(first.images, second.images)
    return [Block(each.units, common).index for each in (first, second)]


def table_of(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows as a table, in which a metric without a parameter has empty texts."""
    return pd.DataFrame([{"parameter": "", "against": ""} | row for row in rows], columns=COLUMNS)


def means_twice(responses: np.ndarray) -> Halves:
    """Means over trials in place of both halves, where their noise is not removed."""
    responses = np.asarray(responses, dtype=np.float64)
    return [(responses, responses)]


def trial_halves(trials: np.ndarray, seed: int) -> Halves:
    """Halves of the trials (units, images, repeats), divided alike in all areas; none if there are too few trials."""
    try:
        return response_halves(trials, generator(seed, "trials"))
    except Fault as fault:
        logging.warning("%s", fault)
        return []


def cross_validated_rows(
    trials: np.ndarray, table: pd.DataFrame, thresholds: Sequence[float], seed: int
) -> list[dict[str, object]]:
    """Rows without the noise of the trials (units, images, repeats); no rows if there are too few trials."""
    halves = trial_halves(trials, seed)
    if not halves:
        return []
    grams = cross_validated_grams(halves)
    rows, shared_levels = dimensionality_rows_cv(grams, independent(table)), parameters_with_shared_levels(table)
    scenes = None if independent(table) else table.scene.to_numpy()
    rows += spectrum_rows_cv(halves, generator(seed, "spectrum"), scenes)
    rows += curvature_rows_cv(grams, table)
    varied = varied_parameters(table)
    for parameter in [name for name in varied.unique() if name]:
        index = np.flatnonzero(varied == parameter)
        part = [each.subset(index) for each in grams]
        of_parameter = factorization_rows_cv(
            part, table.scene.to_numpy()[index], thresholds, seed, parameter in shared_levels
        )
        rows += [{"parameter": parameter, "against": "scene"} | row for row in of_parameter]
    return rows + two_way_rows(halves, table, "_crossed")


def object_decoding_rows(responses: np.ndarray, table: pd.DataFrame, seed: int) -> list[dict[str, object]]:
    """Rows of object decoding before and after factorization is reduced; no rows unless every image has a label."""
    labels = table.label.to_numpy()
    if (labels == "").any():
        return []
    scenes = None if independent(table) else table.scene.to_numpy()
    group = np.arange(len(labels)) if scenes is None else scenes
    rows = []
    try:
        for metric, X in (
            ("object_decoding", responses),
            ("object_decoding_rotated", reduced_factorization(responses, labels)),
        ):
            correct = object_decoding(X, labels, generator(seed, "folds"), scenes)
            named = pd.Series(correct).groupby(group).agg(["sum", "size"])
            left_out = ((correct.sum() - named["sum"]) / (len(correct) - named["size"])).to_numpy()
            low, high = jackknife_interval(correct.mean(), left_out)
            rows.append({"metric": metric, "value": correct.mean(), "low": low, "high": high, "n": len(labels)})
    except Fault as fault:
        logging.warning("%s", fault)
        return []
    return rows
