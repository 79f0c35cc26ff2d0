"""The scores and the ceiling of each unit, so that readers can aggregate them in other ways."""

from pathlib import Path

import numpy as np
import pandas as pd

from ventral.core.table_files import write_table

KEYS = ("unit", "area", "animal")


def table_of_units(
    units: pd.DataFrame, values: dict[str, np.ndarray], ceilings: np.ndarray | None = None
) -> pd.DataFrame:
    """Long table of all units.

    Parameters
    ----------
    units : DataFrame
        A recording's units: `unit`, `area` and optionally `animal`.
    values : dict of arrays of shape (splits, units)
        Scores by metric.
    ceilings : array of shape (units,), optional
        Reliability of the responses that are scored.

    Returns
    -------
    DataFrame
        Columns unit, area, animal (if known), metric, value (mean over splits; NaN if a split has no score) and ceiling
        (NaN without trials).
    """
    known = units[[key for key in KEYS if key in units]]
    ceiling = np.full(len(units), np.nan) if ceilings is None else ceilings
    parts = [
        known.assign(metric=metric, value=scores.mean(axis=0), ceiling=ceiling) for metric, scores in values.items()
    ]
    return pd.concat(parts, ignore_index=True)


def write_units(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table of units as Parquet, whole or not at all, with its checksum in another file.

    `ventral.core.table_files.read_table` reads and checks it.
    """
    write_table(frame, path)


def write_scores(
    scores: pd.DataFrame, rows: pd.DataFrame, keys: dict[str, str], scores_path: str | Path, rows_path: str | Path
) -> None:
    """Write the scores of one layer with its keys in the first columns.

    Parameters
    ----------
    scores : DataFrame
        One row per area and metric; its first column is the area. Written as CSV.
    rows : DataFrame
        The rows behind the scores: units, or images and distractors. Written as Parquet.
    keys : dict
        recording, model and layer.
    scores_path, rows_path : paths
    """
    columns = ["recording", "area", "model", "layer", *scores.columns[1:]]
    write_table(scores.assign(**keys)[columns], scores_path)
    write_units(rows.assign(**keys)[[*keys, *rows.columns]], rows_path)


def explained(predictions: np.ndarray, y: np.ndarray) -> np.ndarray:
    """R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)² on the held-out images of a split, (units,); NaN for constant y."""
    total = np.sum((y - y.mean(axis=0)) ** 2, axis=0)
    varies = np.ptp(y, axis=0) > 0
    error = np.sum((y - predictions) ** 2, axis=0)
    return np.where(varies, 1 - error / np.where(varies, total, 1), np.nan)


def other_units(areas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another unit of the same area for each unit, each used once; the unit itself if the area has no other."""
    other = np.arange(len(areas))
    for area in pd.unique(areas):
        circle = rng.permutation(np.flatnonzero(areas == area))
        other[circle] = np.roll(circle, 1)
    return other
