"""Shares of images that are named correctly: their intervals, and ties between classes."""

import numpy as np
import pytest
from scipy.stats import binomtest

from ventral.statistics.proportion import wilson
from ventral.statistics.ties import credit


@pytest.mark.parametrize(("k", "n"), [(0, 5), (5, 5), (1, 3), (370, 1000), (999, 1000)])
def test_intervals_of_shares_are_wilsons(k, n):
    reference = binomtest(k, n).proportion_ci(0.95, "wilson")
    assert wilson(k / n, n) == pytest.approx((reference.low, reference.high), abs=1e-12)


def test_the_true_class_may_be_among_the_first_few():
    scores = np.array([[3.0, 2, 1, 0], [0, 1, 2, 3], [1, 1, 1, 1], [2, 2, 2, 0]])
    truth = np.array([1, 1, 1, 3])
    np.testing.assert_allclose(credit(scores, truth), [0, 0, 1 / 4, 0])
    np.testing.assert_allclose(credit(scores, truth, 2), [1, 0, 1 / 2, 0])
    np.testing.assert_allclose(credit(scores, truth, 3), [1, 1, 3 / 4, 0])
    np.testing.assert_allclose(credit(scores, truth, 4), 1)
