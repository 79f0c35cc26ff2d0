"""Any quantity through the depth of networks, with its ceiling and its control."""

import json

import altair as alt
import pandas as pd

from ventral.figures.labels import provenance
from ventral.report.charts.chart import Chart, Drawing
from ventral.report.charts.layer_rows import kind_color, kind_shape, layer_rows
from ventral.report.charts.menus import menu
from ventral.report.charts.quantities import Column, columns, leading_pair

CHART = Chart(place=51, heading="Through depth", figure="depth")


def draw(tables: dict[str, pd.DataFrame]) -> Drawing | None:
    """One line per model over relative depth, for a quantity that the reader chooses."""
    rows = layer_rows(tables["layers"])
    if rows.groupby("model").depth.nunique().max() < 2:
        return None
    found = columns(rows, tables)
    geometry, score = leading_pair(found, tables)
    first = score or geometry
    if first is None:
        return None
    names, labels = [one.name for one in found], [one.label for one in found]
    quantity = menu("quantity", "Quantity", names, labels, first.name)
    base = alt.Chart(alt.NamedData("layers")).transform_calculate(
        value="datum[quantity]",
        ceiling=f"sqrt(max(0, datum[{looked_up(found, 'ceiling')}]))",
        control=f"datum[{looked_up(found, 'control')}]",
    )
    chart = alt.layer(
        *curves(base, rows),
        *references(base, found),
        title=alt.Title(alt.ExprRef(looked_up(found, "label")), anchor="start"),
    )
    spec = chart.add_params(quantity).properties(width="container", height=320).to_dict()
    return Drawing(spec, caption(tables, found), {"layers": rows})


def looked_up(found: list[Column], attribute: str) -> str:
    """A Vega expression of an attribute of the chosen column; "" without one."""
    known = {one.name: getattr(one, attribute) for one in found if getattr(one, attribute)}
    return f"({json.dumps(known)}[quantity] || '')"


def curves(base: alt.Chart, rows: pd.DataFrame) -> list[alt.Chart]:
    """Lines and points of the models; a model with one layer is a horizontal line."""
    known = base.transform_filter("isValid(datum.value)").transform_joinaggregate(layers="count()", groupby=["model"])
    several, single = known.transform_filter("datum.layers > 1"), known.transform_filter("datum.layers == 1")
    x = alt.X("depth:Q", title="relative depth (0 first layer, 1 last)")
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False))
    tooltip = [*(alt.Tooltip(f"{name}:N") for name in ("model", "layer", "kind")), alt.Tooltip("depth:Q", format=".2f")]
    tooltip += [alt.Tooltip("value:Q", format=".4")]
    color = kind_color(rows)
    return [
        single.mark_rule(strokeDash=[5, 3]).encode(y=y, color=color, tooltip=tooltip),
        several.mark_line(opacity=0.6, strokeWidth=1.2).encode(x=x, y=y, color=color, detail="model:N"),
        several.mark_point(size=42, filled=True, opacity=0.9).encode(
            x=x, y=y, color=color, shape=kind_shape(rows), tooltip=tooltip
        ),
    ]


def references(base: alt.Chart, found: list[Column]) -> list[alt.Chart]:
    """The ceiling and the shuffled control of a score, as means over layers."""
    lines = []
    for name, label, dash in (("ceiling", "ceiling", [1, 0]), ("control", "shuffled images", [2, 3])):
        if not any(getattr(one, name) for one in found):
            continue
        mean = base.transform_filter(f"isValid(datum.{name})").transform_aggregate(mean=f"mean({name})", n="count()")
        shown = mean.transform_filter("datum.n > 0").transform_calculate(label=f"'{label}'")
        y = alt.Y("mean:Q")
        tooltip = [alt.Tooltip("label:N", title="line"), alt.Tooltip("mean:Q", format=".4")]
        lines += [
            shown.mark_rule(strokeDash=dash, color="#888888", strokeWidth=1.5).encode(y=y, tooltip=tooltip),
            shown.mark_text(align="left", dy=-6, x=4, color="#888888").encode(y=y, text="label:N"),
        ]
    return lines


def caption(tables: dict[str, pd.DataFrame], found: list[Column]) -> str:
    """Text under the chart."""
    text = "One line per model, one point per layer; a model with one layer, such as a baseline, is a dashed line. "
    if any(one.ceiling for one in found):
        text += (
            "For a score with trials, the gray line is √c, the score of a perfect model of reliability c; for "
            "distances, it is the upper bound of the ceiling of observers. "
        )
    if any(one.control for one in found):
        text += "The dotted line is the mean over layers of the same measure of shuffled images. "
    return (text + (provenance(tables["predictivity"]) if "predictivity" in tables else "")).strip()
