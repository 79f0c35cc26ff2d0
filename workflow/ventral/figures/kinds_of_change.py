"""Kinds of change found without labels, through depth: do they agree with the parameters, and where do these lie?"""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ventral.figures.labels import bounds, listed, models_shown
from ventral.figures.parameters import dotted, padded, profile
from ventral.figures.rows import placed
from ventral.figures.spec import Spec
from ventral.figures.style import CONTROL, FAINT, grid, heading, label_first_column, legend, marks, sentence

FIGURE = Spec(
    place=36,
    heading="Kinds of change, found without labels",
    needs="two parameters",
    tables=("geometry", "layers"),
    about="**Kinds of change, found without labels**: the agreement of kinds of change, which were found without "
    "knowing what changed, with the true parameters, by relative depth (1 for the same groups, 0 for chance), and the "
    "overlap of their subspaces with those of the parameters, with floors of shuffled groups.",
)

AGREEMENT, OVERLAP, FLOOR = "discovered_agreement", "discovered_overlap", "discovered_overlap_shuffled"
PANELS = {AGREEMENT: "agreement", OVERLAP: "overlap"}
ABSENT = "No stimulus set has enough scenes with several parameters for kinds of change to be found without labels."
KEYS = [
    Line2D([], [], color=CONTROL, linestyle="--", linewidth=1.1, label="agreement by chance"),
    Line2D([], [], color=FAINT, linestyle=":", linewidth=1.1, label="overlap of shuffled groups"),
]


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """For each stimulus set a panel of agreement and one of overlap, with one line per model."""
    table, floor = values(tables)
    if table.empty:
        return sentence(ABSENT)
    drawn = marks(tables["layers"])
    panels = [*table[["stimuli", "metric"]].drop_duplicates().itertuples(index=False, name=None)]
    figure, axes = grid(len(panels), 2.3, sharey=True)
    shown = pd.concat([table, floor, table.head(1).assign(value=0.0)])
    limits = padded(shown.assign(low=shown.value, high=shown.value))
    for ax, (stimuli, metric) in zip(axes, panels, strict=True):
        profile(ax, table[(table.stimuli == stimuli) & (table.metric == metric)], drawn, limits)
        if metric == AGREEMENT:
            ax.axhline(0, color=CONTROL, linestyle="--", linewidth=1.1, zorder=1)
        else:
            dotted(ax, floor[floor.stimuli == stimuli], drawn)
        ax.set_title(f"{PANELS[metric]} ({stimuli})")
        label_first_column(ax, "agreement or overlap")
    heading(figure, "Kinds of change, found without labels")
    legend(figure, drawn, KEYS)
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    table, _ = values(tables)
    if table.empty:
        return ABSENT
    sources = listed([f"“{name}”" for name in table.stimuli.unique()])
    return (
        f"Groups of images, in each of which one thing changes, were divided into kinds of change from the responses "
        f"alone. Agreement is the adjusted Rand index between the kinds and the parameters that really varied, over "
        f"pairs of groups of different scenes: 1 for the same groups, and 0 by chance (dashed line). Overlap is the "
        f"mean squared cosine between the three leading axes of each parameter and the subspace of the kind that holds "
        f"most of its groups, mean over parameters; dotted lines, in the colors of the models, are the same with the "
        f"kinds of the groups shuffled within and between scenes. With a single kind, both are at chance. The "
        f"horizontal axis is relative depth (0 = the network’s first layer, 1 = its last); a model with one "
        f"layer is a horizontal line, and untrained networks are dashed. Measured on {bounds(table.n)} images of "
        f"{sources}, {models_shown(tables['layers'])}. Intervals are in geometry.csv."
    )


def values(tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Agreement and mean overlap of each layer, and the floor of overlap, with the places of the layers."""
    geometry = tables["geometry"]
    rows = placed(tables, geometry.metric.isin([AGREEMENT, OVERLAP, FLOOR]) & geometry.value.notna())
    keys = ["stimuli", "metric", "model", "layer", "depth", "position"]
    means = rows.groupby(keys, sort=False)[["value", "low", "high", "n"]].mean().reset_index()
    return means[means.metric != FLOOR], means[means.metric == FLOOR]
