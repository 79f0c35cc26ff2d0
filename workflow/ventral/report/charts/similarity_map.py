"""Similarity of all representations, for the images and the measure that the reader chooses."""

import json

import altair as alt
import pandas as pd

from ventral.catalog import METRICS
from ventral.figures.labels import area_label
from ventral.figures.similarity import nodes_of
from ventral.figures.spectra import chosen_stimuli
from ventral.report.charts.chart import Chart, Drawing
from ventral.report.charts.layer_rows import layer_rows
from ventral.report.charts.menus import menu
from ventral.report.charts.quantities import BETWEEN, columns, leading_pair
from ventral.summary.tables import LAYER, NODE, SIMULATED

CHART = Chart(place=111, heading="Similarity of representations", figure="similarity")

MOST = 160  # representations; the cells of more are too small to point at
LIMIT = alt.ExprRef("containerSize()[0] < 560 ? 105 : 280")
DISTANCE = "procrustes_distance"


def draw(tables: dict[str, pd.DataFrame]) -> Drawing | None:
    """A heat map of pairs; the layers of a model stand together, areas of recordings last.

    With many representations, it shows the best and the last layer of each model; None if these are too many, too, so
    that the page has the figure.
    """
    pairs = tables.get("similarity")
    if pairs is None or pairs.empty:
        return None
    nodes = nodes_of(pairs)
    nodes = pd.concat([nodes[nodes.kind == LAYER], nodes[nodes.kind != LAYER]], ignore_index=True)
    every = len(nodes)
    nodes = nodes if every <= MOST else ends(nodes, tables)
    if len(nodes) > MOST:
        return None
    nodes = nodes.assign(label=[label(row) for row in nodes.itertuples()])
    cells = numbered(pairs, nodes)
    measures = [name for name in ("debiased_cka", "rsa") if name in {*cells.metric}]
    measures += [name for name in cells.metric.unique() if name not in measures]
    images = cells.stimuli.unique()
    chosen = [
        menu("images", "Images", images, first=chosen_stimuli(tables) or images[0]),
        menu("measure", "Measure", measures, [METRICS[name].label for name in measures]),
    ]
    shown = alt.Chart(alt.NamedData("similarity")).transform_filter(
        "datum.stimuli == images && datum.metric == measure"
    )
    largest = float(cells.value[cells.metric == DISTANCE].max())
    most = alt.ExprRef(f"measure == '{DISTANCE}' ? {largest:.4g} : 1") if largest == largest else 1
    scale = alt.Scale(scheme="viridis", domainMin=0, domainMax=most, clamp=True, type="sqrt")
    names = json.dumps(nodes.label.tolist())
    tooltip = [alt.Tooltip(f"{name}:N") for name in ("first", "second")] + [alt.Tooltip("value:Q", format=".3f")]
    named = shown.transform_calculate(first=f"{names}[datum.i]", second=f"{names}[datum.j]")
    color = alt.Color("value:Q", scale=scale, title=None, legend=alt.Legend(orient="bottom"))
    halves = [
        named.mark_rect().encode(x=axis(alt.X, x, nodes), y=axis(alt.Y, y, nodes), color=color, tooltip=tooltip)
        for x, y in (("i", "j"), ("j", "i"))
    ]
    spec = alt.layer(*halves).add_params(*chosen).properties(width="container", height=520).to_dict()
    return Drawing(spec, caption(pairs, nodes, every), {"similarity": cells})


def ends(nodes: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The best layer of each model by the leading score, the last one of each, and all areas."""
    rows = layer_rows(tables["layers"])
    score = leading_pair(columns(rows, tables), tables)[1]
    last = rows.groupby("model", sort=False).tail(1)
    best = rows.loc[rows.dropna(subset=score.name).groupby("model")[score.name].idxmax()] if score else last
    kept = pd.MultiIndex.from_frame(pd.concat([best, last])[["model", "layer"]])
    chosen = pd.MultiIndex.from_frame(nodes[["model", "layer"]]).isin(kept)
    return nodes[(nodes.kind != LAYER) | chosen].reset_index(drop=True)


def label(node) -> str:
    """A representation in words."""
    return (
        f"{node.model}{BETWEEN}{node.layer}"
        if node.kind == LAYER
        else area_label(node.model, node.layer, node.kind == SIMULATED)
    )


def numbered(pairs: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """The pairs of these representations, with their numbers in place of the names."""
    places = pd.MultiIndex.from_frame(nodes[list(NODE)])
    i = places.get_indexer(pd.MultiIndex.from_frame(pairs[list(NODE)]))
    j = places.get_indexer(pd.MultiIndex.from_frame(pairs[[f"other_{key}" for key in NODE]]))
    cells = pd.DataFrame({"stimuli": pairs.stimuli, "metric": pairs.metric, "i": i, "j": j, "value": pairs.value})
    return cells[(cells.i >= 0) & (cells.j >= 0)]


def axis(channel: type, field: str, nodes: pd.DataFrame) -> alt.X | alt.Y:
    """An axis with the name of every representation, or, where they are too close, of every model at its middle."""
    owner = nodes.model.where(nodes.kind == LAYER, nodes.label)
    middle = [members[len(members) // 2] for members in nodes.groupby(owner, sort=False).groups.values()]
    few = json.dumps({str(i): owner[i] for i in middle})
    every, scale = json.dumps(nodes.label.tolist()), "x" if channel is alt.X else "y"
    expr = f"bandwidth('{scale}') > 11 ? {every}[datum.value] : ({few}[datum.value] || '')"
    angle = {"labelAngle": -90} if channel is alt.X else {}
    shown = alt.Axis(
        title=None, labelExpr=expr, ticks=False, domain=False, labelLimit=LIMIT, labelOverlap=True, **angle
    )
    return channel(f"{field}:O", axis=shown)


def caption(pairs: pd.DataFrame, nodes: pd.DataFrame, every: int) -> str:
    """Text under the chart, which says so if it shows fewer than all representations."""
    areas = nodes[nodes.kind != LAYER]
    made = int((areas.kind == SIMULATED).sum())
    whole = "layers from first to last within each model"
    shown = whole if len(nodes) == every else "the best and the last layer of each model (similarity.csv has all)"
    last = ", and areas of recordings last" if len(areas) else ""
    text = (
        f"Each cell compares two representations of {int(pairs.n.iloc[0]):,} images: {shown}{last}. Colors follow the "
        "square root of the values; values below 0 have the color of 0."
    )
    if made:
        text += (
            " All areas are simulated." if made == len(areas) else f" {made} of the {len(areas)} areas are simulated."
        )
    return text
