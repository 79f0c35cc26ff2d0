"""Noise ceilings are those of the images, repeats and choices that a score is taken over."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ventral.gram import gram
from ventral.predictivity import measure, noise_ceiling
from ventral.predictivity import reliability as reliabilities
from ventral.predictivity.area_scores import ceiled
from ventral.predictivity.reliability import noise_of_means, reliability, scored_ceilings
from ventral.predictivity.scored_parts import parts_of
from ventral.recordings.ceiling import Half, spearman_brown, split_halves, with_ceilings
from ventral.recordings.recording import Recording, by_image
from ventral.regression.folds import scores
from ventral.regression.splits import brainscore_splits, fixed_splits, kfold_splits
from ventral.statistics.bootstrap import center, draws

REPEATS = {"few in training": (2, 20), "equal": (6, 6), "odd": (3, 3), "single": (1, 12), "one or two": (1, 2)}


PART = np.repeat(["train", "test"], [300, 100]).astype(object)


SPLITS = {
    "fixed": lambda ids: fixed_splits(ids, PART),
    "kfold": lambda ids: kfold_splits(ids),
    "brainscore": lambda ids: brainscore_splits(ids),
}


def repeated(few, many, units=60, dimensions=8, seed=0, noise=1.5):
    """True responses (units, images), and a recording of them with few trials of 300 images and many of 100."""
    rng = np.random.default_rng(seed)
    repeats = np.repeat([few, many], [300, 100])
    X = rng.standard_normal((400, dimensions))
    true = (X @ rng.standard_normal((dimensions, units)) / dimensions**0.5).T
    spread = noise * np.exp(0.3 * true)  # more noise where responses are larger
    shown = np.repeat(np.arange(400), repeats)
    values = true[:, shown] + spread[:, shown] * rng.standard_normal((units, len(shown)))
    ids = np.array([f"image{i:03d}" for i in range(400)], dtype=object)
    responses, trials, images = by_image(values, ids[shown])
    table = pd.DataFrame({"unit": np.arange(units), "area": "V4", "animal": "none"})
    return X, true, with_ceilings(Recording("small", responses, trials, table, images, True, "", "", "", part=PART))


def layer_of(X, recording):
    """A layer whose features are those that drive the units, beside many faint ones."""
    faint = 0.02 * np.random.default_rng(1).standard_normal((len(X), 40))
    return replace(gram(np.hstack([X, faint]), device="cpu"), stimulus_id=recording.stimulus_id)


def measured(X, recording, kind):
    table = pd.DataFrame({"stimulus_id": recording.stimulus_id, "label": ""})
    return measure(layer_of(X, recording), recording, table, {"kind": kind, "folds": 5, "seed": 1}, 0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SPLITS)
@pytest.mark.parametrize("repeats", REPEATS.values(), ids=REPEATS)
def test_the_true_responses_have_a_squared_correlation_of_c(kind, repeats):
    found = []
    for seed in range(6):
        _, true, recording = repeated(*repeats, seed=seed)
        splits = SPLITS[kind](recording.stimulus_id)
        noise = noise_of_means(recording.trials).T
        c = reliability(recording.responses.T, noise, splits, np.ones((1, 400)))[0]
        r = scores([true.T[test] for _, test in splits], recording.responses.T, splits)
        found.append(center(r) ** 2 / np.median(c))
    assert np.mean(found) == pytest.approx(1, abs=0.06)  # three standard errors where images have one or two trials


@pytest.mark.parametrize(("kind", "repeats"), [("fixed", (2, 20)), ("kfold", (1, 12)), ("brainscore", (6, 6))])
def test_a_perfect_layer_has_r2_over_c_of_one(kind, repeats):
    X, _, recording = repeated(*repeats, noise=0.8)
    areas, units = measured(X, recording, kind)
    value = areas.set_index("metric").value
    assert value["ridge_r^2/c"] == pytest.approx(1, abs=0.12)
    assert value["ridge_r/c"] == pytest.approx(value["ceiling"] ** -0.5, abs=0.1)
    assert value["ceiling"] == pytest.approx(units[units.metric == "ridge_r"].ceiling.median())
    interval = areas.set_index("metric").loc["ridge_r^2/c"]
    assert interval.low_images < value["ridge_r^2/c"] < interval.high_images


def test_the_ceiling_of_fixed_splits_is_that_of_the_test_images():
    X, _, recording = repeated(2, 20)
    ceiling = measured(X, recording, "fixed")[0].set_index("metric").value["ceiling"]
    of_test = np.median(noise_ceiling(recording.trials[:, 300:]))
    assert ceiling == pytest.approx(of_test, abs=0.02)
    assert np.median(recording.units.noise_ceiling) < of_test - 0.1  # of all images, as the recording is described


def test_with_equal_repeats_c_is_the_intraclass_correlation_and_that_of_halves():
    _, _, recording = repeated(6, 6)
    trials, means = recording.trials.astype(float), recording.responses
    between = 6 * means.var(axis=1, ddof=1)
    within = trials.var(axis=2, ddof=1).mean(axis=1)
    one_split = [(np.arange(0), np.arange(400))]
    c = reliability(means.T, noise_of_means(trials).T, one_split, np.ones((1, 400)))[0]
    np.testing.assert_allclose(c, 1 - within / between, atol=1e-6)  # ICC(1, 6)
    np.testing.assert_allclose(c, noise_ceiling(trials), atol=0.05)  # of ten draws
    assert np.mean(c - noise_ceiling(trials)) == pytest.approx(0, abs=0.005)


def test_the_noise_of_a_single_trial_is_that_of_the_other_images():
    trials = np.full((2, 4, 3), np.nan)
    trials[0, :3] = [[1, 3, np.nan], [0, 3, 6], [5, np.nan, np.nan]]
    found = noise_of_means(trials)
    np.testing.assert_allclose(found[0], [2 / 2, 9 / 3, (2 * 1 + 9 * 2) / 3, np.nan])
    assert np.isnan(found[1]).all()


def test_resampled_reliabilities_lie_around_the_one_they_resample():
    _, _, recording = repeated(2, 6)
    counts = np.random.default_rng(0).multinomial(400, np.full(400, 1 / 400), size=300)
    arguments = recording.responses.T, noise_of_means(recording.trials).T, kfold_splits(recording.stimulus_id)
    c = reliability(*arguments, np.ones((1, 400)))[0]
    np.testing.assert_allclose(reliability(*arguments, counts, resampled=True).mean(axis=0), c, atol=0.03)


def test_ceilings_of_blocks_of_units_are_those_of_all_units(monkeypatch):
    _, _, recording = repeated(2, 6, units=7)
    counts = draws(np.random.default_rng(0), 400, 20)
    parts = parts_of(recording.responses, kfold_splits(recording.stimulus_id))
    together = scored_ceilings(recording, parts, counts)
    monkeypatch.setattr(reliabilities, "VALUES_AT_ONCE", 3 * recording.trials[:1].size)
    for found, expected in zip(scored_ceilings(recording, parts, counts), together, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("missing", [0, 1])
def test_a_half_that_is_read_in_blocks_is_that_of_all_trials(missing):
    trials = np.random.default_rng(0).standard_normal((6, 8, 5)).astype(np.float32)
    trials[:missing, 2, 1:3] = np.nan
    keys = np.random.default_rng(1).random((8, 5))
    halves = split_halves(trials, np.random.default_rng(1))
    for second, whole in enumerate(halves):
        half = Half(trials, keys, bool(second))
        assert half.shape == (8, 6) and half.dtype == whole.dtype
        np.testing.assert_array_equal(half[:, 1:4], whole[1:4].T)
        G, expected = (gram(X, device="cpu") for X in (half, whole.T))
        np.testing.assert_array_equal(G.centered, expected.centered)


def test_a_recording_without_trials_keeps_the_ceilings_of_its_file():
    X, _, recording = repeated(6, 6)
    given = recording.units.assign(noise_ceiling=0.64)
    areas, units = measured(X, replace(recording, trials=None, units=given), "kfold")
    value = areas.set_index("metric").value
    assert value["ceiling"] == pytest.approx(0.64) and (units.ceiling == 0.64).all()
    assert value["ridge_r^2/c"] == pytest.approx(value["ridge_r"] ** 2 / 0.64)


def test_reliabilities_below_zero_are_zero_in_tables_of_units_and_counted(caplog):
    rng = np.random.default_rng(0)
    trials = rng.standard_normal((200, 20, 2))
    table = pd.DataFrame({"unit": np.arange(200), "area": "V4"})
    ids = np.array([f"image{i}" for i in range(20)], dtype=object)
    recording = with_ceilings(Recording("noise", trials.mean(axis=2), trials, table, ids, True, "", "", ""))
    found = recording.units.noise_ceiling
    assert found.min() == 0 and 50 < (found == 0).sum() < 150
    assert f"{(found == 0).sum()} of 200 units" in caplog.text
    scored, resampled = scored_ceilings(recording, parts_of(recording.responses, kfold_splits(ids)), np.ones((1, 20)))
    assert scored.min() == resampled.min() == 0


def test_the_length_of_a_test_that_halves_contradict_is_bounded():
    np.testing.assert_allclose(spearman_brown(np.array([1, 0.5, 0, -1 / 3, -0.9])), [1, 2 / 3, 0, -1, -1])


def test_an_area_of_one_unit_has_no_control_of_units_and_no_interval_over_units():
    X, _, recording = repeated(4, 4, units=3)
    recording = replace(recording, units=recording.units.assign(area=["V1", "V4", "V4"]))
    areas, units = measured(X, recording, "kfold")
    rows = areas.set_index(["area", "metric"])
    alone = rows.loc["V1"]
    assert np.isnan(alone.value["ridge_r_unit_shuffled"]) and alone.n["ridge_r_unit_shuffled"] == 0
    assert np.isfinite(rows.value["V4", "ridge_r_unit_shuffled"])
    assert alone[["low", "high"]].isna().all(axis=None) and alone.value["ridge_r"] > 0.5
    assert alone.low_images["ridge_r"] < alone.value["ridge_r"] < alone.high_images["ridge_r"]
    assert rows.loc["V4"].low["ridge_r"] < rows.loc["V4"].high["ridge_r"]
    shuffled = units[units.metric == "ridge_r_unit_shuffled"].set_index("unit").value
    assert np.isnan(shuffled[0]) and shuffled[[1, 2]].notna().all()


@pytest.mark.parametrize("sign", [1, -1])
def test_squares_keep_the_sign_of_r_and_their_intervals_are_not_folded_at_zero(sign):
    rng = np.random.default_rng(0)
    r, c = sign * np.linspace(0.1, 0.3, 41)[None], np.full(41, 0.8)
    noise = 0.3 * rng.standard_normal((1, 500, 41))
    of_r, of_c = np.median(noise + r[:, None], axis=-1), np.full(500, 0.8)
    rows = ceiled("V4", "ridge", r, c, lambda n: draws(rng, n), (of_r, of_c))
    found = pd.DataFrame(rows).set_index("metric")
    assert found.value["ridge_r^2/c"] == pytest.approx(sign * 0.2**2 / 0.8)
    assert found.value["(ridge_r/c)^2"] == pytest.approx(sign * (0.2 / 0.8) ** 2)
    assert (found[["low", "high", "low_images", "high_images"]] * sign > 0).all(axis=None)
    crossing = ceiled("V4", "ridge", 0 * r, c, lambda n: draws(rng, n), (np.median(noise, axis=-1), of_c))
    for row in crossing:
        assert row["low_images"] < 0 < row["high_images"], row["metric"]


@pytest.mark.parametrize(("repeated", "known"), [(1, False), (2, False), (3, True)])
def test_a_ceiling_needs_three_images_with_two_trials(repeated, known):
    trials = np.random.default_rng(0).standard_normal((2, 30, 2)) + np.arange(30)[:, None]
    trials[0, repeated:, 1] = np.nan
    ids = np.array([f"image{i}" for i in range(30)], dtype=object)
    table = pd.DataFrame({"unit": [0, 1], "area": "V4"})
    recording = Recording("few", np.nanmean(trials, axis=2), trials, table, ids, True, "", "", "")
    c, resampled = scored_ceilings(recording, parts_of(recording.responses, kfold_splits(ids)), np.ones((3, 30)))
    assert np.isfinite(c[0]) == np.isfinite(resampled[:, 0]).all() == known
    assert np.isnan(c[0]) == np.isnan(noise_ceiling(trials)[0]) and np.isfinite(c[1])


def noisy_trials(reliability, images=10_000, repeats=8, seed=0):
    """Trials of units whose mean has these reliabilities."""
    rng = np.random.default_rng(seed)
    noise = repeats * (1 - np.array(reliability)) / np.array(reliability)
    trials = rng.standard_normal((len(noise), images, repeats)) * np.sqrt(noise)[:, None, None]
    return 3 + rng.standard_normal((len(noise), images, 1)) + trials


@pytest.mark.parametrize("repeats", [2, 8, 9])
def test_ceiling_is_the_reliability_of_the_trial_mean(repeats):
    reliability = [0.2, 0.5, 0.8, 0.95]
    found = noise_ceiling(noisy_trials(reliability, repeats=repeats))
    np.testing.assert_allclose(found, reliability, atol=0.05)  # three standard errors, for two repeats


def test_ceiling_with_two_to_five_trials_of_an_image_is_that_of_the_mean_noise():
    trials = noisy_trials([0.3, 0.6, 0.9], repeats=5)
    m = 2 + np.arange(trials.shape[1]) % 4
    noise = np.var(trials, axis=2, ddof=1).mean(axis=1) * np.mean(1 / m)
    trials[:, np.arange(5) >= m[:, None]] = np.nan
    np.testing.assert_allclose(noise_ceiling(trials), 1 / (1 + noise), atol=0.04)


def test_ceiling_takes_the_trials_that_there_are():
    trials = noisy_trials([0.8, 0.8, 0.8], repeats=8)
    padded = np.concatenate([trials, np.full((3, 10_000, 3), np.nan)], axis=2)
    np.testing.assert_allclose(noise_ceiling(padded), noise_ceiling(trials), atol=0.03)
    sparse = trials.copy()
    sparse[0, :, 1:] = np.nan  # one trial per image
    sparse[1] = 4.0
    found = noise_ceiling(sparse)
    assert np.isnan(found[:2]).all() and found[2] == pytest.approx(0.8, abs=0.05)


def test_ceiling_follows_its_seed():
    trials = noisy_trials([0.5], images=50)
    assert noise_ceiling(trials, seed=3) == noise_ceiling(trials, seed=3) != noise_ceiling(trials, seed=4)
