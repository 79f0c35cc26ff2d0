"""One row per layer, with its position in its model and one column for every measured quantity.

`ventral.metrics.Quantity` names the columns. Controls, ceilings and pairs of parameters also have columns, but are not
related to predictivity (`ventral.summary.study_relations`).
"""

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.metrics import Quantity
from ventral.summary.study_relations import study_relations
from ventral.summary.tables import ACCURACY, gather

PLACE = ["model", "layer", "depth", "position", "baseline", "source", "family", "kind", "n_features"]
THRESHOLD = 0.9


def summarize(
    geometry: pd.DataFrame,
    predictivity: pd.DataFrame,
    models: pd.DataFrame,
    recordings: pd.DataFrame,
    seed: int = 0,
    accuracy: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Bring the tables of all layers together.

    Parameters
    ----------
    geometry : DataFrame
        Long table: stimuli, model, layer, metric, parameter, against, threshold, value, low, high, n.
    predictivity : DataFrame
        The same columns, with recording and area instead of stimuli; no rows if there are no recordings.
    models : DataFrame
        One row per layer: model, layer, position, depth (0 to 1), baseline, source, family, kind (of training), and
        n_features. Networks of one entry of training have the same family.
    recordings : DataFrame
        One row per recording: recording, stimuli (the set of its images), simulated, species.
    seed : int
        For permutations and splits of families of models.
    accuracy : DataFrame, optional
        The columns of `geometry` without layer and threshold, and head; by default the study names no images for it.

    Returns
    -------
    dict of DataFrames
        `geometry` and `predictivity` with all rows and the column kind, the latter with the columns stimuli, simulated
        and species too; `layers`; and how they are related (`ventral.summary.study_relations`).

    Raises
    ------
    Fault
        A layer has rows but is missing from `models`, or the other way round; a quantity occurs twice; or a metric has
        no record (`ventral.catalog`).
    """
    models = models[PLACE].astype({"model": str, "layer": str, "family": str, "kind": str})
    expect_same_layers(geometry, models, "stimuli", "geometry")
    expect_same_layers(predictivity, models, "recording", "predictivity")
    if strangers := sorted({*predictivity.recording} - {*recordings.recording}):
        raise Fault(f"Predictivity tables name recordings that the study lacks: {', '.join(strangers)}.")
    predictivity = predictivity.merge(recordings, on="recording", validate="many_to_one")

    shown = geometry[at_threshold(geometry)]
    measured, scored = wide(named(shown)), wide(named(predictivity))
    classified = wide(named(of_every_layer(gather([], ACCURACY) if accuracy is None else accuracy, models)))
    layers = models
    for columns in (measured, scored, classified):
        layers = layers.join(columns, on=["model", "layer"])
    return {
        "geometry": with_kind(geometry, models),
        "predictivity": with_kind(predictivity, models),
        **study_relations(layers, recordings, seed),
    }


def with_kind(rows: pd.DataFrame, models: pd.DataFrame) -> pd.DataFrame:
    """Rows with how the model of each was trained, in the column kind."""
    return rows.merge(models[["model", "kind"]].drop_duplicates(), on="model", how="left", validate="many_to_one")


def of_every_layer(accuracy: pd.DataFrame, models: pd.DataFrame) -> pd.DataFrame:
    """Rows of models as rows of each of their layers."""
    rows = accuracy.merge(models[["model", "layer"]], on="model", how="left")
    expect_same_layers(rows, models, "stimuli", "accuracy")
    return rows


def shown_threshold(geometry: pd.DataFrame) -> float:
    """The measured threshold nearest to 0.9; NaN if no metric has a threshold."""
    thresholds = geometry.threshold.dropna().unique()
    return float(min(thresholds, key=lambda at: abs(at - THRESHOLD))) if len(thresholds) else np.nan


def at_threshold(geometry: pd.DataFrame) -> pd.Series:
    """Which rows have the shown threshold or no threshold."""
    return geometry.threshold.isna() | (geometry.threshold == shown_threshold(geometry))


def named(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of geometry or predictivity with the names of their columns."""
    where = ["recording", "area"] if "recording" in rows else ["stimuli"]
    known = rows[["metric", "parameter", "against", *where]].drop_duplicates()
    columns = pd.Series([str(Quantity.of(**row)) for row in known.to_dict("records")], known.index, dtype=str)
    return rows.merge(known.assign(column=columns), how="left", validate="many_to_one")


def wide(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per (model, layer) and one column per quantity, in the order of measurement."""
    if twice := describe(rows[rows.duplicated(["model", "layer", "column"])], ["model", "layer", "column"]):
        raise Fault(f"These quantities are measured twice: {twice}. Delete the tables of these layers and run again.")
    table = rows.pivot(index=["model", "layer"], columns="column", values="value")
    return table[rows.column.unique()].astype(float).rename_axis(columns=None)


def expect_same_layers(rows: pd.DataFrame, models: pd.DataFrame, key: str, stage: str) -> None:
    """Raise a `Fault` unless exactly the layers of the study have rows for each stimulus set or recording."""
    present = rows[[key, "model", "layer"]].drop_duplicates()
    expected = pd.DataFrame({key: present[key].unique()}).merge(models[["model", "layer"]], how="cross")
    joined = present.merge(expected, how="outer", indicator=True)
    for side, sentence in (
        ("left_only", f"These {stage} tables belong to no layer of the study: {{}}. Delete them."),
        ("right_only", f"These layers have no {stage} table: {{}}. Run Snakemake to make them."),
    ):
        if unmatched := describe(joined[joined["_merge"] == side], [key, "model", "layer"]):
            raise Fault(sentence.format(unmatched))


def describe(rows: pd.DataFrame, keys: list[str]) -> str:
    """The first five keys as text, and the number of further ones."""
    listed = ["/".join(map(str, row)) for row in rows[keys].drop_duplicates().itertuples(index=False)]
    return "; ".join(listed[:5]) + (f"; and {len(listed) - 5} more" if len(listed) > 5 else "")
