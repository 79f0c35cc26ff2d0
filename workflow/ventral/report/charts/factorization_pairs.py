"""Every parameter against every other: the share of its variance outside the axes of the other, or of the scenes."""

import altair as alt
import pandas as pd

from ventral.catalog import METRICS
from ventral.figures.labels import count
from ventral.figures.rows import placed
from ventral.metrics import SCENE
from ventral.report.charts.chart import Chart, Drawing
from ventral.report.charts.layer_rows import TRAINED, layer_rows
from ventral.report.charts.menus import menu
from ventral.summary.layers import at_threshold

CHART = Chart(place=21, heading="Parameters against each other", figure="parameter_pairs")

MEASURES = ("factorization", "covariance_factorization", "corrected_covariance_factorization")
KEYS = ["stimuli", "metric", "model", "at", "parameter", "against"]
STEP = 34


def draw(tables: dict[str, pd.DataFrame]) -> Drawing | None:
    """A heat map of one model, or of the medians over the networks of a kind."""
    pairs = measured_pairs(tables)
    if pairs.empty:
        return None
    models = [*dict.fromkeys(pairs.model)]
    measures = [name for name in MEASURES if name in {*pairs.metric}]
    chosen = [
        menu("images", "Images", pairs.stimuli.unique()),
        menu("measure", "Measure", measures, [METRICS[name].label for name in measures]),
        menu("model", "Model", models),
        menu("at", "Layer", [*dict.fromkeys(pairs["at"])]),
    ]
    shown = alt.Chart(alt.NamedData("pairs")).transform_filter(
        "datum.stimuli == images && datum.metric == measure && datum.model == model && datum.at == at"
    )
    tooltip = ["model:N", "layer:N", "parameter:N", "against:N", alt.Tooltip("value:Q", format=".3f")]
    tooltip += [
        alt.Tooltip("interval:N", title="95 %"),
        alt.Tooltip("shuffled:Q", title="shuffled images", format=".3f"),
    ]
    base = shown.encode(
        x=alt.X("against:N", sort=None, title="outside the axes of", axis=alt.Axis(orient="top", labelAngle=-35)),
        y=alt.Y("parameter:N", sort=None, title="share of"),
        tooltip=tooltip,
    )
    scale = alt.Scale(scheme="viridis", domain=[0, 1], clamp=True)
    color = alt.Color("value:Q", scale=scale, title="share outside", legend=alt.Legend(orient="bottom"))
    ink = alt.condition("datum.value < .55", alt.value("white"), alt.value("black"))
    cells = base.mark_rect().encode(color=color)
    numbers = base.mark_text(fontSize=12).encode(text=alt.Text("value:Q", format=".2f"), color=ink)
    chart = alt.layer(cells, numbers).add_params(*chosen)
    height = STEP * int(pairs.groupby("stimuli").parameter.nunique().max())
    spec = chart.properties(width="container", height=height).to_dict()
    text = (
        "Each cell is the share of the variance caused by the parameter of its row that lies outside the leading "
        "components of the variance caused by the parameter of its column, or between scenes. 1 means separate axes, "
        "0 the same axes. Hover shows intervals over scenes, and the value of shuffled images where it was "
        "measured: a value that is no better than that says nothing."
    )
    return Drawing(spec, text, {"pairs": pairs})


def measured_pairs(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows of the first and the last layer of each model, and medians over the trained networks of each kind."""
    geometry = tables.get("geometry", pd.DataFrame(columns=["metric", "against", "threshold"]))
    crossed = (
        geometry.stimuli[geometry.metric.isin(MEASURES) & ~geometry.against.isin(["", SCENE])].unique()
        if len(geometry)
        else []
    )
    if not len(crossed):
        return pd.DataFrame()
    known = geometry.stimuli.isin(crossed) & (geometry.parameter != "") & at_threshold(geometry)
    rows = placed(tables, known & geometry.metric.isin(MEASURES)).drop(columns=["baseline", "kind"])
    shuffled = geometry[known & geometry.metric.isin([METRICS[name].control for name in MEASURES])]
    shuffled = shuffled.assign(metric=shuffled.metric.str.removesuffix("_shuffled"), shuffled=shuffled.value)
    keys = ["stimuli", "model", "layer", "metric", "parameter", "against"]
    rows = rows.merge(shuffled[[*keys, "shuffled"]], on=keys, how="left", validate="one_to_one")
    last = rows.groupby("model").position.transform("max")
    ends = [rows[rows.position == last].assign(at="last"), rows[(rows.position == 0) & (last > 0)].assign(at="first")]
    rows = pd.concat(ends).merge(layer_rows(tables["layers"])[["model", "layer", "kind", "group"]])
    rows["interval"] = [
        f"[{row.low:.2f}, {row.high:.2f}]" if row.low == row.low else "none" for row in rows.itertuples()
    ]
    return pd.concat([rows, *medians(rows)])[[*KEYS, "layer", "value", "interval", "shuffled"]]


def medians(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """Medians over the trained networks of each kind that has two or more."""
    found = []
    for kind, part in rows[rows.group == TRAINED].groupby("kind", sort=False):
        if (n := part.model.nunique()) > 1:
            values = part.groupby([key for key in KEYS if key != "model"], sort=False).agg(
                {"value": "median", "shuffled": "median"}
            )
            name = f"median over {count(n, f'{kind} network'.strip())}"
            found.append(values.reset_index().assign(model=name, layer=f"{n} layers", interval="none"))
    return found
