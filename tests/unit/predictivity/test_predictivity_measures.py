"""What stands beside the scores: tables of units, intervals, alignment of a layer with an area and its ceilings."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from encoded import predictions_of
from exact_gram import exact
from hypothesis import given
from hypothesis import strategies as st
from linear_responses import area_of, features_and_responses
from scipy.stats import rankdata, spearmanr
from sklearn.metrics import r2_score

from ventral.gram import gram
from ventral.predictivity import brainscore_splits, kfold_splits, measure, write_units
from ventral.predictivity.alignment import aligned, left_out_cka, products_of, rsa_ceiling
from ventral.predictivity.resampled_pairs import resampled_rsa
from ventral.predictivity.units import explained, other_units
from ventral.recordings import Recording
from ventral.recordings.ceiling import with_ceilings
from ventral.recordings.presentations import gathered
from ventral.regression.folds import scores
from ventral.representational_similarity import debiased_cka, linear_cka, mean_ranks, rdm, rsa
from ventral.statistics.bootstrap import (
    center,
    draws,
    image_draws,
    image_scores,
    interval_of,
    mean_of_splits,
    medians_over,
    resampled_center,
)

responses = partial(features_and_responses, n=80, d=30, units=10)


def recording_of(Y, repeats=6, noise=2.0, areas=("V4", "IT")):
    n, units = Y.shape
    trials = Y.T[:, :, None] + noise * np.random.default_rng(1).standard_normal((units, n, repeats))
    table = pd.DataFrame({"unit": np.arange(units), "area": np.resize(areas, units), "animal": "none"})
    ids = np.array([f"image{i:03d}" for i in range(n)], dtype=object)
    return with_ceilings(Recording("small", trials.mean(axis=2), trials, table, ids, True, "", "", ""))


def measured(X, recording):
    table = pd.DataFrame({"stimulus_id": recording.stimulus_id, "label": ""})
    G = replace(exact(X), stimulus_id=recording.stimulus_id)
    return measure(G, recording, table, {"kind": "kfold", "folds": 4, "seed": 1}, 0)


def test_areas_follow_from_the_table_of_units(tmp_path):
    X, Y = responses()
    areas, units = measured(X, recording_of(Y))
    assert list(units.columns) == ["unit", "area", "animal", "metric", "value", "ceiling"]
    ceiling = units[units.metric == "ridge_r"].groupby("area").ceiling.median()
    known = areas.set_index(["metric", "area"]).value
    for area in ("V4", "IT"):
        assert known["ceiling", area] == pytest.approx(ceiling[area])
        for metric in ("ridge_r", "pls_r", "pcr300_R2"):
            of_units = units[(units.metric == metric) & (units.area == area)]
            assert len(of_units) == 5
            assert known[metric, area] == pytest.approx(of_units.value.median(), abs=0.05)  # of means, not of splits
    write_units(units, tmp_path / "units.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "units.parquet"), units)


def test_r2_is_that_of_the_held_out_images():
    X, Y = responses()
    splits = kfold_splits(np.arange(len(X)))
    Y[:, 3] = 2.0
    found = predictions_of(exact(X), Y, splits)
    for name in ("ridge", "pls", "pcr300"):
        for predicted, (_, test) in zip(found[name], splits, strict=True):
            row = explained(predicted, Y[test])
            expected = r2_score(
                np.delete(Y[test], 3, axis=1), np.delete(predicted, 3, axis=1), multioutput="raw_values"
            )
            np.testing.assert_allclose(np.delete(row, 3), expected)
            assert np.isnan(row[3])


def test_held_out_responses_reach_no_prediction_of_any_method():
    X, Y = responses()
    train, test = np.arange(60), np.arange(60, 80)
    changed = Y.copy()
    changed[test] = 1e3 * np.random.default_rng(1).standard_normal((20, 10))
    before, after = (predictions_of(exact(X), one, [(train, test)]) for one in (Y, changed))
    for name in before.keys() - {"ridge_shuffled"}:  # which moves all responses to other images first
        np.testing.assert_array_equal(before[name], after[name])


def test_a_unit_is_scored_against_another_one_of_its_area():
    areas = np.array(["V1"] * 7 + ["V4"] + ["IT"] * 20)
    other = other_units(areas, np.random.default_rng(0))
    np.testing.assert_array_equal(areas[other], areas)
    assert sorted(other) == list(range(28)) and np.flatnonzero(other == np.arange(28)).tolist() == [7]


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_medians_of_resamples_are_those_of_what_is_drawn(n):
    rng = np.random.default_rng(n)
    values, counts = rng.standard_normal((3, n)), draws(rng, n, 50)
    expected = [center(np.repeat(values, drawn, axis=1)) for drawn in counts]
    np.testing.assert_allclose(resampled_center(values, counts), expected, rtol=1e-12)


def test_scores_of_resampled_images_are_those_of_what_is_drawn():
    X, Y = responses()
    splits = kfold_splits(np.arange(len(X)), folds=3)
    P = predictions_of(exact(X), Y, splits)["ridge"]
    counts = image_draws(np.random.default_rng(0), np.arange(len(X)))[:5]
    for split, (_, test) in enumerate(splits):
        for drawn, row in zip(counts, image_scores(P[split], Y[test], counts[:, test]), strict=True):
            rows = np.repeat(np.arange(len(test)), drawn[test])
            expected = [np.corrcoef(P[split][rows, u], Y[test][rows, u])[0, 1] for u in range(Y.shape[1])]
            np.testing.assert_allclose(row, expected, atol=1e-9)


def test_rows_of_one_image_are_drawn_together():
    ids = ["a", "b", "a", "c", "b", "a"]
    counts = image_draws(np.random.default_rng(0), ids)
    for image in "abc":
        rows = counts[:, [i for i, one in enumerate(ids) if one == image]]
        assert (rows == rows[:, :1]).all()
    assert (counts[:, [0, 1, 3]].sum(axis=1) == 3).all()


@pytest.mark.parametrize(("name", "of"), [("cka", linear_cka), ("debiased_cka", debiased_cka)])
def test_cka_without_a_unit_is_that_of_the_others(name, of, monkeypatch):
    monkeypatch.setattr("ventral.predictivity.area_geometry.AT_ONCE", 3)
    X, Y = responses(n=30)
    G, area = exact(X), area_of(Y)
    found = left_out_cka(G, area, name, products_of(G, area)[name])
    expected = [of(exact(X), exact(np.delete(Y, unit, axis=1))) for unit in range(Y.shape[1])]
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_resampled_rsa_counts_pairs_as_often_as_they_are_drawn():
    a, b = np.random.default_rng(0).random((2, 12 * 11 // 2))
    counts = draws(np.random.default_rng(1), 12, 20)
    i, j = np.triu_indices(12, 1)
    for drawn, found in zip(counts, resampled_rsa(a, b, counts), strict=True):
        expected = np.cov(a, b, fweights=drawn[i] * drawn[j])
        assert found == pytest.approx(expected[0, 1] / np.sqrt(expected[0, 0] * expected[1, 1]), abs=1e-5)


def test_alignment_is_that_of_the_explicit_responses():
    X, Y = responses()
    found = aligned(exact(X), area_of(Y), draws(np.random.default_rng(0), len(X)))
    pairs = np.triu_indices(len(X), 1)
    assert found["rsa"]["value"] == pytest.approx(spearmanr(rdm(exact(X))[pairs], rdm(exact(Y))[pairs]).statistic)
    assert found["rsa"]["low_images"] < found["rsa"]["value"] < found["rsa"]["high_images"]
    for name, of in (("cka", linear_cka), ("debiased_cka", debiased_cka)):
        assert found[name]["value"] == pytest.approx(of(exact(X), exact(Y)))
        assert found[name]["low"] < found[name]["value"] < found[name]["high"]


def test_an_area_of_one_unit_has_no_rsa_and_is_mentioned(caplog):
    X, Y = responses()
    found = aligned(exact(X), area_of(Y[:, :1]), draws(np.random.default_rng(0), len(X)))
    assert np.isnan(found["rsa"]["value"]) and found["cka"]["value"] > 0 and np.isnan(found["cka"]["low"])
    assert "No rsa" in caplog.text


@pytest.mark.parametrize("noise", [1, 4])
def test_the_true_responses_lie_between_the_bounds_of_the_ceiling(noise):
    rng = np.random.default_rng(0)
    true = rng.standard_normal((40, 60))
    trials = true[..., None] + noise * rng.standard_normal((40, 60, 8))
    lower, upper = rsa_ceiling(trials, area_of(trials.mean(axis=2).T), rng)
    reached = rsa(exact(true.T), exact(trials.mean(axis=2).T))
    assert 0 < lower < reached < upper < 1


@pytest.mark.parametrize("units", [20, 168])
@pytest.mark.parametrize("reliability", [0.25, 0.5, 0.9])
@pytest.mark.parametrize("repeats", [(2, 2), (8, 8), (2, 9)], ids=["two", "eight", "uneven"])
def test_the_ceiling_holds_what_the_true_responses_reach(units, reliability, repeats):
    """`tests/benchmarks/rsa_ceiling.py` has more of it."""
    rng = np.random.default_rng([units, int(100 * reliability), *repeats])
    drive = rng.standard_normal((units, 10)) @ rng.standard_normal((10, 120))
    true = rng.uniform(1, 6, (units, 1)) * np.logaddexp(0, drive / 2)
    m = rng.integers(repeats[0], repeats[1] + 1, 120)
    noise = true.var(axis=1, keepdims=True) / np.mean(1 / m) * (1 - reliability) / reliability
    trials = true[..., None] + np.sqrt(noise)[..., None] * rng.standard_normal((units, 120, repeats[1]))
    trials[:, np.arange(repeats[1]) >= m[:, None]] = np.nan
    means = np.nanmean(trials, axis=2)
    lower, upper = rsa_ceiling(trials, area_of(means.T), rng)
    assert lower <= rsa(exact(true.T), exact(means.T)) <= upper < lower + 0.5


def test_images_with_single_trials_give_no_ceiling_and_a_few_missing_trials_change_it_little():
    rng = np.random.default_rng(0)
    trials = rng.standard_normal((30, 60, 4)) + (rng.standard_normal((30, 4)) @ rng.standard_normal((4, 60)))[..., None]
    whole = rsa_ceiling(trials, area_of(trials.mean(axis=2).T), np.random.default_rng(0))
    trials[rng.random((30, 60)) < 0.05, 1:] = np.nan
    assert rsa_ceiling(trials, area_of(np.nanmean(trials, axis=2).T), np.random.default_rng(0)) == pytest.approx(
        whole, abs=0.02
    )
    trials[:16, 7, 1:] = np.nan
    assert rsa_ceiling(trials, area_of(np.nanmean(trials, axis=2).T), np.random.default_rng(0)) is None


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=40))
def test_ranks_are_those_of_scipy(values):
    np.testing.assert_array_equal(mean_ranks(np.array(values, float)), rankdata(values))


def test_resamples_that_leave_a_split_or_a_unit_undefined_still_count():
    nan = np.nan
    values = np.array(
        [[[0.1, 0.3, 0.5], [nan, nan, nan], [nan, 0.2, 0.4]], [[0.5, 0.7, 0.9], [0.2, 0.6, 0.8], [nan] * 3]]
    )
    medians = np.array([medians_over(of_split, np.full(3, True)) for of_split in values])
    np.testing.assert_allclose(mean_of_splits(medians), [0.5, 0.6, 0.3])
    assert np.isnan(mean_of_splits(np.full((2, 1), nan))).all()


def test_there_is_no_interval_of_a_few_defined_resamples():
    resampled = np.linspace(0, 1, 1001)
    assert interval_of(resampled) == pytest.approx((0.025, 0.975))
    resampled[:100] = np.nan
    assert np.isfinite(interval_of(resampled)).all()
    resampled[:101] = np.nan
    assert np.isnan(interval_of(resampled)).all()


@pytest.mark.parametrize("n", [30, 40])
def test_intervals_over_images_hold_scores_of_test_sets_of_few_images(n):
    rng = np.random.default_rng(n)
    splits = brainscore_splits(np.arange(n))
    true = rng.standard_normal((n, 9))
    Y = true + rng.standard_normal((n, 9))
    predictions = [true[test] for _, test in splits]
    counts = draws(rng, n)
    resampled = [image_scores(P, Y[test], counts[:, test]) for P, (_, test) in zip(predictions, splits, strict=True)]
    medians = np.array([medians_over(values, np.full(9, True)) for values in resampled])
    low, high = interval_of(mean_of_splits(medians))
    assert low < center(scores(predictions, Y, splits)) < high and high - low > 0.1


@pytest.mark.parametrize("units", [2, 3])
def test_intervals_of_alignment_stay_within_what_is_possible(units):
    for seed in range(20):
        rng = np.random.default_rng([seed, units])
        X = rng.standard_normal((15, 1))
        Y = X @ rng.standard_normal((1, units)) + rng.standard_normal((15, units))
        found = aligned(gram(X, device="cpu"), area_of(Y), draws(rng, 15, 20))
        for name, least in (("cka", 0), ("debiased_cka", -1)):
            one = found[name]
            assert least <= one["low"] <= one["value"] <= one["high"] <= 1, (name, seed)


def test_correlations_over_two_images_are_said_to_mean_nothing(caplog):
    X, Y = responses(n=12)
    recording = recording_of(Y)
    table = pd.DataFrame({"stimulus_id": recording.stimulus_id, "label": ""})
    G = replace(gram(X, device="cpu"), stimulus_id=recording.stimulus_id)
    measure(G, recording, table, {"kind": "kfold", "folds": 4, "seed": 1}, 0)
    assert "test images" not in caplog.text
    measure(G, recording, table, {"kind": "kfold", "folds": 6, "seed": 1}, 0)
    assert "2 test images" in caplog.text


@pytest.mark.parametrize("with_trials", [True, False])
def test_an_image_shown_under_two_ids_is_one_image_to_rsa_and_cka(with_trials):
    rng = np.random.default_rng(3)
    source = np.r_[np.arange(60), np.arange(40)]
    X, Y = rng.standard_normal((60, 200)), rng.standard_normal((60, 8))
    twice = recording_of(Y[source], repeats=4)
    table = pd.DataFrame({"stimulus_id": twice.stimulus_id, "label": "", "content": source.astype(str)})
    twice = twice if with_trials else replace(twice, trials=None)
    G = replace(exact(X[source]), stimulus_id=twice.stimulus_id)
    found = measure(G, twice, table, {"kind": "kfold", "folds": 4, "seed": 1}, 0)[0].set_index(["area", "metric"])
    inside = np.arange(8) % 2 == 0  # V4
    means = np.array([twice.responses[:, source == i].mean(axis=1) for i in range(60)])
    for name, of in (("rsa", rsa), ("cka", linear_cka), ("debiased_cka", debiased_cka)):
        assert found.value["V4", name] == pytest.approx(of(exact(X), exact(means[:, inside])), abs=1e-6), name
    assert abs(found.value["V4", "debiased_cka"]) < 0.1
    assert ("rsa_ceiling_upper" in found.loc["V4"].index) == with_trials


def test_trials_of_an_image_under_several_ids_are_gathered():
    trials = np.array([[[1, 3], [5, np.nan], [2, 4], [9, 9]]], dtype=np.float32)
    units = pd.DataFrame({"unit": [0], "area": "V4"})
    recording = Recording(
        "r", np.array([[2.0, 5, 3, 9]]), trials, units, np.array(list("abcd"), object), True, "", "", ""
    )
    once, first = gathered(recording, ["x", "y", "x", "x"])
    np.testing.assert_array_equal(first, [0, 1])
    np.testing.assert_allclose(once.responses, [[28 / 6, 5]])
    np.testing.assert_array_equal(np.isnan(once.trials).sum(axis=2), [[0, 5]])
    assert list(once.stimulus_id) == ["a", "b"]
    assert gathered(recording, list("wxyz"))[0] is recording
