"""Geometry: published answers, and properties that any correct implementation has."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ventral.device import gpus
from ventral.geometry import effective_dimensionality, factorization, factorization_family, measure, spectrum
from ventral.geometry import subspaces as subspaces_module
from ventral.geometry.covariances import corrected_terms, factorization_of, plain_terms, trace_of_square
from ventral.geometry.factorization import CORRECTED, corrected_row, left_out_scenes, on_subspaces
from ventral.geometry.measure import held_parameters
from ventral.geometry.parts import parts
from ventral.geometry.resampling import jackknife_interval, scene_weights, within
from ventral.geometry.spectrum import (
    components_to_reach,
    leave_one_out_traces,
    power_law_exponent,
    unbiased_traces,
)
from ventral.gram import Gram, gram
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
        pytest.skip("There is no GPU, so CuPy cannot be compared with NumPy.")
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


def two_parameters(rng, scene_axes, first_axes, second_axes, scenes=24, levels=5, units=30):
    """Responses of the same scenes to two parameters, one after the other, with scenes and parameters by image."""
    base = np.zeros((scenes, 1, units))
    base[..., scene_axes] = rng.standard_normal((scenes, 1, len(scene_axes)))
    blocks = []
    for axes in (first_axes, second_axes):
        block = np.repeat(base, levels, axis=1)
        block[..., axes] += rng.standard_normal((scenes, levels, len(axes)))
        blocks.append(block.reshape(-1, units))
    index = np.tile(np.repeat([f"scene{i:02d}" for i in range(scenes)], levels), 2)
    return np.vstack(blocks), index, np.repeat(["pose", "lighting"], scenes * levels)


def chosen(family, metric, parameter, against, threshold=None):
    rows = family[(family.metric == metric) & (family.parameter == parameter) & (family.against == against)]
    rows = rows[rows.threshold.isna() if threshold is None else rows.threshold == threshold]
    assert len(rows) == 1
    return rows.iloc[0]


def test_parameters_are_told_from_each_other():
    rng = np.random.default_rng(6)
    apart = factorization_family(exact(two_parameters(rng, range(5), range(5, 9), range(9, 13))[0]), *keys(rng))
    same = factorization_family(exact(two_parameters(rng, range(5), range(5, 9), range(5, 9))[0]), *keys(rng))
    for metric, threshold in (("factorization", 0.9), ("corrected_covariance_factorization", None)):
        assert chosen(apart, metric, "pose", "lighting", threshold).value == pytest.approx(1, abs=0.02)
        assert chosen(same, metric, "pose", "lighting", threshold).value < 0.25
    row = chosen(same, "corrected_covariance_factorization", "pose", "lighting")
    assert row.value == chosen(same, "corrected_covariance_factorization", "lighting", "pose").value
    assert row.low == 0 and max(row.value, 0) < row.high  # the value is below 0


def keys(rng):
    return two_parameters(rng, range(5), range(5, 9), range(9, 13))[1:]


def test_a_family_repeats_the_single_measurement_and_bounds_it():
    rng = np.random.default_rng(7)
    X, scenes, parameters = two_parameters(rng, range(6), range(4, 9), range(9, 13))
    family = factorization_family(exact(X), scenes, parameters, (0.8, 0.9))
    pose = parameters == "pose"
    for threshold in (0.8, 0.9):
        single = factorization(exact(X[pose]), scenes[pose], threshold)
        for metric in ("factorization", "subspace_invariance", "n_components"):
            row = chosen(family, metric, "pose", "scene", threshold)
            assert row.value == pytest.approx(getattr(single, metric), abs=1e-12)
            assert row.low <= row.value <= row.high
        for metric in ("invariance", "covariance_factorization", "corrected_covariance_factorization"):
            row = chosen(family, metric, "pose", "scene")
            assert row.value == pytest.approx(getattr(single, metric), abs=1e-12)
            assert row.low < row.value < row.high
    again = factorization_family(exact(X), scenes, parameters, (0.8, 0.9))
    pd.testing.assert_frame_equal(family, again)


def test_images_dealt_at_random_lose_their_scenes():
    rng = np.random.default_rng(8)
    X, scenes, parameters = two_parameters(rng, range(6), range(6, 9), range(9, 13), scenes=40)
    family = factorization_family(exact(X), scenes, parameters)
    control = chosen(family, "invariance_shuffled", "pose", "scene")
    assert control.low <= control.value <= control.high
    assert control.value == pytest.approx(1 / 5, abs=0.05)  # a mean of five random images
    assert chosen(family, "invariance", "pose", "scene").value > control.high
    assert chosen(family, "factorization", "pose", "scene", 0.9).value > 0.9
    assert chosen(family, "factorization_shuffled", "pose", "scene", 0.9).high < 0.6


def test_the_interval_is_as_wide_as_samples_differ():
    rng = np.random.default_rng(9)
    values, widths = [], []
    for _ in range(60):
        X, scenes = responses(rng, range(6), range(4, 10), scenes=30, levels=4, units=12)
        family = factorization_family(exact(X), scenes, np.repeat("pose", len(X)))
        for metric, threshold in (("invariance", None), ("corrected_covariance_factorization", None)):
            row = chosen(family, metric, "pose", "scene", threshold)
            values.append(row.value)
            widths.append(row.high - row.low)
    spread = np.std(np.reshape(values, (-1, 2)), axis=0)
    assert np.median(np.reshape(widths, (-1, 2)), axis=0) == pytest.approx(2 * 2.05 * spread, rel=0.35)


def test_weighted_products_are_sums_over_distinct_scenes():
    rng = np.random.default_rng(10)
    X, scenes = responses(rng, range(3), range(2, 5), scenes=5, levels=3, units=6)
    p, w = parts(exact(X).centered, scenes), rng.uniform(0.4, 1.6, 5)
    A = X.reshape(5, 3, 6)
    m, c = A.mean(axis=1), A - A.mean(axis=1, keepdims=True)
    S = np.einsum("kla,klb->kab", c, c) / 2

    def mean(order, kernel):
        tuples = list(itertools.permutations(range(5), order))
        weights = [np.prod(w[list(t)]) for t in tuples]
        return np.average([kernel(*t) for t in tuples], weights=weights)

    b = mean(2, lambda i, j: np.sum(S[i] * S[j]))
    a = mean(3, lambda i, j, k: (m[i] - m[j]) @ S[k] @ (m[i] - m[j]) / 2) - b / 3
    square = mean(
        4, lambda i, j, k, q: (m[i] @ m[j]) ** 2 - 2 * (m[i] @ m[j]) * (m[i] @ m[k]) + m[i] @ m[j] * m[k] @ m[q]
    )
    found = corrected_terms(p, w[None])
    np.testing.assert_allclose(np.ravel(found), [a, b, square - 2 * a / 3 - b / 9], rtol=1e-9)
    np.testing.assert_allclose(trace_of_square(m @ m.T, w[None]), square, rtol=1e-9)

    other = (m - w @ m / w.sum()).T @ np.diag(w) @ (m - w @ m / w.sum())
    own = np.einsum("k,kab->ab", w, S) * 2
    expected = [np.sum(own * other), np.sum(own**2), np.sum(other**2)]
    np.testing.assert_allclose(np.ravel(plain_terms(p, w[None])), expected, rtol=1e-9)


def test_resampled_subspaces_are_those_of_weighted_responses(monkeypatch):
    monkeypatch.setattr(subspaces_module, "REACH", 100)
    rng = np.random.default_rng(11)
    X, scenes = responses(rng, range(8), range(5, 12), scenes=15, levels=4, units=14)
    p, w = parts(exact(X).centered, scenes), scene_weights(15, rng)[7]
    A = X.reshape(15, 4, 14)
    m, c = A.mean(axis=1), A - A.mean(axis=1, keepdims=True)
    centred = (m - w @ m / w.sum()) * np.sqrt(w)[:, None]
    _, singular, axes = np.linalg.svd(centred, full_matrices=False)
    reached = np.cumsum(singular**2) / np.sum(singular**2)
    k = np.searchsorted(reached, 0.8, side="right") + 1
    moved = c * np.sqrt(w)[:, None, None]
    expected = 1 - np.sum((moved @ axes[:k].T) ** 2) / np.sum(moved**2)
    found = on_subspaces(p, [0.8], w[None])[0.8]
    assert found["n_components"] == [k]
    assert found["factorization"][0] == pytest.approx(expected, abs=1e-10)


@given(seed=st.integers(0, 100))
def test_showing_every_image_twice_changes_no_plain_metric(seed):
    rng = np.random.default_rng(seed)
    X, scenes = responses(rng, range(5), range(3, 8), scenes=8, levels=3, units=10)
    once, twice = factorization(exact(X), scenes), factorization(exact(np.repeat(X, 2, 0)), np.repeat(scenes, 2))
    for metric in ("factorization", "invariance", "subspace_invariance", "covariance_factorization"):
        assert getattr(twice, metric) == pytest.approx(getattr(once, metric), abs=1e-9)
    plain = [effective_dimensionality(exact(Y)).effective_dimensionality for Y in (X, np.repeat(X, 2, axis=0))]
    assert plain[1] == pytest.approx(plain[0])


@pytest.mark.parametrize(("scenes", "levels", "units"), [(4, 2, 8), (3, 2, 8), (2, 2, 8), (6, 3, 1)])
def test_the_smallest_designs_have_values_or_say_why_not(scenes, levels, units, caplog):
    rng = np.random.default_rng(12)
    X = rng.standard_normal((2 * scenes * levels, units))
    index = np.tile(np.repeat([f"s{i}" for i in range(scenes)], levels), 2)
    family = factorization_family(exact(X), index, np.repeat(["pose", "lighting"], scenes * levels))
    undefined = family[family.value.isna()]
    assert set(undefined.metric) <= {"corrected_covariance_factorization"}
    if scenes < 4:
        assert "needs four scenes" in caplog.text
    plain = family[~family.metric.str.startswith("corrected") & (family.metric != "n_components")]
    assert plain.value.between(-1e-12, 1 + 1e-12).all()


def test_a_parameter_that_moves_nothing_is_named_and_left_out(caplog):
    rng = np.random.default_rng(13)
    X, scenes, parameters = two_parameters(rng, range(5), range(5, 9), [])
    family = factorization_family(exact(X), scenes, parameters)
    assert set(family.parameter) == {"pose"} and set(family.against) == {"scene"}
    assert "lighting" in caplog.text and "no variance" in caplog.text


def test_parameters_of_different_scenes_are_not_compared(caplog):
    rng = np.random.default_rng(14)
    X, scenes, parameters = two_parameters(rng, range(5), range(5, 9), range(9, 13))
    scenes = np.where(parameters == "pose", scenes, np.char.add(scenes, "b"))
    family = factorization_family(exact(X), scenes, parameters)
    assert set(family.against) == {"scene"} and set(family.parameter) == {"pose", "lighting"}
    assert "different scenes" in caplog.text


def test_as_many_scenes_as_images_are_needed():
    G = exact(np.random.default_rng(19).standard_normal((30, 5)))
    scenes = np.repeat(range(6), 4)
    with pytest.raises(Fault, match="as many scenes"):
        factorization(G, scenes)
    with pytest.raises(Fault, match="as many scenes"):
        factorization_family(G, scenes, np.repeat("pose", 24))


@pytest.mark.parametrize("spread", [1, 2])
def test_levels_that_are_the_same_in_every_scene_take_nothing_off(spread):
    """Scenes and a parameter on axes of their own: the truth is 1, whichever way levels are chosen."""
    rng, held, drawn = np.random.default_rng(20), [], []
    for _ in range(20):
        base = np.pad(rng.standard_normal((40, 1, 8)), ((0, 0), (0, 0), (0, 8)))
        for levels, found in ((rng.standard_normal((1, 6, 8)), held), (rng.standard_normal((40, 6, 8)), drawn)):
            X = base + spread * np.pad(np.broadcast_to(levels, (40, 6, 8)), ((0, 0), (0, 0), (8, 0)))
            part = factorization(exact(X.reshape(-1, 16)), np.repeat(range(40), 6), held=found is held)
            found.append(part.corrected_covariance_factorization)
    assert np.mean(held) == pytest.approx(1, abs=0.01)
    assert np.mean(drawn) == pytest.approx(1, abs=0.02)


def test_the_table_tells_which_levels_are_held():
    index = pd.MultiIndex.from_product([["pose", "spatial", "time"], ["a", "b"], [0, 1]])
    table = index.to_frame(index=False, name=["parameter", "scene", "level"])
    table["crop_x"] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.5, 0.6, 0, 0, 0, 0]
    table["second"] = [0, 0, 0, 0, 0, 0, 0, 0, 1.0, 1.1, 4.0, 4.1]
    assert held_parameters(table.assign(stimulus_id="", label="")) == {"spatial", "time"}


def test_pairs_are_what_features_say():
    rng = np.random.default_rng(21)
    X, scenes, parameters = two_parameters(rng, range(6), range(4, 12), range(8, 20), scenes=10, levels=4)
    family = factorization_family(exact(X), scenes, parameters, (0.8,))
    A, B = (X[parameters == name].reshape(10, 4, -1) for name in ("pose", "lighting"))
    a, b = ((Y - Y.mean(axis=1, keepdims=True)).reshape(40, -1) for Y in (A, B))
    _, singular, axes = np.linalg.svd(b, full_matrices=False)
    k = np.searchsorted(np.cumsum(singular**2) / np.sum(singular**2), 0.8, side="right") + 1
    expected = 1 - np.sum((a @ axes[:k].T) ** 2) / np.sum(a**2)
    assert chosen(family, "factorization", "pose", "lighting", 0.8).value == pytest.approx(expected, abs=1e-10)
    C, D = a.T @ a, b.T @ b
    cosine = np.sum(C * D) / np.linalg.norm(C) / np.linalg.norm(D)
    found = chosen(family, "covariance_factorization", "pose", "lighting")
    assert found.value == pytest.approx(1 - cosine, abs=1e-10)


def test_what_float32_leaves_of_zero_is_no_eigenvalue():
    rng = np.random.default_rng(22)
    X = (rng.standard_normal((200, 20)) @ rng.standard_normal((20, 5000))).astype(np.float32)
    single, double = spectrum(gram(X, device="cpu")), spectrum(exact(X))
    assert np.count_nonzero(single.eigenvalues) == np.count_nonzero(double.eigenvalues > 1e-9) == 20
    assert single.alpha == pytest.approx(double.alpha, rel=0.01)


def test_traces_without_an_image_are_those_of_the_others():
    X = np.random.default_rng(15).standard_normal((9, 6)) + 2
    K = exact(X).centered
    left_out = np.transpose(leave_one_out_traces(K))
    expected = [unbiased_traces(exact(np.delete(X, i, axis=0)).centered) for i in range(len(X))]
    np.testing.assert_allclose(left_out, expected, rtol=1e-9)


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
    X, scenes = responses(rng, range(5), range(3, 8), scenes=6, levels=4)
    table = pd.DataFrame({"scene": np.r_[scenes, scenes].astype(str)})
    table["parameter"] = np.repeat(["pose", "lighting"], len(X))
    table["stimulus_id"], table["level"], table["label"] = [f"s{i}" for i in range(len(table))], 0, "chair"
    rows, found = measure(exact(np.vstack([X, X * 2])), table, THRESHOLDS)
    assert not rows.duplicated(["metric", "parameter", "against", "threshold"]).any()
    assert len(rows) == 3 + 2 * (3 + 3 * len(THRESHOLDS)) + 2 * 3 + 2 * 3
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


def heavy(rng, scenes, levels, of_scenes, of_parameter):
    """Responses whose parameter adds much to a few scenes and little to the others."""
    d = len(of_scenes)
    added = rng.standard_normal((scenes, levels, d)) * np.sqrt(of_parameter)
    X = rng.standard_normal((scenes, 1, d)) * np.sqrt(of_scenes) + added * np.abs(rng.standard_t(3, (scenes, 1, 1)))
    return X.reshape(-1, d)


@pytest.mark.parametrize(
    ("of_scenes", "of_parameter", "truth"),
    [
        ([1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], 1),
        ([1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 1, 0], 2 / 3),
        ([1, 0.5, 0.3, 0, 0, 0], [1, 0.5, 0.3, 0, 0, 0], 0),
    ],
)
def test_intervals_of_corrected_factorization_hold_the_truth_of_few_scenes_with_heavy_tails(
    of_scenes, of_parameter, truth
):
    rng, scenes = np.random.default_rng(30), np.repeat(np.arange(14), 5)
    rows = []
    for _ in range(80):
        K = exact(heavy(rng, 14, 5, of_scenes, of_parameter)).centered
        weights = left_out_scenes(14)
        rows.append(corrected_row("", factorization_of(corrected_terms(parts(K, scenes), weights))))
    rows = pd.DataFrame(rows).dropna()
    assert len(rows) > 50
    assert rows.low.between(0, 2).all() and rows.high.between(0, 2).all()
    assert np.mean((rows.low <= truth + 1e-9) & (truth - 1e-9 <= rows.high)) > 0.88  # .95 less three standard errors


def test_corrected_values_have_intervals_from_six_scenes_on():
    rng = np.random.default_rng(31)
    for scenes in (4, 5):
        X = np.concatenate([responses(rng, range(3), range(2, 5), scenes, 12, 5)[0] for _ in range(2)])
        keys = np.tile(np.repeat(np.arange(scenes), 12), 2), np.repeat(["pose", "light"], 12 * scenes)
        table = factorization_family(exact(X), *keys)
        corrected = table[table.metric == CORRECTED]
        assert len(corrected) == 4 and corrected[["low", "high"]].isna().all(axis=None)
    values = 0.5 + 0.01 * np.arange(7)
    assert np.isfinite(
        [corrected_row("", values)["low"], corrected_row("", values[: len(left_out_scenes(6))])["low"]]
    ).all()


def test_an_interval_is_cut_to_what_is_possible_and_missing_beyond():
    low, high = within(np.array([-0.3, 0.2, 2.1, -0.2, np.nan]), np.array([0.4, 2.5, 2.4, -1e-12, 1]), 0, 2)
    np.testing.assert_allclose(low, [0, 0.2, np.nan, 0, np.nan])
    np.testing.assert_allclose(high, [0.4, 2, np.nan, 0, np.nan])


def test_a_mean_has_the_jackknife_interval_of_student():
    x = np.random.default_rng(32).standard_normal(12)
    left_out = (x.sum() - x) / 11
    half = stats.t.ppf(0.975, 11) * x.std(ddof=1) / np.sqrt(12)
    np.testing.assert_allclose(jackknife_interval(x.mean(), left_out), [x.mean() - half, x.mean() + half])
    one = np.zeros(12)
    one[3] = 1.0
    plain, heavy_tails = (jackknife_interval(0.0, one, tails)[1] for tails in (False, True))
    kurtosis = stats.kurtosis(one, fisher=False)
    assert heavy_tails / plain == pytest.approx(stats.t.ppf(0.975, 24 / (kurtosis - 1)) / stats.t.ppf(0.975, 11))


@pytest.mark.parametrize("spread", [np.array([1, 0.7, 0.5]), 1 / np.arange(1, 40)])
def test_intervals_of_corrected_dimensionality_hold_the_truth_with_heavy_tails(spread):
    rng, truth = np.random.default_rng(33), spread.sum() ** 2 / np.sum(spread**2)
    hits = []
    for _ in range(100):
        X = rng.standard_normal((30, len(spread))) * np.sqrt(spread) * rng.lognormal(0, 1, (30, 1))
        found = effective_dimensionality(exact(X))
        hits.append(found.corrected_low <= truth <= found.corrected_high)
        assert found.corrected_low >= 1
    assert np.mean(hits) > 0.88
