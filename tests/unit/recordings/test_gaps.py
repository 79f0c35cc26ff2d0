"""Missing responses: units with gaps are scored without them, and areas are measured with expected ones instead."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ventral.core.errors import Fault
from ventral.geometry import effective_dimensionality
from ventral.geometry.recording_geometry import measure_recording
from ventral.gram import gram, write_gram
from ventral.predictivity.layer_scores import score
from ventral.predictivity.scored_parts import parts_of
from ventral.predictivity.target import prepare
from ventral.recordings import Recording, write_recording
from ventral.recordings.expected_responses import expected
from ventral.recordings.gaps import alike, recorded
from ventral.regression.splits import kfold_splits
from ventral.summary.representations import sets_of
from ventral.summary.universality import compared_sets


def pairs_of(*files):
    """Similarity of all pairs of representations."""
    return compared_sets(sets_of(*files), {}, 0)[0]


N = 100
IDS = np.array([f"image{i:03d}" for i in range(N)], dtype=object)
TABLE = pd.DataFrame({"stimulus_id": IDS, "scene": "", "parameter": "", "level": -1, "label": ""})
FOLDS = {"kind": "kfold", "folds": 4, "seed": 1}
GONE = [7, 50, 93]


@pytest.fixture(scope="module")
def layer():
    return np.random.default_rng(0).standard_normal((N, 12))


@pytest.fixture(scope="module")
def recording(layer):
    """Nine units of two areas that lack nothing, with three trials of each image."""
    rng = np.random.default_rng(1)
    signal = rng.standard_normal((9, 12)) @ layer.T
    trials = (signal[..., None] + 2 * rng.standard_normal((9, N, 3))).astype(np.float32)
    units = pd.DataFrame({"unit": np.arange(9), "area": ["V4"] * 5 + ["IT"] * 4})
    return Recording("macaque", trials.mean(axis=2, dtype=float), trials, units, IDS, True, "", "", "")


def without(recording, unit, images):
    """The recording in which one unit lacks some images."""
    responses, trials = recording.responses.copy(), recording.trials.copy()
    responses[unit, images], trials[unit, images] = np.nan, np.nan
    return replace(recording, responses=responses, trials=trials)


def part_of(recording, images):
    """The recording of some of the images."""
    responses, trials = recording.responses[:, images], recording.trials[:, images]
    return replace(recording, responses=responses, trials=trials, stimulus_id=IDS[images])


def test_a_unit_with_gaps_scores_as_if_these_images_were_left_out_for_it_alone(layer, recording):
    G = replace(gram(layer, device="cpu"), stimulus_id=IDS)
    whole = prepare(recording, TABLE, FOLDS, seed=0)
    areas, units = score(G, prepare(without(recording, 2, GONE), TABLE, FOLDS, seed=0))
    of_whole, units_of_whole = score(G, whole)
    parts = parts_of(without(recording, 2, GONE).responses, kfold_splits(IDS, 4, 1))
    assert [[*part.units] for part in parts] == [[0, 1, *range(3, 9)], [2]] and len(parts[1].images) == N - 3

    kept = np.delete(np.arange(N), GONE)
    alone = part_of(recording, kept)
    target = prepare(alone, TABLE.iloc[kept], FOLDS, seed=0)
    target = replace(target, parts=[replace(parts[1], units=np.arange(9), images=np.arange(N - 3))])
    _, units_alone = score(G.subset(kept), target)

    def of(table, unit):
        table = table[~table.metric.isin(["ridge_r_unit_shuffled"])].set_index(["unit", "metric"])
        return table.value[unit].to_numpy()

    for unit in range(9):
        np.testing.assert_allclose(of(units, unit), of(units_alone if unit == 2 else units_of_whole, unit), atol=1e-12)
    ceilings = units.set_index(["unit", "metric"]).ceiling[:, "ridge_r"]
    same = units_of_whole.set_index(["unit", "metric"]).ceiling[:, "ridge_r"]
    assert 0 < abs(ceilings[2] - same[2]) < 0.05 and np.abs(np.delete(ceilings - same, 2)).max() < 1e-12
    kinds = [table[table.parameter.fillna("") == ""].set_index(["area", "metric"]) for table in (areas, of_whole)]
    found, expected = kinds[0], kinds[1].reindex(kinds[0].index)
    assert len(found) == len(kinds[1]) and (found.n == expected.n).all() and found.value.notna().all()
    np.testing.assert_allclose(found.value["IT"], expected.value["IT"], rtol=1e-9)


def test_units_without_training_or_test_images_have_no_score_and_others_keep_theirs(layer, recording):
    G = replace(gram(layer, device="cpu"), stimulus_id=IDS)
    test = kfold_splits(IDS, 4, 1)[0][1]
    _, units = score(G, prepare(without(recording, 2, test), TABLE, FOLDS, seed=0))
    value = units.set_index(["metric", "unit"]).value["ridge_r"]
    assert np.isnan(value[2]) and value.drop(2).notna().all()
    with pytest.raises(Fault, match="Use fewer folds"):
        parts_of(without(recording, slice(None), test).responses, kfold_splits(IDS, 4, 1))


def test_an_area_with_gaps_is_measured_with_all_its_units_and_images(recording):
    found, same = (
        measure_recording(one, TABLE, [0.9]).set_index(["area", "metric", "parameter"])
        for one in (without(recording, 2, GONE), recording)
    )
    assert {*found.n[:, "effective_dimensionality"]} == {*found.n[:, "effective_dimensionality_crossed"]} == {N}
    pd.testing.assert_frame_equal(*(one.drop("two_way_cka", level=1).loc["IT"] for one in (found, same)))
    for metric in ("effective_dimensionality", "effective_dimensionality_crossed", "two_way_cka_crossed"):
        values = [float(one.value["V4", metric, ""]) for one in (found, same)]
        assert values[0] != values[1] and values[0] == pytest.approx(values[1], rel=0.05)


def test_geometry_without_noise_is_of_images_with_two_trials(recording):
    trials = recording.trials.copy()
    trials[:, :40, 1:] = np.nan
    once = replace(recording, trials=trials, responses=np.nanmean(trials, axis=2))
    found = measure_recording(once, TABLE, [0.9]).set_index(["area", "metric"])
    assert {*found.n[:, "effective_dimensionality"]} == {N}
    assert {*found.n[:, "effective_dimensionality_crossed"]} == {60}
    assert found.value[:, "effective_dimensionality_crossed"].notna().all()


def test_areas_are_compared_with_layers_on_images_that_both_have(tmp_path, layer, recording):
    (tmp_path / "set/network").mkdir(parents=True)
    path = tmp_path / "set/network/layer.h5"
    write_gram(replace(gram(layer, device="cpu"), stimulus_id=IDS), path)
    write_recording(tmp_path / "macaque.h5", without(without(recording, 2, GONE), 7, np.arange(60)))
    found = pairs_of([path], [tmp_path / "macaque.h5"], {"macaque": "set"}, 0)
    assert {*found.n} == {N} and {*found.other_layer} == {"V4", "IT"} and found.value.notna().all()


def test_units_that_lack_the_same_images_are_one_group():
    missing = np.zeros((5, 12), dtype=bool)
    missing[[1, 3], 4] = True
    assert [([*one.units], [*one.images]) for one in alike(missing)] == [
        ([0, 2, 4], [*range(12)]),
        ([1, 3], [*range(4), *range(5, 12)]),
    ]


def test_units_and_images_that_lack_more_than_half_are_left_out():
    missing = np.zeros((10, 50), dtype=bool)
    missing[3, :25] = missing[:5, 4] = True
    block = recorded(missing)
    assert len(block.units) == 10 and len(block.images) == 50
    missing[3, 25], missing[6, 4] = True, True
    block = recorded(missing)
    assert [*np.setdiff1d(np.arange(10), block.units)] == [3] and [*np.setdiff1d(np.arange(50), block.images)] == [4]
    block = recorded(missing, together=np.repeat(np.arange(10), 5))  # the whole scene of image 4
    assert [*block.images] == [*range(5, 50)]
    assert recorded(np.ones((4, 5), dtype=bool)).size == 0


def with_components(rng, noise):
    """Responses of 40 units to 120 images from three components, and which of them are missing."""
    X = rng.standard_normal((120, 3)) @ rng.standard_normal((3, 40)) * np.geomspace(1, 100, 40) + 50
    return X + noise * X.std(axis=0) * rng.standard_normal(X.shape), rng.random(X.shape) < 0.15


def test_expected_responses_follow_from_components_that_units_share():
    X, missing = with_components(np.random.default_rng(0), noise=0)
    found = expected(np.where(missing, np.nan, X))
    np.testing.assert_array_equal(found[~missing], X[~missing])
    assert np.abs((found - X) / X.std(axis=0)).max() < 0.1
    assert expected(X) is X


def test_expected_responses_are_means_where_units_share_nothing_and_residuals_restore_the_variance():
    rng = np.random.default_rng(1)
    X = rng.standard_normal((400, 30))
    missing = rng.random(X.shape) < 0.2
    found = expected(np.where(missing, np.nan, X))
    assert np.std((found - np.mean(X, axis=0, where=~missing))[missing]) < 0.2
    found = expected(np.where(missing, np.nan, X), rng)
    assert np.std(found[missing]) == pytest.approx(1, abs=0.06)
    assert expected(np.array([[1.0], [np.nan], [3.0]])).ravel().tolist() == [1, 2, 3]


def test_expected_responses_do_not_depend_on_blocks_of_units(monkeypatch):
    X, missing = with_components(np.random.default_rng(0), noise=1)
    found = [expected(np.where(missing, np.nan, X), rng) for rng in (None, np.random.default_rng(1))]
    monkeypatch.setattr("ventral.recordings.signal_to_noise.BYTES_AT_ONCE", 8 * len(X) * 7)
    again = [expected(np.where(missing, np.nan, X), rng) for rng in (None, np.random.default_rng(1))]
    np.testing.assert_allclose(again, found, rtol=1e-9)


@pytest.mark.parametrize("constant", [0, 3.5])
def test_a_unit_whose_other_responses_are_equal_is_expected_to_respond_alike(constant):
    rng = np.random.default_rng(3)
    X = rng.standard_normal((40, 12))
    X[:, 3], X[5, 3], X[7, 8] = constant, np.nan, np.nan
    for of_units in (None, np.nan_to_num(np.nanvar(X, axis=0))):
        found = expected(X, rng, of_units)
        assert found[5, 3] == constant and np.isfinite(found).all()


def test_a_unit_that_varies_by_an_image_with_one_trial_leaves_geometry_without_noise_to_others(recording):
    trials = recording.trials.copy()
    trials[2], trials[2, 5] = 0, [3, np.nan, np.nan]
    once = replace(recording, trials=trials, responses=np.nanmean(trials, axis=2))
    left = np.delete(np.arange(9), 2)
    others = replace(once, trials=trials[left], responses=once.responses[left], units=once.units.iloc[left])
    found, expected = (
        measure_recording(one, TABLE, [0.9]).set_index(["metric", "area"]).value["effective_dimensionality_crossed"]
        for one in (once, others)
    )
    assert found.to_dict() == pytest.approx(expected.to_dict(), rel=1e-6)


def test_bias_of_dimensionality_from_missing_responses_is_small():
    rng = np.random.default_rng(2)
    found, true = [], []
    for _ in range(5):
        X, missing = with_components(rng, noise=1)
        X = X / X.std(axis=0)
        found.append(effective_dimensionality(gram(expected(np.where(missing, np.nan, X), rng), device="cpu")))
        true.append(effective_dimensionality(gram(X, device="cpu")))
    ratios = [
        a.corrected_effective_dimensionality / b.corrected_effective_dimensionality
        for a, b in zip(found, true, strict=True)
    ]
    assert np.mean(ratios) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("repeated", [True, False])
def test_an_area_of_sessions_without_common_images_has_unit_scores_and_leaves_the_other_area_alone(layer, repeated):
    """V4 is complete; four sessions of five units in IT have images of their own."""
    rng = np.random.default_rng(5)
    trials = (rng.standard_normal((26, 12)) @ layer.T)[..., None] + rng.standard_normal((26, N, 2))
    session, shown_in = np.arange(20) // 5, np.arange(N) // 25
    trials[6:][session[:, None] != shown_in] = np.nan
    units = pd.DataFrame({"unit": np.arange(26), "area": ["V4"] * 6 + ["IT"] * 20})
    both = Recording("sessions", trials.mean(axis=2), trials if repeated else None, units, IDS, True, "", "", "")
    alone = replace(both, responses=both.responses[:6], trials=both.trials[:6] if repeated else None, units=units[:6])

    G = replace(gram(layer, device="cpu"), stimulus_id=IDS)
    found, expected = (score(G, prepare(one, TABLE, FOLDS, seed=0))[0] for one in (both, alone))
    pd.testing.assert_frame_equal(found[found.area == "V4"].reset_index(drop=True), expected)
    of_IT = found[found.area == "IT"].set_index("metric").value
    assert of_IT["ridge_r"] > 0.5 and not {"rsa", "cka", "reverse_R2"} & {*of_IT.index}
    geometry = [measure_recording(one, TABLE, [0.9]) for one in (both, alone)]
    pd.testing.assert_frame_equal(*geometry)
