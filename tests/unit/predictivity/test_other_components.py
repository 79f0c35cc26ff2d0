"""Components of other images predict as PCA of these images and least squares on its coordinates do."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression

from ventral.core.errors import Fault
from ventral.gram import gram
from ventral.other_images import (
    MOST,
    Coordinates,
    Stacked,
    along_components,
    coordinates,
    read_coordinates,
    write_coordinates,
)
from ventral.predictivity import kfold_splits, measure
from ventral.predictivity.encoding import COUNTS
from ventral.recordings import Recording
from ventral.statistics.correlation import pearson

N, OTHERS, UNITS = 60, 50, 6
IDS = np.array([f"s{i}" for i in range(N)], dtype=object)
TABLE = pd.DataFrame({"stimulus_id": IDS, "label": ""})
METRIC = "pcr_r_other_images"


def data(features=30):
    """Images, other images on which the tenth feature varies most, and units that follow this feature."""
    rng, scale = np.random.default_rng(0), np.arange(1, features + 1) ** -0.7
    X, Z = rng.standard_normal((N, features)) * scale, rng.standard_normal((OTHERS, features)) * np.roll(scale, 9)
    return X, Z, 30 * X[:, 9:10] * rng.uniform(0.5, 2, UNITS) + rng.standard_normal((N, UNITS))


def curves(X, values, Y, ids=IDS):
    """Scores by the number of components, of the images themselves and of the other images."""
    units = pd.DataFrame({"unit": range(UNITS), "area": "V4", "animal": "none"})
    recording = Recording("small", Y.T, None, units, IDS, True, "", "", "")
    spec = {"kind": "kfold", "folds": 3, "seed": 1}
    G = replace(gram(X, device="cpu"), stimulus_id=IDS)
    rows, _ = measure(G, recording, TABLE, spec, 0, Coordinates(values, ids, "photographs"))
    return [rows[rows.metric == metric].set_index("parameter") for metric in ("pcr_r", METRIC)]


@pytest.mark.parametrize("features", [30, 80, 400])  # fewer than images of a set, than all images, and more
def test_coordinates_are_those_of_pca(features):
    X, Z, _ = data(features)
    found, expected = coordinates(X, Z, "cpu"), PCA(min(OTHERS - 1, features)).fit(Z).transform(X)
    signs = np.sign(np.sum(found * expected, axis=0))
    tolerance = 1e-9 if features < N + OTHERS else 1e-4  # products in float32
    np.testing.assert_allclose(found * signs, expected, atol=tolerance)


@pytest.mark.parametrize("features", [30, 80])
def test_coordinates_are_the_same_whether_products_or_responses_are_kept(features):
    X, Z, _ = data(features)
    G = exact(np.vstack([Z, X]))
    of_responses, of_products = (
        along_components(one, OTHERS) for one in (G, replace(G, kernel=G.centered, responses=None))
    )
    signs = np.sign(np.sum(of_responses * of_products, axis=0))
    np.testing.assert_allclose(of_responses * signs, of_products, rtol=1e-9, atol=1e-9)


def test_scores_are_those_of_least_squares_on_coordinates():
    X, Z, Y = data()
    shuffled = np.random.default_rng(1).permutation(N)
    own, curve = curves(X, coordinates(X, Z, "cpu")[shuffled], Y, IDS[shuffled])
    assert [*curve.index] == [f"{parameter} of photographs" for parameter in own.index]
    assert curve.value.iloc[0] > 0.8 and own.value.iloc[0] < 0.3 and own.value.iloc[-1] > 0.8
    assert (curve.n == UNITS).all() and (curve.low <= curve.value).all() and (curve.value <= curve.high).all()
    T = PCA().fit(Z).transform(X)
    for count, value in zip((1, 2, 5, 10, 20), curve.value, strict=True):
        r = [
            pearson(LinearRegression().fit(T[train, :count], Y[train]).predict(T[test, :count]), Y[test])
            for train, test in kfold_splits(IDS, 3, 1)
        ]
        assert value == pytest.approx(np.median(r, axis=1).mean(), abs=1e-6)


def test_the_curve_ends_where_the_other_images_have_no_more_components():
    X, Z, Y = data()
    own, curve = curves(X, coordinates(X, Z[:8], "cpu"), Y)
    assert len(own) == 5 and [*curve.index] == [f"{count} of photographs" for count in own.index[:3]]
    _, none = curves(X, coordinates(X, Z[[0, 0, 0]], "cpu"), Y)
    assert none.empty


@pytest.mark.parametrize("projection", [None, 10])
def test_sets_that_differ_in_features_share_no_components(projection, caplog):
    X, Z, Y = data()
    values = coordinates(X, Z[:, :20], "cpu", projection, (0, "net", "layer"))
    assert values.shape == (N, 0) and re.search("30 features .* 20 .*pooling", caplog.text)
    _, none = curves(X, values, Y)
    assert none.empty and "responses to photographs have no components" in caplog.text


def test_both_sets_are_projected_in_the_same_way():
    X, Z, _ = data(400)
    values = coordinates(np.vstack([X, Z]), Z, "cpu", 40, (0, "net", "layer"))
    of_others = values[N:]
    assert values.shape == (N + OTHERS, 40) and (np.diff(of_others.var(axis=0)) < 0).all()
    np.testing.assert_allclose(of_others.mean(axis=0), 0, atol=1e-6)


def test_training_images_that_do_not_vary_are_named(caplog):
    X, Z, Y = data()
    _, none = curves(np.repeat(X[:1], N, axis=0), coordinates(X, Z, "cpu"), Y)
    assert none.empty and "training images of a split have no components" in caplog.text


def test_a_recording_needs_coordinates_of_all_its_images():
    X, Z, Y = data()
    with pytest.raises(Fault, match="small"):
        curves(X, coordinates(X, Z, "cpu")[1:], Y, IDS[1:])


def test_coordinates_come_back_from_their_file(tmp_path):
    values = np.random.default_rng(2).standard_normal((N, 4))
    write_coordinates(Coordinates(values, IDS, "photographs"), tmp_path / "layer.h5")
    back = read_coordinates(tmp_path / "layer.h5")
    np.testing.assert_array_equal(back.values, values)
    assert [*back.stimulus_id] == [*IDS] and back.stimuli == "photographs"


def test_enough_components_are_kept_for_the_curve():
    assert max(COUNTS) == MOST


def test_stacked_responses_are_read_as_one_array():
    X, Z, _ = data()
    stacked = Stacked(Z.astype(np.float32), X)
    assert stacked.shape == (N + OTHERS, 30) and stacked.dtype == np.float64
    np.testing.assert_array_equal(stacked[:, 3:7], np.vstack([Z.astype(np.float32), X])[:, 3:7])
