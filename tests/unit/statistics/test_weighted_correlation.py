"""Weighted correlations are those of repeated rows, and values that differ only by rounding are ties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ventral.statistics.weighted_correlation import correlation, weighted_ranks


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), ties=st.booleans())
def test_weights_are_repeated_rows(seed, ties):
    rng = np.random.default_rng(seed)
    X, Y = rng.standard_normal((2, 12, 2))
    if ties:
        X, Y = X.round(), Y.round()
    weights = rng.multinomial(12, np.full(12, 1 / 12))
    repeated = np.repeat(np.arange(12), weights)
    for statistic, reference in (("pearson", stats.pearsonr), ("spearman", stats.spearmanr)):
        found = correlation(X, Y, weights[None], statistic)[0, 0, 1]
        if np.ptp(X[repeated, 0]) and np.ptp(Y[repeated, 1]):
            assert found == pytest.approx(reference(X[repeated, 0], Y[repeated, 1]).statistic, abs=1e-9)
        else:
            assert np.isnan(found)


def test_quantities_that_differ_by_rounding_are_ties():
    rng = np.random.default_rng(0)
    levels, y = rng.integers(0, 3, 30).astype(float), rng.standard_normal(30)
    scattered = 0.7 + levels / 10 + 1e-15 * rng.standard_normal(30)
    found = correlation(scattered[:, None], y[:, None], np.ones((1, 30)), "spearman")[0, 0, 0]
    assert found == pytest.approx(stats.spearmanr(levels, y).statistic)
    constant = 0.7 + 1e-15 * rng.standard_normal(30)
    assert np.isnan(correlation(constant[:, None], y[:, None], np.ones((1, 30)), "spearman")).all()


def test_weighted_ranks_share_ties():
    assert weighted_ranks(np.array([3.0, 1.0, 3.0, 2.0]), np.ones((1, 4))).tolist() == [[3.5, 1, 3.5, 2]]
