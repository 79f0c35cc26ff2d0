"""Every parameter against every other: which of them move a representation along the same axes?"""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from ventral.figures.labels import bounds, count, listed, models_shown, number
from ventral.figures.rows import deepest, placed
from ventral.figures.spec import Spec
from ventral.figures.style import (
    INK,
    LETTER,
    MANY,
    WIDTH,
    Mark,
    columns_of,
    heading,
    marks,
    name_panels,
    panel_width,
    sentence,
)
from ventral.models.model_entry import BASELINE
from ventral.summary.layers import at_threshold

FIGURE = Spec(
    place=20,
    heading="Parameters against each other",
    needs="two parameters",
    tables=("geometry", "layers"),
    about="**Parameters against each other** in the deepest layer of each model: the share of the variance that one "
    "parameter causes which lies outside the leading components of what another one, or the scene, causes. "
    "With more than 16 models, medians over those of each kind of training.",
)

METRIC = "factorization"
ABSENT = "No stimulus set varies two scene parameters or more, so none can be compared with another."
LABEL = "share of variance outside"
COLORS, UNDEFINED = colormaps["viridis"], "#CCCCCC"
CELL = 0.34, 0.25  # inches, in which a number has room
ASIDE = 0.9  # inches of the color bar and of what is written beside the names of rows


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """A heat map per model of its deepest layer; with many models, of the medians of each kind of training."""
    table = values(tables)
    if table.empty:
        return sentence(ABSENT)
    drawn, sets = marks(tables["layers"]), dict(iter(table.groupby("stimuli", sort=False)))
    blocks = {stimuli: [*panels(group, drawn, many(table))] for stimuli, group in sets.items()}
    widest, longest = (max(measure(block[0][2].columns) for block in blocks.values()) for measure in (len, longest_of))
    columns = most_columns(blocks, widest, longest)
    heights = [len(block[0][2]) * CELL[1] for block in blocks.values() for _ in range(rows_of(block, columns))]
    names = sum(LETTER * longest_of(block[0][2].columns) + 0.3 for block in blocks.values())
    width = max(panel_width(columns), ASIDE + LETTER * longest + columns * (widest * CELL[0] + 0.1))
    size = width, sum(heights) + 0.6 * len(heights) + names + 0.4
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(heights), columns, squeeze=False, height_ratios=heights)
    first_row, named = 0, []
    for stimuli, block in blocks.items():
        places = axes[first_row : first_row + rows_of(block, columns)].ravel()
        first_row += rows_of(block, columns)
        for spare in places[len(block) :]:
            spare.remove()
        for i, (title, color, matrix) in enumerate(block):
            panel(places[i], matrix, first=i % columns == 0, last=i // columns == rows_of(block, columns) - 1)
            named.append((places[i], title, color, f"({stimuli})" if len(blocks) > 1 else ""))
    name_panels(named)
    scale = ScalarMappable(Normalize(0, 1), COLORS)
    bar = figure.colorbar(scale, ax=figure.axes, label=LABEL, shrink=min(1, 3 / sum(heights)), pad=0.015)
    bar.outline.set_linewidth(0.5)
    heading(figure, "Do parameters move a representation along the same axes?")
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    table = values(tables)
    if table.empty:
        return ABSENT
    kind = "Medians of each kind of training over the deepest layers" if many(table) else "The deepest layers"
    half = ((table.high - table.low) / 2).median()
    over = "over scenes, and over draws in augmentation sets,"
    bars = f" The 95 % intervals {over} are ±{number(half)} at the median." if np.isfinite(half) else ""
    sources = listed([f"“{name}”" for name in table.stimuli.unique()])
    return (
        f"Each cell is the share of the variance caused by the parameter of its row that lies outside the leading "
        f"components of the variance caused by the parameter of its column, or between scenes (column “scene”); these "
        f"hold {100 * table.threshold.iloc[0]:g} % of that variance or more. 1 means separate axes, 0 the same axes. "
        f"The share is not symmetric: a few axes can lie inside many. {kind} of {models_shown(tables['layers'])}, "
        f"from {bounds(table.n)} images per parameter of {sources}.{bars}"
    )


def values(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows of the deepest layers, for sets that vary two parameters or more."""
    geometry = tables["geometry"]
    chosen = (geometry.metric == METRIC) & (geometry.parameter != "") & at_threshold(geometry)
    table = deepest(placed(tables, chosen))
    crossed = table.stimuli[table.against != "scene"].unique()
    return table[table.stimuli.isin(crossed)]


def many(table: pd.DataFrame) -> bool:
    """Whether there are too many models to show each."""
    return len(table[["stimuli", "model"]].drop_duplicates()) > MANY


def panels(group: pd.DataFrame, drawn: dict[str, Mark], many: bool) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Title, color and values of each panel of one stimulus set."""
    if not many:
        known = {*group.model}
        for model, mark in drawn.items():
            if model in known:
                yield mark.named(model), mark.color, matrix(group, group[group.model == model])
        return
    for kind, part in group.groupby("kind", sort=False):
        name = BASELINE if kind == BASELINE else f"{kind.replace('_', '-')} network"
        models = part.model.unique()
        title = f"median over {count(len(models), name)}" if len(models) > 1 else f"{models[0]} ({name})"
        yield title, INK, matrix(group, part)


def matrix(group: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """Median values, one row per parameter of the set and one column per parameter and for the scenes."""
    parameters = [*group.parameter.unique()]
    table = part.pivot_table(index="parameter", columns="against", values="value", aggfunc="median")
    return table.reindex(index=parameters, columns=[*parameters, "scene"])


def most_columns(blocks: dict[str, list], widest: int, longest: int) -> int:
    """The number of panels side by side that all blocks have room for; one has room if the figure grows."""
    most = max(1, int((WIDTH - ASIDE - LETTER * longest) / (widest * CELL[0] + 0.1)))
    return max(columns_of(len(block), most) for block in blocks.values())


def longest_of(names: pd.Index) -> int:
    """The number of letters of the longest name."""
    return int(names.str.len().max())


def rows_of(block: list, columns: int) -> int:
    """The number of rows that the panels of a block need."""
    return math.ceil(len(block) / columns)


def panel(ax: Axes, matrix: pd.DataFrame, first: bool, last: bool) -> None:
    """A heat map with its numbers; the cell of a parameter with itself is empty."""
    cells = np.ma.masked_invalid(matrix.to_numpy(dtype=float))
    ax.set_facecolor(UNDEFINED)
    ax.pcolormesh(cells, cmap=COLORS, vmin=0, vmax=1, edgecolors="white", linewidth=1)
    for (i, j), value in np.ndenumerate(cells.filled(np.nan)):
        if matrix.index[i] == matrix.columns[j]:
            ax.fill([j, j + 1, j + 1, j], [i, i, i + 1, i + 1], color="white", linewidth=0)
            continue
        color = "white" if value < 0.55 else INK
        ax.text(j + 0.5, i + 0.5, number(value), ha="center", va="center", color=color)
    ax.axvline(len(matrix.columns) - 1, color="white", linewidth=3)
    ax.set_xticks(np.arange(len(matrix.columns)) + 0.5, matrix.columns if last else [], rotation=90)
    ax.set_yticks(np.arange(len(matrix)) + 0.5, matrix.index if first else [])
    ax.tick_params(length=0, pad=2)
    ax.invert_yaxis()
    for spine in ax.spines.values():
        spine.set_visible(False)
    if first:
        ax.set_ylabel("share of")
    if last:
        ax.set_xlabel("outside the axes of")
