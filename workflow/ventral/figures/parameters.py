"""One metric for each model and scene parameter: the deepest layer beside the others, and all layers by depth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ventral.catalog import record
from ventral.figures.labels import bounds, listed, models_shown
from ventral.figures.rows import deepest, placed
from ventral.figures.style import (
    CONTROL,
    FAINT,
    MANY,
    WIDTH,
    Mark,
    depth_axis,
    heading,
    legend,
    marks,
    sentence,
    tint,
)
from ventral.summary.layers import at_threshold

COLUMNS = 4


@dataclass(frozen=True)
class Shown:
    """What one figure of this kind is about."""

    metric: str
    label: str
    title: str
    meaning: str


def draw(tables: dict[str, pd.DataFrame], shown: Shown) -> Figure:
    """Dots above (one row per model, the deepest layer large), profiles through depth below."""
    table = values(tables, shown.metric)
    if table.empty:
        return sentence(absent(shown))
    drawn = marks(tables["layers"])
    shelves = blocks(table)
    dots_height, profile_height = 0.75 + 0.165 * len(drawn), 2.0
    columns = max(len(parameters) for _, parameters in shelves)
    figure = Figure((block_width(columns), len(shelves) * (dots_height + profile_height) + 0.4), layout="constrained")
    axes = figure.subplots(
        2 * len(shelves), columns, squeeze=False, height_ratios=[dots_height, profile_height] * len(shelves)
    )
    several = table.stimuli.nunique() > 1
    shuffled = values(tables, record(shown.metric).control)
    limits = padded(pd.concat([table, shuffled]))
    for block, (stimuli, parameters) in enumerate(shelves):
        above, below = axes[2 * block], axes[2 * block + 1]
        for ax in [*above[len(parameters) :], *below[len(parameters) :]]:
            ax.remove()
        for i, parameter in enumerate(parameters):
            part, control = (
                rows[(rows.stimuli == stimuli) & (rows.parameter == parameter)] for rows in (table, shuffled)
            )
            dots(above[i], part, drawn, limits, named=i == 0)
            ticks(above[i], deepest(control), drawn)
            above[i].set_title(f"{parameter} ({stimuli})" if several else parameter)
            above[i].set_xlabel(shown.label)
            profile(below[i], part, drawn, limits)
            dotted(below[i], control, drawn)
            below[i].set_ylabel(shown.label if i == 0 else "")
            below[i].tick_params(labelleft=i == 0)
    heading(figure, shown.title)
    if len(shuffled):
        legend(figure, {}, KEYS)
    return figure


def caption(tables: dict[str, pd.DataFrame], shown: Shown) -> str:
    """What is plotted, from how many images, at which threshold, and what the bars are."""
    table = values(tables, shown.metric)
    if table.empty:
        return absent(shown)
    thresholds = table.threshold.dropna().unique()
    at = f" The scenes' subspace holds {100 * thresholds[0]:g} % of their variance or more." if len(thresholds) else ""
    bars = (
        "Bars, of the deepest layers, are 95 % intervals over scenes, and over draws in augmentation sets."
        if table[["low", "high"]].notna().all(axis=1).any()
        else "Values are those of all images, without error bars."
    )
    control = (
        " The red ticks, with their ranges, and the dotted lines below, in the colors of the models, are the values "
        "after images were dealt to scenes and levels at random (mean of 20 shuffles). Compare each model with its own."
        if len(values(tables, record(shown.metric).control))
        else ""
    )
    sources = listed([f"“{name}”" for name in table.stimuli.unique()])
    return (
        f"{shown.meaning}{at} Above, one row per model and one panel per parameter: the large mark is the deepest "
        f"layer, and small marks are the other layers, fainter if earlier. Below, the same values through relative "
        f"depth (0 = the network's first layer, 1 = its last); a model with one layer is a horizontal line, and "
        f"untrained networks are dashed. Measured on {bounds(table.n)} images per "
        f"parameter of {sources}, {models_shown(tables['layers'])}. {bars}{control}"
    )


def values(tables: dict[str, pd.DataFrame], metric: str) -> pd.DataFrame:
    """Rows of the metric against the scenes at the shown threshold, with the place of each layer."""
    geometry = tables["geometry"]
    chosen = (geometry.metric == metric) & (geometry.against == "scene") & at_threshold(geometry)
    return placed(tables, chosen & geometry.value.notna())


def blocks(table: pd.DataFrame) -> list[tuple[str, list[str]]]:
    """Stimulus sets and their parameters, in blocks that fit side by side."""
    return [
        (stimuli, parameters[start : start + COLUMNS])
        for stimuli, group in table.groupby("stimuli", sort=False)
        for parameters in [list(group.parameter.unique())]
        for start in range(0, len(parameters), COLUMNS)
    ]


def block_width(columns: int) -> float:
    """Width of a figure with this number of parameters side by side."""
    return max(WIDTH * (columns + 0.6) / (COLUMNS + 0.6), 5.5)


def dots(ax: Axes, part: pd.DataFrame, drawn: dict[str, Mark], limits: tuple[float, float], named: bool) -> None:
    """One row per model, its layers from faint to strong."""
    for row, (model, mark) in enumerate(drawn.items()):
        layers = part[part.model == model].sort_values("position")
        if layers.empty:
            continue
        last = layers.iloc[-1]
        if np.isfinite(last.low + last.high):
            ax.hlines(row, last.low, last.high, color=mark.color, linewidth=1.2)
        for value, shade in zip(layers.value[:-1], np.linspace(0.35, 0.7, len(layers) - 1), strict=True):
            ax.plot(value, row, "o", color=tint(mark.color, shade), markersize=3.6, mec="white", mew=0.3)
        ax.plot(last.value, row, mark.marker, color=mark.color, markersize=5.5, markeredgecolor="white", mew=0.5)
    ax.set_xlim(limits)
    model_rows(ax, drawn, named)


def ticks(ax: Axes, control: pd.DataFrame, drawn: dict[str, Mark]) -> None:
    """The value of shuffled images in the deepest layer of each model, with its range."""
    for row, model in enumerate(drawn):
        for one in control[control.model == model].itertuples():
            ax.hlines(row, one.low, one.high, color=CONTROL, linewidth=0.9, alpha=0.6)
            ax.plot(one.value, row, "|", color=CONTROL, markersize=6, mew=1.2)


def dotted(ax: Axes, control: pd.DataFrame, drawn: dict[str, Mark]) -> None:
    """The values of shuffled images through the layers of each model that has several."""
    for model, mark in drawn.items():
        layers = control[control.model == model].sort_values("position")
        if len(layers) > 1:
            ax.plot(layers.depth, layers.value, color=mark.color, linestyle=":", linewidth=0.9, alpha=0.7)


def model_rows(ax: Axes, drawn: dict[str, Mark], named: bool) -> None:
    """A vertical axis with one row per model."""
    for row in range(len(drawn)):
        ax.axhline(row, color="#EEEEEE", linewidth=0.6, zorder=0)
    ax.set(ylim=(len(drawn) - 0.4, -0.6), yticks=range(len(drawn)))
    names = [mark.named(model) for model, mark in drawn.items()]
    ax.set_yticklabels(names if named else [])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def profile(ax: Axes, part: pd.DataFrame, drawn: dict[str, Mark], limits: tuple[float, float]) -> None:
    """One line per model through its layers."""
    few = len(drawn) <= MANY
    for model, mark in drawn.items():
        layers = part[part.model == model].sort_values("position")
        if len(layers) == 1:
            ax.axhline(layers.value.iloc[0], color=mark.color, linestyle=mark.dashes, linewidth=1)
            continue
        shape = {"linestyle": mark.dashes, "linewidth": 1.2 if few else 0.7, "alpha": 0.9 if few else 0.6}
        ax.plot(layers.depth, layers.value, color=mark.color, **shape)
        ax.plot(layers.depth, layers.value, mark.marker, color=mark.color, markersize=4 if few else 2.5, mew=0)
    ax.set_ylim(limits)
    depth_axis(ax, part.depth[part.duplicated("model")])
    ax.grid(axis="y", color=FAINT, alpha=0.4, linewidth=0.5)


def padded(table: pd.DataFrame) -> tuple[float, float]:
    """Limits shared by all panels, so that parameters can be compared."""
    shown = table[["value", "low", "high"]].to_numpy(dtype=float)
    low, high = np.nanmin(shown), np.nanmax(shown)
    margin = max(0.06 * (high - low), 0.02)
    return low - margin, high + margin


def absent(shown: Shown) -> str:
    """Why there is nothing to draw."""
    return f"No stimulus set varies a scene parameter, so {shown.metric} is not defined."


KEYS = [
    Line2D([], [], color=CONTROL, marker="|", markersize=6, linewidth=0.9, label="shuffled images, deepest layer"),
    Line2D([], [], color=FAINT, linestyle=":", linewidth=1.1, label="shuffled images, by depth"),
]
