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

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ventral.across_models.associations import BEST, GIVEN, LAYERS, Points, same_rows, samples
from ventral.across_models.layer_table import TRAINED, LayerTable
from ventral.statistics.family_jackknife import FEWEST_FAMILIES, PERFECT, tested
from ventral.statistics.intervals import jackknife_interval, leave_one_out
from ventral.statistics.weighted_correlation import correlation

PARTS = ("unique", "unique_other", "shared")
COLUMNS = ["across", "geometry", "scale", "other", "score", "r2", "r2_other", "r2_both"]
COLUMNS += [f"{part}{end}" for part in PARTS for end in ("", "_low", "_high")]
COLUMNS += ["n", "models", "families"]
FEWEST_POINTS = 5  # two explanatory columns, a constant, and two degrees of freedom


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
    rows = [
        part
        for points in samples(table)
        if points.across in (LAYERS, BEST)
        for other, column, geometry in others(points, table)
        for part in shares(points, table, other, column, geometry)
    ]
    if not rows:
        return pd.DataFrame(columns=COLUMNS)
    found = pd.concat(rows, ignore_index=True)
    return found.assign(scale=np.where(found.geometry.isin(table.log), "log", "linear"))[COLUMNS]


def others(points: Points, table: LayerTable) -> Iterator[tuple[str, pd.Series, list[str]]]:
    """Names and values of quantities to compare with, and the geometry columns that each is compared with."""
    geometry = [column for column in points.values["x"] if column in table.distinct]
    for label in ("accuracy", TRAINED):
        if label in table.given:
            column = points.values[GIVEN + label].iloc[:, 0]
            yield label, column, [name for name in geometry if name != table.accuracy]
    for other in dict.fromkeys(other for _, other in table.pairs):
        yield other, points.values["x", other], [name for name, compared in table.pairs if compared == other]


def shares(
    points: Points, table: LayerTable, other: str, column: pd.Series, geometry: list[str]
) -> Iterator[pd.DataFrame]:
    """Rows of some geometry columns and one other quantity."""
    x = points.values["x"][geometry]
    itself = table.accuracy if other == "accuracy" else ""
    y = points.values["y"][[name for name in points.values["y"] if name in table.distinct and name != itself]]
    known = column.notna().to_numpy()
    for p, q, both in same_rows(x.notna().to_numpy(), y.notna().to_numpy()):
        complete = known & both
        families = points.models[complete].map(table.models.family)
        blocks = (x.to_numpy()[complete][:, p], y.to_numpy()[complete][:, q], column.to_numpy()[complete])
        pairs = {"geometry": np.repeat(x.columns[p], len(q)), "score": np.tile(y.columns[q], len(p))}
        counts = {"n": complete.sum(), "models": points.models[complete].nunique(), "families": families.nunique()}
        numbers = {name: values.ravel() for name, values in explained(*blocks, families.to_numpy()).items()}
        yield pd.DataFrame({"across": points.across, "other": other} | pairs | numbers | counts)


def explained(X: np.ndarray, Y: np.ndarray, o: np.ndarray, families: np.ndarray) -> dict[str, np.ndarray]:
    """R² of every column of X, of o, and of both, for every column of Y, with unique and shared parts.

    Parameters
    ----------
    X : array of shape (n, p)
    Y : array of shape (n, q)
    o : array of shape (n,)
    families : array of shape (n,)

    Returns
    -------
    dict of arrays of shape (p, q)
    """
    codes, names = pd.factorize(families)
    G = len(names)
    if G < FEWEST_FAMILIES or len(X) < FEWEST_POINTS:
        nothing = np.full((X.shape[1], Y.shape[1]), np.nan)
        return dict.fromkeys(COLUMNS[COLUMNS.index("r2") : COLUMNS.index("n")], nothing)
    weights = leave_one_out(G)[:, codes]
    r_xo, r_oy, r_xy = (correlation(A, B, weights) for A, B in ((X, o[:, None]), (o[:, None], Y), (X, Y)))
    r_oy = np.broadcast_to(r_oy, r_xy.shape)
    of_x, of_o = semipartial(r_xy, r_oy, r_xo), semipartial(r_oy, r_xy, r_xo)
    shared = r_xy**2 - of_x**2
    low, high = jackknife_interval(shared[0], shared[1:])
    return {
        "r2": r_xy[0] ** 2,
        "r2_other": np.where(np.isnan(of_x[0]), np.nan, r_oy[0] ** 2),
        "r2_both": r_oy[0] ** 2 + of_x[0] ** 2,
        **squared("unique", of_x, G),
        **squared("unique_other", of_o, G),
        **{"shared": shared[0], "shared_low": low, "shared_high": high},
    }


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
