"""Are the components of a layer that other networks share those that an area shares?"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ventral.catalog import HEADLINE
from ventral.figures.dimensionality import marker
from ventral.figures.labels import areas, number, provenance, scores
from ventral.figures.spec import Spec
from ventral.figures.style import FAINT, MANY, Mark, grid, heading, legend, marks, sentence

FIGURE = Spec(
    place=112,
    heading="Universal components",
    needs="recorded units",
    tables=("predictivity", "layers", "universality"),
    about="**Universal components**. How well the units of an area predict each principal component of a layer, "
    "against how well networks of other families do, for the layer of each model that predicts the area best.",
)

ABSENT = "Universality needs networks of two families beside that of a layer, and a recorded area."
KEY = ["model", "layer"]


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """One panel per area."""
    shown = shown_areas(tables)
    if shown.empty:
        return sentence(ABSENT)
    drawn = marks(tables["layers"])
    figure, axes = grid(len(shown), 2.8)
    for area, ax in zip(shown.itertuples(), axes, strict=True):
        components(ax, of_area(tables, area), drawn)
        ax.set_title(area.label)
    heading(figure, "Universal components" + marker(shown))
    legend(figure, drawn, [Line2D([], [], color=FAINT, linewidth=0.8, label="equally well")], line=False)
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    shown, table = shown_areas(tables), tables["universality"]
    if shown.empty:
        return ABSENT
    floor = table.high[table.metric == "universality_shuffled"].max()
    return (
        f"How well the units of an area predict a principal component of a layer (r on held-out images), against how "
        f"well networks of other families predict it (median over families). One mark per component of the layer of "
        f"each model that predicts the area best; larger marks are components with more variance. With shuffled "
        f"images, 97.5 % of the components of every layer have a universality below {number(floor)}. "
        f"{provenance(tables['predictivity'])}"
    ).strip()


def shown_areas(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The areas with components of some layer."""
    shown, table = areas(tables["predictivity"], [HEADLINE]), tables["universality"]
    known = {*zip(table.recording, table.area, strict=True)}
    return shown[[pair in known for pair in zip(shown.recording, shown.area, strict=True)]]


def of_area(tables: dict[str, pd.DataFrame], area) -> pd.DataFrame:
    """Universality and r of every component of the best layer of each model."""
    best = scores(tables["predictivity"], area.recording, area.area, HEADLINE).dropna(subset="value")
    best = best.loc[best.groupby("model").value.idxmax(), KEY]
    table = tables["universality"].merge(best, on=KEY)
    inside = (table.recording == area.recording) & (table.area == area.area) & (table.metric == "component_r")
    keys = ["stimuli", *KEY, "parameter"]
    of_networks = table.loc[table.metric == "universality", [*keys, "value"]]
    both = table.loc[inside, [*keys, "value"]].merge(of_networks, on=keys, suffixes=("", "_of_networks"))
    return both.assign(component=both.parameter.astype(float))


def components(ax: Axes, rows: pd.DataFrame, drawn: dict[str, Mark]) -> None:
    """One mark per component."""
    largest = 40 if len(drawn) <= MANY else 20
    for model, of_model in rows.groupby("model", sort=False):
        mark, size = drawn[model], largest / of_model.component**0.7
        look = {"color": mark.color, "marker": mark.marker, "linewidths": 0.3, "edgecolors": "white"}
        ax.scatter(of_model.value_of_networks, of_model.value, s=size.clip(lower=2), alpha=0.7, **look)
    low = min(rows.value.min(), rows.value_of_networks.min())
    ax.plot([low, 1], [low, 1], color=FAINT, linewidth=0.8, zorder=0)
    ax.set(xlabel="universality (r from other networks)", ylabel="r from the area")
