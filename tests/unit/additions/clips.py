"""Directness of clips through depth."""

import altair as alt
import pandas as pd

from ventral.report.charts.chart import Chart, Drawing
from ventral.report.charts.layer_rows import kind_color, layer_rows

CHART = Chart(place=201, heading="Directness of clips", figure="clip_directness")


def draw(tables: dict[str, pd.DataFrame]) -> Drawing | None:
    """One point per layer."""
    rows = layer_rows(tables["layers"])
    if "directness@clips" not in rows:
        return None
    chart = alt.Chart(alt.NamedData("layers"), width="container").transform_calculate(
        directness="datum['directness@clips']"
    )
    points = chart.mark_point().encode(
        x="depth:Q", y="directness:Q", color=kind_color(rows), tooltip=["model:N", "layer:N"]
    )
    return Drawing(points.to_dict(), "Directness of clips by relative depth.", {"layers": rows})
