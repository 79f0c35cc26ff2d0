"""Geometry of recorded areas in the order of the stream: with noise, without it, and at equal numbers of units."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ventral.catalog import record
from ventral.figures.labels import area_label, bounds, provenance
from ventral.figures.spec import Spec
from ventral.figures.style import COLORS, INK, grid, heading, legend, name_panels, sentence
from ventral.geometry.equal_units import ENDING
from ventral.metrics import SCENE
from ventral.summary.layers import at_threshold

FIGURE = Spec(
    place=57,
    heading="Geometry of the areas",
    needs="recorded areas",
    tables=("areas",),
    about="**Geometry of the areas** of all recordings, in the order of the ventral stream: of the means over trials "
    "(open marks), without the noise of trials (filled), and at the number of units of the smallest area of the "
    "recording (squares). Two-way quantities are those of the population from which the units were recorded. Bars are "
    "95 % intervals, or ranges over draws of units.",
)

SHOWN = (
    *("effective_dimensionality", "two_way_effective_dimensionality", "object_decoding"),
    *("two_way_covariance_factorization", "factorization", "covariance_factorization", "invariance"),
)
STREAM = ("V1", "V2", "V3", "V4", "IT")
ABSENT = "The study has no recording of units, so no area has a geometry."
PLACE = ["recording", "area", "simulated"]
VARIANTS = {
    "": ("means over trials", {"marker": "o", "color": COLORS[0], "mfc": "white"}),
    "_crossed": ("without the noise of trials", {"marker": "o", "color": COLORS[0]}),
    ENDING: ("at equal numbers of units", {"marker": "s", "color": COLORS[1]}),
}
LANES = dict(zip(VARIANTS, (-0.2, 0, 0.2), strict=True))


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """One panel per quantity, with a row for each area."""
    table = values(tables)
    if table.empty:
        return sentence(ABSENT)
    rows = {area: row for row, area in enumerate(in_order(table))}
    shown = list(table.groupby(["quantity", "parameter"], sort=False))
    figure, axes = grid(len(shown), 0.75 + 0.22 * len(rows))
    for ax, ((quantity, _), part) in zip(axes, shown, strict=True):
        panel(ax, part, rows)
        ax.set_xlabel(record(quantity).heading or "value")
    for ax in axes:
        ax.set_yticks(list(rows.values()), list(rows) if ax.get_subplotspec().is_first_col() else [""] * len(rows))
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.tick_params(axis="y", length=0)
    name_panels((ax, record(quantity).label, INK, name) for ax, ((quantity, name), _) in zip(axes, shown, strict=True))
    heading(figure, "Geometry of the areas")
    legend(figure, {}, [Line2D([], [], linestyle="", label=text, **look) for text, look in seen(table).values()])
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    table = values(tables)
    if table.empty:
        return ABSENT
    equal = (
        " Squares are means over random draws of as many units as the smallest area of the recording has, with the "
        "range over draws, and make areas comparable."
        if ENDING in seen(table)
        else ""
    )
    crossed = " Filled marks exclude the noise of trials." if "_crossed" in seen(table) else ""
    images = table.n[table.variant != ENDING]
    return (
        f"Each row is an area, in the order of the ventral stream, with {bounds(images)} images. Areas of different "
        f"recordings saw different images. Open marks are of the means over trials, which hold noise and, but for "
        f"two-way quantities, depend on the number of units.{crossed}{equal} Other bars are 95 % intervals. Quantities "
        f"with a parameter are of scenes, at the threshold 0.9 where they have one. {provenance(table)}"
    ).strip()


def values(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The rows that are shown, with the columns quantity, variant and label of the area."""
    table = tables["areas"]
    table = table[at_threshold(table) & table.against.isin(["", SCENE])].dropna(subset="value")
    named = {f"{metric}{ending}": (metric, ending) for metric in SHOWN for ending in VARIANTS}
    table = table[table.metric.isin([*named])]
    pairs = table.metric.map(named)
    labels = [area_label(*area) for area in table[PLACE].itertuples(index=False)]
    table = table.assign(quantity=pairs.str[0], variant=pairs.str[1], label=pd.Series(labels, table.index, dtype=str))
    return table.sort_values("quantity", key=lambda names: names.map(SHOWN.index), kind="stable")


def in_order(table: pd.DataFrame) -> list[str]:
    """Labels of areas in the order of the stream, and those that are not of the stream after them."""

    def place(name: str) -> int:
        return next((i for i, one in enumerate(STREAM) if one in name), len(STREAM))

    areas = table.drop_duplicates("label")
    return list(areas.label.iloc[np.argsort(areas.area.map(place).to_numpy(), kind="stable")])


def seen(table: pd.DataFrame) -> dict[str, tuple[str, dict]]:
    """The variants that a table has."""
    return {variant: about for variant, about in VARIANTS.items() if (table.variant == variant).any()}


def panel(ax: Axes, part: pd.DataFrame, rows: dict[str, int]) -> None:
    """One quantity of every area."""
    for one in part.itertuples():
        y, look = rows[one.label] + LANES[one.variant], VARIANTS[one.variant][1]
        ax.hlines(y, one.low, one.high, color=look["color"], linewidth=0.9)
        ax.plot(one.value, y, linestyle="", markersize=4.3, **look)
    ax.grid(axis="x", linewidth=0.4, alpha=0.5)
