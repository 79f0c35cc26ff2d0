"""Effective dimensionality against predictivity: one panel per area, one point per layer."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from ventral.figures.labels import (
    areas,
    bounds,
    count,
    left_out,
    listed,
    networks_of_families,
    provenance,
    score_column,
    score_text,
    with_interval,
)
from ventral.figures.spec import Spec
from ventral.figures.style import MANY, Mark, grid, heading, label_first_column, legend, marks, sentence
from ventral.metrics import Quantity

FIGURE = Spec(
    place=40,
    heading="Dimensionality and predictivity",
    needs="a recording",
    tables=("geometry", "predictivity", "layers", "relations"),
    about="**Effective dimensionality** of each layer (logarithmic axis), on the images of a recording, against the "
    "layer's predictivity of each recorded area. Pearson's r is taken over the layers of all networks; its 95 "
    "% interval comes from a jackknife that leaves out one model at a time, because the layers of one model are not "
    "independent; nor are the networks of one entry of training, which are left out together. Panels of simulated "
    "recordings say so.",
)

METRIC = "effective_dimensionality"
ABSENT = "The study has no recordings, so dimensionality has no predictivity to be compared with."


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """Effective dimensionality on the images of the recording against held-out r."""
    shown = areas(tables["predictivity"])
    if shown.empty:
        return sentence(ABSENT)
    drawn = marks(tables["layers"])
    figure, axes = grid(len(shown), 3.0)
    for ax, area in zip(axes, shown.itertuples(), strict=True):
        panel(ax, tables["layers"], area, drawn)
        ax.set_title(f"{area.label}\n{relation_text(tables['relations'], area)}", linespacing=1.35)
        ax.set_xlabel("effective dimensionality")
        label_first_column(ax, "predictivity (held-out r)")
    heading(figure, "Dimensionality and predictivity of layers" + marker(shown))
    legend(figure, drawn, line=False)
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    shown = areas(tables["predictivity"])
    if shown.empty:
        return ABSENT
    layers, geometry = tables["layers"], tables["geometry"]
    sets = shown.stimuli.unique().tolist()
    networks = layers[~layers.baseline]
    images = geometry.n[(geometry.metric == METRIC) & geometry.stimuli.isin(sets)]
    return (
        f"Each point is one layer: its effective dimensionality (Σλ)²/Σλ² on the images of {listed(sets)} "
        f"({bounds(images)} images, logarithmic axis) against its predictivity, "
        f"{score_text(tables['predictivity'])}. "
        f"Thin lines join the layers of one model from the first to the last measured, dashed for untrained networks. "
        f"Above each panel, Pearson's r with the logarithm "
        f"of dimensionality over the layers of "
        f"{networks_of_families(networks.model.nunique(), networks.family.nunique())}, with its 95 % interval from "
        f"a jackknife that leaves out {left_out(tables['relations'])} at a time; it excludes the gray baselines. "
        f"{provenance(tables['predictivity'])}"
    ).strip()


def panel(ax: Axes, layers: pd.DataFrame, area, drawn: dict[str, Mark]) -> None:
    """One point per layer; lines join the layers of a model."""
    x, y = columns(area)
    few = len(drawn) <= MANY
    for model, mark in drawn.items():
        rows = layers[layers.model == model].sort_values("position")
        ax.plot(rows[x], rows[y], color=mark.color, linestyle=mark.dashes, linewidth=0.7, alpha=0.45 if few else 0.2)
        ax.plot(rows[x], rows[y], mark.marker, color=mark.color, markersize=4.8 if few else 3.4, mec="white", mew=0.4)
    ax.set_xscale("log")
    narrow = layers[x].max() / layers[x].min() < 100
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if narrow else (1, 3)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))


def columns(area) -> tuple[str, str]:
    """The columns of dimensionality and of the score of an area."""
    return str(Quantity(METRIC, stimuli=area.stimuli)), score_column(area)


def relation_text(relations: pd.DataFrame, area) -> str:
    """The correlation over layers, its interval and its counts."""
    x, y = columns(area)
    chosen = (relations.across == "layers") & (relations.statistic == "pearson")
    chosen &= (relations.within == "") & (relations.given == "")
    row = relations[chosen & (relations.geometry == x) & (relations.score == y)].iloc[0]
    counts = f"{count(int(row.n), 'layer')} of {networks_of_families(int(row.models), int(row.families))}"
    if pd.isna(row.value):
        return f"r is not defined for\n{counts}"
    return f"r = {with_interval(row.value, row.low, row.high)}\n{counts}"


def marker(shown: pd.DataFrame) -> str:
    """What a title adds if all recordings, or some of them, are simulated."""
    if shown.simulated.all():
        return " (simulated recordings)"
    return " (some recordings simulated)" if shown.simulated.any() else ""
