"""Geometry of the areas of a recording, by the functions that measure a network's layers.

Means over trials contain noise, which looks like variance that no scene and no object explains. If a recording has
trials, metrics named `…_crossed` are computed without this noise (`ventral.geometry.cross_validated`).

The units of an area are a sample, and areas have different numbers of them. Metrics named `two_way_…` describe the
population (`ventral.geometry.two_way`), and metrics named `…_at_equal_units` compare areas at the same number of units
(`ventral.geometry.equal_units`).
"""

import logging
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.geometry.cross_validated import (
    cross_validated_grams,
    dimensionality_rows_cv,
    factorization_rows_cv,
    response_halves,
)
from ventral.geometry.design import independent, parameters_with_shared_levels, varied_parameters
from ventral.geometry.distinct import distinct_images
from ventral.geometry.equal_units import equal_units_rows
from ventral.geometry.measure import COLUMNS, measure
from ventral.geometry.rotation import object_decoding, reduced_factorization
from ventral.geometry.two_way import Halves
from ventral.geometry.two_way_rows import cka_rows, two_way_rows
from ventral.gram import gram
from ventral.recordings import Recording, matched
from ventral.statistics.intervals import jackknife_interval


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
        The recording and the table do not have the same images, or the responses of an area do not vary.
    """
    order = matched(recording.stimulus_id, table.stimulus_id, f"the recording {recording.name}", "the stimulus table")
    table = table.iloc[order].reset_index(drop=True)
    kept = distinct_images(table, independent(table))
    table = table.iloc[kept].reset_index(drop=True)
    areas, tables = recording.units.area.to_numpy(), []
    counts = pd.Series(areas).value_counts()
    for area in pd.unique(areas):
        logging.info("%s", area)
        inside = np.ix_(areas == area, kept)
        responses = recording.responses[inside].T
        rows, _ = measure(gram(responses, device="cpu"), table, thresholds, seed)
        extra = object_decoding_rows(responses, table, seed)
        extra += two_way_rows(means_twice(responses), table)
        if counts.min() < counts.max():
            extra += equal_units_rows(responses, counts.min(), table, thresholds, seed)
        if recording.trials is not None:
            extra += cross_validated_rows(recording.trials[inside], table, thresholds, seed)
        tables += [part.assign(area=area) for part in (rows, table_of(extra)) if len(part)]
    if independent(table):
        tables += between_areas(recording, areas, kept, seed)
    return pd.concat(tables, ignore_index=True)[["area", *COLUMNS]]


def between_areas(recording: Recording, areas: np.ndarray, kept: np.ndarray, seed: int) -> list[pd.DataFrame]:
    """Tables of the similarity of every pair of areas, from the means over trials and across halves of the trials."""
    tables = []
    for pair in combinations(pd.unique(areas), 2):
        inside = [np.ix_(areas == area, kept) for area in pair]
        rows = cka_rows(*(means_twice(recording.responses[each].T) for each in inside), pair[1])
        if recording.trials is not None:
            halves = [trial_halves(recording.trials[each], seed) for each in inside]
            rows += cka_rows(*halves, pair[1], "_crossed") if all(halves) else []
        tables.append(table_of(rows).assign(area=pair[0]))
    return [each for each in tables if len(each)]


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
