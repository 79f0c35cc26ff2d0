"""How many relations would be found if geometry and scores had nothing to do with each other?

The geometry of whole families of networks is given to the scores of other families, many times. Geometry keeps its own
structure in this way (columns that go together, layers of one network that are alike), and so do scores; only what they
have in common is lost. A model takes the geometry of a model of the other family, and its layers that of the layers
with the nearest relative depth. The share of relations with p < .05, or with q < .05, is then what chance gives.

Scores that correlate are not independent evidence. With λ the eigenvalues of their correlation matrix, the effective
number of scores is (Σλ)² / Σλ² (Bretherton et al., "The effective number of spatial degrees of freedom of a
time-varying field", Journal of Climate 12: 1990-2009, 1999). It is 1 if all are the same.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.across_models.associations import CHOICES, LAYERS, Points, same_rows, samples
from ventral.across_models.layer_table import LayerTable
from ventral.core.random import generator
from ventral.statistics.family_jackknife import FEWEST_FAMILIES, FEWEST_POINTS, PERFECT, p_of_sums, tested
from ventral.statistics.without_families import correlations_without

LEVEL = 0.05
BOUND = 0.95  # of the permutations have at most this many relations
PERMUTATIONS = 200
COLUMNS = ["across", "within", "given", "relations", "passed_p", "chance_p", "chance_p_high"]
COLUMNS += ["passed_q", "chance_q", "chance_q_high", "permutations", "scores", "effective_scores"]
ASKED = ["across", "within", "given"]


@dataclass(frozen=True)
class Places:
    """Where rows are in models and families.

    Attributes
    ----------
    family : integer array of shape (n,)
        Of each row.
    rows : integer array of shape (models, layers)
        The rows of each model; −1 where it has fewer layers than others.
    depth : array of shape (models, layers)
        NaN where there is no row.
    of_model : integer array of shape (models,)
        The family of each model.
    members : dict of integer arrays
        The models of each family.
    """

    family: np.ndarray
    rows: np.ndarray
    depth: np.ndarray
    of_model: np.ndarray
    members: dict[int, np.ndarray]


def chance(table: LayerTable, relations: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Count the relations that pass, and those that would pass by chance.

    Parameters
    ----------
    table : LayerTable
    relations : DataFrame
        Of `ventral.across_models.associations`.
    seed : int

    Returns
    -------
    DataFrame
        One row per across, within and given, for Pearson's coefficient of distinct relations. Averages of scores are
        not counted.

        - relations: how many have a p; passed_p, passed_q: how many have p < .05, and q < .05.
        - chance_p, chance_p_high, chance_q, chance_q_high: mean and 95 % quantile of these numbers over permutations.
          NaN for relations given other columns, and for places that layers have in common.
        - permutations: how many; with five families or fewer all that there are.
        - scores, effective_scores: how many scores, and how many independent ones they are worth.
    """
    if relations.empty:
        return pd.DataFrame(columns=COLUMNS)
    distinct = relations.geometry.isin(table.distinct) & relations.score.isin(table.counted)
    counted = relations[distinct & (relations.statistic == "pearson")]
    counted = counted.assign(passed_p=counted.p < LEVEL, passed_q=counted.q < LEVEL)
    found = counted.groupby(ASKED, sort=False).agg(
        relations=("p", "count"),
        passed_p=("passed_p", "sum"),
        passed_q=("passed_q", "sum"),
        scores=("score", "nunique"),
    )
    by_chance = pd.DataFrame([expected(table, *question, seed) for question in found.index], found.index)
    return found.join(by_chance).reset_index().reindex(columns=COLUMNS)


def expected(table: LayerTable, across: str, within: str, given: str, seed: int) -> dict[str, float]:
    """The columns of one row that come from permutations, and the effective number of scores."""
    chosen = table.rows.model.map(table.within(within))
    y = table.y.loc[chosen, [name for name in table.y if name in table.counted]]
    row = {"effective_scores": effective_number(y.dropna().to_numpy()), "permutations": 0}
    if given or across not in CHOICES:
        return row
    p = np.array([*permuted_p(table, across, within, seed)])
    if not p.size or np.isnan(p).all():
        return row
    counts = {"p": (p[:, 0] < LEVEL).sum(axis=1), "q": passing(p[:, 1])}
    for name, count in counts.items():
        row |= {f"chance_{name}": count.mean(), f"chance_{name}_high": np.quantile(count, BOUND, method="higher")}
    return row | {"permutations": len(p)}


def passing(p: np.ndarray) -> np.ndarray:
    """How many of the relations (permutations, relations) have q < .05 in each permutation."""
    from statsmodels.stats.multitest import multipletests

    return np.array([multipletests(row[~np.isnan(row)], LEVEL, method="fdr_bh")[0].sum() for row in p])


def permuted_p(table: LayerTable, across: str, within: str, seed: int) -> Iterator[np.ndarray]:
    """p and strict p (2, relations) of all distinct relations of one question, for each permutation of families."""
    names = table.models.family[table.within(within)].unique()
    if len(names) < FEWEST_FAMILIES:
        return
    parts = [restricted(points, table, within, names) for points in samples(table) if points.across == across]
    for order in orders(len(names), generator(seed, across, within)):
        pairs = [p_of_relations(X[donors(places, order)], Y, places.family) for X, Y, places in parts]
        yield np.concatenate(pairs, axis=1)


def restricted(
    points: Points, table: LayerTable, within: str, names: np.ndarray
) -> tuple[np.ndarray, np.ndarray, Places]:
    """Distinct geometry and scores of some kind of models, and the places of their rows in the named families."""
    chosen = points.models.map(table.within(within)).to_numpy()
    models = points.models[chosen]
    x, y = (points.values.loc[chosen, side] for side in "xy")
    x, y = (block[[name for name in block if name in table.counted]] for block in (x, y))
    depth = table.rows.depth.reindex(x.index).fillna(0).to_numpy() if points.across == LAYERS else np.zeros(len(x))
    family = pd.Index(names).get_indexer(models.map(table.models.family))
    return x.to_numpy(), y.to_numpy(), arranged(pd.factorize(models)[0], family, depth)


def orders(count: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Permutations of families other than their own order: all of them, if there are few, or 200 random ones."""
    own = np.arange(count)
    if math.factorial(count) <= PERMUTATIONS:
        yield from (np.array(order) for order in itertools.permutations(own) if (order != own).any())
        return
    for _ in range(PERMUTATIONS):
        yield rng.permutation(count)


def arranged(model: np.ndarray, family: np.ndarray, depth: np.ndarray) -> Places:
    """Places of rows from the numbers of their models and families, and their depth."""
    rows_of = pd.Series(np.arange(len(model))).groupby(model).indices.values()
    rows = np.full((len(rows_of), max(map(len, rows_of), default=0)), -1)
    for place, own in zip(rows, rows_of, strict=True):
        place[: len(own)] = own
    of_model = family[rows[:, 0]] if len(rows) else np.empty(0, int)
    members = {number: np.flatnonzero(of_model == number) for number in {*of_model.tolist()}}
    return Places(family, rows, np.where(rows < 0, np.nan, depth[rows] if len(depth) else np.nan), of_model, members)


def donors(places: Places, order: np.ndarray) -> np.ndarray:
    """The row whose geometry each row receives, if the family i receives that of the family order[i]."""
    giver = np.arange(len(places.rows))
    for family, own in places.members.items():
        theirs = places.members.get(order[family], own)
        giver[own] = np.resize(theirs, len(own))
    distance = np.abs(places.depth[:, :, None] - places.depth[giver][:, None])
    nearest = np.where(np.isnan(distance), np.inf, distance).argmin(axis=2)
    donor, there = np.empty(len(places.family), dtype=int), places.rows >= 0
    donor[places.rows[there]] = np.take_along_axis(places.rows[giver], nearest, axis=1)[there]
    return donor


def p_of_relations(X: np.ndarray, Y: np.ndarray, family: np.ndarray) -> np.ndarray:
    """p and strict p (2, pairs of columns) as `family_jackknife` has them, from sums over families, which are fast.

    Parameters
    ----------
    X, Y : arrays of shape (n, p) and (n, q)
        Missing values are NaN.
    family : integer array of shape (n,)
    """
    p = np.full((2, X.shape[1], Y.shape[1]), np.nan)
    for i, j, both in same_rows(~np.isnan(X), ~np.isnan(Y)):
        families = pd.factorize(family[both])[0]
        if both.sum() >= FEWEST_POINTS and families.max() + 1 >= FEWEST_FAMILIES:
            p[:, i[:, None], j] = p_of_known(X[both][:, i], Y[both][:, j], families)
    return p.reshape(2, -1)


def p_of_known(X: np.ndarray, Y: np.ndarray, family: np.ndarray) -> np.ndarray:
    """The same (2, p, q) of columns without missing values and of families that are numbered from 0."""
    p = tested(correlations_without(X, Y, family), family.max() + 1, 1 - PERFECT).p
    return np.array([p, np.maximum(p, p_of_sums(standard(X), standard(Y), family))])


def standard(X: np.ndarray) -> np.ndarray:
    """Columns with mean 0 and length 1; NaN if they do not vary."""
    centered = X - X.mean(axis=0)
    length = np.linalg.norm(centered, axis=0)
    return centered / np.where(length > 1e-9 * np.abs(X).max(axis=0), length, np.nan)


def effective_number(Y: np.ndarray) -> float:
    """How many independent columns the columns (n, q) are worth; NaN if one does not vary or there are too few rows."""
    Y = standard(Y) if len(Y) >= FEWEST_POINTS else np.full((1, Y.shape[1]), np.nan)
    if np.isnan(Y).any() or not Y.size:
        return np.nan
    correlation = Y.T @ Y
    return float(np.trace(correlation) ** 2 / np.sum(correlation**2))
