"""Dimensionality against the number of images, plain and corrected."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from ventral.figures.labels import bounds, listed
from ventral.figures.rows import deepest, placed
from ventral.figures.spec import Spec
from ventral.figures.spectra import chosen_stimuli
from ventral.figures.style import (
    INK,
    MANY,
    Mark,
    grid,
    heading,
    label_first_column,
    legend,
    marks,
    name_panels,
    sentence,
)

FIGURE = Spec(
    place=70,
    heading="Dimensionality and sample size",
    needs="independent images",
    tables=("geometry", "predictivity", "layers", "spectra"),
    about="**Effective dimensionality against the number of images** in the deepest layer of each model: of the "
    "images shown (open marks), which few images make too small, and from unbiased estimates (filled). Bars of "
    "sub-samples are ranges over 10 draws, bars at all images 95 % intervals.",
)

PLAIN, CORRECTED = "effective_dimensionality", "corrected_effective_dimensionality"
OF_SAMPLE = "_of_sample"
ABSENT = "No stimulus set has images that are independent of each other, so dimensionality cannot be corrected."
APART = {PLAIN: 0.97, CORRECTED: 1.03}  # factors that draw the two side by side


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """One panel per model for its deepest layer: open marks for plug-in values, filled marks for corrected values."""
    table = values(tables)
    if table.empty:
        return sentence(ABSENT)
    drawn = {model: mark for model, mark in marks(tables["layers"]).items() if model in {*table.model}}
    few = len(drawn) <= MANY
    figure, axes = grid(len(drawn), 1.9 if few else 1.5, most=5 if few else 6, sharex=True, sharey=True)
    for ax, (model, mark) in zip(axes, drawn.items(), strict=True):
        panel(ax, table[table.model == model], mark)
        label_first_column(ax, "ED")
        if ax.xaxis.get_tick_params()["labelbottom"]:
            ax.set_xlabel("images")
    name_panels((ax, model, mark.color, mark.aside) for ax, (model, mark) in zip(axes, drawn.items(), strict=True))
    scale(axes, table)
    heading(figure, f"Effective dimensionality by number of images of “{table.stimuli.iloc[0]}”")
    legend(figure, {}, KEYS)
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    table = values(tables)
    if table.empty:
        return ABSENT
    sampled = table.metric.str.endswith(OF_SAMPLE)
    sizes = listed([f"{n:,}" for n in sorted(table.n[sampled].astype(int).unique())])
    parts = (
        f" Points at {sizes} images are means over 10 random sub-samples of the same images, their bars the range."
        if sampled.any()
        else " The set has too few images for sub-samples."
    )
    return (
        f"Effective dimensionality (ED) of each model’s deepest layer on images of “{table.stimuli.iloc[0]}”. Open: "
        f"plug-in, (Σλ)²/Σλ² of the images shown, which few images make too small. Filled: the ratio of unbiased "
        f"estimates of (tr Σ)² and tr Σ², which should not depend on how many images there are.{parts} At all "
        f"{bounds(table.n[~sampled])} images, bars are 95 % jackknife intervals over images; that of the plug-in value "
        f"is for samples of the same size. Logarithmic axes."
    )


def values(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows of the deepest layers from all images and from fewer, for the set of the spectra if possible."""
    geometry = tables["geometry"]
    names = [metric + suffix for metric in (PLAIN, CORRECTED) for suffix in ("", OF_SAMPLE)]
    known = geometry.stimuli[geometry.metric == CORRECTED].unique()
    stimuli = chosen_stimuli(tables)
    chosen = stimuli if stimuli in known else next(iter(known), None)
    return deepest(placed(tables, geometry.metric.isin(names) & (geometry.stimuli == chosen)))


def panel(ax: Axes, rows: pd.DataFrame, mark: Mark) -> None:
    """Both estimates of one layer from the fewest images to all."""
    for metric, aside in APART.items():
        estimates = rows[rows.metric.isin([metric, metric + OF_SAMPLE]) & (rows.value > 0)].sort_values("n")
        filled, x = metric == CORRECTED, estimates.n * aside
        ax.vlines(x, estimates.low.clip(lower=1e-3), estimates.high, color=mark.color, linewidth=0.9, alpha=0.7)
        style = {"linestyle": "-" if filled else (0, (4, 2)), "mfc": mark.color if filled else "white"}
        ax.plot(x, estimates.value, marker=mark.marker, color=mark.color, linewidth=1, markersize=4.2, mew=0.9, **style)


def scale(axes: list[Axes], table: pd.DataFrame) -> None:
    """Logarithmic axes that hold all values; bars can exceed them."""
    positive = table.value[table.value > 0]
    low, high = positive.min(), max(positive.max(), table.high[~table.metric.str.endswith(OF_SAMPLE)].max())
    axes[0].set(xscale="log", yscale="log", ylim=(low / 1.4, high * 1.2))
    sizes = sorted(table.n.astype(int).unique())
    axes[0].set_xticks(sizes, [f"{n:,}" for n in sizes])
    axes[0].set_xlim(sizes[0] / 1.2, sizes[-1] * 1.2)
    for ax in axes:
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low < 100 else (1,)))
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_minor_locator(NullLocator())


KEYS = [
    Line2D([], [], color=INK, marker="o", mfc="white", linestyle=(0, (4, 2)), markersize=4.5, label="plug-in"),
    Line2D([], [], color=INK, marker="o", markersize=4.5, label="corrected"),
]
