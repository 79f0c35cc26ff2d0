"""Geometry of the areas of a recording, by the functions that measure a network's layers.

Means over trials contain noise, which looks like variance that no scene and no object explains. If a recording has
trials, metrics named `…_crossed` are computed without this noise (`ventral.geometry.cross_validated`).
"""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.geometry.cross_validated import cross_validated_grams, dimensionality_rows_cv, factorization_rows_cv
from ventral.geometry.design import independent, parameters_with_shared_levels, varied_parameters
from ventral.geometry.distinct import distinct_images
from ventral.geometry.measure import COLUMNS, measure
from ventral.geometry.rotation import object_decoding, reduced_factorization
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
        Columns area, metric, parameter, against, threshold, value, low, high, n. `n` counts the images behind a value.
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
    for area in pd.unique(areas):
        logging.info("%s", area)
        inside = areas == area
        responses = recording.responses[np.ix_(inside, kept)].T
        rows, _ = measure(gram(responses, device="cpu"), table, thresholds, seed)
        extra = object_decoding_rows(responses, table, seed)
        if recording.trials is not None:
            extra += cross_validated_rows(recording.trials[np.ix_(inside, kept)], table, thresholds, seed)
        extra = pd.DataFrame([{"parameter": "", "against": ""} | row for row in extra], columns=COLUMNS)
        tables += [part.assign(area=area) for part in (rows, extra) if len(part)]
    return pd.concat(tables, ignore_index=True)[["area", *COLUMNS]]


def cross_validated_rows(
    trials: np.ndarray, table: pd.DataFrame, thresholds: Sequence[float], seed: int
) -> list[dict[str, object]]:
    """Rows without the noise of the trials (units, images, repeats); no rows if there are too few trials."""
    try:
        grams = cross_validated_grams(trials, generator(seed, "trials"))
    except Fault as fault:
        logging.warning("%s", fault)
        return []
    rows, shared_levels = dimensionality_rows_cv(grams, independent(table)), parameters_with_shared_levels(table)
    varied = varied_parameters(table)
    for parameter in [name for name in varied.unique() if name]:
        index = np.flatnonzero(varied == parameter)
        part = [each.subset(index) for each in grams]
        of_parameter = factorization_rows_cv(
            part, table.scene.to_numpy()[index], thresholds, seed, parameter in shared_levels
        )
        rows += [{"parameter": parameter, "against": "scene"} | row for row in of_parameter]
    return rows


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
