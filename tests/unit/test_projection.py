"""Random projections keep products, and equal responses equal."""

import numpy as np
import pytest

from ventral.gram import gram
from ventral.projection import projected


def relative_error(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def test_errors_of_products_are_those_of_the_formula():
    X = np.random.default_rng(0).standard_normal((60, 20_000)).astype(np.float32)
    X[:, :200] += 3
    K = X.astype(float) @ X.T
    squares = np.diag(K)
    for features in (256, 1024):
        Z = projected(X, features, 1, "network", "layer").astype(float)
        expected = np.sqrt((np.outer(squares, squares) + K**2) / features)
        assert np.sqrt(np.mean(((Z @ Z.T - K) / expected) ** 2)) == pytest.approx(1, abs=0.1)


def test_equal_responses_stay_equal_and_small_layers_stay_as_they_are():
    X = np.random.default_rng(1).standard_normal((600, 300)).astype(np.float32)
    X[500] = X[7]
    Z = projected(X, 50, 0, "network", "layer")
    assert Z.dtype == np.float32 and gram(Z, device="cpu").copies[500] == 7
    assert projected(X, 300, 0) is X and projected(X, None, 0) is X


def test_the_projection_depends_on_names_only():
    X = np.random.default_rng(2).standard_normal((20, 400)).astype(np.float32)
    once, again, other = (projected(X, 100, 0, "network", layer) for layer in ("a", "a", "b"))
    np.testing.assert_array_equal(once, again)
    assert relative_error(once, other) > 0.5
    np.testing.assert_array_equal(projected(X[5:], 100, 0, "network", "a"), once[5:])
