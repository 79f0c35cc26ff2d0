"""Do models predict neurons better if their representations have more of a quantity?

Correlations of every geometry with every score, across layers and across models, within each kind of training, and
given other columns. Intervals and p leave out one family of networks at a time (`ventral.statistics.family_jackknife`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.across_models.layer_table import DERIVED, TRAINED, LayerTable
from ventral.statistics.family_jackknife import FEWEST_FAMILIES, family_jackknife

COLUMNS = ["across", "within", "given", "geometry", "scale", "score", "statistic"]
COLUMNS += ["value", "low", "high", "p", "q", "n", "models", "families"]
QUESTION = ["across", "within", "given", "statistic"]
LAYERS, BEST, LAST = "layers", "models, best layer", "models, last layers"
DEEPEST = 5
CHOICES = (LAYERS, BEST, LAST)
STATISTICS = ("pearson", "spearman")
GIVEN, JOINT = "given ", " + "


@dataclass(frozen=True)
class Points:
    """What is correlated: layers, or models.

    Attributes
    ----------
    across : str
    values : DataFrame
        One row per point. The columns have two levels: "x", "y", or "given " and a label of `LayerTable.given`; and
        the name of the column.
    models : Series
        The model of each point.
    """

    across: str
    values: pd.DataFrame
    models: pd.Series


def associations(table: LayerTable) -> pd.DataFrame:
    """Correlate every geometry column with every score.

    Returns
    -------
    DataFrame
        One row per pair, statistic (pearson, spearman), `across`, `within` and `given`.

        - across: "layers"; "models, best layer" (the layer of each model with the highest score); "models, last layers"
          (means of the five deepest layers); or a place that models have in common (`LayerTable.places`). A table with
          one row per model has "layers" only.
        - within: "", a kind, or "trained".
        - given: "", or labels of `LayerTable.given` joined by " + ".
        - value, low, high, p: NaN with fewer than four families, or if a column does not vary.
        - q: controls the false discovery rate (Benjamini & Hochberg, Journal of the Royal Statistical Society B 57:
          289-300, 1995) over the distinct relations of each across, within, given and statistic, of scores or of
          averages (`ventral.across_models.averages`); NaN for all others.
          It is computed from `strict_p` of the jackknife.

        Relations that are not distinct are only computed across all layers of all networks, given nothing.
    """
    if 0 in (table.x.shape[1], table.y.shape[1]):
        return pd.DataFrame(columns=COLUMNS)
    parts = [correlated(points, table, *question) for points in samples(table) for question in questions(points, table)]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.assign(
        scale=np.where(rows.geometry.isin(table.log), "log", "linear"),
        q=discovery(
            rows, rows.geometry.isin(table.distinct) & rows.score.isin(table.distinct), rows.score.isin(table.averages)
        ),
    )
    return rows[COLUMNS]


def samples(table: LayerTable) -> Iterator[Points]:
    """All choices of points: layers, the best layer of each model for each score, the last layers, and places."""
    models, position = table.rows.model, table.rows.position
    fixed = {GIVEN + label: columns for label, columns in table.given.items()}
    values = pd.concat({"x": table.x, "y": table.y, **fixed}, axis="columns")
    yield Points(LAYERS, values, models)
    if not models.duplicated().any():
        return
    for name, score in table.y[[name for name in table.y if name in table.distinct]].items():
        best = score.dropna().groupby(models, sort=False).idxmax()
        others = [column for column in table.y if column != name]
        yield Points(BEST, values.loc[best].drop(columns=[("y", column) for column in others]), models[best])
    yield means(LAST, values[position.groupby(models).rank(ascending=False) <= DEEPEST], models)
    for place, families in table.rows.family.groupby(table.places, sort=True).nunique().items():
        if place and families >= FEWEST_FAMILIES:
            yield means(place, values[table.places == place], models)


def means(across: str, values: pd.DataFrame, models: pd.Series) -> Points:
    """Means of the layers of each model."""
    of_models = values.groupby(models[values.index], sort=False).mean()
    return Points(across, of_models, pd.Series(of_models.index, of_models.index))


def questions(points: Points, table: LayerTable) -> Iterator[tuple[str, tuple[str, ...]]]:
    """All pairs of `within` and of labels that are held fixed, which are asked of these points."""
    yield "", ()
    if table.models.family.nunique() < FEWEST_FAMILIES:
        return
    by_kind = ("kind",) if "kind" in table.given else ()
    if points.across not in CHOICES:
        yield from (("", (label,)) for label in by_kind)
        return
    of_layers = points.across == LAYERS
    columns = tuple(label for label in table.given if label not in DERIVED and (of_layers or label != "depth"))
    singles = (*columns, *by_kind, *(label for label in ("trained", "layer") if label in table.given))
    yield from (("", (label,)) for label in singles if of_layers or label != "layer")
    if columns and by_kind:
        yield "", columns + by_kind
    for kind in table.kinds:
        yield kind, ()
        joint = columns + by_kind if kind == TRAINED else columns
        if joint and table.models.family[table.within(kind)].nunique() >= FEWEST_FAMILIES:
            yield kind, joint


def correlated(points: Points, table: LayerTable, within: str, labels: tuple[str, ...]) -> pd.DataFrame:
    """Rows of all pairs of columns for one question."""
    chosen = points.models.map(table.within(within)).astype(bool)
    values, models = points.values[chosen], points.models[chosen]
    fixed = pd.concat([values[GIVEN + label] for label in labels], axis="columns") if labels else values[[]]
    x, y = values["x"], values["y"]
    if within or labels or points.across != LAYERS:
        x, y = (block[[column for column in block if column in table.distinct]] for block in (x, y))
    x = x.drop(columns=[column for column in fixed if column in x])
    known, Z, rows = fixed.notna().all(axis="columns").to_numpy(), fixed.to_numpy(), []
    for p, q, both in same_rows(x.notna().to_numpy(), y.notna().to_numpy()):
        complete = both & known
        X, Y = x.to_numpy()[complete][:, p], y.to_numpy()[complete][:, q]
        families = models[complete].map(table.models.family)
        counts = {"n": len(X), "models": models[complete].nunique(), "families": families.nunique()}
        for statistic in STATISTICS:
            found = family_jackknife(X, Y, families.to_numpy(), statistic, Z[complete])
            pairs = {"geometry": np.repeat(x.columns[p], len(q)), "score": np.tile(y.columns[q], len(p))}
            numbers = {name: getattr(found, name).ravel() for name in ("value", "low", "high", "p", "strict_p")}
            rows.append(pd.DataFrame(pairs | {"statistic": statistic} | numbers | counts))
    found_rows = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()
    return found_rows.assign(across=points.across, within=within, given=JOINT.join(labels))


def same_rows(x_known: np.ndarray, y_known: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Groups of columns of x and of y that are known for the same rows, and the rows in which both are known."""
    if 0 in (x_known.shape[1], y_known.shape[1]):
        return
    if x_known.all() and y_known.all():
        yield np.arange(x_known.shape[1]), np.arange(y_known.shape[1]), np.ones(len(x_known), dtype=bool)
        return
    x_patterns, of_x = np.unique(x_known, axis=1, return_inverse=True)
    y_patterns, of_y = np.unique(y_known, axis=1, return_inverse=True)
    for i, known in enumerate(x_patterns.T):
        for j, also_known in enumerate(y_patterns.T):
            yield np.flatnonzero(of_x == i), np.flatnonzero(of_y == j), known & also_known


def discovery(rows: pd.DataFrame, distinct: pd.Series, averaged: pd.Series) -> pd.Series:
    """False discovery rates over the distinct relations of each question, averages apart; NaN for other relations."""
    from statsmodels.stats.multitest import multipletests

    counted = rows[distinct & rows.p.notna()]
    rates = counted.groupby([*(counted[name] for name in QUESTION), averaged]).strict_p.transform(
        lambda p: multipletests(p, method="fdr_bh")[1]
    )
    return rates.reindex(rows.index)
