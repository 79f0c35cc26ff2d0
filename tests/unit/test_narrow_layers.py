"""Layers of few units or low rank: every solver gives what explicit features give, in any unit of measurement."""

import warnings

import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression

from ventral.gram import gram
from ventral.predictivity import pls

TRAIN, TEST = np.arange(50), np.arange(50, 75)
WIDTHS = {
    "as many units as the rank": lambda Z, rng: Z,
    "more units": lambda Z, rng: Z @ rng.standard_normal((Z.shape[1], Z.shape[1] + 9)),
    "more units than images": lambda Z, rng: Z @ rng.standard_normal((Z.shape[1], 120)),
    "copies of units": lambda Z, rng: np.hstack([Z, Z]),
    "dead units": lambda Z, rng: np.hstack([np.full((len(Z), 3), 3.3), Z, np.zeros((len(Z), 2))]),
}
TARGETS = {
    "many": lambda S, noise: S + noise,
    "fewer than components": lambda S, noise: (S + noise)[:, :2],
    "one": lambda S, noise: (S + noise)[:, :1],
    "some constant": lambda S, noise: np.hstack([np.full((len(S), 1), 0.1), S + noise, np.full((len(S), 1), 7.0)]),
    "in the span of the layer": lambda S, noise: S,
    "unrelated": lambda S, noise: noise + 5,
}


def layer(rank, width, seed=0):
    rng = np.random.default_rng(seed + rank)
    Z = rng.standard_normal((75, rank)) * np.linspace(1, 0.3, rank)
    return WIDTHS[width](Z, rng)


def targets(X, which, seed=1):
    rng = np.random.default_rng(seed)
    S = (X - X.mean(axis=0)) @ rng.standard_normal((X.shape[1], 8))
    return TARGETS[which](S / S.std(), rng.standard_normal(S.shape))


def scikit_learn(X, Y, rank):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that nothing is left to explain
        return PLSRegression(min(25, rank), scale=False).fit(X[TRAIN], Y[TRAIN]).predict(X[TEST])


@pytest.mark.parametrize("which", TARGETS)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("rank", [1, 2, 3, 7, 24, 25, 29])
def test_pls_of_any_rank_is_scikit_learn_s_of_as_many_components(rank, width, which):
    X = layer(rank, width).astype(np.float32)
    Y = targets(X, which)
    found = pls(gram(X, device="cpu"), Y, [(TRAIN, TEST)]).predictions[0]
    tolerance = 1e-4 if X.shape[1] > len(X) else 1e-9  # products are float32 or float64
    np.testing.assert_allclose(found, scikit_learn(X.astype(float), Y, rank), atol=tolerance * Y.std())


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("scale", [1e-20, 1e-6, 1e6])
def test_pls_does_not_see_units_of_measurement(scale, precision):
    for rank, width in ((1, "dead units"), (6, "more units than images"), (6, "more units")):
        X = layer(rank, width)
        Y = targets(X, "some constant")
        expected = scikit_learn(X, Y, rank)
        scaled = gram((scale * X).astype(precision), precision=precision, device="cpu")
        for of_y in (1, 1e-15, 1e12):
            found = pls(scaled, of_y * Y, [(TRAIN, TEST)]).predictions[0] / of_y
            np.testing.assert_allclose(found, expected, atol=1e-4 * Y.std())


def test_pls_of_a_few_images_takes_no_more_components_than_they_allow():
    X = layer(29, "more units than images")
    Y, few = targets(X, "many"), np.arange(9)
    found = pls(gram(X.astype(np.float32), device="cpu"), Y, [(few, TEST)]).predictions[0]
    expected = PLSRegression(8, scale=False).fit(X[few], Y[few]).predict(X[TEST])
    np.testing.assert_allclose(found, expected, atol=1e-4 * Y.std())


def test_pls_with_copies_of_images_in_training():
    X = layer(5, "more units than images").astype(np.float32)
    X[20:40] = X[:20]
    Y = targets(X, "many")
    found = pls(gram(X, device="cpu"), Y, [(TRAIN, TEST)]).predictions[0]
    np.testing.assert_allclose(found, scikit_learn(X.astype(float), Y, 5), atol=1e-4 * Y.std())
