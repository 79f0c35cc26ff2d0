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

import numpy as np
import pandas as pd

from ventral.across_models.associations import CHOICES, LAYERS, Points, same_rows, samples
from ventral.across_models.layer_table import LayerTable
from ventral.core.random import generator
from ventral.statistics.family_jackknife import FEWEST_FAMILIES, FEWEST_POINTS, PERFECT, p_of_sums, tested

LEVEL = 0.05
BOUND = 0.95  # of the permutations have at most this many relations
PERMUTATIONS = 200
COLUMNS = ["across", "within", "given", "relations", "passed_p", "chance_p", "chance_p_high"]
COLUMNS += ["passed_q", "chance_q", "chance_q_high", "permutations", "scores", "effective_scores"]
ASKED = ["across", "within", "given"]
Blocks = dict[str, list[np.ndarray]]


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
    parts = [restricted(points, table, within) for points in samples(table) if points.across == across]
    names = table.models.family[table.within(within)].unique()
    if len(names) < FEWEST_FAMILIES:
        return
    for order in orders(len(names), generator(seed, across, within)):
        given_to = dict(zip(names, names[order], strict=True))
        pairs = [p_of_relations(X[donors(blocks, depth, given_to)], Y, family) for X, Y, family, blocks, depth in parts]
        yield np.concatenate(pairs, axis=1)


def restricted(
    points: Points, table: LayerTable, within: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Blocks, np.ndarray]:
    """Distinct geometry and scores of some kind of models; the family of each row, rows by family and model, depth."""
    chosen = points.models.map(table.within(within)).to_numpy()
    models = points.models[chosen]
    x, y = (points.values.loc[chosen, side] for side in "xy")
    x, y = (block[[name for name in block if name in table.counted]] for block in (x, y))
    depth = table.rows.depth.reindex(x.index).fillna(0).to_numpy() if points.across == LAYERS else np.zeros(len(x))
    blocks: Blocks = {}
    for model, rows in models.groupby(models.to_numpy(), sort=False).indices.items():
        blocks.setdefault(table.models.family[model], []).append(rows)
    family = pd.factorize(models.map(table.models.family))[0]
    return x.to_numpy(), y.to_numpy(), family, blocks, depth


def orders(count: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Permutations of families other than their own order: all of them, if there are few, or 200 random ones."""
    own = np.arange(count)
    if math.factorial(count) <= PERMUTATIONS:
        yield from (np.array(order) for order in itertools.permutations(own) if (order != own).any())
        return
    for _ in range(PERMUTATIONS):
        yield rng.permutation(count)


def donors(blocks: Blocks, depth: np.ndarray, given_to: dict[str, str]) -> np.ndarray:
    """The row whose geometry each row receives.

    Parameters
    ----------
    blocks : dict of lists of integer arrays
        The rows of each model of each family.
    depth : array of shape (n,)
    given_to : dict
        The family whose geometry each family receives.
    """
    donor = np.empty(len(depth), dtype=int)
    for family, models in blocks.items():
        for own, theirs in zip(models, itertools.cycle(blocks.get(given_to[family], models)), strict=False):
            donor[own] = theirs[np.abs(depth[own][:, None] - depth[theirs]).argmin(axis=1)]
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
    X, Y = (standard(block) for block in (X, Y))
    members = np.arange(family.max() + 1)[:, None] == family
    n, sx, sy, sxx, syy = (members.astype(float) @ part for part in (np.ones((len(X), 1)), X, Y, X**2, Y**2))
    sxy = np.matmul((members[:, None] * X.T), Y)
    n, sx, sy, sxx, syy, sxy = (np.concatenate([[a.sum(0)], a.sum(0) - a]) for a in (n, sx, sy, sxx, syy, sxy))
    covariance = n[..., None] * sxy - sx[:, :, None] * sy[:, None]
    spread = (n * sxx - sx**2)[:, :, None] * (n * syy - sy**2)[:, None]
    r = covariance / np.sqrt(np.where(spread > 0, spread, np.nan))
    p = tested(np.clip(r, -1, 1), len(members), 1 - PERFECT).p
    return np.array([p, np.maximum(p, p_of_sums(X, Y, members))])


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
