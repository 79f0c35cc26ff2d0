"""Long tables from the files that earlier stages wrote, one per layer.

Keys are text: a layer named "1.10" is not the number 1.1, and an area named "None" is not missing.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.hdf5 import open_hdf5
from ventral.core.table_files import read_table

TEXT = (
    *("stimuli", "recording", "area", "model", "layer", "source"),
    *("metric", "parameter", "against", "across", "within", "given", "geometry", "scale", "score", "statistic"),
    *("species", "kind", "other_kind", "other_model", "other_layer", "compared"),
    *("network", "entry", "objective", "family", "head"),
)
GEOMETRY = ("stimuli", "model", "layer", "metric", "parameter", "against", "threshold", "value", "low", "high", "n")
PREDICTIVITY = ("recording", "area", *GEOMETRY[1:])
NODE = ("kind", "model", "layer")
SIMILARITY = ("stimuli", *NODE, *(f"other_{key}" for key in NODE), "metric", "value", "n")
LAYER, RECORDED, SIMULATED = "layer", "recording", "simulated recording"
ACCURACY = (*GEOMETRY[:2], *GEOMETRY[3:], "head")
RANKS = 50
IMAGES_COMPARED = 256  # at most, for the similarity of representations


def read_summary(path: str | Path) -> pd.DataFrame:
    """Read a long table with its keys as text; missing keys are empty texts.

    Raises
    ------
    Fault
        The file or its checksum is missing, or the table was changed after it was written.
    """
    return with_text_keys(read_table(path, text=TEXT))


def gather(paths: Iterable[str | Path], columns: Iterable[str]) -> pd.DataFrame:
    """Stack the tables of all layers, or of all models.

    Parameters
    ----------
    paths : paths of CSV tables
    columns : names
        The columns that every table must have, in this order: `GEOMETRY`, `PREDICTIVITY` or `ACCURACY`. Other columns
        follow.

    Raises
    ------
    Fault
        A table lacks one of the columns.
    """
    columns = list(columns)
    tables = []
    for path in paths:
        table = read_summary(path)
        if lacking := [column for column in columns if column not in table]:
            raise Fault(f"{path} lacks the columns {', '.join(lacking)}. Delete it and run again.")
        tables.append(table.dropna(axis="columns", how="all"))  # empty columns would change the types of the stack
    stacked = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    return with_text_keys(stacked.reindex(columns=columns + [column for column in stacked if column not in columns]))


def gather_units(paths: Iterable[str | Path], metrics: Iterable[str]) -> pd.DataFrame:
    """Rows of some metrics from the tables of units of all layers.

    Parameters
    ----------
    paths : paths of Parquet tables
    metrics : names

    Raises
    ------
    Fault
        A table is missing or damaged.
    """
    tables = [table[table.metric.isin([*metrics])] for table in map(read_table, paths)]
    return pd.concat(tables, ignore_index=True)


def with_text_keys(table: pd.DataFrame) -> pd.DataFrame:
    """Key columns as text without missing values, even if the table has no rows."""
    return table.assign(**{column: table[column].astype(str).fillna("") for column in TEXT if column in table})


def gather_recordings(paths: Iterable[str | Path], stimuli: dict[str, str]) -> pd.DataFrame:
    """One row per recording: recording, stimuli (the set of its images), simulated."""
    rows = []
    for path in map(Path, paths):
        with open_hdf5(path) as file:
            simulated = bool(file.attrs["simulated"])
        rows.append({"recording": path.stem, "stimuli": stimuli[path.stem], "simulated": simulated})
    return pd.DataFrame(rows, columns=["recording", "stimuli", "simulated"])


def gather_spectra(paths: Iterable[str | Path]) -> pd.DataFrame:
    """Eigenvalues of every layer at up to 50 ranks, from files …/{stimuli}/{model}/{layer}.h5."""
    tables = []
    for path in map(Path, paths):
        with open_hdf5(path) as file:
            eigenvalues = file["eigenvalues"][:]
        ranks = sampled_ranks(len(eigenvalues))
        keys = {"stimuli": path.parts[-3], "model": path.parts[-2], "layer": path.stem}
        tables.append(pd.DataFrame({"rank": ranks, "eigenvalue": eigenvalues[ranks - 1]}).assign(**keys))
    columns = ["stimuli", "model", "layer", "rank", "eigenvalue"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def gather_sizes(paths: Iterable[str | Path]) -> pd.DataFrame:
    """Columns model, layer and n_features, from files …/{stimuli}/{model}/{layer}.h5.

    Features are those of the responses whose geometry is measured: the most over stimulus sets, which may be pooled
    differently.
    """
    rows = []
    for path in map(Path, paths):
        with open_hdf5(path) as file:
            rows.append((path.parts[-2], path.stem, int(file.attrs["n_features"])))
    sizes = pd.DataFrame(rows, columns=["model", "layer", "n_features"])
    return sizes.groupby(["model", "layer"], as_index=False, sort=False).max()


def sampled_ranks(count: int) -> np.ndarray:
    """Distinct ranks from 1 to `count`, evenly spaced in the logarithm."""
    return np.unique(np.round(np.logspace(0, np.log10(count), RANKS)).astype(int))
