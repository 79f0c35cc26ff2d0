"""A Gram that keeps K and one that keeps the responses give the same numbers, on every metric."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from augmented_codes import augmentations
from augmented_codes import responses as augmented_responses
from exact_gram import exact
from factorized_responses import two_parameters

import ventral.predictivity
from ventral.geometry import measure
from ventral.gram import read_gram, write_gram
from ventral.predictivity.behavior import object_scores
from ventral.recordings import Recording
from ventral.recordings.ceiling import with_ceilings
from ventral.regression.splits import stratified_kfold_splits
from ventral.representational_similarity import debiased_cka, linear_cka, rdm

RTOL = 1e-9
QUOTIENTS = {  # with denominators that may be almost 0, such as the norms of centers of shuffled manifolds
    f"{name}{ending}"
    for name in ("manifold_capacity", "capacity_radius", "capacity_dimension")
    for ending in ("", "_shuffled")
}
KEYS = ["metric", "parameter", "against", "threshold"]


def with_products(G):
    """The same Gram, which keeps K."""
    return replace(G, kernel=G.centered, responses=None)


def labeled(features):
    rng = np.random.default_rng(0)
    label = np.arange(240) % 8
    X = (
        rng.standard_normal((8, features))[label]
        + rng.standard_normal((240, features)) * np.arange(1, features + 1) ** -0.5
    )
    X[[17, 33]] = X[1]  # copies, in one class
    ids = [f"s{i:03d}" for i in range(240)]
    table = pd.DataFrame({"stimulus_id": ids, "scene": "", "parameter": "", "level": -1})
    return X, table.assign(label=[f"class{c}" for c in label])


def scenes(features):
    X, scene, parameter = two_parameters(np.random.default_rng(1), range(5), range(5, 9), range(9, 13), units=features)
    table = pd.DataFrame({"scene": scene, "parameter": parameter, "label": ""})
    table = table.replace({"parameter": {parameter[0]: "camera_pans"}})  # whose levels are frames of clips
    table["level"] = table.groupby(["scene", "parameter"]).cumcount()
    return X, table.assign(stimulus_id=[f"s{i}" for i in range(len(table))])


def augmented(features):
    table = augmentations().assign(label="")
    X = augmented_responses(table, lambda image: [11, 12, 13 + image % 2, 15], features=features)
    return X + 0.1 * np.random.default_rng(6).standard_normal(X.shape), table  # without noise, ridge is ill-conditioned


@pytest.mark.parametrize("features", [20, 150])  # n > 2d, where no product is formed, and n < 2d
@pytest.mark.parametrize("design", [labeled, scenes, augmented])
def test_geometry(design, features):
    X, table = design(features)
    G = exact(X)
    assert G.kernel is None
    found, spectrum = measure(G, table, [0.5, 0.9])
    expected, other = measure(with_products(G), table, [0.5, 0.9])
    pd.testing.assert_frame_equal(found[KEYS], expected[KEYS])
    for quotients, rows in expected.groupby(expected.metric.isin(QUOTIENTS)).groups.items():
        for column in ("value", "low", "high", "n"):
            one, other_one, rtol = found.loc[rows, column], expected.loc[rows, column], 1e-7 if quotients else RTOL
            np.testing.assert_allclose(one, other_one, rtol=rtol, atol=1e-12, err_msg=column)
    np.testing.assert_allclose(spectrum.eigenvalues, other.eigenvalues, rtol=RTOL, atol=1e-12)


@pytest.mark.parametrize("features", [20, 70])
def test_predictivity(features):
    rng = np.random.default_rng(2)
    X = rng.standard_normal((90, features))
    Y = X @ rng.standard_normal((features, 8)) + rng.standard_normal((90, 8))
    ids = np.array([f"s{i}" for i in range(90)], dtype=object)
    units = pd.DataFrame({"unit": range(8), "area": ["V4", "IT"] * 4, "animal": "none"})
    trials = Y.T[:, :, None] + rng.standard_normal((8, 90, 4))
    recording = with_ceilings(Recording("small", trials.mean(axis=2), trials, units, ids, True, "", "", ""))
    table = pd.DataFrame({"stimulus_id": ids, "label": ""})
    G = replace(exact(X), stimulus_id=ids)
    spec = {"kind": "kfold", "folds": 4, "seed": 1}
    found, of_units = ventral.predictivity.measure(G, recording, table, spec, 0)
    expected, of_products = ventral.predictivity.measure(with_products(G), recording, table, spec, 0)
    np.testing.assert_allclose(found.value, expected.value, rtol=RTOL, atol=1e-12)
    np.testing.assert_allclose(of_units.value, of_products.value, rtol=RTOL, atol=1e-12)


def test_similarity_and_objects():
    rng = np.random.default_rng(3)
    X, objects = rng.standard_normal((80, 25)), np.arange(80) % 4
    X[:, :4] += 2 * np.eye(4)[objects]
    G, other = exact(X), exact(rng.standard_normal((80, 30)) + X[:, :30].mean(axis=1, keepdims=True))
    for measured in (linear_cka, debiased_cka):
        assert measured(G, other) == pytest.approx(measured(with_products(G), with_products(other)), rel=RTOL)
    np.testing.assert_allclose(rdm(G), rdm(with_products(G)), rtol=RTOL, atol=1e-12)
    splits = stratified_kfold_splits(np.arange(80), objects, 4, 0)
    scores = [object_scores(one, objects, splits) for one in (G, with_products(G))]
    np.testing.assert_allclose(*scores, rtol=1e-5)  # logistic regression stops at a tolerance


def test_files_of_both_come_back(tmp_path):
    X = np.random.default_rng(4).standard_normal((30, 8)).astype(np.float32)
    G = exact(X)
    for number, one in enumerate((G, with_products(G))):
        write_gram(one, tmp_path / f"{number}.h5")
        back = read_gram(tmp_path / f"{number}.h5")
        assert (back.kernel is None) == (one.kernel is None)
        np.testing.assert_array_equal(back.centered, G.centered)
        np.testing.assert_array_equal(back.mean_products, G.mean_products)
    assert (tmp_path / "0.h5").stat().st_size < (tmp_path / "1.h5").stat().st_size


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.uint8, np.float64])
def test_responses_are_kept_to_the_last_digit(dtype):
    X = np.random.default_rng(5).integers(0, 200, (40, 6)).astype(dtype)
    kept = exact(X).responses
    np.testing.assert_array_equal(kept, X)
    assert kept.dtype == (np.float32 if dtype in (np.float16, np.float32) else np.float64)
