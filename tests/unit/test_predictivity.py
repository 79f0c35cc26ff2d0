"""Predictivity: agreement with scikit-learn on explicit features, and what must not leak, scale or pass unnoticed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge as RidgeOnFeatures
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

from ventral.gram import gram
from ventral.models.baselines import gabor_energy
from ventral.predictivity import brainscore_splits, kfold_splits, measure, noise_ceiling, ridge
from ventral.predictivity.encoding import encodings
from ventral.recordings import Recording, images_of
from ventral.recordings.ceiling import with_ceilings
from ventral.recordings.macaque_v4 import record
from ventral.splits import fixed_splits
from ventral.store import Fault

KFOLD = {"kind": "kfold", "folds": 5, "seed": 1}


def features_and_responses(n=90, d=40, units=6, noise=1.0, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)) * np.geomspace(3, 0.1, d) + 2
    return X, 5 + X @ rng.standard_normal((d, units)) + noise * rng.standard_normal((n, units))


def exact(X):
    return gram(X, precision="float64", device="cpu")


@pytest.mark.parametrize("d", [20, 40, 300], ids=["fewer features than images", "some", "more features"])
def test_predictions_are_those_of_ridge_on_the_features(d):
    X, Y = features_and_responses(d=d)
    splits = kfold_splits(np.arange(len(X)))
    found = ridge(exact(X), Y, splits, alphas=[3.0])
    for (train, test), predicted in zip(splits, found.predictions, strict=True):
        expected = RidgeOnFeatures(alpha=3.0).fit(X[train], Y[train]).predict(X[test])
        np.testing.assert_allclose(predicted, expected, atol=1e-6)


@pytest.mark.parametrize("d", [40, 300])
def test_penalties_are_those_of_leave_one_out_per_unit(d):
    X, Y = features_and_responses(d=d, noise=np.array([0.1, 0.5, 1, 3, 10, 30]))
    splits, alphas = brainscore_splits(np.arange(len(X)), splits=4), np.geomspace(1e-3, 1e5, 25)
    found = ridge(exact(X), Y, splits, alphas)
    for split, (train, test) in enumerate(splits):
        expected = RidgeCV(alphas, alpha_per_target=True).fit(X[train], Y[train])
        np.testing.assert_allclose(found.alphas[split], expected.alpha_)
        np.testing.assert_allclose(found.predictions[split], expected.predict(X[test]), atol=1e-6)


def test_penalties_are_those_of_leaving_groups_out():
    X, Y = features_and_responses(n=60, d=30, units=3)
    groups = np.random.default_rng(5).integers(0, 9, 60)  # of unequal sizes
    grid = np.logspace(-2, 4, 7)
    train, test = np.arange(45), np.arange(45, 60)
    found = ridge(exact(X), Y, [(train, test)], grid, groups).alphas[0]
    errors = np.zeros((len(grid), 3))
    for row, alpha in enumerate(grid):
        for group in np.unique(groups[train]):
            out = groups[train] == group
            fit = RidgeOnFeatures(alpha).fit(X[train][~out], Y[train][~out])
            errors[row] += np.sum((Y[train][out] - fit.predict(X[train][out])) ** 2, axis=0)
    np.testing.assert_array_equal(found, grid[errors.argmin(axis=0)])


def test_copies_of_an_image_are_left_out_together():
    """With noise in place of responses, a copy left behind would choose a penalty that learns it by heart."""
    rng = np.random.default_rng(0)
    pictures = np.repeat(np.arange(60), 2)
    X, Y = rng.standard_normal((60, 300))[pictures], rng.standard_normal((60, 12))[pictures]
    names = np.array([f"picture{i}" for i in pictures], dtype=object)
    splits = kfold_splits(names)
    found, by_row = ridge(exact(X), Y, splits, groups=names), ridge(exact(X), Y, splits)
    assert np.median(found.alphas / by_row.alphas) > 100
    singles, grid = [(train[::2] // 2, test[::2] // 2) for train, test in splits], np.geomspace(1, 1e8, 25)
    twice = ridge(exact(X), Y, splits, 2 * grid, names)
    np.testing.assert_allclose(twice.alphas, 2 * ridge(exact(X[::2]), Y[::2], singles, grid).alphas)
    of_measure = encodings(exact(X), Y, splits, np.random.default_rng(0), names)["ridge"].predictions
    for one, other in zip(found.predictions, of_measure, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-8)


def test_groups_that_leave_nothing_are_refused():
    X, Y = features_and_responses()
    splits = kfold_splits(np.arange(len(X)))
    with pytest.raises(ValueError, match="one group"):
        ridge(exact(X), Y, splits, groups=np.zeros(len(X)))
    with pytest.raises(ValueError, match="groups of 89 rows"):
        ridge(exact(X), Y, splits, groups=np.arange(89))


def test_scores_are_pearson_r_on_held_out_images():
    X, Y = features_and_responses()
    splits = kfold_splits(np.arange(len(X)))
    found = ridge(exact(X), Y, splits)
    for split, (_, test) in enumerate(splits):
        for unit in range(Y.shape[1]):
            r = np.corrcoef(found.predictions[split][:, unit], Y[test, unit])[0, 1]
            assert found.scores[split, unit] == pytest.approx(r, abs=1e-12)


def test_responses_to_held_out_images_do_not_reach_the_fit():
    X, Y = features_and_responses()
    splits = kfold_splits(np.arange(len(X)))
    test = splits[0][1]
    changed = Y.copy()
    changed[test] = 1e6 * np.random.default_rng(1).standard_normal(changed[test].shape)
    before, after = (ridge(exact(X), responses, splits[:1]) for responses in (Y, changed))
    np.testing.assert_array_equal(before.predictions[0], after.predictions[0])
    np.testing.assert_array_equal(before.alphas, after.alphas)


@given(scale=st.floats(1e-4, 1e4), seed=st.integers(0, 50))
def test_penalties_follow_the_scale_of_the_features(scale, seed):
    X, Y = features_and_responses(n=40, d=15, units=3, seed=seed)
    splits = kfold_splits(np.arange(len(X)), folds=3)
    before, after = ridge(exact(X), Y, splits), ridge(exact(scale * X), Y, splits)
    np.testing.assert_allclose(after.alphas, scale**2 * before.alphas, rtol=1e-6)
    np.testing.assert_allclose(after.scores, before.scores, atol=1e-8)


def test_a_constant_unit_has_no_score_and_is_mentioned(caplog):
    X, Y = features_and_responses()
    Y[:, 2] = 0.1
    found = ridge(exact(X), Y, kfold_splits(np.arange(len(X))))
    assert np.isnan(found.scores[:, 2]).all() and np.isfinite(np.delete(found.scores, 2, axis=1)).all()
    assert "1 of 6 units have no score" in caplog.text


def test_a_layer_that_never_varies_predicts_the_mean_and_has_no_score():
    _, Y = features_and_responses()
    found = ridge(exact(np.zeros((len(Y), 5))), Y, kfold_splits(np.arange(len(Y)), folds=3))
    assert np.isnan(found.scores).all()
    assert np.ptp(found.predictions[0], axis=0).max() == 0


def test_a_grid_that_ends_too_early_is_mentioned(caplog):
    X, Y = features_and_responses(noise=1e-9)
    splits = kfold_splits(np.arange(len(X)))
    ridge(exact(X), Y, splits, alphas=[1.0, 10.0, 100.0])
    assert "smallest penalty" in caplog.text
    caplog.clear()
    ridge(exact(X), np.random.default_rng(0).standard_normal(Y.shape), splits)
    assert not caplog.text  # noise takes the largest penalty, and loses nothing by it


def test_what_cannot_be_fitted_is_refused():
    X, Y = features_and_responses()
    G, splits = exact(X), kfold_splits(np.arange(len(X)))
    with pytest.raises(ValueError, match="one row for each of the 90 images"):
        ridge(G, Y[:-1], splits)
    with pytest.raises(ValueError, match="2 responses are not finite"):
        ridge(G, np.where(np.isin(np.arange(90), [3, 5])[:, None] & (np.arange(6) == 0), np.nan, Y), splits)
    with pytest.raises(ValueError, match="shares 1 with its test rows"):
        ridge(G, Y, [(np.arange(50), np.arange(49, 90))])
    with pytest.raises(ValueError, match="row 90, but the Gram has 90 images"):
        ridge(G, Y, [(np.arange(50), np.arange(50, 91))])
    with pytest.raises(ValueError, match="At least one split"):
        ridge(G, Y, [])
    with pytest.raises(ValueError, match="must be positive"):
        ridge(G, Y, splits, alphas=[0.0, 1.0])


def test_brainscore_splits_are_those_of_scikit_learn():
    ids, labels = np.array([f"image{i}" for i in range(200)]), np.repeat(np.arange(8), 25)
    stratified = StratifiedShuffleSplit(10, train_size=0.9, random_state=1).split(ids, labels)
    plain = ShuffleSplit(10, train_size=0.9, random_state=1).split(ids)
    for found, expected in [(brainscore_splits(ids, labels), stratified), (brainscore_splits(ids), plain)]:
        expected = list(expected)
        assert len(found) == len(expected) == 10
        for sides, others in zip(found, expected, strict=True):
            for side, other in zip(sides, others, strict=True):
                np.testing.assert_array_equal(side, other)


@given(
    st.lists(st.integers(0, 30), min_size=40, max_size=80).filter(lambda ids: len(set(ids)) >= 10),
    st.sampled_from([brainscore_splits, kfold_splits]),
)
def test_repeats_of_an_image_stay_on_one_side_and_every_row_has_a_side(ids, splits_of):
    ids = np.array(ids)
    for train, test in splits_of(ids):
        assert not set(ids[train]) & set(ids[test])
        np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(ids)))


def test_too_few_images_are_a_fault():
    with pytest.raises(Fault, match="3 images cannot be dealt into 5 folds"):
        kfold_splits([1, 2, 3, 3, 3], folds=5)
    with pytest.raises(Fault, match="kfold"):
        brainscore_splits(np.arange(40), ["alone"] + ["many"] * 39)


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


def small_study(n=300, repeats=6):
    """A layer, and a recording of two areas that it predicts, in another order of images."""
    X, Y = features_and_responses(n=n, units=12)
    ids = np.array([f"image{i:03d}" for i in range(n)], dtype=object)
    rng = np.random.default_rng(0)
    order = rng.permutation(n)
    trials = Y.T[:, order, None] + 2 * rng.standard_normal((12, n, repeats))
    units = pd.DataFrame({"unit": np.arange(12), "area": np.repeat(["V4", "IT"], 6), "animal": "none"})
    recording = Recording("small", trials.mean(axis=2), trials, units, ids[order], True, "", "", "")
    table = pd.DataFrame({"stimulus_id": ids, "label": ""})
    return replace(exact(X), stimulus_id=ids), with_ceilings(recording), table


def areas_of(G, recording, table, splits=KFOLD):
    return measure(G, recording, table, splits, 0)[0].set_index(["area", "metric"])


def test_measure_joins_by_image_and_scores_each_area():
    G, recording, table = small_study()
    found = areas_of(G, recording, table)
    assert list(found.index.unique("area")) == ["V4", "IT"]
    for area in ("V4", "IT"):
        rows = found.loc[area]
        for method in ("ridge", "pls", "pcr300", "pcr1000"):
            r, c = rows.value[f"{method}_r"], rows.value["ceiling"]
            assert r > 0.9 and 0.8 < rows.value[f"{method}_R2"] < r
            assert rows.value[f"{method}_r/c"] == pytest.approx(r / c)
            assert rows.value[f"({method}_r/c)^2"] == pytest.approx((r / c) ** 2)
            assert rows.value[f"{method}_r^2/c"] == pytest.approx(r**2 / c)
        assert abs(rows.value["ridge_r_shuffled"]) < 0.2 and rows.value["ridge_r_unit_shuffled"] < 0.8
        assert rows.value["rsa_ceiling_lower"] < rows.value["rsa_ceiling_upper"] < 1
        assert (rows.n == 6).all()
        for low, high in (("low", "high"), ("low_images", "high_images")):
            known = rows.dropna(subset=[low, high])
            assert (known[low] <= known.value).all() and (known.value <= known[high]).all()
        assert set(rows.index[rows.low.isna()]) == {"rsa", "rsa_ceiling_lower", "rsa_ceiling_upper"}
        assert rows.low_images.notna().sum() == 1 + 4 * 4  # RSA; r and its three ceiled forms of four methods
    pd.testing.assert_frame_equal(found, areas_of(G, recording, table))


def test_units_that_are_noise_are_left_out_of_ceiled_scores_and_counted(caplog):
    G, recording, table = small_study()
    trials = recording.trials.copy()
    trials[0] = np.random.default_rng(5).standard_normal(trials[0].shape)
    recording = with_ceilings(replace(recording, trials=trials, responses=trials.mean(axis=2)))
    assert recording.units.noise_ceiling[0] < 0.1
    found = areas_of(G, recording, table).loc["V4"]
    assert {name for name, n in found.n.items() if n == 5} == {name for name in found.index if "/c" in name}
    assert found.n.min() == 5 and "ridge_r/c" in found.index
    assert "V4: 1 of 6 units have a ceiling below 0.1" in caplog.text


def test_without_trials_there_are_no_ceiled_scores():
    G, recording, table = small_study()
    units = recording.units.drop(columns="noise_ceiling")
    found = areas_of(G, with_ceilings(replace(recording, trials=None, units=units)), table).loc["IT"]
    assert {"ridge_r", "ridge_r_shuffled", "pls_r", "rsa"} <= set(found.index)
    assert not [name for name in found.index if "/c" in name or "ceiling" in name]


def test_labels_stratify_brainscore_splits():
    G, recording, table = small_study()
    spec = {"kind": "brainscore", "folds": 5, "seed": 1}
    plain = areas_of(G, recording, table, spec).value["IT", "ridge_r"]
    labelled = areas_of(G, recording, table.assign(label=np.repeat(["cat", "dog"], 150)), spec).value["IT", "ridge_r"]
    assert plain != labelled and labelled > 0.9


def test_fixed_splits_train_and_test_on_the_parts_of_the_data_set():
    G, recording, table = small_study()
    fixed, part = {"kind": "fixed", "folds": 5, "seed": 1}, np.resize(["train", "train", "test"], 300).astype(object)
    found = areas_of(G, replace(recording, part=part), table, fixed).value["IT", "ridge_r"]
    rows = pd.Index(G.stimulus_id).get_indexer(recording.stimulus_id)
    split = (np.flatnonzero(part == "train"), np.flatnonzero(part == "test"))
    expected = ridge(G.subset(rows), recording.responses[6:].T, [split]).scores
    assert found == pytest.approx(np.median(expected))
    with pytest.raises(Fault, match="The recording small has no images for training and others for testing"):
        areas_of(G, recording, table, fixed)
    with pytest.raises(Fault, match=r"there are 298 and 2"):
        areas_of(G, replace(recording, part=np.repeat(["train", "test"], [298, 2])), table, fixed)
    with pytest.raises(Fault, match="2 images are in the training part and in the test part"):
        fixed_splits(["a", "b", "c", "d", "a", "b"], ["train"] * 3 + ["test"] * 3)


@pytest.mark.parametrize("spec", [KFOLD, {"kind": "brainscore", "folds": 5, "seed": 1}])
def test_the_same_pixels_under_two_ids_are_never_on_both_sides(spec):
    rng = np.random.default_rng(0)
    pictures, ids = np.arange(200) // 2, np.array([f"image{i:03d}" for i in range(200)], dtype=object)
    X, Y = rng.standard_normal((100, 400))[pictures], rng.standard_normal((100, 8))[pictures]
    trials = Y.T[:, :, None] + 0.1 * rng.standard_normal((8, 200, 4))
    units = pd.DataFrame({"unit": np.arange(8), "area": "V4", "animal": "none"})
    recording = Recording("twice", trials.mean(axis=2), trials, units, ids, True, "", "", "")
    table, G = pd.DataFrame({"stimulus_id": ids, "label": ""}), replace(exact(X), stimulus_id=ids)
    assert areas_of(G, recording, table, spec).value["V4", "ridge_r"] > 0.5  # responses that no image explains
    kept_apart = areas_of(G, recording, table.assign(content=pictures.astype(str)), spec)
    assert abs(kept_apart.value["V4", "ridge_r"]) < 0.25
    width = kept_apart.high_images - kept_apart.low_images
    assert width["V4", "ridge_r"] > 0.1


def test_images_without_a_partner_are_named():
    G, recording, table = small_study()
    with pytest.raises(Fault, match="3 images of the recording small are unknown to the Gram: image"):
        measure(G.subset(np.arange(3, 300)), recording, table, KFOLD, 0)
    fewer = replace(
        recording,
        stimulus_id=recording.stimulus_id[2:],
        responses=recording.responses[:, 2:],
        trials=recording.trials[:, 2:],
    )
    with pytest.raises(Fault, match="2 images of the Gram are unknown to the recording small: image"):
        measure(G, fewer, table, KFOLD, 0)


@pytest.mark.parametrize("session", [210325, 201025])
def test_local_energy_predicts_macaque_v4(session, shared_data, monkeypatch):
    monkeypatch.setenv("VENTRAL_DATA", str(shared_data("macaque_v4")))
    spec = {"kind": "macaque_v4", "session": session}
    images, table = images_of("macaque", spec)
    images = np.stack(list(images))
    bank = gabor_energy()
    energy = np.concatenate([bank(images[start : start + 64])["energy"] for start in range(0, len(images), 64)])
    G = replace(gram(energy, device="cpu"), stimulus_id=table.stimulus_id.to_numpy())
    found = areas_of(G, with_ceilings(record("macaque", spec)), table).droplevel("area").value
    assert abs(found["ridge_r_unit_shuffled"]) < found["ridge_r"] and 0 < found["rsa"] < 0.5
    assert 0.45 < found["ridge_r"] < 0.6 and abs(found["ridge_r_shuffled"]) < 0.05
    assert session != 210325 or 0.70 < found["ceiling"] < 0.80
