"""Geometry: published answers, and properties that any correct implementation has."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ventral.geometry import factorization, measure, spectrum
from ventral.geometry.spectrum import components_to_reach, power_law_exponent
from ventral.gram import gram
from ventral.store import Fault

THRESHOLDS = [0.5, 0.9]


def responses(rng, scene_axes, parameter_axes, scenes=40, levels=8, units=30):
    """Gaussian responses whose scenes and parameter vary along given unit-variance axes."""
    X = np.zeros((scenes, levels, units))
    X[..., scene_axes] += rng.standard_normal((scenes, 1, len(scene_axes)))
    X[..., parameter_axes] += rng.standard_normal((scenes, levels, len(parameter_axes)))
    return X.reshape(-1, units), np.repeat(np.arange(scenes), levels)


def exact(X):
    return gram(X, precision="float64", device="cpu")


def test_published_factorization(shared_data):
    folder = shared_data("factorization")
    inputs = np.load(folder / "factorization_fixture_inputs.npz")
    expected = json.loads((folder / "factorization_fixture_expected.json").read_text())["expected"]
    names = {
        "fact": "factorization",
        "inv": "invariance",
        "ss_inv": "subspace_invariance",
        "k": "n_components",
        "covariance_factorization": "covariance_factorization",
    }
    for case, by_threshold in expected.items():
        scenes, levels, units = inputs[case].shape
        G = exact(inputs[case].reshape(-1, units))
        for threshold, values in by_threshold.items():
            found = factorization(G, np.repeat(np.arange(scenes), levels), float(threshold))
            for key, name in names.items():
                assert getattr(found, name) == pytest.approx(values[key], abs=1e-9), (case, threshold, name)


def test_published_spectra(shared_data):
    folder = shared_data("dimensionality")
    keys = ["architecture", "task", "kind", "source", "layer"]
    spectra = pd.read_csv(folder / "spectra.csv", keep_default_na=False)
    layers = pd.read_csv(folder / "layers.csv", keep_default_na=False).set_index(keys).sort_index()
    for key, group in spectra.groupby(keys):
        eigenvalues = group.sort_values("n").variance.to_numpy()
        row = layers.loc[key]
        found = eigenvalues.sum() ** 2 / np.sum(eigenvalues**2)
        assert found == pytest.approx(row.effective_dimensionality, rel=4e-7)
        assert components_to_reach(eigenvalues, 0.8) == row.components_80
        assert power_law_exponent(eigenvalues) == pytest.approx(row.alpha, abs=1e-7)


def test_separate_axes_are_factorized_and_shared_axes_are_not():
    rng = np.random.default_rng(0)
    X, scenes = responses(rng, range(5), range(5, 10))
    Y, _ = responses(rng, range(5), range(5))
    apart, shared = factorization(exact(X), scenes), factorization(exact(Y), scenes)
    assert apart.factorization > 0.95 > 0.2 > shared.factorization
    assert apart.corrected_covariance_factorization == pytest.approx(1, abs=0.05)
    assert shared.corrected_covariance_factorization == pytest.approx(0, abs=0.15)


def test_the_corrected_form_takes_the_bias_of_few_scenes_away():
    rng = np.random.default_rng(1)
    scene_variance = np.zeros(60)
    scene_variance[:10] = 1 / np.arange(1, 11)
    parameter_variance = np.zeros(60)
    parameter_variance[5:15] = 0.6
    overlap = scene_variance @ parameter_variance
    truth = 1 - overlap / np.linalg.norm(scene_variance) / np.linalg.norm(parameter_variance)
    plain, corrected = [], []
    for _ in range(30):
        A = rng.standard_normal((30, 1, 60)) * np.sqrt(scene_variance)
        A = A + rng.standard_normal((30, 5, 60)) * np.sqrt(parameter_variance)
        found = factorization(exact(A.reshape(-1, 60)), np.repeat(np.arange(30), 5))
        plain.append(found.covariance_factorization)
        corrected.append(found.corrected_covariance_factorization)
    error = np.std(corrected) / np.sqrt(len(corrected))
    assert np.mean(corrected) == pytest.approx(truth, abs=4 * error)
    assert np.mean(plain) < truth - 10 * error


@given(seed=st.integers(0, 100), scale=st.floats(1e-3, 1e3))
def test_rotation_scale_and_order_change_nothing(seed, scale):
    rng = np.random.default_rng(seed)
    X, scenes = responses(rng, range(5), range(3, 8), scenes=12, levels=4, units=10)
    rotation = np.linalg.qr(rng.standard_normal((10, 10)))[0]
    order = rng.permutation(len(X))
    before = factorization(exact(X), scenes)
    after = factorization(exact(scale * (X @ rotation)[order]), scenes[order])
    for name in ("factorization", "invariance", "subspace_invariance", "corrected_covariance_factorization"):
        assert getattr(after, name) == pytest.approx(getattr(before, name), abs=1e-8, nan_ok=True)
    first, second = spectrum(exact(X)), spectrum(exact(scale * (X @ rotation)[order]))
    assert second.effective_dimensionality == pytest.approx(first.effective_dimensionality)
    assert second.alpha == pytest.approx(first.alpha, abs=1e-6)


@given(seed=st.integers(0, 100))
def test_factorization_never_rises_with_the_threshold(seed):
    rng = np.random.default_rng(seed)
    X, scenes = responses(rng, range(8), range(4, 12), scenes=15, levels=3, units=14)
    values = [factorization(exact(X), scenes, threshold).factorization for threshold in (0.3, 0.5, 0.8, 0.95)]
    assert np.all(np.diff(values) <= 1e-12)


def test_effective_dimensionality_of_equal_axes_is_their_number():
    X = np.vstack([np.eye(8), -np.eye(8)])
    found = spectrum(exact(X))
    assert found.effective_dimensionality == pytest.approx(8)
    assert found.components_80 == 7
    np.testing.assert_allclose(found.eigenvalues, 2 / 15)


def test_corrected_effective_dimensionality_does_not_depend_on_how_many_images_were_shown():
    rng = np.random.default_rng(2)
    variances = 1 / np.arange(1, 201)
    truth = variances.sum() ** 2 / np.sum(variances**2)
    for n in (50, 200):
        found = [spectrum(exact(rng.standard_normal((n, 200)) * np.sqrt(variances) + 3)) for _ in range(40)]
        corrected = np.mean([one.corrected_effective_dimensionality for one in found])
        plain = np.mean([one.effective_dimensionality for one in found])
        assert abs(corrected - truth) < abs(plain - truth) / 2


@pytest.mark.parametrize(
    ("scenes", "sentence"),
    [([0, 0, 0, 1, 1], "same number of levels"), ([0, 1, 2, 3, 4], "two or more"), ([0] * 5, "two or more")],
)
def test_scenes_that_cannot_be_compared_are_refused(scenes, sentence):
    with pytest.raises(Fault, match=sentence):
        factorization(exact(np.random.default_rng(3).standard_normal((5, 4))), np.array(scenes))


def test_nothing_to_divide_is_said():
    constant = np.repeat(np.random.default_rng(4).standard_normal((6, 5)), 3, axis=0)
    with pytest.raises(Fault, match="no variance"):
        factorization(exact(constant), np.repeat(np.arange(6), 3))
    with pytest.raises(Fault, match="vary"):
        spectrum(exact(np.ones((5, 3))))
    with pytest.raises(Fault, match="between 0 and 1"):
        factorization(exact(constant), np.repeat(np.arange(6), 3), threshold=1)


def test_a_table_lists_every_metric_once():
    rng = np.random.default_rng(5)
    X, scenes = responses(rng, range(5), range(3, 8), scenes=6, levels=4)
    table = pd.DataFrame({"scene": np.r_[scenes, scenes].astype(str)})
    table["parameter"] = np.repeat(["pose", "lighting"], len(X))
    table["stimulus_id"] = [f"s{i}" for i in range(len(table))]
    rows, found = measure(exact(np.vstack([X, X * 2])), table, THRESHOLDS)
    assert not rows.duplicated(["metric", "parameter", "against", "threshold"]).any()
    assert len(rows) == 3 + 2 * (3 + 3 * len(THRESHOLDS))
    assert rows.value.notna().all()
    part = factorization(exact(X), scenes, 0.9)
    at = rows[(rows.parameter == "pose") & (rows.threshold == 0.9)].set_index("metric").value
    assert at.factorization == pytest.approx(part.factorization)
    assert len(found.eigenvalues) == min(len(table) - 1, X.shape[1])
