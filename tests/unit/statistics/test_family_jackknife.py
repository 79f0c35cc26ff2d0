"""The jackknife over families: its formula, partial correlations, and what has no interval."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from ventral.statistics.family_jackknife import family_jackknife
from ventral.statistics.weighted_correlation import correlation

STATISTICS = ("pearson", "spearman")


def grouped(G, L, seed=0, columns=1):
    """x, y of L layers in each of G families, and the families."""
    rng = np.random.default_rng(seed)
    family = np.repeat(np.arange(G), L)
    level = rng.standard_normal((G, columns))[family]
    x = level + rng.standard_normal((len(family), columns))
    return x, x + rng.standard_normal((len(family), columns)) + level, family


@pytest.mark.parametrize("statistic", STATISTICS)
def test_the_interval_is_that_of_the_formula(statistic):
    x, y, family = grouped(7, 4)
    r = {"pearson": stats.pearsonr, "spearman": stats.spearmanr}[statistic]
    left_out = [np.arctanh(r(x[family != g, 0], y[family != g, 0])[0]) for g in range(7)]
    z = np.arctanh(r(x[:, 0], y[:, 0])[0])
    error = np.sqrt(6 * np.var(left_out))
    found = family_jackknife(x, y, family, statistic)
    half = stats.t.ppf(0.975, 6) * error
    expected = np.tanh([z, z - half, z + half])
    np.testing.assert_allclose([found.value[0, 0], found.low[0, 0], found.high[0, 0]], expected)
    assert found.p[0, 0] == pytest.approx(2 * stats.t.sf(abs(z) / error, 6))
    assert (found.p < 0.05) == (found.low > 0)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_a_partial_correlation_is_that_of_residuals(statistic):
    x, y, family = grouped(8, 3, columns=2)
    given = np.random.default_rng(1).standard_normal((24, 2)) + x
    dependent = np.column_stack([given, 2 * given[:, 0], np.ones(24)])  # collinear and constant columns do no harm

    def residual(values, rows):
        ranked = [stats.rankdata(a[rows], axis=0) if statistic == "spearman" else a[rows] for a in (values, given)]
        return sm.OLS(ranked[0], sm.add_constant(ranked[1])).fit().resid

    samples = [np.full(24, True), *(family != g for g in range(8))]
    expected = [np.corrcoef(residual(x[:, 0], rows), residual(y[:, 1], rows))[0, 1] for rows in samples]
    found = correlation(x, y, np.array(samples), statistic, dependent)[:, 0, 1]
    np.testing.assert_allclose(found, expected, atol=1e-10)
    z = np.arctanh(expected)
    half = stats.t.ppf(0.975, 7) * np.sqrt(7 * z[1:].var())
    assert family_jackknife(x, y, family, statistic, dependent).high[0, 1] == pytest.approx(np.tanh(z[0] + half))


def test_the_means_of_kinds_can_be_removed():
    x, y, family = grouped(9, 4)
    kind = family % 3
    dummies = (kind[:, None] == np.arange(3)).astype(float)
    shifted = family_jackknife(x + 50 * kind[:, None], y - 20 * kind[:, None], family, given=dummies)
    np.testing.assert_allclose(shifted.value, family_jackknife(x, y, family, given=dummies).value)
    centered = [a - np.array([a[kind == k].mean(axis=0) for k in range(3)])[kind] for a in (x, y)]
    assert shifted.value[0, 0] == pytest.approx(np.corrcoef(centered[0][:, 0], centered[1][:, 0])[0, 1])


def test_three_families_have_no_value():
    found = family_jackknife(*grouped(3, 5))
    assert np.isnan([found.value, found.low, found.high, found.p]).all()


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("statistic", STATISTICS)
def test_a_perfect_correlation_has_no_interval_and_the_p_of_its_order(statistic, sign):
    x, _, family = grouped(6, 1)
    found = family_jackknife(x, 3 * sign * x + 1, family, statistic)
    assert found.value[0, 0] == pytest.approx(sign) and np.isnan([found.low, found.high]).all()
    assert found.p[0, 0] == pytest.approx(2 / math.factorial(6))


def test_a_correlation_that_is_perfect_without_one_family_has_a_wide_interval():
    x = np.arange(8.0)[:, None]
    y = x.copy()
    y[3] = -5
    for statistic in STATISTICS:
        found = family_jackknife(x, y, np.arange(8), statistic)
        assert found.low[0, 0] < -0.9 and 0 < found.value[0, 0] < 0.99 < found.high[0, 0] and found.p[0, 0] > 0.05


@pytest.mark.parametrize("spoil", ["constant", "given", "one family"])
def test_what_does_not_vary_has_no_interval(spoil):
    x, y, family = grouped(6, 3)
    given = None
    if spoil == "constant":
        y[:] = 0.7 + 1e-15 * x
    if spoil == "given":
        given = np.column_stack([y[:, 0], x[:, 0]])
    if spoil == "one family":
        y = (family == 2)[:, None].astype(float)
    found = family_jackknife(x, y, family, given=given)
    assert np.isnan([found.low, found.high, found.p]).all()
    assert np.isnan(found.value[0, 0]) == (spoil != "one family")


def test_few_points_have_no_interval():
    x, y, family = grouped(6, 1)
    given = np.random.default_rng(2).standard_normal((6, 3))
    assert np.isnan(family_jackknife(x, y, family, given=given).value).all()
    assert np.isfinite(family_jackknife(x, y, family, given=given[:, :2]).p).all()
    ranks = family_jackknife(x, y, family, "spearman", given[:, :1])
    assert np.isfinite(ranks.value).all() and np.isnan([ranks.low, ranks.p]).all()


@pytest.mark.parametrize("given", ["nothing", "a column of models", "kinds"])
@pytest.mark.parametrize("statistic", STATISTICS)
def test_intervals_contain_the_true_value_in_95_of_100_studies(statistic, given):
    rng = np.random.default_rng(3)
    G, L, columns = 8, 6, 20
    family = np.repeat(np.arange(G), L)
    z = {"nothing": None, "a column of models": rng.standard_normal((G, 1))[family]}
    z["kinds"] = (family[:, None] % 2 == np.arange(2)).astype(float)
    rejected = []
    for _ in range(30):
        x, y = rng.standard_normal((2, G, columns))[:, family] + 0.5 * rng.standard_normal((2, G * L, columns))
        rejected.append(np.diag(family_jackknife(x, y, family, statistic, z[given]).p) < 0.05)
    assert 0.02 < np.mean(rejected) < 0.08  # 600 relations; two standard errors of .05 are .018


@pytest.mark.parametrize("statistic", STATISTICS)
def test_the_strict_p_is_no_smaller_than_that_of_the_sums_of_families(statistic):
    x, y, family = grouped(9, 4, seed=6)
    found = family_jackknife(x, y, family, statistic)
    x, y = (stats.zscore(stats.rankdata(a) if statistic == "spearman" else a[:, 0]) for a in (x, y))
    sums = [np.sum((x * y)[family == g]) for g in range(9)]
    assert found.strict_p[0, 0] == pytest.approx(max(found.p[0, 0], stats.ttest_1samp(sums, 0).pvalue))


def test_the_strict_p_of_columns_without_relation_is_rarely_very_small():
    rng = np.random.default_rng(8)
    family, small = np.repeat(np.arange(20), 4), []
    for _ in range(3):
        x, y = (rng.standard_normal((20, 100))[family] + 0.5 * rng.standard_normal((80, 100)) for _ in range(2))
        found = family_jackknife(x, y, family)
        small.append([np.mean(found.p < 0.001), np.mean(found.strict_p < 0.001)])
    often, seldom = np.mean(
        small, axis=0
    )  # 30,000 relations: a standard error of .001 is .0002 if they are independent
    assert often > 0.0014 and seldom < 0.001
