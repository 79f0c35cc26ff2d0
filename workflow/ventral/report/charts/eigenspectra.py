"""Eigenspectra of all layers on logarithmic axes, for the images and the model that the reader chooses."""

import altair as alt
import pandas as pd

from ventral.figures.spectra import SMALLEST, chosen_stimuli
from ventral.report.charts.chart import Chart, Drawing
from ventral.report.charts.layer_rows import kind_color, layer_rows
from ventral.report.charts.menus import menu

CHART = Chart(place=61, heading="Eigenspectra", figure="spectra")

ALL = "all models"
FEW = 12  # models that are shown together at first


def draw(tables: dict[str, pd.DataFrame]) -> Drawing | None:
    """One line per layer; the deeper the layer, the stronger its color."""
    if "spectra" not in tables or tables["spectra"].empty:
        return None
    rows = layer_rows(tables["layers"])
    spectra = relative(tables["spectra"], rows)
    models = [ALL, *rows.model.unique()]
    chosen = [
        menu("images", "Images", spectra.stimuli.unique(), first=chosen_stimuli(tables)),
        menu("model", "Model", models, first=ALL if len(models) <= FEW + 1 else models[1]),
    ]
    shown = alt.Chart(alt.NamedData("spectra")).transform_filter(
        f"datum.stimuli == images && (model == '{ALL}' || datum.model == model)"
    )
    x = alt.X("rank:Q", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s", tickCount=6))
    y = alt.Y("share:Q", scale=alt.Scale(type="log"), title="λ / λ₁", axis=alt.Axis(format="~g", tickCount=6))
    tooltip = [*(f"{name}:N" for name in ("model", "layer", "kind")), "rank:Q", alt.Tooltip("share:Q", format=".3g")]
    lines = shown.mark_line(strokeWidth=1.4).encode(
        x=x,
        y=y,
        color=kind_color(rows),
        detail=["model:N", "layer:N"],
        opacity=alt.Opacity("depth:Q", scale=alt.Scale(range=[0.3, 1]), legend=None),
        tooltip=tooltip,
    )
    power_law = (
        shown.transform_aggregate(groupby=["rank"])
        .transform_calculate(share="1 / datum.rank")
        .mark_line(color="#888888", strokeDash=[5, 4], strokeWidth=1)
        .encode(x=x, y=y)
    )
    chart = alt.layer(power_law, lines).add_params(*chosen).properties(width="container", height=380)
    text = (
        "Eigenvalues of the covariance of each layer’s responses, relative to the first, against their rank. One line "
        "per layer; the deeper the layer, the stronger its color. The dashed line falls as 1/rank. Eigenvalues below a "
        "millionth of the first are not shown."
    )
    return Drawing(chart.to_dict(), text, {"spectra": spectra})


def relative(spectra: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Eigenvalues relative to the first of their layer, with kind and depth of the layer."""
    first = spectra.groupby(["stimuli", "model", "layer"]).eigenvalue.transform("max")
    table = spectra.assign(share=spectra.eigenvalue / first)
    table = table.loc[table.share > SMALLEST, ["stimuli", "model", "layer", "rank", "share"]]
    return table.merge(rows[["model", "layer", "kind", "depth"]], on=["model", "layer"], validate="many_to_one")
