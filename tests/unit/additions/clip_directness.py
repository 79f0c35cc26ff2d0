"""Directness of clips by depth, one line per model."""

import pandas as pd
from matplotlib.figure import Figure

from ventral.catalog import record
from ventral.figures.rows import placed
from ventral.figures.spec import Spec

FIGURE = Spec(
    place=200,
    heading="Directness of clips",
    needs="a parameter",
    tables=("geometry", "layers"),
    about="**Directness** of clips by relative depth.",
)


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """Directness against relative depth."""
    figure = Figure(layout="constrained")
    ax = figure.subplots()
    for model, own in placed(tables, tables["geometry"].metric == "directness").groupby("model"):
        ax.plot(own.depth, own.value, label=model)
    ax.set(xlabel="relative depth", ylabel=record("directness").label)
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    return "Directness of clips by relative depth."
