"""Bures distances of covariances: equal to the form with matrix square roots, from features and from a Gram."""

import numpy as np
import pytest
from exact_gram import exact
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from ventral.core.errors import Fault
from ventral.geometry.bures import bures_between, bures_distance, bures_from_block


def bures_by_roots(X, Y):
    C1, C2 = (np.cov(Z.T) / np.trace(np.cov(Z.T)) for Z in (X, Y))
    root = sqrtm(C1)
    return np.sqrt(2 - 2 * np.trace(sqrtm(root @ C2 @ root)).real)


@given(seed=st.integers(0, 1000), n=st.integers(8, 30), m=st.integers(8, 30))
def test_bures_equals_the_form_with_matrix_square_roots(seed, n, m):
    rng = np.random.default_rng(seed)
    mix = rng.standard_normal((2, 6, 6))
    X, Y = rng.standard_normal((n, 6)) @ mix[0] + 5, rng.standard_normal((m, 6)) @ mix[1]
    assert bures_distance(X, Y) == pytest.approx(bures_by_roots(X, Y), abs=1e-7)


def test_bures_equals_the_form_with_roots_where_features_outnumber_images():
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((10, 25)), rng.standard_normal((7, 25)) + 1
    assert bures_distance(X, Y) == pytest.approx(bures_by_roots(X, Y), abs=1e-6)  # roots of zero eigenvalues


@given(seed=st.integers(0, 1000), scale=st.floats(1e-3, 1e3), shift=st.floats(-10, 10))
def test_bures_anchors_and_invariances(seed, scale, shift):
    rng = np.random.default_rng(seed)
    X, Y = rng.standard_normal((9, 5)), rng.standard_normal((12, 5))
    rotation = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    apart = bures_distance(X, Y)
    assert bures_distance(scale * X @ rotation + shift, Y @ rotation) == pytest.approx(apart, abs=1e-7)
    assert bures_distance(Y, X) == pytest.approx(apart, abs=1e-7)
    assert bures_distance(X, scale * X[::-1] + shift) == pytest.approx(0, abs=1e-6)  # √ of rounding
    assert bures_distance(np.c_[X, 0 * X], np.c_[np.ones((12, 5)), Y]) == pytest.approx(np.sqrt(2), abs=1e-12)


@pytest.mark.parametrize(
    ("X", "Y", "sentence"),
    [
        (np.ones((4, 3)), np.eye(3), "does not vary"),
        (np.eye(3), np.eye(3)[:1], "two images or more"),
        (np.eye(3), np.eye(4), "the same features"),
        (np.eye(3), np.full((3, 3), np.nan), "not finite"),
        (np.eye(3)[0], np.eye(3), "two images or more"),
    ],
)
def test_bures_says_what_it_cannot_compare(X, Y, sentence):
    with pytest.raises(Fault, match=sentence):
        bures_distance(X, Y)


def test_bures_of_a_constant_block_is_refused():
    with pytest.raises(Fault, match="constant"):
        bures_from_block(np.zeros((3, 3)), 0.0, 1.0)


def test_bures_between_rows_of_a_gram_is_that_of_the_responses():
    rng = np.random.default_rng(4)
    X = rng.standard_normal((30, 8)) + 3
    X[24:] = X[24]
    x, y = rng.permutation(24)[:18].reshape(3, 6), np.array([[0, 3, 5, 7], [1, 2, 4, 8], [24, 25, 26, 27]])
    found = bures_between(exact(X), x, y)
    expected = [bures_distance(X[a], X[b]) for a, b in zip(x[:2], y[:2], strict=True)]
    np.testing.assert_allclose(found[:2], expected, atol=1e-10)
    assert np.isnan(found[2])
