"""Every geometry metric that a stimulus set allows, as one long table."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ventral.geometry.classes import class_rows
from ventral.geometry.distinct import distinct_images
from ventral.geometry.equivariance import equivariance_rows
from ventral.geometry.factorization_rows import factorization_family
from ventral.geometry.intrinsic import intrinsic_dimension
from ventral.geometry.spectrum import (
    FEWEST_IMAGES,
    Spectrum,
    effective_dimensionality,
    ratio,
    spectrum,
    unbiased_traces,
)
from ventral.geometry.whitening import whitened_effective_dimensionality
from ventral.gram import Gram
from ventral.stimuli.augmentations import INDEPENDENT
from ventral.store import Fault, generator

COLUMNS = ["metric", "parameter", "against", "threshold", "value", "low", "high", "n"]
SAMPLES = (8, 4, 2)  # a sub-sample has one in so many of the images
DRAWS = 10
SMALLEST_SAMPLE = 20


def measure(G: Gram, table: pd.DataFrame, thresholds: Sequence[float], seed: int = 0) -> tuple[pd.DataFrame, Spectrum]:
    """Measure everything that a stimulus set allows.

    Dimensionality is measured for every set, factorization for each parameter that the set varies, classes if the
    images are independent and have labels, and equivariance if the images are augmented. Images with identical pixels
    count once (`ventral.geometry.distinct`).

    Parameters
    ----------
    G : Gram of n images
    table : DataFrame of n rows
        The stimulus table: `stimulus_id`, `scene`, `parameter`, `level`, `label`, the variables of the scenes, and
        optionally `content`, which is the same for identical pixels.
    thresholds : sequence of float
        Shares of the scenes' variance at which the subspace metrics are computed.
    seed : int
        For resamples, splits and controls, so that these are the same for every layer and model.

    Returns
    -------
    rows : DataFrame
        Columns metric, parameter, against, threshold, value, low, high, n. `n` counts the images behind a value.
    whole : Spectrum
        The eigenspectrum of all images.

    Raises
    ------
    Fault
        The Gram and the table do not describe the same images in the same order.
    """
    if G.stimulus_id is not None and not np.array_equal(G.stimulus_id, table.stimulus_id):
        raise Fault("The Gram and the stimulus table list different images; delete the Gram and run again.")
    if len(G) != len(table):
        raise Fault(f"The Gram has {len(G)} images, but the stimulus table has {len(table)}.")
    kept = distinct_images(table, independent(table))
    if len(kept) < len(table):
        G, table = G.subset(kept), table.iloc[kept].reset_index(drop=True)
    whole = spectrum(G)
    if not np.isfinite(whole.alpha):
        logging.warning("alpha is undefined, because fewer than two eigenvalues are above zero.")
    rows = dimensionality_rows(G, whole, independent(table), seed)
    varied = varied_parameters(table)
    if (varied != "").any():
        family = factorization_family(G, table.scene, varied, thresholds, seed, held_parameters(table))
        rows += family.to_dict("records")
    if independent(table) and (table.label != "").any():
        rows += class_rows(G, table.label.to_numpy(), seed)
    rows += equivariance_rows(G, table, seed)
    return pd.DataFrame([{"parameter": "", "against": ""} | row for row in rows], columns=COLUMNS), whole


def independent(table: pd.DataFrame) -> bool:
    """Whether the images are independent: no parameter is varied, or all images of an object form one scene."""
    return bool((table.parameter == "").all() or ((table.label != "").all() and (table.scene == table.label).all()))


def varied_parameters(table: pd.DataFrame) -> pd.Series:
    """The parameter that each image varies; '' for augmentations that are only decoded."""
    return table.parameter.where(table.parameter != INDEPENDENT, "")


def held_parameters(table: pd.DataFrame) -> set[str]:
    """Parameters whose levels are the same in every scene: time, and those whose variables show it."""
    held = {"time"}
    variables = table.columns.difference(["stimulus_id", "scene", "parameter", "level", "label", "content"])
    for parameter, rows in table.groupby("parameter"):
        varied = [name for name in variables if rows.groupby("scene")[name].nunique(dropna=False).max() > 1]
        if varied and rows.groupby("level")[varied].nunique(dropna=False).to_numpy().max() == 1:
            held.add(parameter)
    return held


def dimensionality_rows(G: Gram, whole: Spectrum, independent: bool, seed: int) -> list[dict[str, object]]:
    """Rows of dimensionality, with intervals, corrections and sub-samples if the images are independent."""
    names = ("effective_dimensionality", "components_80", "alpha")
    rows = [{"metric": name, "value": getattr(whole, name), "n": len(G)} for name in names]
    if not independent:
        return rows
    found = effective_dimensionality(G)
    rows[0] |= {"low": found.low, "high": found.high}
    corrected = {"low": found.corrected_low, "high": found.corrected_high, "n": len(G)}
    corrected |= {"value": found.corrected_effective_dimensionality}
    if not np.isfinite(corrected["value"]):
        logging.warning("The corrected effective dimensionality is undefined; it needs more images or more variance.")
    rows.append({"metric": "corrected_effective_dimensionality"} | corrected)
    for metric, value in (
        ("whitened_effective_dimensionality", lambda: whitened_effective_dimensionality(G, generator(seed, "halves"))),
        ("intrinsic_dimension", lambda: intrinsic_dimension(G)),
    ):
        try:
            rows.append({"metric": metric, "value": value(), "n": len(G)})
        except Fault as fault:
            logging.warning("%s", fault)
    return rows + sample_rows(G, seed)


def sample_rows(G: Gram, seed: int) -> list[dict[str, object]]:
    """Effective dimensionality of random sub-samples: from the mean terms of 10 draws, with the range over draws."""
    rng, rows = generator(seed, "samples"), []
    for size in (len(G) // part for part in SAMPLES):
        if size < max(SMALLEST_SAMPLE, FEWEST_IMAGES):
            continue
        drawn = [G.subset(np.sort(rng.choice(len(G), size, replace=False))).centered for _ in range(DRAWS)]
        traces = {
            "effective_dimensionality": [(np.trace(K) ** 2, np.sum(K**2)) for K in drawn],
            "corrected_effective_dimensionality": [unbiased_traces(K) for K in drawn],
        }
        for metric, pairs in traces.items():
            squared_trace, trace_of_square = np.transpose(pairs)
            found = ratio(squared_trace, trace_of_square)
            if not np.isfinite(found).any():
                logging.warning("%s is undefined for samples of %d images.", metric, size)
                continue
            spread = {"low": np.nanmin(found), "high": np.nanmax(found), "n": size}
            whole = float(ratio(squared_trace.mean(), trace_of_square.mean()))
            rows.append({"metric": f"{metric}_of_sample", "parameter": f"{size} images", "value": whole} | spread)
    return rows
