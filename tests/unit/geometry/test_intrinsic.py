"""Intrinsic dimension of known manifolds, and whitening from a Gram against whitening of features."""

import logging

import numpy as np
import pytest
from exact_gram import exact
from hypothesis import given, settings
from hypothesis import strategies as st

from ventral.core.errors import Fault
from ventral.geometry import intrinsic
from ventral.geometry.intrinsic import intrinsic_dimension
from ventral.geometry.spectrum import spectrum
from ventral.geometry.whitening import whitened, whitened_effective_dimensionality
from ventral.gram import gram


def rotation(rng, d):
    return np.linalg.qr(rng.standard_normal((d, d)))[0]


@pytest.mark.parametrize("d", [2, 5])
@pytest.mark.parametrize("density", ["normal", "uniform"])
def test_the_dimension_of_a_subspace(d, density):
    rng = np.random.default_rng(d)
    found = []
    for _ in range(5):
        X = rng.standard_normal((500, d)) if density == "normal" else rng.uniform(size=(500, d))
        found.append(intrinsic_dimension(exact(X @ rotation(rng, 50)[:d])))
    # The standard error of one estimate is about d / sqrt(500), and the density is not constant near a border.
    assert np.mean(found) == pytest.approx(d, rel=0.12)


def test_a_curved_line_has_one_dimension():
    t = np.random.default_rng(0).uniform(0, 2, 400)
    X = np.stack([np.cos(3 * t), np.sin(3 * t), np.cos(7 * t), np.sin(7 * t)], axis=1)
    assert intrinsic_dimension(exact(X)) == pytest.approx(1, rel=0.15)
    assert spectrum(exact(X)).effective_dimensionality > 3


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1000), scale=st.floats(1e-3, 1e3))
def test_rotation_scale_shift_and_order_change_nothing(seed, scale):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((60, 8))
    again = scale * (X @ rotation(rng, 8))[rng.permutation(60)] + rng.standard_normal(8)
    assert intrinsic_dimension(exact(again)) == pytest.approx(intrinsic_dimension(exact(X)), rel=1e-6)


def test_neighbors_of_some_images_are_looked_for_among_all(monkeypatch):
    G = exact(np.random.default_rng(3).standard_normal((2000, 6)))
    of_all = intrinsic_dimension(G)
    monkeypatch.setattr(intrinsic, "MOST", 400)
    assert intrinsic_dimension(G) == pytest.approx(of_all, rel=0.1)  # whose standard error is 5 %
    nearest = intrinsic._nearest_two(G, np.arange(2000), np.arange(0, 2000, 5))
    of_each = intrinsic._nearest_two(G, np.arange(2000), np.arange(2000))
    np.testing.assert_allclose(nearest, of_each[::5], rtol=1e-9)


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_equal_responses_count_once(precision, caplog):
    X = np.random.default_rng(1).standard_normal((80, 300)).astype(np.float32) + 2
    twice = np.vstack([X, X[:7], X[:3]])
    with caplog.at_level(logging.WARNING):
        found = intrinsic_dimension(gram(twice, precision=precision, device="cpu"))
    assert "10 of 90" in caplog.text
    assert found == pytest.approx(intrinsic_dimension(exact(X)), rel=1e-3)


@pytest.mark.parametrize(
    ("X", "sentence"),
    [
        (np.random.default_rng(2).standard_normal((9, 4)), "10 images or more"),
        (np.repeat(np.eye(6), 5, axis=0), "distinct responses, not 6"),
        (np.ones((20, 3)), "not 1"),
        (np.eye(20), "equally far"),
    ],
)
def test_a_dimension_that_is_not_there(X, sentence):
    with pytest.raises(Fault, match=sentence):
        intrinsic_dimension(exact(X))


def whitened_features(X, fit, test, floor):
    """ZCA in feature space, as its definition has it."""
    mean = X[fit].mean(axis=0)
    eigenvalues, axes = np.linalg.eigh(np.cov(X[fit].T))
    scale = 1 / np.sqrt(np.maximum(eigenvalues, floor * eigenvalues[-1]))
    return (X[test] - mean) @ (axes * scale) @ axes.T


@pytest.mark.parametrize("floor", [1e-3, 0.1, 1])
@pytest.mark.parametrize("d", [7, 40, 90])
def test_whitening_from_the_gram_is_whitening_of_the_features(d, floor):
    rng = np.random.default_rng(d)
    X = rng.standard_normal((50, d)) * np.arange(1, d + 1) ** -1.0 + rng.standard_normal(d)
    X = X @ rotation(rng, d)
    fit, test = np.split(rng.permutation(50), [30])
    Y = whitened_features(X, fit, test, floor)
    found, expected = whitened(exact(X), fit, test, floor), exact(Y)
    scale = np.abs(expected.centered).max()
    np.testing.assert_allclose(found.centered, expected.centered, atol=1e-8 * scale)
    np.testing.assert_allclose(found.products, Y @ Y.T, atol=1e-8 * scale)
    np.testing.assert_allclose(found.row_sums, Y.sum(axis=1), atol=1e-8 * np.abs(Y.sum(axis=1)).max())


def test_whitening_makes_a_steep_spectrum_flat():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((1000, 20)) * np.linspace(1, 0.05, 20)
    assert spectrum(exact(X)).effective_dimensionality < 12
    assert whitened_effective_dimensionality(exact(X), rng) == pytest.approx(20, rel=0.1)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000), scale=st.floats(1e-3, 1e3))
def test_whitening_does_not_see_rotation_scale_and_shift(seed, scale):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((40, 60)) * np.arange(1, 61) ** -1.0
    again = scale * X @ rotation(rng, 60) + rng.standard_normal(60)
    first, second = (whitened_effective_dimensionality(exact(x), np.random.default_rng(seed)) for x in (X, again))
    assert second == pytest.approx(first, rel=1e-6)


def test_whitening_needs_other_images_that_vary():
    G = exact(np.random.default_rng(4).standard_normal((10, 3)))
    with pytest.raises(ValueError, match="both"):
        whitened(G, np.arange(5), np.arange(4, 10))
    with pytest.raises(ValueError, match="floor"):
        whitened(G, np.arange(5), np.arange(5, 10), 0)
    with pytest.raises(Fault, match="four"):
        whitened_effective_dimensionality(G.subset(np.arange(3)), np.random.default_rng(0))
    with pytest.raises(Fault, match="vary"):
        whitened_effective_dimensionality(exact(np.ones((10, 3))), np.random.default_rng(0))


def test_ids_stay_with_their_images():
    rng = np.random.default_rng(5)
    G = exact(rng.standard_normal((8, 5)))
    G = type(G)(**(vars(G) | {"stimulus_id": np.array(list("abcdefgh"), dtype=object)}))
    assert whitened(G, np.arange(4), np.array([7, 5])).stimulus_id.tolist() == ["h", "f"]
