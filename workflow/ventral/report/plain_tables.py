"""Tables of results with the columns of their files, for pages of tables that are not a study's."""

import math

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from ventral.figures.labels import count, listed
from ventral.report.sortable import Cell, Table, interval, text

FILES = {
    "relations": ("Relations", "Correlations of geometry with scores, with 95 % intervals that leave out one family."),
    "commonality": ("Unique and shared variance", "The variance of scores that two columns explain."),
    "complementarity": ("Prediction of models that are left out", "Accuracy with and without geometry."),
    "mixed": ("Mixed models", "Slopes of a linear model with a random intercept for each model."),
    "chance": ("Expected by chance", "How many relations would pass if geometry and scores were unrelated."),
}
MOST = 1000  # largest number of rows on the page
DIGITS = 3  # significant digits
LIMITS = ["value", "low", "high"]  # one column of the page


def plain_tables(summary: dict[str, pd.DataFrame]) -> list[Table]:
    """One table of the page for each file of statistics across models that is there."""
    return [plain_table(name, summary[name]) for name in FILES if name in summary and len(summary[name])]


def plain_table(name: str, table: pd.DataFrame) -> Table:
    """The first rows of a file without empty columns; a value and its interval are one column."""
    heading, note = FILES[name]
    rest = f" The first {MOST:,} of {len(table):,} rows; {name}.csv has all." if len(table) > MOST else ""
    shown = table.head(MOST)
    limits = {*LIMITS} <= {*shown}
    columns = [
        column
        for column in shown
        if not (limits and column in LIMITS[1:]) and (shown[column].notna() & (shown[column] != "")).any()
    ]
    cells = [
        [interval(row) for row in shown.itertuples()] if limits and column == "value" else column_cells(shown[column])
        for column in columns
    ]
    headings = [("value [95 % interval]" if limits and one == "value" else str(one), "") for one in columns]
    return Table(name, heading, note + rest, headings, [list(row) for row in zip(*cells, strict=True)])


def column_cells(column: pd.Series) -> list[Cell]:
    """The cells of one column; a missing text is empty."""
    if is_numeric_dtype(column) and not is_bool_dtype(column):
        return [number_cell(float(value)) for value in column]
    return [text("" if pd.isna(value) else str(value)) for value in column]


def number_cell(value: float) -> Cell:
    """A whole number, a number with a few digits, or a dash."""
    if not math.isfinite(value):
        return Cell("–", value)
    shown = f"{value:,.0f}" if value.is_integer() else f"{value:.{DIGITS}g}"
    return Cell(shown.replace("-", "−"), value)


def plain_overview(summary: dict[str, pd.DataFrame]) -> str:
    """What a table that is not a study's holds, and what was related."""
    layers, relations = summary["layers"], summary["relations"]
    held = f"{count(len(layers), 'layer')} of {count(layers.model.nunique(), 'model')}"
    geometry, scores = (list(relations[name].unique()) for name in ("geometry", "score"))
    return f"{held}: how {listed(geometry)} {'goes' if len(geometry) == 1 else 'go'} with {listed(scores)}."
