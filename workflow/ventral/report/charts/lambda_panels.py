"""What the share λ of the equivariant term does: differences from the network of the same seed with λ = 0."""

import altair as alt
import pandas as pd

from ventral.figures.equivariance import PANELS, of_panel, simulated, values
from ventral.figures.labels import area_label, provenance
from ventral.report.charts.chart import Chart, Drawing
from ventral.report.charts.layer_rows import COLORS, legend

CHART = Chart(place=91, heading="Equivariant training", figure="equivariance")

KEYS = ["entry", "line", "title", "λ", "difference"]


def draw(tables: dict[str, pd.DataFrame]) -> Drawing | None:
    """One panel per quantity: seeds as points, their mean as a line, its interval as a band."""
    means, seeds = values(tables)
    if means.empty:
        return None
    bands, points = in_panels(means, ["low", "high"]), in_panels(seeds, ["seed"])
    table = pd.concat([bands, points], ignore_index=True)
    table["mean"] = [True] * len(bands) + [False] * len(points)
    color = alt.Color("line:N", title=None, scale=alt.Scale(range=[*COLORS]), legend=legend())
    x, y = alt.X("λ:Q"), alt.Y("difference:Q", title=None)
    tooltip = ["entry:N", "line:N", "λ:Q", alt.Tooltip("difference:Q", format=".3f"), "seed:N"]
    base = alt.Chart().encode(x=x, color=color, detail="entry:N")
    mean, seed = base.transform_filter("datum.mean"), base.transform_filter("!datum.mean")
    layered = alt.layer(
        alt.Chart().mark_rule(color="#888888").encode(y=alt.datum(0)),
        mean.transform_filter("isValid(datum.low)")
        .mark_area(opacity=0.15)
        .encode(y=alt.Y("low:Q", title=None), y2="high:Q"),
        mean.mark_line(point=True).encode(y=y, tooltip=tooltip),
        seed.mark_point(size=26, opacity=0.7).encode(y=y, tooltip=tooltip),
    ).properties(height=180)
    titles = [panel.title for panel in PANELS]
    facet = alt.Facet(
        "title:N",
        sort=[title + end for title in titles for end in ("", " (simulated)", " (some simulated)")],
        title=None,
    )
    chart = (
        layered.facet(facet=facet, data=alt.NamedData("lambda"), columns=3)
        .resolve_scale(y="independent")
        .resolve_axis(x="independent")
    )
    spec = chart.properties(usermeta={"panel": 260, "most": 3}).to_dict()
    return Drawing(spec, caption(tables, means, seeds), {"lambda": table})


def in_panels(rows: pd.DataFrame, others: list[str]) -> pd.DataFrame:
    """Rows by panel, with signs that make larger mean more of what the title says; 0 at λ = 0."""
    parts = []
    for panel in PANELS:
        part = of_panel(rows, panel)
        zero = part["lambda"] == 0
        ends = {
            name: (panel.sign * part[f"difference_{name}"]).mask(zero, 0.0)
            for name in ("low", "high")
            if name in others
        }
        lines = [
            area_label(row.recording, row.area, bool(row.simulated)) if row.recording else f"on {row.stimuli}"
            for row in part.itertuples()
        ]
        shown = {"title": panel.title + simulated(part), "λ": part["lambda"], "line": lines}
        parts.append(part.assign(difference=(panel.sign * part.difference).mask(zero, 0.0), **ends, **shown))
    return pd.concat(parts)[[*KEYS, *others]]


def caption(tables: dict[str, pd.DataFrame], means: pd.DataFrame, seeds: pd.DataFrame) -> str:
    """Text under the chart."""
    spread = (
        "Lines are means over seeds, bands 95 % intervals of Student’s t."
        if seeds.seed.nunique() > 1
        else ("There is one seed, so there is no interval: another seed may show something else.")
    )
    return (
        "Networks trained with a share λ of the equivariant term, minus the network of the same seed with λ = 0, in "
        "the last measured layer. Higher means more of what a title says. "
        f"{spread} {provenance(tables['predictivity'])}"
    ).strip()
