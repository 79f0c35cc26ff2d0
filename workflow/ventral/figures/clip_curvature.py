"""Curvature of clips through depth: one panel per stimulus set and motion, with the pixels and shuffled frames."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ventral.figures.labels import bounds
from ventral.figures.rows import placed
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
    place=33,
    heading="Straightening of clips",
    needs="clips",
    tables=("geometry", "layers"),
    about="**Straightening of clips**: the mean angle between successive changes of the responses to a clip, by "
    "relative depth, with 95 % intervals over clips. The black line is the same for the pixels; layers below it "
    "straighten the clips. The dotted line is the mean over layers with the frames of each clip in random order.",
)

CURVATURE, STRAIGHTENING, SHUFFLED = "curvature", "straightening", "curvature_shuffled"
ABSENT = "The study has no clips of three frames or more, so there is no curvature to show."
KEYS = (
    Line2D([], [], color=INK, linewidth=1.1, label="pixels of the clips"),
    Line2D([], [], color=CONTROL, linestyle=":", linewidth=1.1, label="shuffled frames"),
)


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """Curvature by relative depth for each model, stimulus set and motion."""
    rows = rows_of(tables)
    if rows.empty:
        return sentence(ABSENT)
    panels = rows.groupby(["stimuli", "parameter"], sort=False)
    drawn = marks(tables["layers"])
    figure, axes = grid(len(panels), 2.75, sharey=True)
    for ax, ((stimuli, motion), own) in zip(axes, panels, strict=True):
        panel(ax, own, drawn)
        ax.set_title(f"{motion} ({stimuli})")
        label_first_column(ax, "curvature (degrees)")
    heading(figure, "Straightening of clips")
    legend(figure, drawn, KEYS)
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    rows = rows_of(tables)
    if rows.empty:
        return ABSENT
    return (
        f"Curvature is the mean angle between successive changes of the responses to the frames of a clip, by relative "
        f"depth (0 = the network's first layer, 1 = its last); means over {bounds(rows.n[rows.metric == CURVATURE])} "
        f"clips, with 95 % intervals over clips. The black line is the curvature of the pixels: a layer below it is "
        f"straighter. The dotted line is the mean over layers with the frames of each clip in random order. Models "
        f"with a single layer, such as the gray baselines, are horizontal lines, and untrained networks are dashed."
    )


def rows_of(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The rows of the three metrics, with the places of their layers."""
    return placed(tables, tables["geometry"].metric.isin([CURVATURE, STRAIGHTENING, SHUFFLED]))


def panel(ax: Axes, rows: pd.DataFrame, drawn: dict[str, Mark]) -> None:
    """One line per model."""
    curved, few = rows[rows.metric == CURVATURE], len(drawn) <= MANY
    for model, mark in drawn.items():
        own = curved[curved.model == model].sort_values("position")
        if len(own) == 1:
            ax.axhline(own.value.iloc[0], color=mark.color, linestyle=mark.dashes, linewidth=1.1, zorder=1)
            continue
        shape = {"linestyle": mark.dashes, "linewidth": 1.1 if few else 0.6, "alpha": 0.9 if few else 0.5}
        ax.plot(own.depth, own.value, color=mark.color, **shape)
        ax.vlines(own.depth, own.low, own.high, color=mark.color, linewidth=0.8, alpha=0.5 if few else 0.2)
        size = 4.2 if few else 2.6
        ax.plot(own.depth, own.value, mark.marker, color=mark.color, markersize=size, mec="white", mew=0.3)
    straighter = rows[rows.metric == STRAIGHTENING].merge(curved, on=["model", "layer"])
    if len(straighter):  # their sum is the curvature of the pixels, which is the same for all layers
        ax.axhline((straighter.value_x + straighter.value_y).median(), color=INK, linewidth=1.1, zorder=1)
    ax.axhline(rows.value[rows.metric == SHUFFLED].mean(), color=CONTROL, linestyle=":", linewidth=1.1, zorder=1)
    depth_axis(ax, curved.depth[curved.duplicated("model")])
