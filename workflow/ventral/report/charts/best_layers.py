"""The best layer of each model in each area, with its interval and the ceiling of the area."""

import altair as alt
import pandas as pd

from ventral.across_models.paired import MODELS
from ventral.figures.labels import CEILING, areas, provenance, score_text, scores, with_interval
from ventral.report.charts.chart import Chart, Drawing
from ventral.report.charts.layer_rows import kind_color, kind_shape, layer_rows
from ventral.report.charts.menus import menu
from ventral.report.charts.quantities import columns

CHART = Chart(place=52, heading="Best layers and ceilings")

SHOWN = ["area", "model", "layer", "kind", "value", "low", "high", "ceiling", "behind"]
STEP = 22


def draw(tables: dict[str, pd.DataFrame]) -> Drawing | None:
    """One row per model for the area that the reader chooses, from the best to the worst."""
    rows = layer_rows(tables["layers"])
    study = "predictivity" in tables
    best = best_of_study(tables, rows) if study else best_of_table(tables, rows)
    if best.empty:
        return None
    chosen = menu("area", "Score of", best.area.unique())
    shown = alt.Chart(alt.NamedData("best")).transform_filter("datum.area == area")
    narrow = alt.ExprRef("containerSize()[0] < 560 ? 130 : 300")
    y = alt.Y(
        "model:N",
        sort=alt.EncodingSortField("value", op="max", order="descending"),
        axis=alt.Axis(title=None, labelLimit=narrow, grid=True),
    )
    x = alt.X("value:Q", title="score of the best layer", scale=alt.Scale(zero=False))
    tooltip = [*(f"{name}:N" for name in ("model", "layer", "kind"))]
    tooltip += [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("value", "low", "high", "ceiling")]
    if "paired" in tables:
        tooltip.append(alt.Tooltip("behind:N", title="best model minus this, by unit"))
    base = shown.encode(y=y, color=kind_color(rows), tooltip=tooltip)
    ceiling = shown.transform_filter("isValid(datum.ceiling)").transform_aggregate(ceiling="mean(ceiling)", n="count()")
    ceiling = ceiling.transform_filter("datum.n > 0").transform_calculate(label="'ceiling'")
    chart = alt.layer(
        ceiling.mark_rule(color="#888888", strokeWidth=1.5).encode(x=alt.X("ceiling:Q")),
        ceiling.mark_text(color="#888888", align="right", dx=-4, y=8).encode(x=alt.X("ceiling:Q"), text="label:N"),
        base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=1.5).encode(x=alt.X("low:Q"), x2="high:Q"),
        base.mark_point(size=60, filled=True, opacity=1).encode(x=x, shape=kind_shape(rows)),
    )
    height = STEP * best.model.nunique()
    spec = chart.add_params(chosen).properties(width="container", height=height).to_dict()
    return Drawing(spec, caption(tables, study), {"best": best})


def best_of_study(tables: dict[str, pd.DataFrame], rows: pd.DataFrame) -> pd.DataFrame:
    """The best layer of each model in each area, with the interval of its score and √c."""
    parts = [pd.DataFrame(columns=SHOWN)]
    for area in areas(tables["predictivity"]).itertuples():
        measured = scores(tables["predictivity"], area.recording, area.area, area.metric).dropna(subset="value")
        reliability = scores(tables["predictivity"], area.recording, area.area, CEILING[area.metric]).value.dropna()
        ceiling = max(0, reliability.iloc[0]) ** 0.5 if len(reliability) else None
        if measured.empty:  # a study may have controls only
            continue
        best = measured.loc[measured.groupby("model", sort=False).value.idxmax()]
        beside = beside_best(best, area, tables)
        parts.append(best.assign(area=area.label, ceiling=ceiling, behind=beside).drop(columns="kind"))
    known = [part for part in parts if len(part)]
    if not known:
        return parts[0]
    return pd.concat(known).merge(rows[["model", "layer", "kind"]], on=["model", "layer"])[SHOWN]


def beside_best(best: pd.DataFrame, area, tables: dict[str, pd.DataFrame]) -> list[str]:
    """How much better the best model of an area is than each other one, unit by unit; "" where it was not compared."""
    paired = tables.get("paired", pd.DataFrame(columns=["recording", "area", "metric", "compared"]))
    here = (paired.recording == area.recording) & (paired.area == area.area) & (paired.metric == area.metric)
    first, differences = best.model[best.value.idxmax()], {}
    for row in paired[here & (paired.compared == MODELS)].itertuples():
        if row.model == first:
            differences[row.other_model] = with_interval(row.difference, row.low, row.high, 3)
        elif row.other_model == first:
            differences[row.model] = with_interval(-row.difference, -row.high, -row.low, 3)
    return [differences.get(model, "") for model in best.model]


def best_of_table(tables: dict[str, pd.DataFrame], rows: pd.DataFrame) -> pd.DataFrame:
    """The best layer of each model by each score of a table without intervals and ceilings."""
    parts = []
    for one in columns(rows, tables):
        if one.score:
            scored = (
                rows[["model", "layer", "kind"]].assign(area=one.label, value=rows[one.name]).dropna(subset="value")
            )
            parts.append(scored.loc[scored.groupby("model", sort=False).value.idxmax()])
    return pd.concat(parts).reindex(columns=SHOWN) if parts else pd.DataFrame(columns=SHOWN)


def caption(tables: dict[str, pd.DataFrame], study: bool) -> str:
    """Text under the chart."""
    text = "The best layer of each model, from the highest score to the lowest; hover names the layer."
    if not study:
        return text
    paired = ": hover shows the difference from the best model, unit by unit" if "paired" in tables else ""
    return (
        f"{text} The score is {score_text(tables['predictivity'])}. Bars are 95 % intervals; two that overlap do not "
        f"show that two layers are alike, because both are scored on the same units{paired}. Where trials tell the "
        f"reliability c, the gray line is √c; for distances, it is the upper bound of the ceiling of observers. "
        f"{provenance(tables['predictivity'])}"
    ).strip()
