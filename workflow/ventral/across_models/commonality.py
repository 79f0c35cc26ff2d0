"""Commonality analysis: how much of a score two quantities explain together, and how much each of them alone.

With R² the share of the variance of the scores that a linear regression explains, on x (geometry), on another quantity
o (accuracy, "trained?", or a second geometry column), or on both ::

    unique(x) = R²(x, o) − R²(o),    unique(o) = R²(x, o) − R²(x),    shared = R²(x) + R²(o) − R²(x, o)

The unique share is the square of the semipartial correlation s = (r_xy − r_xo r_oy) / sqrt(1 − r_xo²), and its interval
comes from that of s, whose sign may change: a jackknife over families of artanh s, with Student's t. The interval
of the unique share begins at 0 if that of s contains 0. The shared part can be negative, where o hides what x explains
(suppression). Its interval is the jackknife's without a transformation.

Source: Nimon & Reio, "Regression commonality analysis: a technique for quantitative theory building", Human Resource
Development Review 10: 329-340 (2011).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from ventral.across_models.associations import BEST, GIVEN, LAYERS, Points, same_rows, samples
from ventral.across_models.layer_table import TRAINED, LayerTable
from ventral.statistics.family_jackknife import FEWEST_FAMILIES, PERFECT, tested
from ventral.statistics.intervals import jackknife_interval
from ventral.statistics.without_families import correlations_without

ACCURACY = "accuracy"
PARTS = ("unique", "unique_other", "shared")
COLUMNS = ["across", "geometry", "scale", "other", "score", "r2", "r2_other", "r2_both"]
COLUMNS += [f"{part}{end}" for part in PARTS for end in ("", "_low", "_high")]
COLUMNS += ["n", "models", "families"]
FEWEST_POINTS = 5  # two explanatory columns, a constant, and two degrees of freedom
ELEMENTS_AT_ONCE = int(4e6)


def commonality(table: LayerTable) -> pd.DataFrame:
    """Unique and shared R² of each distinct geometry column and accuracy, "trained?", and other geometry columns.

    Which pairs of geometry columns are compared is what `LayerTable.pairs` says.

    Returns
    -------
    DataFrame
        One row per across ("layers"; "models, best layer"), geometry, other and score. `other` is "accuracy",
        "trained" (1 for trained and 0 for untrained networks) or a geometry column; a pair of geometry columns has one
        row. `r2`, `r2_other` and `r2_both` are R² of the geometry, of the other quantity, and of both; all numbers are
        NaN with fewer than four families or five points, or if a column does not vary or both are collinear.
    """
    if 0 in (table.x.shape[1], table.y.shape[1]):
        return pd.DataFrame(columns=COLUMNS)
    rows = [part for points in samples(table) if points.across in (LAYERS, BEST) for part in of_points(points, table)]
    if not rows:
        return pd.DataFrame(columns=COLUMNS)
    found = pd.concat(rows, ignore_index=True)
    return found.assign(scale=np.where(found.geometry.isin(table.log), "log", "linear"))[COLUMNS]


def of_points(points: Points, table: LayerTable) -> Iterator[pd.DataFrame]:
    """Rows of all pairs of quantities, in groups of those that are known for the same points."""
    x, y = points.values["x"], points.values["y"]
    y = y[[name for name in y if name in table.distinct]]
    fixed = [label for label in (ACCURACY, TRAINED) if label in table.given]
    values = np.column_stack([x, *(points.values[GIVEN + label].iloc[:, 0] for label in fixed)])
    pattern = np.unique(~np.isnan(values), axis=1, return_inverse=True)[1]
    groups: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for pair in compared([*x], fixed, table):
        groups.setdefault((pattern[pair[0]], pattern[pair[1]]), []).append(pair)
    for pairs in map(np.array, groups.values()):
        for _, q, known in same_rows(~np.isnan(values[:, pairs[0]]).any(axis=1, keepdims=True), y.notna().to_numpy()):
            families = points.models[known].map(table.models.family)
            counts = {"n": known.sum(), "models": points.models[known].nunique(), "families": families.nunique()}
            at_once = max(1, ELEMENTS_AT_ONCE // (len(q) * (1 + counts["families"])))
            for i in range(0, len(pairs), at_once):
                numbers = explained(values[known], y.to_numpy()[known][:, q], pairs[i : i + at_once], families)
                rows = named(pairs[i : i + at_once], [*x, *fixed], y.columns[q]).assign(**numbers, **counts)
                itself = rows.other.eq(ACCURACY) & rows.score.eq(table.accuracy)
                yield rows[~itself].assign(across=points.across)


def compared(geometry: list[str], fixed: list[str], table: LayerTable) -> Iterator[tuple[int, int]]:
    """Pairs of places among the geometry columns and those that are held fixed, which follow them."""
    place = {name: i for i, name in enumerate(geometry)}
    for k, _ in enumerate(fixed, len(geometry)):
        yield from ((place[name], k) for name in geometry if name in table.distinct and name != table.accuracy)
    order = {other: i for i, other in enumerate(dict.fromkeys(other for _, other in table.pairs))}
    yield from ((place[name], place[other]) for name, other in sorted(table.pairs, key=lambda pair: order[pair[1]]))


def named(pairs: np.ndarray, names: list[str], scores: pd.Index) -> pd.DataFrame:
    """The names of pairs of columns, each with all scores."""
    geometry, other = np.array(names, dtype=object)[pairs].repeat(len(scores), axis=0).T
    return pd.DataFrame({"geometry": geometry, "other": other, "score": np.tile(scores, len(pairs))})


def explained(X: np.ndarray, Y: np.ndarray, pairs: np.ndarray, families: Sequence[str]) -> dict[str, np.ndarray]:
    """R² of one column of X, of another, and of both, for every column of Y, with unique and shared parts.

    Parameters
    ----------
    X : array of shape (n, p)
    Y : array of shape (n, q)
    pairs : integer array of shape (m, 2)
        Columns of X.
    families : sequence of length n

    Returns
    -------
    dict of arrays of shape (m q,)
        For every pair, all columns of Y.
    """
    codes, names = pd.factorize(np.asarray(families))
    G = len(names)
    if G < FEWEST_FAMILIES or len(X) < FEWEST_POINTS:
        nothing = np.full(len(pairs) * Y.shape[1], np.nan)
        return dict.fromkeys(COLUMNS[COLUMNS.index("r2") : COLUMNS.index("n")], nothing)
    (used, of_x), (others, of_other) = (np.unique(side, return_inverse=True) for side in pairs.T)
    r_xo = correlations_without(X[:, used], X[:, others], codes)[:, of_x, of_other][..., None]
    r_xy = correlations_without(X[:, used], Y, codes)[:, of_x]
    r_oy = correlations_without(X[:, others], Y, codes)[:, of_other]
    of_x, of_o = semipartial(r_xy, r_oy, r_xo), semipartial(r_oy, r_xy, r_xo)
    shared = r_xy**2 - of_x**2
    low, high = jackknife_interval(shared[0], shared[1:])
    numbers = {
        "r2": r_xy[0] ** 2,
        "r2_other": np.where(np.isnan(of_x[0]), np.nan, r_oy[0] ** 2),
        "r2_both": r_oy[0] ** 2 + of_x[0] ** 2,
        **squared("unique", of_x, G),
        **squared("unique_other", of_o, G),
        **{"shared": shared[0], "shared_low": low, "shared_high": high},
    }
    return {name: values.ravel() for name, values in numbers.items()}


def semipartial(r_xy: np.ndarray, r_oy: np.ndarray, r_xo: np.ndarray) -> np.ndarray:
    """Correlation of y with what o leaves of x; NaN if o leaves nothing."""
    left = np.where(np.abs(r_xo) < PERFECT, 1 - r_xo**2, np.nan)
    return np.clip((r_xy - r_xo * r_oy) / np.sqrt(left), -1, 1)


def squared(name: str, s: np.ndarray, G: int) -> dict[str, np.ndarray]:
    """The square of a semipartial correlation (1 + G, p, q) and its interval, as columns."""
    found = tested(s, G, 1 - PERFECT)
    ends = np.sort([found.low**2, found.high**2], axis=0)
    low = np.where(found.low * found.high <= 0, 0, ends[0])
    return {name: found.value**2, f"{name}_low": np.where(np.isnan(ends[0]), np.nan, low), f"{name}_high": ends[1]}
