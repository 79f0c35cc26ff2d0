"""Geometry: published answers, and properties that any correct implementation has."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact
from factorized_responses import THRESHOLDS, responses
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from ventral.core.device import gpus
from ventral.core.errors import Fault
from ventral.geometry import effective_dimensionality, factorization, measure, spectrum
from ventral.geometry.spectrum import (
    components_to_reach,
    leave_one_out_traces,
    power_law_exponent,
    unbiased_traces,
)
from ventral.geometry.sub_samples import terms_of
from ventral.gram import Gram, gram


def test_published_factorization(known_answers):
    inputs = {file.stem: np.load(file) for file in (known_answers / "factorization").glob("*.npy")}
    expected = json.loads((known_answers / "factorization/expected.json").read_text())["expected"]
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


def test_published_spectra(known_answers):
    folder = known_answers / "dimensionality"
    keys = ["architecture", "task", "kind", "source", "layer"]
    spectra = pd.read_csv(folder / "spectra.csv", keep_default_na=False)
    layers = pd.read_csv(folder / "layers.csv", keep_default_na=False).set_index(keys).sort_index()
    assert spectra.groupby(keys).ngroups == 12
    for key, group in spectra.groupby(keys):
        eigenvalues = group.sort_values("n").variance.to_numpy()
        row = layers.loc[key]
        K = np.diag(eigenvalues)  # a Gram with these eigenvalues
        found = effective_dimensionality(Gram(K, np.zeros(len(K)), 0.0, np.zeros(len(K)), len(K)))
        assert found.effective_dimensionality == pytest.approx(row.effective_dimensionality, rel=4e-7)
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


RANKS = np.arange(1, 61)
OF_SCENES = np.where(RANKS <= 10, 1 / RANKS, 0)


@pytest.mark.parametrize(
    ("of_parameter", "few", "many"),
    [
        (np.where((RANKS > 10) & (RANKS <= 20), 0.6 / np.sqrt(np.maximum(RANKS - 10, 1)), 0), 1.004, 0.999),
        (np.where((RANKS > 5) & (RANKS <= 15), 0.6, 0), 0.824, 0.832),
        (np.full(60, 0.3), None, 0.694),
        (0.6 * OF_SCENES, None, -0.003),
    ],
    ids=["orthogonal", "half", "isotropic", "identical"],
)
def test_the_trial_of_the_corrected_form_is_repeated(of_parameter, few, many):
    rng = np.random.default_rng(23)
    for N, L, expected in ((30, 5, few), (100, 10, many)):
        found = []
        for _ in range(25):
            X = rng.standard_normal((N, 1, 60)) * np.sqrt(OF_SCENES)
            X = X + rng.standard_normal((N, L, 60)) * np.sqrt(of_parameter)
            part = factorization(exact(X.reshape(-1, 60)), np.repeat(np.arange(N), L))
            found.append(part.corrected_covariance_factorization)
        error = np.std(found) * np.sqrt(1 / 25 + 1 / 60)  # of these trials, and of the 60 of the other side
        assert expected is None or np.mean(found) == pytest.approx(expected, abs=4 * error)


def test_cupy_gives_the_same_geometry():
    if not gpus():
        pytest.skip("needs an NVIDIA GPU and CuPy")
    rng = np.random.default_rng(24)
    X, scenes = responses(rng, range(20), range(15, 40), scenes=12, levels=4, units=400)
    X = (X + 3).astype(np.float32)
    for metric, value in vars(factorization(exact(X), scenes)).items():
        assert getattr(factorization(gram(X, device="cuda"), scenes), metric) == pytest.approx(value, abs=1e-5)


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


@given(seed=st.integers(0, 100))
def test_showing_every_image_twice_changes_no_plain_metric(seed):
    rng = np.random.default_rng(seed)
    X, scenes = responses(rng, range(5), range(3, 8), scenes=8, levels=3, units=10)
    once, twice = factorization(exact(X), scenes), factorization(exact(np.repeat(X, 2, 0)), np.repeat(scenes, 2))
    for metric in ("factorization", "invariance", "subspace_invariance", "covariance_factorization"):
        assert getattr(twice, metric) == pytest.approx(getattr(once, metric), abs=1e-9)
    plain = [effective_dimensionality(exact(Y)).effective_dimensionality for Y in (X, np.repeat(X, 2, axis=0))]
    assert plain[1] == pytest.approx(plain[0])


def test_what_float32_leaves_of_zero_is_no_eigenvalue():
    rng = np.random.default_rng(22)
    X = (rng.standard_normal((200, 20)) @ rng.standard_normal((20, 5000))).astype(np.float32)
    single, double = spectrum(gram(X, device="cpu")), spectrum(exact(X))
    assert np.count_nonzero(single.eigenvalues) == np.count_nonzero(double.eigenvalues > 1e-9) == 20
    assert single.alpha == pytest.approx(double.alpha, rel=0.01)


def test_large_matrices_have_the_same_eigenvalues(monkeypatch):
    X = np.random.default_rng(23).standard_normal((40, 60)) * np.arange(1, 61) ** -0.7
    before = spectrum(exact(X))
    monkeypatch.setattr(
        sys.modules["ventral.geometry.spectrum"], "LARGE", 30
    )  # the package has a function of this name
    np.testing.assert_allclose(spectrum(exact(X)).eigenvalues, before.eigenvalues, rtol=1e-11)


def test_traces_without_an_image_are_those_of_the_others():
    X = np.random.default_rng(15).standard_normal((9, 6)) + 2
    K = exact(X).centered
    left_out = np.transpose(leave_one_out_traces(K))
    expected = [unbiased_traces(exact(np.delete(X, i, axis=0)).centered) for i in range(len(X))]
    np.testing.assert_allclose(left_out, expected, rtol=1e-9)


@pytest.mark.parametrize("features", [6, 12, 40])
def test_terms_of_sub_samples_are_those_of_their_own_grams(features):
    X = np.random.default_rng(16).standard_normal((20, features)) + 1
    samples = [np.arange(9), np.arange(3, 20), np.array([0, 5, 6, 19])]
    found = terms_of(gram(X, device="cpu"), samples)
    grams = [exact(X[sample]) for sample in samples]
    plain = [(np.trace(G.centered) ** 2, np.sum(G.centered**2)) for G in grams]
    for terms, expected in zip(found, (plain, [unbiased_traces(G) for G in grams]), strict=True):
        np.testing.assert_allclose(terms, expected, rtol=1e-5 if features > len(X) else 1e-9)  # float32 products


def test_dimensionality_has_bounds_where_images_allow_it():
    rng = np.random.default_rng(16)
    found = effective_dimensionality(exact(rng.standard_normal((50, 20))))
    assert found.low < found.effective_dimensionality < found.high
    assert found.corrected_low < found.corrected_effective_dimensionality < found.corrected_high
    assert found.high < 19 < found.corrected_high
    few = effective_dimensionality(exact(rng.standard_normal((3, 20))))
    assert np.isfinite(few.effective_dimensionality) and np.isnan(few.corrected_effective_dimensionality)


def test_float32_products_give_the_same_geometry():
    rng = np.random.default_rng(17)
    X, scenes = responses(rng, range(20), range(15, 40), scenes=12, levels=4, units=400)
    X = (X + 3).astype(np.float32)
    single, double = gram(X, device="cpu"), exact(X)
    for metric, value in vars(factorization(double, scenes)).items():
        assert getattr(factorization(single, scenes), metric) == pytest.approx(value, abs=1e-5)
    for metric, value in vars(effective_dimensionality(double)).items():
        assert getattr(effective_dimensionality(single), metric) == pytest.approx(value, rel=1e-5)


def test_a_table_lists_every_metric_once():
    rng = np.random.default_rng(5)
    X, scenes = responses(rng, range(5), range(3, 8), scenes=10, levels=4)
    table = pd.DataFrame({"scene": np.r_[scenes, scenes].astype(str)})
    table["parameter"] = np.repeat(["pose", "lighting"], len(X))
    table["stimulus_id"], table["level"], table["label"] = [f"s{i}" for i in range(len(table))], 0, "chair"
    rows, found = measure(exact(np.vstack([X, X * 2])), table, THRESHOLDS)
    assert not rows.duplicated(["metric", "parameter", "against", "threshold"]).any()
    assert len(rows) == 3 + 2 * (3 + 3 * len(THRESHOLDS)) + 2 * 3 + 2 * 3 + 2 * (4 + 4) + 3 + 2 * 2
    assert rows.value.notna().all()
    part = factorization(exact(X), scenes, 0.9)
    at = rows[(rows.parameter == "pose") & (rows.threshold == 0.9) & (rows.against == "scene")]
    assert at.set_index("metric").value.factorization == pytest.approx(part.factorization)
    assert len(found.eigenvalues) == min(len(table) - 1, X.shape[1])


def test_independent_images_have_intervals_classes_and_samples():
    rng = np.random.default_rng(18)
    labels = np.repeat(["car", "face", "fruit"], 40)
    X = rng.standard_normal((120, 15)) + 2 * np.repeat(rng.standard_normal((3, 15)), 40, axis=0)
    table = pd.DataFrame({"stimulus_id": [f"s{i}" for i in range(120)], "label": labels})
    table["scene"], table["parameter"], table["level"] = table.stimulus_id, "", -1
    rows = measure(exact(X), table, THRESHOLDS)[0].set_index(["metric", "parameter"])
    with threadpool_limits(2):  # families, and the draws of few-shot learning, on threads of their own
        again = measure(exact(X), table, THRESHOLDS)[0].set_index(["metric", "parameter"])
    pd.testing.assert_frame_equal(rows, again, rtol=1e-9)
    assert not rows.index.duplicated().any()
    for metric in ("effective_dimensionality", "corrected_effective_dimensionality"):
        assert rows.loc[(metric, "")].low < rows.loc[(metric, "")].value < rows.loc[(metric, "")].high
    sampled = rows.loc["effective_dimensionality_of_sample"]
    assert sampled.n.tolist() == [30, 60] and sampled.value.is_monotonic_increasing
    assert rows.loc[("prototype_top_1", "5-shot")].value > 0.8
    assert rows.loc[("intrinsic_dimension", "")].value > 3
    objects = table.assign(scene=labels, parameter="variation", level=np.tile(range(40), 3))
    found = measure(exact(X), objects, THRESHOLDS)[0]
    assert {"factorization", "prototype_top_1", "corrected_effective_dimensionality"} <= set(found.metric)
