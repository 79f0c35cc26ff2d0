"""The rows of layers that charts share, and how kinds of models look."""

import altair as alt
import pandas as pd

from ventral.across_models.layer_table import TRAINED, UNTRAINED
from ventral.models.model_entry import BASELINE

GROUPS = (TRAINED, UNTRAINED, BASELINE)
# Okabe and Ito's colors that are told apart on white and on black; those without training are gray.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6BB1", "#A6761D")
GRAYS = {UNTRAINED: "#808080", BASELINE: "#A0A0A0"}
SHAPES = {TRAINED: "circle", UNTRAINED: "triangle-up", BASELINE: "square"}


def layer_rows(layers: pd.DataFrame) -> pd.DataFrame:
    """One row per layer with its place, its group and every number of the table.

    Parameters
    ----------
    layers : DataFrame
        model and layer; kind, family, depth, position and baseline if they are known.

    Returns
    -------
    DataFrame
        model, layer, kind, group (trained, untrained or baseline), family, depth, and all numeric columns.
    """
    kind = layers["kind"].fillna("").astype(str) if "kind" in layers else pd.Series("", layers.index)
    baseline = layers["baseline"].astype(bool) if "baseline" in layers else pd.Series(False, layers.index)
    group = kind.map(lambda name: UNTRAINED if name.lower() == UNTRAINED else TRAINED).mask(baseline, BASELINE)
    family = layers.get("family", layers.model)
    place = {"model": layers.model, "layer": layers.layer, "kind": kind, "group": group, "family": family}
    place["depth"] = layers["depth"] if "depth" in layers else relative_depth(layers.model)
    numbers = layers.drop(columns=[name for name in place if name in layers]).select_dtypes("number")
    return pd.concat([pd.DataFrame(place), numbers], axis=1)


def relative_depth(models: pd.Series) -> pd.Series:
    """The relative depth of layers that stand in their order; missing for a model with one layer."""
    position, last = models.groupby(models).cumcount(), models.groupby(models).transform("size") - 1
    return position / last.where(last > 0)


def kinds(rows: pd.DataFrame) -> list[str]:
    """Kinds of models in the order of the table, trained ones first."""
    order = rows.drop_duplicates("kind").sort_values("group", key=lambda group: group.map(GROUPS.index), kind="stable")
    return order.kind.tolist()


def kind_colors(rows: pd.DataFrame) -> dict[str, str]:
    """A color for each kind; those without training are gray."""
    groups = rows.drop_duplicates("kind").set_index("kind").group
    trained = [kind for kind in kinds(rows) if groups[kind] == TRAINED]
    colors = {kind: COLORS[i % len(COLORS)] for i, kind in enumerate(trained)}
    return {kind: colors.get(kind) or GRAYS[groups[kind]] for kind in kinds(rows)}


def kind_color(rows: pd.DataFrame) -> alt.Color:
    """The color of a mark by the kind of its model."""
    colors = kind_colors(rows)
    scale = alt.Scale(domain=[*colors], range=[*colors.values()])
    return alt.Color("kind:N", scale=scale, title=None, legend=legend() if len(colors) > 1 else None)


def kind_shape(rows: pd.DataFrame) -> alt.Shape:
    """The shape of a mark: untrained networks and baselines differ from trained ones by shape as well as color."""
    groups = rows.drop_duplicates("kind").set_index("kind").group
    scale = alt.Scale(domain=kinds(rows), range=[SHAPES[groups[kind]] for kind in kinds(rows)])
    return alt.Shape("kind:N", scale=scale, title=None, legend=legend() if len(groups) > 1 else None)


def legend() -> alt.Legend:
    """A legend under the chart that has as many columns as the page has room for."""
    columns = alt.ExprRef("max(1, floor((containerSize()[0] - 80) / 130))")
    return alt.Legend(orient="bottom", columns=columns, symbolOpacity=1)
