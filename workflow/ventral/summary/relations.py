"""Do models predict neurons better if their representations have more of a quantity?

Rows are layers, and the layers of one model are not independent. Neither are networks of one entry of training, which
share data, augmentations and initial weights. They form a family, and every other model is a family of its own. The
bootstrap therefore draws whole families with replacement. If a family is drawn w times, all its layers have the weight
w, and ::

    r = Σ w (x − x̄)(y − ȳ) / sqrt( Σ w (x − x̄)² · Σ w (y − ȳ)² ),    x̄ = Σ w x / Σ w

For Spearman's coefficient, x and y are ranks in the weighted sample, with the mean rank for ties.
"""

import itertools
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas as pd

from ventral.core.random import generator
from ventral.statistics.weighted_correlation import correlation

COLUMNS = [
    "across",
    "geometry",
    "scale",
    "predictivity",
    "statistic",
    "value",
    "low",
    "high",
    "n",
    "models",
    "families",
]
RESAMPLES = 1000
FEWEST_FAMILIES = 4
LAST = 5


def relations(
    layers: pd.DataFrame,
    geometry: Sequence[str],
    predictivity: Sequence[str],
    logarithmic: Collection[str] = (),
    seed: int = 0,
) -> pd.DataFrame:
    """Correlate every geometry column with every predictivity column, without baselines.

    Parameters
    ----------
    layers : DataFrame
        One row per layer: model, family, position, baseline, and the columns to be correlated.
    geometry, predictivity : names of columns
    logarithmic : names of columns
        Geometry of which the logarithm is taken.
    seed : int
        For the bootstrap over families.

    Returns
    -------
    DataFrame
        One row per pair, `across` and `statistic` (pearson, spearman). `across` is "layers", "models, best layer"
        (the layer of each model with the highest predictivity) or "models, last layers" (means of the five
        deepest layers).
        `low` and `high` bound 95 % of 1000 resamples of the families. `n` counts the points with both values, and
        `models` and `families` the models and families among them. With fewer than four families, or if one of the two
        columns does not vary, value, low and high are NaN.
    """
    layers = layers[~layers.baseline.astype(bool)].reset_index(drop=True)
    x = layers[list(geometry)].astype(float)
    for name in x:
        if name in logarithmic:
            x[name] = np.log(x[name].where(x[name] > 0))
    y = layers[list(predictivity)].astype(float)
    deepest = layers.groupby("model").position.rank(ascending=False) <= LAST
    x_last, y_last = (block[deepest].groupby(layers.model[deepest], sort=False).mean() for block in (x, y))

    of_models = layers.groupby("model", sort=False).family.first()
    tables = [correlated("layers", x, y, layers.model, of_models, seed)]
    for name in y:
        best = y[name].dropna().groupby(layers.model, sort=False).idxmax()
        best_x, best_y = x.loc[best], y.loc[best, [name]]
        tables.append(correlated("models, best layer", best_x, best_y, layers.model[best], of_models, seed))
    last_models = pd.Series(x_last.index, x_last.index)
    tables.append(correlated("models, last layers", x_last, y_last, last_models, of_models, seed))
    table = pd.concat(tables, ignore_index=True)
    return table.assign(scale=table.geometry.isin([*logarithmic]).map({True: "log", False: "linear"}))[COLUMNS]


def correlated(
    across: str, x: pd.DataFrame, y: pd.DataFrame, models: pd.Series, families: pd.Series, seed: int
) -> pd.DataFrame:
    """Rows for all pairs of columns of x and y.

    Parameters
    ----------
    across : str
    x, y : DataFrames
        With the same index as `models`.
    models : Series
        The model of each row.
    families : Series
        The family of each model.
    seed : int
    """
    rows = []
    for p, q, complete in same_rows(x.notna().to_numpy(), y.notna().to_numpy()):
        X, Y = x.to_numpy()[complete][:, p], y.to_numpy()[complete][:, q]
        codes, drawn = pd.factorize(models[complete].map(families))
        counts = (len(X), models[complete].nunique(), len(drawn))
        for statistic in ("pearson", "spearman"):
            value = correlation(X, Y, np.ones((1, len(X))), statistic)[0]
            low, high = np.full((2, *value.shape), np.nan)
            if len(drawn) < FEWEST_FAMILIES:
                value = low
            else:
                low, high = interval(correlation(X, Y, draws(len(drawn), seed)[:, codes], statistic))
            for (a, i), (b, j) in itertools.product(enumerate(p), enumerate(q)):
                pair = (across, x.columns[i], y.columns[j])
                rows.append((*pair, statistic, value[a, b], low[a, b], high[a, b], *counts))
    return pd.DataFrame(rows, columns=[column for column in COLUMNS if column != "scale"])


def same_rows(x_known: np.ndarray, y_known: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Groups of columns of x and of y that are known for the same rows, and the rows in which both are known."""
    if 0 in (x_known.shape[1], y_known.shape[1]):
        return
    x_patterns, of_x = np.unique(x_known, axis=1, return_inverse=True)
    y_patterns, of_y = np.unique(y_known, axis=1, return_inverse=True)
    for i, known in enumerate(x_patterns.T):
        for j, also_known in enumerate(y_patterns.T):
            yield np.flatnonzero(of_x == i), np.flatnonzero(of_y == j), known & also_known


def draws(count: int, seed: int) -> np.ndarray:
    """How often each of `count` families is drawn, (resamples, families)."""
    return generator(seed, "models").multinomial(count, np.full(count, 1 / count), size=RESAMPLES)


def interval(resampled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval along the first axis; resamples without variance are left out."""
    bounds = pd.DataFrame(resampled.reshape(len(resampled), -1)).quantile([0.025, 0.975])
    return tuple(bounds.to_numpy().reshape(2, *resampled.shape[1:]))
