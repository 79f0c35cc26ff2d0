"""Summary tables of several studies as those of one, without duplicates."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.summary.layers import describe
from ventral.summary.study_relations import study_relations
from ventral.summary.sweep import sweep
from ventral.summary.tables import NODE

LAYER = ("model", "layer")
KEYS = {
    "geometry": ("stimuli", *LAYER, "metric", "parameter", "against", "threshold"),
    "predictivity": ("recording", "area", *LAYER, "metric", "parameter", "against", "threshold"),
    "spectra": ("stimuli", *LAYER, "rank"),
    "similarity": ("stimuli", *NODE, *(f"other_{key}" for key in NODE), "metric"),
    "accuracy": ("stimuli", "model", "metric", "parameter", "against"),
    "areas": ("recording", "area", "metric", "parameter", "against", "threshold"),
    "paired": ("recording", "area", "metric", "compared", *LAYER, "other_model", "other_layer"),
    "training": ("network", "step"),
}
SAME_PLACE = ("depth", "baseline", "source", "family", "kind")
TOLERANCE = 0.01  # relative; more than rounding on another machine


def joined_tables(studies: Mapping[str, Mapping[str, pd.DataFrame]], seed: int) -> dict[str, pd.DataFrame]:
    """Stack the tables of studies that agree (`ventral.records.agreement`), and relate all their layers.

    Parameters
    ----------
    studies : mapping
        The summary tables of each study, by the folder of its results.
    seed : int

    Returns
    -------
    dict of DataFrames
        The tables that one of the studies has. Comparisons of layers with each other, by similarity or on the same
        units, are those that one of the studies has made.

    Raises
    ------
    Fault
        Studies have different values of the same quantity, or a layer has another place in its model.
    """
    names = [name for name in KEYS if any(name in tables for tables in studies.values())]
    joined = {
        name: stacked(name, {folder: tables[name] for folder, tables in studies.items() if name in tables})
        for name in names
    }
    joined["layers"] = joined_layers({folder: tables["layers"] for folder, tables in studies.items()})
    recorded = joined["predictivity"][["recording", "simulated", "species"]].drop_duplicates()
    joined |= study_relations(joined["layers"], recorded, seed)
    if "training" in joined:
        joined["equivariance"] = sweep(joined, joined["training"])
    return joined


def stacked(name: str, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One table from those of several studies, with the first row of each key."""
    keys = list(KEYS[name])
    rows = pd.concat([table.assign(study=folder) for folder, table in tables.items()], ignore_index=True)
    ordered = rows.assign(**in_one_order(rows)) if name == "similarity" else rows
    again = ordered.duplicated(keys)
    if "value" in rows and again.any():
        first = ordered[~again & ordered.duplicated(keys, keep=False)][[*keys, "value", "study"]]
        both = ordered[again].merge(first, on=keys, suffixes=("", "_before"))
        differ = ~np.isclose(both.value, both.value_before, rtol=TOLERANCE, atol=TOLERANCE**2, equal_nan=True)
        if differ.any():
            one = both[differ].iloc[0]
            raise Fault(
                f"{name}.csv: {one.study} and {one.study_before} differ in {describe(both[differ], keys)}"
                f" ({one.value:.4g} and {one.value_before:.4g}). Make one of the studies again, with one version of "
                "Ventral for both."
            )
    return rows[~again].drop(columns="study").reset_index(drop=True)


def in_one_order(pairs: pd.DataFrame) -> dict[str, np.ndarray]:
    """The two sides of each pair, the first in the alphabet first, so that both orders are one key."""
    one, other = ([f"{side}{key}" for key in NODE] for side in ("", "other_"))
    swap = np.array([tuple(a) > tuple(b) for a, b in zip(pairs[one].values, pairs[other].values, strict=True)], bool)
    left = {key: np.where(swap, pairs[twin], pairs[key]) for key, twin in zip(one, other, strict=True)}
    return left | {twin: np.where(swap, pairs[key], pairs[twin]) for key, twin in zip(one, other, strict=True)}


def joined_layers(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per layer with the columns of all studies; the layers of a model are ordered by their depth."""
    indexed = {folder: table.set_index([*LAYER]) for folder, table in tables.items()}
    joined = next(iter(indexed.values()))
    for folder, other in [*indexed.items()][1:]:
        expect_same_places(joined, other, folder)
        types = other.dtypes.to_dict() | joined.dtypes.to_dict()
        joined = joined.combine_first(other).astype({"baseline": types["baseline"]})
    columns = dict.fromkeys(column for table in tables.values() for column in table)
    layers = joined.copy().reset_index()[[*columns]]  # the copy is in one piece, which is faster to use
    models = dict.fromkeys(model for table in tables.values() for model in table.model)
    place = pd.Series(range(len(models)), [*models])[layers.model].to_numpy()
    layers = layers.iloc[np.lexsort([layers.depth, place])].reset_index(drop=True)
    position = layers.groupby("model").depth.rank(method="first").astype(int) - 1
    return layers.assign(position=position)


def expect_same_places(known: pd.DataFrame, other: pd.DataFrame, folder: str) -> None:
    """Raise a `Fault` if a layer that two tables have is not at the same place of the same kind of model."""
    both = known.index.intersection(other.index)
    for column in SAME_PLACE:
        differs = known.loc[both, column].to_numpy() != other.loc[both, column].to_numpy()
        if differs.any():
            layer = both[differs][0]
            raise Fault(
                f"layers.csv: the {column} of {'/'.join(layer)} is {other.loc[layer, column]} in {folder}, and "
                f"{known.loc[layer, column]} in a study before it."
            )
