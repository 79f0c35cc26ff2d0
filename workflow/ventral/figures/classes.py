"""Few-shot transfer: how often does a read-out name the class of a new image after learning from a few images?"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from ventral.catalog import MODULES
from ventral.figures.labels import bounds, count, listed, models_shown
from ventral.figures.rows import deepest, placed
from ventral.figures.spec import Spec
from ventral.figures.style import INK, MANY, WIDTH, Mark, heading, legend, marks, sentence

FIGURE = Spec(
    place=80,
    heading="Few-shot classes",
    needs="classes",
    tables=("geometry", "layers"),
    about="**Few-shot classes**: the share of images that a linear read-out of each model's deepest layer names "
    "correctly after learning each class from a few images. Bars go from the lowest to the highest draw; the black "
    "line is chance.",
)

READOUTS = {metric.name: metric.heading for metric in MODULES["geometry.few_shot"] if metric.heading}
NEAREST_MEAN, CHANCE = "prototype_top_1", "top_1_floor"
ABSENT = "No stimulus set has independent images of two classes or more, so no class can be learned from a few."
CHANCE_LINE = {"color": INK, "linewidth": 0.8}


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """Accuracy against images per class: a row per stimulus set, a panel per read-out, a line per model."""
    table = values(tables)
    if table.empty:
        return sentence(ABSENT)
    drawn, sets = marks(tables["layers"]), [*table.stimuli.unique()]
    figure = Figure(figsize=(WIDTH, 2.6 * len(sets) + 0.3), layout="constrained")
    axes = figure.subplots(len(sets), len(READOUTS), squeeze=False, sharey="row")
    for shelf, stimuli in zip(axes, sets, strict=True):
        group = table[table.stimuli == stimuli]
        for ax, (readout, name) in zip(shelf, READOUTS.items(), strict=True):
            panel(ax, group[group.metric == readout], drawn)
            ax.axhline(group.value[group.metric == CHANCE].iloc[0], **CHANCE_LINE, zorder=1)
            ax.set_title(f"{name} ({stimuli})" if len(sets) > 1 else name)
            shots_axis(ax, sorted(group.shots.dropna().unique()))
        shelf[0].set_ylim(0, min(1.02, 1.06 * group[["value", "high"]].max(axis=None)))
        shelf[0].set_ylabel("share of images named correctly")
    heading(figure, "Learning classes from a few images")
    legend(figure, drawn, [Line2D([], [], label="chance", **CHANCE_LINE)])
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    table = values(tables)
    if table.empty:
        return ABSENT
    chance = table[table.metric == CHANCE].drop_duplicates("stimuli")
    sets = [f"{count(round(1 / row.value), 'class')} of “{row.stimuli}”" for row in chance.itertuples()]
    return (
        f"Accuracy (top 1) of linear read-outs that learn {listed(sets)} from the number of images per class on the "
        f"logarithmic axis and name other images; tied classes share the credit. Each line is the deepest layer of one "
        f"of {models_shown(tables['layers'])}. Points are means over random draws of images, ten for class means and "
        f"five for the other two read-outs, and bars extend from the lowest to the highest draw. The black line is "
        f"chance. A draw has at most 50 classes; {bounds(table.n)} images have a class."
    )


def values(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Accuracies of the deepest layers and chance, with the images per class as the column shots."""
    geometry = tables["geometry"]
    table = deepest(placed(tables, geometry.metric.isin([*READOUTS, CHANCE])))
    return table.assign(shots=table.parameter.str.extract(r"^(\d+)-shot$", expand=False).astype(float))


def panel(ax: Axes, part: pd.DataFrame, drawn: dict[str, Mark]) -> None:
    """One line per model; the models are drawn slightly apart."""
    few = len(drawn) <= MANY
    for i, (model, mark) in enumerate(drawn.items()):
        of_model = part[part.model == model].sort_values("shots")
        x = of_model.shots * 1.18 ** (2 * i / max(1, len(drawn) - 1) - 1)
        shape = {"linestyle": mark.dashes, "linewidth": 1.1 if few else 0.6, "alpha": 0.9 if few else 0.6}
        ax.plot(x, of_model.value, color=mark.color, **shape)
        ax.vlines(x, of_model.low, of_model.high, color=mark.color, linewidth=0.8, alpha=0.5 if few else 0.25)
        size = 4.2 if few else 2.6
        ax.plot(x, of_model.value, mark.marker, color=mark.color, markersize=size, mec="white", mew=0.3)


def shots_axis(ax: Axes, shots: list[float]) -> None:
    """A logarithmic axis with a tick at each number of images."""
    ax.set_xscale("log")
    ax.set_xticks(shots, [f"{m:g}" for m in shots])
    ax.set_xlim(shots[0] / 1.4, shots[-1] * 1.4)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("images per class to learn from")
