"""Every predictivity metric of one layer for one recording, as one long table."""

import logging

import numpy as np
import pandas as pd

from ventral.gram import Gram
from ventral.recordings import Recording, matched
from ventral.ridge import ridge
from ventral.splits import Splits, brainscore_splits, kfold_splits
from ventral.store import generator

COLUMNS = ["area", "metric", "parameter", "against", "threshold", "value", "low", "high", "n"]
SPLITS = {
    "brainscore": lambda ids, labels, spec: brainscore_splits(ids, labels, seed=spec["seed"]),
    "kfold": lambda ids, labels, spec: kfold_splits(ids, spec["folds"], spec["seed"]),
}
SMALLEST_CEILING = 0.1  # a unit below it is noise, and its score over its ceiling means nothing
CEILED = {
    "ridge_r/c": lambda r, c: r / c,
    "(ridge_r/c)^2": lambda r, c: (r / c) ** 2,  # Brain-Score from 2020 to 2025
    "ridge_r^2/c": lambda r, c: r**2 / c,  # Brain-Score since 2026
}
RESAMPLES = 1000


def measure(
    G: Gram,
    recording: Recording,
    table: pd.DataFrame,
    splits_spec: dict,
    seed: int,
) -> pd.DataFrame:
    """Score one layer as a predictor of each area of a recording.

    An area's r is the median over its units, averaged over splits; its c is the median of the units' split-half
    ceilings. A ceiled score is its formula applied to this r and c, as Brain-Score does, both taken over the
    units with a ceiling of 0.1 or more. The control `ridge_r_shuffled` predicts the same responses with their images
    shuffled. Intervals cover 95 % of 1000 resamples of the units.

    Parameters
    ----------
    G : Gram of the images, with their ids
    recording : Recording
    table : DataFrame
        The stimulus table of the Gram's images; its labels stratify the Brain-Score splits where every image has one.
    splits_spec : dict
        `kind`, "kfold" or "brainscore", `seed`, and the number of `folds` for the first.
    seed : int
        For the bootstrap and the shuffled control.

    Returns
    -------
    DataFrame
        Columns area, metric, parameter, against, threshold, value, low, high, n. `n` counts the units behind a value.

    Raises
    ------
    Fault
        An image of the recording is missing from the layer or the table, or the other way round.
    """
    who = f"the recording {recording.name}"
    G = G.subset(matched(recording.stimulus_id, G.stimulus_id, who, "the Gram"))
    labels = table.label.to_numpy()[matched(recording.stimulus_id, table.stimulus_id, who, "the stimulus table")]
    splits = splits_of(splits_spec, recording.stimulus_id, labels)

    Y = recording.responses.T
    shuffled = Y[generator(seed, recording.name, "shuffled").permutation(len(Y))]
    scores, controls = np.split(ridge(G, np.hstack([Y, shuffled]), splits).scores, 2, axis=1)
    ceilings = recording.units.noise_ceiling.to_numpy() if "noise_ceiling" in recording.units else None

    areas = recording.units.area.to_numpy()
    rows = []
    for area in pd.unique(areas):
        inside = areas == area
        rng = generator(seed, recording.name, area, "bootstrap")
        rows.append(summarised(area, "ridge_r", scores[:, inside], rng))
        rows.append(summarised(area, "ridge_r_shuffled", controls[:, inside], rng))
        if ceilings is not None:
            rows += ceiled(area, scores[:, inside], ceilings[inside], rng)
    return pd.DataFrame(rows, columns=COLUMNS)


def splits_of(spec: dict, stimulus_id: np.ndarray, labels: np.ndarray) -> Splits:
    """Cross-validation as the config names it, stratified where every image has a label."""
    labels = labels if all(label != "" for label in labels) else None
    return SPLITS[spec["kind"]](stimulus_id, labels, spec)


def summarised(area: str, metric: str, scores: np.ndarray, rng: np.random.Generator) -> dict[str, object]:
    """One row: the median over units, averaged over the splits, (splits, units)."""
    defined = ~np.isnan(scores).any(axis=0)
    if not defined.all():
        logging.warning("%s, %s: %d units without a score are left out.", area, metric, np.sum(~defined))
    return row(area, metric, rng, center_of_units, scores[:, defined])


def ceiled(area: str, scores: np.ndarray, ceilings: np.ndarray, rng: np.random.Generator) -> list[dict[str, object]]:
    """The rows that need trials: the ceiling, and the scores over it."""
    known = ceilings[None, ~np.isnan(ceilings)]
    reliable = (np.nan_to_num(ceilings) >= SMALLEST_CEILING) & ~np.isnan(scores).any(axis=0)
    if not reliable.all():
        logging.warning(
            "%s: %d of %d units have a ceiling below %g or no score, and are left out of the ceiled scores.",
            area,
            np.sum(~reliable),
            len(reliable),
            SMALLEST_CEILING,
        )
    r, c = scores[:, reliable], ceilings[None, reliable]
    return [row(area, "ceiling", rng, center_of_units, known)] + [
        row(area, name, rng, lambda r, c, formula=formula: formula(center_of_units(r), center_of_units(c)), r, c)
        for name, formula in CEILED.items()
    ]


def row(area: str, metric: str, rng: np.random.Generator, statistic, *values: np.ndarray) -> dict[str, object]:
    """A statistic of arrays (…, units), with its bootstrap interval over units; empty without units."""
    n = values[0].shape[1]
    if n == 0:
        return {"area": area, "metric": metric, "value": np.nan, "n": 0}
    drawn = rng.integers(n, size=(RESAMPLES, n))
    low, high = np.quantile(statistic(*(value[:, drawn] for value in values)), [0.025, 0.975])
    return {"area": area, "metric": metric, "value": float(statistic(*values)), "low": low, "high": high, "n": n}


def center_of_units(values: np.ndarray) -> np.ndarray:
    """Median over units, the last axis, then mean over splits, the first."""
    return np.median(values, axis=-1).mean(axis=0)
