"""Draws the figures of `ventral.figures.spec.specs` from summary tables, and writes them to files."""

import re
import textwrap
from importlib import import_module
from pathlib import Path

import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure

from ventral.core.discover import discover
from ventral.core.files import whole
from ventral.figures.style import SETTINGS, with_plain_text

MODULES = {name: import_module(f"ventral.figures.{name}") for name in discover("ventral.figures", "FIGURE")}
PNG_DPI = 150
BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]")
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def draw(name: str, tables: dict[str, pd.DataFrame]) -> Figure:
    """Draw one figure of the study.

    Parameters
    ----------
    name : one of `ventral.figures.spec.specs`
    tables : dict of DataFrames
        The tables of the summary that the figure's spec names, or more.
    """
    with rc_context(SETTINGS):
        return with_plain_text(MODULES[name].draw(printable(tables)))


def caption(name: str, tables: dict[str, pd.DataFrame]) -> str:
    """What a figure shows: quantities, thresholds, counts, error bars, and whether data are simulated."""
    return MODULES[name].caption(printable(tables))


def printable(tables: dict[str, pd.DataFrame | None]) -> dict[str, pd.DataFrame | None]:
    """The tables, their names and texts without line breaks and without characters that an SVG cannot hold."""
    return {name: None if table is None else _printable(table) for name, table in tables.items()}


def _printable(table: pd.DataFrame) -> pd.DataFrame:
    texts = {
        column: table[column].map(_printable_text)
        for column in table.select_dtypes(exclude=["number", "bool"])
        if any(_printable_text(value) != value for value in table[column].dropna().unique())
    }
    return table.assign(**texts).rename(columns=_printable_text)


def _printable_text(text):
    return UNPRINTABLE.sub("�", BREAKS.sub(" ", text)) if isinstance(text, str) else text


def save(name: str, tables: dict[str, pd.DataFrame], svg: str | Path, png: str | Path) -> None:
    """Draw one figure and write it twice; the same tables give the same bytes.

    The text of the SVG stays text, and both files carry the caption as their description.
    """
    figure = draw(name, tables)
    about = {"Title": name, "Description": textwrap.fill(caption(name, tables), 100)}
    with rc_context(SETTINGS):
        with whole(svg) as partial:
            figure.savefig(partial, metadata=about | {"Date": None})
        figure.set_layout_engine("none")  # the layout of the first file is used for the second
        with whole(png) as partial:
            figure.savefig(partial, dpi=PNG_DPI, metadata=about)
