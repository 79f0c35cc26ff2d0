"""Predictivity through depth: one panel per area, with its ceiling and its control."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ventral.catalog import BEHAVIOR, DISTANCES, HEADLINE
from ventral.figures.dimensionality import marker
from ventral.figures.labels import CEILING, SHUFFLED, areas, listed, provenance, score_text, scores
from ventral.figures.spec import Spec
from ventral.figures.style import (
    CONTROL,
    INK,
    MANY,
    Mark,
    depth_axis,
    grid,
    heading,
    label_first_column,
    legend,
    marks,
    sentence,
)

FIGURE = Spec(
    place=50,
    heading="Predictivity through depth",
    needs="a recording",
    tables=("predictivity", "layers"),
    about="**Predictivity through depth**: the median over units of the correlation between predicted and held-out "
    "responses, with 95 % intervals from a bootstrap over units. The black line is the ceiling √c that follows "
    "from the reliability c of the scored responses. On it r²/c is 1, while r/c and (r/c)² exceed 1. The "
    "dotted line is the same regression on shuffled images. For observers’ distances the score is RSA, and the black "
    "line is the upper bound of the noise ceiling. Panels of simulated recordings say so.",
)

ABSENT = "The study has no recordings, so there is no predictivity to show."


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """Held-out r by relative depth for each model, with intervals, ceiling and shuffled control."""
    predictivity = tables["predictivity"]
    shown = areas(predictivity)
    if shown.empty:
        return sentence(ABSENT)
    drawn = marks(tables["layers"])
    figure, axes = grid(len(shown), 2.75, sharey=True)
    for ax, area in zip(axes, shown.itertuples(), strict=True):
        panel(ax, tables, area, drawn)
        ax.set_title(area.label)
        label_first_column(ax, axis_title(shown))
    heading(figure, "Predictivity through depth" + marker(shown))
    known = {*predictivity.metric}
    others = [
        Line2D([], [], color=color, linestyle=style, linewidth=1.1, label=label)
        for metric, color, style, label in (  # a line for all panels
            (CEILING, INK, "-", line_title(shown)),
            (SHUFFLED, CONTROL, ":", "shuffled images"),
        )
        if known & {*metric.values()}
    ]
    legend(figure, drawn, others)
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    predictivity = tables["predictivity"]
    if areas(predictivity).empty:
        return ABSENT
    known = {*predictivity.metric}
    control = (
        " The dotted line is the same regression on shuffled images, the mean and range over layers."
        if known & {*SHUFFLED.values()}
        else ""
    )
    behind = {HEADLINE: "units", BEHAVIOR: "images (behavior)", DISTANCES: "observers and images (distances)"}
    over = listed([of for metric, of in behind.items() if metric in known])
    return (
        f"Predictivity is {score_text(predictivity)}, by relative depth (0 = the network's first layer, 1 = its last). "
        f"Bars are 95 % intervals from a bootstrap over {over}; models are drawn slightly apart. Models with a single "
        f"layer, such as the gray baselines, are horizontal lines, and untrained networks are dashed."
        f"{ceiling_text(known)}{control} {provenance(predictivity)}"
    ).strip()


def axis_title(shown: pd.DataFrame) -> str:
    """What the areas are scored by: responses, choices or distances, or several of these."""
    metrics = {*shown.metric}
    return "RSA" if metrics == {DISTANCES} else f"predictivity (held-out r{', RSA' if DISTANCES in metrics else ''})"


def line_title(shown: pd.DataFrame) -> str:
    """What the legend calls the black line."""
    metrics = {*shown.metric}
    if metrics == {DISTANCES}:
        return "upper bound of the ceiling"
    return "ceiling √c (for distances, its upper bound)" if DISTANCES in metrics else "ceiling √c"


def ceiling_text(known: set[str]) -> str:
    """What the black line is, by the metrics that were measured."""
    if not known & {*CEILING.values()}:
        return " Without trials there is no ceiling."
    text = ""
    if known & {CEILING[HEADLINE], CEILING[BEHAVIOR]}:
        text = (
            " The black line is √c, the correlation that a perfect model would reach with scored responses of "
            "reliability c (median over units), with its interval; r²/c is 1 there, while r/c and (r/c)² exceed 1. "
            "Recordings without trials have no line."
        )
    if CEILING[DISTANCES] in known:
        line = " For distances the line is" if text else " The black line is"
        text += f"{line} the upper bound of the noise ceiling of observers, which a perfect model need not reach."
    return text


def panel(ax: Axes, tables: dict[str, pd.DataFrame], area, drawn: dict[str, Mark]) -> None:
    """One line per model; the models are drawn side by side at each depth."""
    predictivity = tables["predictivity"]
    place = tables["layers"][["model", "layer", "depth", "position"]]
    table = scores(predictivity, area.recording, area.area, area.metric).merge(place, on=["model", "layer"])
    few = len(drawn) <= MANY
    aside = dict(zip(drawn, np.linspace(-0.012, 0.012, len(drawn)), strict=True))
    for model, mark in drawn.items():
        of_model = table[table.model == model].sort_values("position")
        if len(of_model) == 1:
            ax.axhline(of_model.value.iloc[0], color=mark.color, linestyle=mark.dashes, linewidth=1.1, zorder=1)
            continue
        x = of_model.depth + aside[model]
        shape = {"linestyle": mark.dashes, "linewidth": 1.1 if few else 0.6, "alpha": 0.9 if few else 0.5}
        ax.plot(x, of_model.value, color=mark.color, **shape)
        ax.vlines(x, of_model.low, of_model.high, color=mark.color, linewidth=0.8, alpha=0.5 if few else 0.2)
        ax.plot(x, of_model.value, mark.marker, color=mark.color, markersize=4.2 if few else 2.6, mec="white", mew=0.3)
    for metric, transform, color, style in ((CEILING, np.sqrt, INK, "-"), (SHUFFLED, None, CONTROL, ":")):
        reference(ax, scores(predictivity, area.recording, area.area, metric[area.metric]), transform, color, style)
    depth_axis(ax, table.depth[table.duplicated("model")])


def reference(ax: Axes, rows: pd.DataFrame, transform, color: str, style: str) -> None:
    """A horizontal line with its band, if the metric was measured."""
    rows = rows[rows.value.notna()]
    if rows.empty:
        return
    if transform:  # one value for the area, repeated in every layer's table
        value, low, high = transform(rows[["value", "low", "high"]].iloc[0].astype(float).clip(lower=0))
    else:
        value, low, high = rows.value.mean(), rows.value.min(), rows.value.max()
    ax.axhline(value, color=color, linestyle=style, linewidth=1.1, zorder=1)
    if np.isfinite(low + high):
        ax.axhspan(low, high, color=color, alpha=0.08, linewidth=0, zorder=0)
