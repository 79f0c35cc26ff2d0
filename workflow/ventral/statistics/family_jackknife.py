"""Correlations across rows of which some belong together, with intervals that leave out one family of rows at a time.

The layers of one network are not independent, and neither are networks that share data and initial weights. With G
families, r of all rows and r₍ᵢ₎ without family i ::

    z = artanh r,    s² = (G − 1) / G · Σ (z₍ᵢ₎ − mean z₍ᵢ₎)²
    interval = tanh(z ± t · s),    t the 97.5 % quantile of Student's t with G − 1 degrees of freedom
    p = P(|T| > |z| / s),    T distributed as t with G − 1 degrees of freedom

Partial correlations are fitted again without each family, so that what the given columns explain is not known in
advance. No degrees of freedom are taken off for them: the jackknife of a regression errs on the safe side by itself.

About 5 % of unrelated columns have p < .05, but two to four times too many have p < .001, because s happens to be small
where r happens to be large. A correction for many relations needs the far tail. With u_g the sum of x y over the rows
of family g (x and y standardized, without what the given columns explain), Student's t of the mean of the u_g, whose
spread is that of no relation, has too few large values instead. `strict_p` is the larger of both p.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from ventral.statistics.intervals import jackknife_interval
from ventral.statistics.weighted_correlation import explained, standardized
from ventral.statistics.without_families import correlations_without, family_sums

FEWEST_FAMILIES = 4
FEWEST_POINTS = 4  # beyond the dimensions of the given columns; two always have r = ±1
FEWEST_RANKS = 6  # the same for an interval of Spearman's coefficient, which takes too few values with fewer
PERFECT = 1 - 1e-12  # a larger correlation is 1, except for rounding


@dataclass(frozen=True)
class Association:
    """Correlations of p columns with q columns.

    Attributes
    ----------
    value : array of shape (p, q)
        NaN with fewer than four families, with fewer than four points beyond the dimensions of the given columns, or
        if a column does not vary beyond them.
    low, high : arrays of shape (p, q)
        Limits of the 95 % interval, NaN if there is none.
    p : array of shape (p, q)
        Two-sided, of no relation.
    strict_p : array of shape (p, q)
        At least p, and small with no more than its probability; for corrections for many relations.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    strict_p: np.ndarray


def family_jackknife(
    X: np.ndarray,
    Y: np.ndarray,
    families: np.ndarray,
    statistic: str = "pearson",
    given: np.ndarray | None = None,
) -> Association:
    """Correlate every column of X with every column of Y.

    Parameters
    ----------
    X : array of shape (n, p)
    Y : array of shape (n, q)
    families : array of shape (n,)
        The family of each row.
    statistic : {"pearson", "spearman"}
    given : array of shape (n, k), optional
        Columns of which partial correlations are given. They may be collinear.

    Returns
    -------
    Association
        There is no interval and no p if a correlation is undefined without one of the families, nor for Spearman's
        coefficient of fewer than six points beyond the given columns. A correlation of ±1, whose z is infinite, has
        no interval either; its p is 2/G!, the probability that G families come in one of the two perfect orders by
        chance.

    Notes
    -----
    Source: Efron & Stein, "The jackknife estimate of variance", Annals of Statistics 9: 586-596 (1981), for s²; Fisher,
    "On the 'probable error' of a coefficient of correlation", Metron 1: 3-32 (1921), for z.
    """
    names, family = np.unique(np.asarray(families, dtype=str), return_inverse=True)
    n, G = len(X), len(names)
    given = np.empty((n, 0)) if given is None else given
    everything = np.ones((1, n))
    basis = explained(given, everything, statistic)
    points = n - int(basis.any(axis=1).sum())
    nothing = np.full((X.shape[1], Y.shape[1]), np.nan)
    if G < FEWEST_FAMILIES or points < FEWEST_POINTS:
        return Association(nothing, nothing, nothing, nothing, nothing)
    r = correlations_without(X, Y, family, statistic, given)
    if statistic == "spearman" and points < FEWEST_RANKS:
        return Association(r[0], nothing, nothing, nothing, nothing)
    found = tested(r, G, least_gap(n) if statistic == "spearman" else 1 - PERFECT)
    x, y = (standardized(block, everything, statistic, basis)[0] for block in (X, Y))
    return replace(found, strict_p=np.maximum(found.p, p_of_sums(x, y, family)))


def tested(r: np.ndarray, G: int, gap: float) -> Association:
    """Intervals and p of correlations (1 + G, p, q), the first of all rows and the others without one family each.

    Where the correlation is ±1 without a family, it counts as ±(1 − gap). `strict_p` is p.
    """
    from scipy.special import stdtr

    value, perfect = r[0], np.abs(r[0]) > PERFECT
    z = np.arctanh(np.clip(r, gap - 1, 1 - gap))
    low, high = jackknife_interval(z[0], z[1:])
    error = np.sqrt((G - 1) * z[1:].var(axis=0))
    certain = ~perfect & (error > np.finfo(float).eps * np.abs(z[0]))
    p = 2 * stdtr(G - 1, -np.abs(z[0]) / np.where(certain, error, 1))
    low, high, p = (np.where(certain, a, np.nan) for a in (np.tanh(low), np.tanh(high), p))
    p = np.where(perfect, 2 / math.factorial(G), p)
    return Association(value, low, high, p, p)


def p_of_sums(x: np.ndarray, y: np.ndarray, family: np.ndarray) -> np.ndarray:
    """p of Student's t of the mean over families of Σ x y.

    Parameters
    ----------
    x, y : arrays of shape (n, p) and (n, q)
        Standardized.
    family : integer array of shape (n,)
        From 0 to G − 1.

    Returns
    -------
    array of shape (p, q)
    """
    from scipy.special import stdtr

    u = family_sums(x, y, family)
    G = len(u)
    error = u.std(axis=0, ddof=1) / np.sqrt(G)
    return 2 * stdtr(G - 1, -np.abs(u.mean(axis=0)) / np.where(error > 0, error, np.nan))


def least_gap(n: int) -> float:
    """Half the difference between a perfect rank correlation of n points and the next one."""
    return 6 / (n**3 - n)
