"""The small picture beside the answer: the relation that leads it."""

import altair as alt
import pandas as pd

from ventral.figures.labels import count, with_interval
from ventral.report.charts.chart import Chart, Drawing
from ventral.report.charts.layer_rows import BASELINE, TRAINED, kind_color, kind_shape, layer_rows
from ventral.report.charts.quantities import columns, leading_pair
from ventral.statistics.family_jackknife import FEWEST_FAMILIES

CHART = Chart(place=1, heading="The leading relation", figure="dimensionality", first=True)


def draw(tables: dict[str, pd.DataFrame]) -> Drawing | None:
    """One point per layer, a line for the trained networks of each kind, and one for all of them if its r is told."""
    rows = layer_rows(tables["layers"])
    found = columns(rows, tables)
    x, y = leading_pair(found, tables)
    known = relations_of(tables, x.name, y.name) if x and y else pd.DataFrame()
    if known.empty:
        return None
    logarithmic = known.scale.iloc[0] == "log"
    scale = alt.Scale(type="log", nice=False, padding=8) if logarithmic else alt.Scale(zero=False)
    base = (
        alt.Chart(alt.NamedData("layers"))
        .transform_calculate(x=f"datum[{x.name!r}]", y=f"datum[{y.name!r}]")
        .transform_filter("isValid(datum.x) && isValid(datum.y)")
    )
    ticks = {"format": "~g"} if logarithmic else {}
    across = alt.X("x:Q", title=x.label, scale=scale, axis=alt.Axis(tickCount=5, titleLimit=320, **ticks))
    up = alt.Y("y:Q", title=y.label, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5, titleLimit=260))
    color, shape = kind_color(rows), kind_shape(rows)
    tooltip = [*(f"{name}:N" for name in ("model", "layer", "kind"))]
    tooltip += [alt.Tooltip("x:Q", title=x.label, format=".4"), alt.Tooltip("y:Q", title=y.label, format=".3f")]
    points = base.mark_point(size=34, filled=True, opacity=0.75).encode(
        x=across, y=up, color=color, shape=shape, tooltip=tooltip
    )
    fit = {"on": "x", "regression": "y", "method": "log" if logarithmic else "linear"}
    trained = base.transform_filter(f"datum.group == '{TRAINED}'")
    lines = trained.transform_regression(**fit, groupby=["kind"]).mark_line(strokeWidth=2)
    layers = [points, lines.encode(x=across, y=up, color=color)]
    if TRAINED in told(known, rows).within.tolist() and of_several_kinds(rows):
        dashed = trained.transform_regression(**fit).mark_line(strokeWidth=2, strokeDash=[6, 4], color="#888888")
        layers.append(dashed.encode(x=across, y=up))
    spec = alt.layer(*layers).properties(width="container", height=260).to_dict()
    return Drawing(spec, caption(known, rows, x.label, y.label), {"layers": rows})


def relations_of(tables: dict[str, pd.DataFrame], geometry: str, score: str) -> pd.DataFrame:
    """Pearson's relations of two columns across layers that hold nothing fixed: over all networks and within kinds."""
    relations = tables.get("relations")
    if relations is None or "score" not in relations:
        return pd.DataFrame()
    chosen = (relations.across == "layers") & (relations.statistic == "pearson") & (relations.given.fillna("") == "")
    return relations[chosen & (relations.geometry == geometry) & (relations.score == score)].fillna({"within": ""})


def is_mixed(rows: pd.DataFrame) -> bool:
    """Whether networks differ in kind, so that a correlation over all of them may be that of the means of kinds."""
    return rows[rows.group != BASELINE].kind.nunique() > 1


def of_several_kinds(rows: pd.DataFrame) -> bool:
    """Whether trained networks differ in kind, so that the line of all of them is none of those of kinds."""
    return rows[rows.group == TRAINED].kind.nunique() > 1


def told(known: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The relations whose r the caption tells: within kinds and among trained networks, or over all of one kind."""
    return known[(known.within != "") if is_mixed(rows) else (known.within == "")].dropna(subset="value")


def caption(known: pd.DataFrame, rows: pd.DataFrame, x: str, y: str) -> str:
    """Text under the chart: r within each kind, because a correlation over all kinds may be that of their means."""
    text = f"{y} against {x}, one line per kind of training."
    shown = told(known, rows)
    if shown.empty and is_mixed(rows):
        enough = (known.families[known.within != ""] >= FEWEST_FAMILIES).any()
        why = "One of them does not vary there" if enough else "No kind of training has four families of networks"
        return f"{text} {why}, so no r is given within kinds."
    if shown.empty:
        return text
    names = {"": "", TRAINED: "all trained (dashed): " if of_several_kinds(rows) else f"{TRAINED}: "}
    numbers = [
        f"{names.get(row.within, f'{row.within}: ')}r = {with_interval(row.value, row.low, row.high)} over "
        f"{count(int(row.n), 'layer')} of {count(int(row.models), 'network')}"
        for row in shown.itertuples()
    ]
    return f"{text} {'; '.join(numbers)}."
