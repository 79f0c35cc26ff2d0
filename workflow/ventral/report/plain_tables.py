"""Tables of results as they are in their files, for pages of tables that are not a study's."""

import math

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from ventral.figures.labels import count
from ventral.report.sortable import Cell, Table, text

FILES = {
    "relations": ("Relations", "Correlations of each geometry column with each score, with 95 % intervals."),
    "commonality": ("Unique and shared variance", "The variance of each score that two columns explain."),
    "complementarity": ("Prediction of models that are left out", "Accuracy with and without geometry."),
    "mixed": ("Mixed models", "Slopes of a linear model with a random intercept for each model."),
    "chance": ("Expected by chance", "How many relations would pass if geometry and scores were unrelated."),
}
MOST = 200  # largest number of rows on the page
DIGITS = 4


def plain_tables(summary: dict[str, pd.DataFrame]) -> list[Table]:
    """One table of the page for each file of statistics across models that is there."""
    return [plain_table(name, summary[name]) for name in FILES if name in summary and len(summary[name])]


def plain_table(name: str, table: pd.DataFrame) -> Table:
    """The first rows of a file with all its columns."""
    heading, note = FILES[name]
    rest = f" The first {MOST:,} of {len(table):,} rows; {name}.csv has all." if len(table) > MOST else ""
    numeric = [is_numeric_dtype(table[column]) and not is_bool_dtype(table[column]) for column in table]
    rows = [
        [number_cell(value) if is_number else word_cell(value) for value, is_number in zip(row, numeric, strict=True)]
        for row in table.head(MOST).itertuples(index=False)
    ]
    return Table(name, heading, note + rest, [(str(column), "") for column in table.columns], rows)


def number_cell(value: float) -> Cell:
    """A number with a few digits, or a dash."""
    shown = f"{value:.{DIGITS}g}".replace("-", "−") if math.isfinite(value) else "–"
    return Cell(shown, float(value))


def word_cell(value: object) -> Cell:
    """A text, which is empty if the value is missing."""
    return text("" if pd.isna(value) else str(value))


def plain_overview(layers: pd.DataFrame) -> str:
    """What a table that is not a study's holds."""
    return f"The table holds {count(len(layers), 'layer')} of {count(layers.model.nunique(), 'model')}."
