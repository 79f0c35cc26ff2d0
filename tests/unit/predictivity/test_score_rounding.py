"""Rounding makes no correlation out of values that do not vary, and hides none."""

import numpy as np
import pytest
from linear_responses import area_of

from ventral.geometry import (
    linear_cka,
)
from ventral.gram import gram
from ventral.predictivity.alignment import left_out_cka, products_of
from ventral.predictivity.behavior import resampled_correlation
from ventral.predictivity.resampled_pairs import resampled_rsa
from ventral.predictivity.signatures import i2n
from ventral.statistics.correlation import pearson


@pytest.mark.parametrize(("offset", "spread"), [(0, 1e-300), (1e6, 1e-7), (1e12, 1e-1)])
def test_what_varies_a_little_varies(offset, spread):
    y = offset + spread * np.arange(20.0)
    assert pearson(y, np.arange(20.0)) == pytest.approx(1, abs=1e-3)
    assert np.isnan(pearson(np.full(20, offset + 0.1), y))


def test_signatures_of_a_layer_that_sees_objects_alone_say_nothing_of_images():
    """Its sensitivities are equal within objects but for rounding, so that i2n is zero and not the rounding."""
    objects = np.repeat(np.arange(3), 7)
    rates = np.where(objects[:, None] == np.arange(3), np.nan, 0.1 + 0.1 * objects[:, None] + 0.05 * np.arange(3))
    found = i2n(rates * (1 + 1e-15 * np.random.default_rng(0).standard_normal(rates.shape)), objects)
    assert np.nanmax(np.abs(found)) == 0


def test_resamples_that_do_not_vary_have_no_correlation():
    x, y = np.array([0.1, 0.1, 0.3]), np.array([1.0, 2.0, 5.0])
    counts = np.array([[1, 1, 1], [2, 1, 0], [0, 0, 3]])
    found = resampled_correlation(x, y, counts)
    assert found[0] == pytest.approx(np.corrcoef(x, y)[0, 1]) and np.isnan(found[1:]).all()
    a = np.array([1.0, 2.0, 3.0]) - 2
    assert np.isnan(resampled_rsa(a, a, np.array([[2, 1, 0], [3, 0, 0]]))).all()


@pytest.mark.parametrize("loudest", [1, 1e4, 1e9])
def test_cka_without_a_unit_that_is_louder_than_all_others(loudest):
    rng = np.random.default_rng(4)
    Y = rng.standard_normal((60, 4)) * [loudest, 1, 1, 0] + [0, 0, 0, 0.1]
    G = gram(rng.standard_normal((60, 9)), device="cpu")
    expected = [linear_cka(G, gram(np.delete(Y, unit, axis=1), device="cpu")) for unit in range(4)]
    every, some = area_of(Y), area_of(Y[:, [1, 3]])
    np.testing.assert_allclose(left_out_cka(G, every, "cka", products_of(G, every)["cka"]), expected, rtol=1e-6)
    assert np.isnan(left_out_cka(G, some, "cka", products_of(G, some)["cka"])[0])
