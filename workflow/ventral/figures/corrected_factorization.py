"""Factorization of the images shown, beside estimates for many more scenes and levels."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ventral.catalog import record
from ventral.figures.labels import bounds, listed, models_shown, number
from ventral.figures.parameters import block_width, blocks, model_rows
from ventral.figures.rows import deepest, placed
from ventral.figures.spec import Spec
from ventral.figures.style import CONTROL, FAINT, INK, Mark, heading, legend, marks, sentence

FIGURE = Spec(
    place=10,
    heading="Factorization corrected for sample size",
    needs="a parameter",
    tables=("geometry", "layers"),
    about="**Covariance factorization** of the deepest layers, threshold free, as the images shown give it (open "
    "marks) and from unbiased estimates (filled), which say what many scenes would give, and many levels where "
    "these are drawn anew in every scene. Bars are 95 % intervals over scenes, and over draws in augmentation sets; "
    "plug-in values have them from three scenes on and corrected values from six. The red tick is the plug-in value "
    "of shuffled images.",
)

PLAIN = "covariance_factorization"
CORRECTED, SHUFFLED = f"corrected_{PLAIN}", record(PLAIN).control
ABSENT = "No stimulus set varies a scene parameter, so factorization is not defined."
WIDEST = -0.5, 1.5  # limits of the axes; values and intervals can lie outside
LANES = {PLAIN: -0.17, CORRECTED: 0.17}


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """One row per model: open marks for plug-in values, filled marks for corrected values, and the shuffled control."""
    table = values(tables)
    if table.empty:
        return sentence(ABSENT)
    drawn, shelves = marks(tables["layers"]), blocks(table)
    columns = max(len(parameters) for _, parameters in shelves)
    height = len(shelves) * (0.75 + 0.24 * len(drawn)) + 0.4
    figure = Figure(figsize=(block_width(columns), height), layout="constrained")
    axes = figure.subplots(len(shelves), columns, squeeze=False)
    several, limits = table.stimuli.nunique() > 1, limits_of(table)
    for shelf, (stimuli, parameters) in zip(axes, shelves, strict=True):
        for spare in shelf[len(parameters) :]:
            spare.remove()
        for i, parameter in enumerate(parameters):
            part = table[(table.stimuli == stimuli) & (table.parameter == parameter)]
            panel(shelf[i], part.set_index(["metric", "model"]), drawn)
            shelf[i].set_xlim(limits)
            model_rows(shelf[i], drawn, named=i == 0)
            shelf[i].set_title(f"{parameter} ({stimuli})" if several else parameter)
            shelf[i].set_xlabel("covariance factorization")
    heading(figure, "Factorization from the images shown, and corrected for their number")
    legend(figure, {}, [key for metric, key in KEYS.items() if metric in {*table.metric}])
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    table = values(tables)
    if table.empty:
        return ABSENT
    sources = listed([f"“{name}”" for name in table.stimuli.unique()])
    bars = text_on_bars(table)
    shuffled = (
        " The red tick is the plug-in value after images were dealt to scenes and levels at random (mean of 20 "
        "shuffles), and its line is their range. Compare plug-in values with it."
        if SHUFFLED in {*table.metric}
        else ""
    )
    beyond = ~table.value.between(*WIDEST)
    arrows = f" Arrowheads at an edge are values beyond it ({bounds_of(table.value[beyond])})." if beyond.any() else ""
    undefined = (
        " A corrected value is missing where it is undefined."
        if (table.metric == PLAIN).sum() > (table.metric == CORRECTED).sum()
        else ""
    )
    return (
        f"Covariance factorization is one minus the cosine between the covariance that a parameter causes and that "
        f"between scenes: 1 for separate axes, 0 for the same axes. It needs no threshold. Open marks are plug-in "
        f"values of the images shown, which are biased if there are few scenes or levels. Filled marks replace each "
        f"term of the cosine by an unbiased estimate. They estimate the value for many scenes, and for many levels if "
        f"each scene has its own (moments and augmentations are the same in all scenes, and values are those of the "
        f"levels shown). Noise "
        f"can move them below 0 or above 1.{bars}{shuffled} Deepest layers of {models_shown(tables['layers'])}, "
        f"{bounds(table.n)} images per parameter of {sources}.{arrows}{undefined}"
    )


def text_on_bars(table: pd.DataFrame) -> str:
    """What the bars are; empty if no value has an interval."""
    ends = table.loc[table.metric != SHUFFLED, ["low", "high"]]
    if ends.isna().all(axis=None):
        return ""
    cut = (ends.low < WIDEST[0]).any() or (ends.high > WIDEST[1]).any()
    return (
        " Bars are 95 % jackknife intervals over scenes, and over draws in augmentation sets: those of plug-in values "
        "from their log-odds, and missing with fewer than three scenes; those of corrected values cut to the possible "
        "range, 0 to 2, and missing outside of this range, with fewer than six scenes, or if a value needs all scenes."
        + (" Bars that reach the edge continue beyond it." if cut else "")
    )


def values(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Plug-in, corrected and shuffled rows of the deepest layers, against the scenes."""
    geometry = tables["geometry"]
    chosen = geometry.metric.isin([PLAIN, CORRECTED, SHUFFLED]) & (geometry.against == "scene")
    return deepest(placed(tables, chosen))


def bounds_of(values: pd.Series) -> str:
    """One value, or the range of several."""
    return " to ".join(dict.fromkeys(map(number, (values.min(), values.max()))))


def limits_of(table: pd.DataFrame) -> tuple[float, float]:
    """Limits of all panels: 0 to 1, extended if values or bars lie outside."""
    shown = table[["value", "low", "high"]].to_numpy(dtype=float)
    low = max(WIDEST[0], min(0, np.nanmin(shown))) - 0.04
    return low, min(WIDEST[1], max(1, np.nanmax(shown))) + 0.04


def panel(ax: Axes, part: pd.DataFrame, drawn: dict[str, Mark]) -> None:
    """Values of one parameter."""
    for end in (0, 1):
        ax.axvline(end, color=FAINT, linewidth=0.7, zorder=0)
    for row, (model, mark) in enumerate(drawn.items()):
        if (SHUFFLED, model) in part.index:
            control = part.loc[(SHUFFLED, model)]
            ax.hlines(row + LANES[PLAIN], control.low, control.high, color=CONTROL, linewidth=0.9, alpha=0.6)
            ax.plot(control.value, row + LANES[PLAIN], "|", color=CONTROL, markersize=5, mew=1.2)
        for metric, lane in LANES.items():
            if (metric, model) not in part.index:
                continue
            estimate, filled = part.loc[(metric, model)], metric == CORRECTED
            ax.hlines(row + lane, estimate.low, estimate.high, color=mark.color, linewidth=1.1 if filled else 0.7)
            shape = "<" if estimate.value < WIDEST[0] else ">" if estimate.value > WIDEST[1] else mark.marker
            x, face = np.clip(estimate.value, *WIDEST), mark.color if filled else "white"
            ax.plot(x, row + lane, shape, color=mark.color, mfc=face, markersize=4.3, mew=0.9)


KEYS = {
    PLAIN: Line2D([], [], color=INK, marker="o", mfc="white", markersize=4.5, linewidth=0.7, label="plug-in"),
    CORRECTED: Line2D([], [], color=INK, marker="o", markersize=4.5, linewidth=1.1, label="corrected"),
    SHUFFLED: Line2D([], [], color=CONTROL, marker="|", markersize=6, linewidth=0.9, label="plug-in, shuffled images"),
}
