"""Layers of few units or low rank: every solver gives what explicit features give, in any unit of measurement."""

import warnings

import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, Ridge

from ventral.core.errors import Fault
from ventral.geometry import (
    bures_distance,
    debiased_cka,
    effective_dimensionality,
    factorization,
    few_shot,
    intrinsic_dimension,
    linear_cka,
    manifolds,
    procrustes_distance,
    spectrum,
    whitened_effective_dimensionality,
)
from ventral.geometry.rotation import object_decoding
from ventral.gram import gram
from ventral.predictivity import kfold_splits, pcr, pls, ridge
from ventral.regression.folds import folds
from ventral.regression.left_out import LeftOut
from ventral.regression.readout import object_scores
from ventral.regression.splits import stratified_kfold_splits
from ventral.statistics.ties import credit

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


def equal_to_features(found, expected, X, Y):
    """As equal as products in float32, or in float64 where there are no more features than images, let them be."""
    np.testing.assert_allclose(found, expected, atol=(1e-4 if X.shape[1] > len(X) else 1e-9) * Y.std())


@pytest.mark.parametrize("scale", [1e-6, 1, 1e6])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("rank", [1, 2, 7, 29])
def test_ridge_and_components_of_any_rank_are_those_of_the_features(rank, width, scale):
    X = (scale * layer(rank, width)).astype(np.float32)
    Y, G, x = targets(X, "some constant"), gram(X, device="cpu"), X.astype(float)
    alpha = 0.1 * np.trace(G.centered) / len(X)
    expected = Ridge(alpha / scale**2, solver="svd").fit(x[TRAIN] / scale, Y[TRAIN]).predict(x[TEST] / scale)
    equal_to_features(ridge(G, Y, [(TRAIN, TEST)], [alpha]).predictions[0], expected, X, Y)
    coordinates = PCA(rank).fit(x[TRAIN])
    expected = LinearRegression().fit(coordinates.transform(x[TRAIN]) / scale, Y[TRAIN])
    expected = expected.predict(coordinates.transform(x[TEST]) / scale)
    equal_to_features(pcr(G, Y, [(TRAIN, TEST)]).predictions[0], expected, X, Y)


def one_hot(n=60):
    """Images that share nothing, told apart by as many features as images, or by more, which are dead."""
    return np.eye(n), np.hstack([np.eye(n), np.zeros((n, 100))])


@pytest.mark.parametrize("X", one_hot(), ids=["narrow", "wide"])
@pytest.mark.parametrize("scale", [1e-3, 1, 7e5])
def test_what_images_do_not_share_predicts_nothing(X, scale):
    """No read-out learns from rounding: constant predictions, equal scores and chance, whatever the arithmetic."""
    G = gram((scale * X).astype(np.float32), device="cpu")
    objects, Y = np.repeat(np.arange(6), 10), np.random.default_rng(0).standard_normal((60, 4))
    splits = kfold_splits(np.arange(60))
    for fit in (ridge, pls, pcr):
        found = fit(G, Y, splits)
        assert np.isnan(found.scores).all()
        for predicted in found.predictions:
            assert np.ptp(predicted, axis=0).max() == 0
    for readout in ("prototype", "logistic"):
        found = few_shot(G, objects.astype(str), 5, np.random.default_rng(0), readout, 3)
        assert found.top_1 == pytest.approx(1 / 6, abs=1e-12)
    assert object_decoding(X * scale, objects, np.random.default_rng(0)).mean() == pytest.approx(1 / 6)
    assert np.isnan(effective_dimensionality(G).corrected_effective_dimensionality)
    assert np.isnan(factorization(G, objects).corrected_covariance_factorization)
    for undefined in (intrinsic_dimension, lambda G: debiased_cka(G, G)):
        with pytest.raises(Fault, match="equally far"):
            undefined(G)


@pytest.mark.parametrize("width", [1, 2, 50, 400])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_layer_that_never_varies_scores_nothing_and_is_named(width, kind):
    X = np.full((60, width), 0.1, kind)
    G, objects = gram(X, device="cpu"), np.repeat(np.arange(6), 10)
    Y, splits = np.random.default_rng(0).standard_normal((60, 4)), kfold_splits(np.arange(60))
    for fit in (ridge, pls, pcr):
        assert np.isnan(fit(G, Y, splits).scores).all()
    scores = object_scores(G, objects, stratified_kfold_splits(np.arange(60), objects))
    np.testing.assert_array_equal(credit(scores, objects), np.full(60, 1 / 6))
    for readout in ("prototype", "logistic", "max_margin"):
        assert few_shot(G, objects.astype(str), 5, np.random.default_rng(0), readout, 2).top_1 == pytest.approx(1 / 6)
    H = gram(Y, device="cpu")
    for measure in (
        intrinsic_dimension,
        spectrum,
        effective_dimensionality,
        lambda G: whitened_effective_dimensionality(G, np.random.default_rng(0)),
        lambda G: manifolds(G, objects.astype(str)),
        lambda G: factorization(G, objects),
        lambda G: linear_cka(G, H),
        lambda G: procrustes_distance(G, H),
        lambda G: object_decoding(X, objects, np.random.default_rng(0)),
        lambda G: bures_distance(X[:30], X[30:]),
    ):
        with pytest.raises(Fault):
            measure(G)


@pytest.mark.parametrize("penalty", [1e-18, 1e-12, 1e-3])
def test_leave_one_out_of_small_penalties_is_not_rounding(penalty):
    """An interpolating fit leaves residuals and 1 − h of the size of the penalty, whose ratio is the error."""
    rng = np.random.default_rng(5)
    X, y = rng.standard_normal((30, 80)), rng.standard_normal((30, 1))
    fold = next(folds(gram(X, precision="float64", device="cpu"), y, [(np.arange(25), np.arange(25, 30))]))
    centered = y[:25] - y[:25].mean()
    found, _ = LeftOut(*fold.eigen, np.array([penalty])).errors(centered, fold.eigen[1].T @ centered)
    errors = []
    for image in range(25):
        rest = np.delete(np.arange(25), image)
        center = X[rest].mean(axis=0)
        K = (X[rest] - center) @ (X[rest] - center).T
        predicted = (X[image] - center) @ (X[rest] - center).T @ np.linalg.pinv(K + penalty * np.eye(24), rcond=1e-10)
        errors.append(y[image] - predicted @ (y[rest] - y[rest].mean()) - y[rest].mean())
    assert found.item() == pytest.approx(np.sum(np.square(errors)), rel=1e-5)
