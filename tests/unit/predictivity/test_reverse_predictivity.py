"""Units predict a layer as well as scikit-learn's ridge regression predicts all of its features."""

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact
from sklearn.linear_model import RidgeCV

from ventral.predictivity.reverse_predictivity import readouts_of, reverse_rows
from ventral.predictivity.target import prepare
from ventral.recordings import Recording
from ventral.regression.ridge import GRID
from ventral.regression.splits import kfold_splits

N = 60
IDS = np.array([f"image{i}" for i in range(N)], dtype=object)
TABLE = pd.DataFrame({"stimulus_id": IDS, "scene": IDS, "parameter": "", "level": 0, "label": ""})


def rows_of(X, Y, areas=None):
    """The rows of a layer and a recording without trials, by area and metric."""
    units = pd.DataFrame({"unit": np.arange(Y.shape[1]), "area": ["V4"] * Y.shape[1] if areas is None else areas})
    recording = Recording("small", Y.T, None, units, IDS, True, "", "", "")
    target = prepare(recording, TABLE, {"kind": "kfold", "folds": 4, "seed": 0}, 0)
    return pd.DataFrame(reverse_rows(exact(X), target)).set_index(["area", "metric"])


@pytest.mark.parametrize("features", [8, 300])
@pytest.mark.parametrize("units", [5, 90])
def test_errors_are_those_of_ridge_regression_of_all_features(features, units):
    rng = np.random.default_rng(features + units)
    Y = rng.standard_normal((N, units))
    X = Y[:, :4] @ rng.standard_normal((4, features)) + rng.standard_normal((N, features))
    scaled = (Y - Y.mean(axis=0)) / Y.std(axis=0)
    splits = kfold_splits(IDS, 4, 0)
    for readout, (train, test) in zip(readouts_of(Y, splits), splits, strict=True):
        variance = np.sum((scaled[train] - scaled[train].mean(axis=0)) ** 2)
        model = RidgeCV(alphas=GRID * variance / len(train)).fit(scaled[train], X[train])
        expected = np.sum((X[test] - model.predict(scaled[test])) ** 2, axis=1)
        np.testing.assert_allclose(readout.errors(exact(X)).of_units, expected, rtol=1e-6)


def test_explained_variance_is_weighted_by_the_variance_of_features():
    rng = np.random.default_rng(1)
    Y = rng.standard_normal((N, 6))
    X = Y @ rng.standard_normal((6, 20)) * np.arange(1, 21) + 3 * rng.standard_normal((N, 20))
    splits, scores = kfold_splits(IDS, 4, 0), []
    for train, test in splits:
        scaled = (Y - Y.mean(axis=0)) / Y.std(axis=0)
        model = RidgeCV(alphas=GRID * np.sum((scaled[train] - scaled[train].mean(axis=0)) ** 2) / len(train))
        predictions = model.fit(scaled[train], X[train]).predict(scaled[test])
        scores.append(1 - np.sum((X[test] - predictions) ** 2) / np.sum((X[test] - X[train].mean(axis=0)) ** 2))
    row = rows_of(X, Y).loc["V4", "reverse_R2"]
    assert row.value == pytest.approx(np.mean(scores), rel=1e-6)
    assert row.low_images < row.value < row.high_images and row.n == 6


def test_a_layer_of_the_units_is_predicted_and_others_are_not():
    rng = np.random.default_rng(2)
    Y = rng.standard_normal((N, 8))
    within = rows_of(Y @ rng.standard_normal((8, 100)), 5 * Y).loc["V4"].value
    apart = rows_of(rng.standard_normal((N, 100)), Y).loc["V4"].value
    assert within.reverse_R2 > 0.999 and within.reverse_R2_shuffled < 0.05
    assert apart.reverse_R2 == pytest.approx(0, abs=0.1)


def test_half_of_a_layer_that_the_units_lack_is_not_predicted():
    rng = np.random.default_rng(3)
    latents = rng.standard_normal((N, 8))
    X = latents @ np.linalg.qr(rng.standard_normal((100, 8)))[0].T
    assert rows_of(X, latents[:, :4] @ rng.standard_normal((4, 30))).value["V4", "reverse_R2"] == pytest.approx(
        np.var(latents[:, :4], axis=0).sum() / np.var(latents, axis=0).sum(), abs=0.1
    )


def test_areas_are_compared_at_equal_numbers_of_units():
    """Two samples of one population predict equally well with as many units, and the larger one better with all."""
    rng = np.random.default_rng(4)
    latents = rng.standard_normal((N, 10))
    Y = latents @ rng.standard_normal((10, 36)) + 2 * rng.standard_normal((N, 36))
    rows = rows_of(latents @ rng.standard_normal((10, 80)), Y, ["V4"] * 28 + ["IT"] * 8)
    assert (rows.n.xs("reverse_R2_equal", level=1) == 8).all()
    large, small = rows.loc["V4"], rows.loc["IT"]
    assert large.value.reverse_R2 > large.high["reverse_R2_equal"] > large.low["reverse_R2_equal"]
    assert small.value.reverse_R2_equal == small.value.reverse_R2
    assert large.value.reverse_R2_equal == pytest.approx(small.value.reverse_R2, abs=0.15)


def test_layers_that_do_not_vary_have_no_rows():
    rng = np.random.default_rng(5)
    recording = Recording(
        "small", rng.random((3, N)), None, pd.DataFrame({"unit": [0, 1, 2], "area": "V4"}), IDS, True, "", "", ""
    )
    target = prepare(recording, TABLE, {"kind": "kfold", "folds": 4, "seed": 0}, 0)
    assert reverse_rows(exact(np.ones((N, 5))), target) == []
