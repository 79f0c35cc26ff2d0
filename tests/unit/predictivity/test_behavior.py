"""Behavior: signatures by hand and by loops, a read-out that is scikit-learn's, and observers who are known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

from ventral.core.errors import Fault
from ventral.predictivity.behavior import measure_behavior
from ventral.predictivity.signatures import halves_of_trials, i1, i2n, rates_of_scores, rates_of_trials
from ventral.recordings.choices import Behavior
from ventral.regression.readout import object_scores
from ventral.regression.splits import kfold_splits, stratified_kfold_splits

OBJECTS, EACH, DIMENSIONS, FEATURES = 5, 16, 12, 300


@pytest.fixture(scope="module")
def images():
    """Responses to images of five objects, of which some look like another one."""
    rng = np.random.default_rng(0)
    objects = np.repeat(np.arange(OBJECTS), EACH)
    centers = rng.standard_normal((OBJECTS, DIMENSIONS))
    shown = centers[objects] + 1.2 * rng.standard_normal((len(objects), DIMENSIONS))
    return 30 * shown @ rng.standard_normal((DIMENSIONS, FEATURES)) + 7, objects


def named(X):
    """Their Gram in double precision, with a stimulus_id for each image."""
    ids = np.array([f"image{i:03d}" for i in range(len(X))], dtype=object)
    return replace(exact(X), stimulus_id=ids)


def observer(rates, objects, repeats, rng):
    """Trials of an observer who chooses the distractor of each image at these rates."""
    i, d = np.nonzero(~np.isnan(rates))
    i, d = np.repeat(i, repeats), np.repeat(d, repeats)
    names = np.array([f"object{k}" for k in range(OBJECTS)], dtype=object)
    wrong = rng.random(len(i)) < rates[i, d]
    trials = pd.DataFrame(
        {
            "stimulus_id": [f"image{k:03d}" for k in i],
            "sample": names[objects[i]],
            "distractor": names[d],
            "choice": np.where(wrong, names[d], names[objects[i]]),
        }
    ).sample(frac=1, random_state=0)
    return Behavior("observer", trials, True, "", "", "")


def measured(G, behavior, folds=4, **columns):
    table = pd.DataFrame({"stimulus_id": G.stimulus_id, "label": ""} | columns)
    scores, signatures = measure_behavior(G, behavior, table, {"folds": folds, "seed": 1}, seed=0)
    return scores.set_index("metric"), signatures


def test_signatures_are_those_computed_by_hand():
    # Two objects with two images each: the rates at which the other object is chosen are .1 and .3, and .2 and .4.
    rates, objects = np.array([[np.nan, 0.1], [np.nan, 0.3], [0.2, np.nan], [0.4, np.nan]]), np.array([0, 0, 1, 1])
    z = {p: round(float(norm.ppf(p)), 3) for p in (0.9, 0.7, 0.8, 0.6, 0.3, 0.2)}
    assert z == {0.9: 1.282, 0.7: 0.524, 0.8: 0.842, 0.6: 0.253, 0.3: -0.524, 0.2: -0.842}
    # d' = z(hits) - z(false alarms): 1.282 + .524, .524 + .524, .842 + .842, .253 + .842
    np.testing.assert_allclose(i1(rates, objects), [1.806, 1.049, 1.683, 1.095], atol=1e-3)
    expected = [[np.nan, 0.379], [np.nan, -0.379], [0.294, np.nan], [-0.294, np.nan]]  # less 1.4275 and 1.389
    np.testing.assert_allclose(i2n(rates, objects), expected, atol=1e-3)


def test_signatures_are_those_of_loops_over_their_definition():
    rng = np.random.default_rng(1)
    objects = rng.permutation(np.repeat(np.arange(4), [3, 5, 4, 6]))
    rates = rng.choice([0, 0.1, 0.4, 0.8, 1], size=(18, 4), p=[0.3, 0.3, 0.2, 0.1, 0.1])
    rates[rng.random(rates.shape) < 0.2] = np.nan  # never offered
    rates[np.arange(18), objects] = np.nan
    single, pairs = np.full(18, np.nan), np.full((18, 4), np.nan)
    with np.errstate(invalid="ignore"):
        for i, o in enumerate(objects):
            hits = 1 - np.nanmean(rates[i])
            single[i] = np.clip(norm.ppf(hits) - norm.ppf(np.nanmean(rates[objects != o][:, o])), -5, 5)
            for d in set(range(4)) - {o}:
                false_alarms = np.nanmean([rates[j, o] for j in range(18) if objects[j] == d])
                pairs[i, d] = np.clip(norm.ppf(1 - rates[i, d]) - norm.ppf(false_alarms), -5, 5)
    for o in range(4):
        pairs[objects == o] -= [
            np.nan if np.isnan(column).all() else np.nanmean(column) for column in pairs[objects == o].T
        ]
    np.testing.assert_allclose(i1(rates, objects), single)
    np.testing.assert_allclose(i2n(rates, objects), pairs, atol=1e-12)


def test_choices_between_two_follow_from_probabilities_of_all():
    scores, objects = np.random.default_rng(0).standard_normal((6, 3)), np.array([0, 1, 2, 0, 1, 2])
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    own = p[np.arange(6), objects][:, None]
    found = rates_of_scores(scores, objects)
    assert np.isnan(found[np.arange(6), objects]).all()
    np.testing.assert_allclose(found[~np.isnan(found)], (p / (p + own))[~np.isnan(found)])


def test_rates_count_the_trials_in_which_the_distractor_was_chosen():
    rates = rates_of_trials(np.array([0, 0, 0, 1]), np.array([1, 1, 1, 0]), np.array([1, 0, 0, 1], dtype=bool), (2, 2))
    np.testing.assert_array_equal(rates, [[np.nan, 1 / 3], [1, np.nan]])


def test_halves_share_the_trials_of_each_image_and_distractor():
    rng = np.random.default_rng(0)
    image, distractor = rng.integers(5, size=300), rng.integers(3, size=300)
    first = halves_of_trials(image, distractor, rng)
    table = pd.crosstab([image, distractor], first)
    assert (abs(table[True] - table[False]) <= 1).all() and not (table[True] == table[False]).all()


def test_the_read_out_is_that_of_features_with_a_mean_variance_of_one(images):
    X, objects = images
    splits = stratified_kfold_splits(np.arange(len(X)), objects, folds=4)
    found = object_scores(named(X), objects, splits)
    for train, test in splits:
        centered = X - X[train].mean(axis=0)
        scaled = centered / np.sqrt(X[train].var(axis=0).mean())
        expected = LogisticRegression(C=1e-3, tol=1e-8, max_iter=5000).fit(scaled[train], objects[train])
        ours = np.exp(found[test]) / np.exp(found[test]).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(ours, expected.predict_proba(scaled[test]), atol=1e-3)


def test_a_read_out_must_not_be_asked_of_an_image_that_it_has_learnt(images):
    X, objects = images
    (train, test), *_ = kfold_splits(np.arange(len(X)), folds=4)
    with pytest.raises(ValueError, match="tested once"):
        object_scores(named(X), objects, [(train, test)])
    alone = [
        (np.flatnonzero(objects), np.flatnonzero(objects == 0)),
        (np.flatnonzero(objects == 0), np.flatnonzero(objects)),
    ]
    with pytest.raises(ValueError, match="show every object"):
        object_scores(named(X), objects, alone)


@pytest.mark.parametrize(("repeats", "tolerance"), [(100, 0.03), (400, 0.01)])
def test_an_observer_who_is_the_read_out_is_predicted_up_to_the_ceiling(images, repeats, tolerance):
    X, objects = images
    G = named(X)
    scores = object_scores(G, objects, stratified_kfold_splits(G.stimulus_id, objects, folds=4))
    behavior = observer(rates_of_scores(scores, objects), objects, repeats, np.random.default_rng(0))
    found, cells = measured(G, behavior)
    for name in ("i1", "i2n"):
        assert found.value[f"{name}/sqrt(c)"] == pytest.approx(1, abs=tolerance)
        assert found.low[f"{name}/sqrt(c)"] < 1.01 and found.high[f"{name}/sqrt(c)"] > 0.99
        assert found.value[name] == pytest.approx(np.sqrt(found.value[f"{name}_ceiling"]), abs=tolerance)
    assert abs(found.value["i2n_shuffled"]) < 0.1
    assert found.n["i1"] == OBJECTS * EACH and found.n["i2n"] == len(cells) == OBJECTS * EACH * (OBJECTS - 1)
    assert (cells.trials == repeats).all()
    r = np.corrcoef(cells.i2n, cells.observed_i2n)[0, 1]
    assert found.value["i2n"] == pytest.approx(r)


def test_distractors_that_were_not_offered_to_observers_are_not_to_the_layer(images):
    X, objects = images
    G = named(X)
    rates = rates_of_scores(
        object_scores(G, objects, stratified_kfold_splits(G.stimulus_id, objects, folds=4)), objects
    )
    kept = np.random.default_rng(0).random(rates.shape) < 0.4
    kept[np.arange(len(X)), (objects + 1) % OBJECTS] = True  # every image has some
    rates[~kept] = np.nan
    found, cells = measured(G, observer(rates, objects, 400, np.random.default_rng(0)))
    for name in ("i1", "i2n"):
        assert found.value[f"{name}/sqrt(c)"] == pytest.approx(1, abs=0.02)
    assert len(cells) == found.n["i2n"] == np.sum(~np.isnan(rates)) and found.n["i1"] == len(X)


def test_with_few_trials_observers_who_are_the_read_out_are_at_the_ceiling_on_average(images):
    X, objects = images
    G = named(X)
    rates = rates_of_scores(
        object_scores(G, objects, stratified_kfold_splits(G.stimulus_id, objects, folds=4)), objects
    )
    draws = [measured(G, observer(rates, objects, 12, np.random.default_rng(seed)))[0].value for seed in range(8)]
    for name in ("i1", "i2n"):
        assert np.mean([found[f"{name}/sqrt(c)"] for found in draws]) == pytest.approx(1, abs=0.1)


def test_choices_without_a_second_trial_are_neither_in_the_ceiling_nor_in_the_score_over_it(images):
    X, objects = images
    G = named(X)
    rates = rates_of_scores(
        object_scores(G, objects, stratified_kfold_splits(G.stimulus_id, objects, folds=4)), objects
    )
    often = np.random.default_rng(0).random(rates.shape) < 0.5
    behavior = observer(np.where(often, rates, np.nan), objects, 200, np.random.default_rng(0))
    once = observer(np.where(often, np.nan, rates), objects, 1, np.random.default_rng(1))
    both = replace(behavior, trials=pd.concat([behavior.trials, once.trials], ignore_index=True))
    found, cells = measured(G, both)
    assert found.n["i2n"] == len(cells) == OBJECTS * EACH * (OBJECTS - 1)  # less where d' is undefined: none
    assert found.n["i2n/sqrt(c)"] == found.n["i2n_ceiling"] == np.sum(cells.trials > 1)
    repeated = cells[cells.trials > 1]
    r = np.corrcoef(repeated.i2n, repeated.observed_i2n)[0, 1]
    assert found.value["i2n/sqrt(c)"] == pytest.approx(r / np.sqrt(found.value["i2n_ceiling"]))
    assert found.value["i2n/sqrt(c)"] > 1.1 * found.value["i2n"] / np.sqrt(found.value["i2n_ceiling"])


def test_splits_do_not_depend_on_the_order_of_trials(images):
    X, objects = images
    rates = np.where(np.arange(OBJECTS) == objects[:, None], np.nan, 0.3)
    behavior = observer(rates, objects, 2, np.random.default_rng(0))
    turned = replace(behavior, trials=behavior.trials[::-1].reset_index(drop=True))
    first, second = (measured(named(X), one)[1].set_index(["stimulus_id", "distractor"]) for one in (behavior, turned))
    pd.testing.assert_frame_equal(first, second)


def test_an_observer_who_ignores_the_image_is_not_predicted(images):
    X, objects = images
    rates = np.where(np.arange(OBJECTS) == objects[:, None], np.nan, np.random.default_rng(1).random(OBJECTS))
    found, _ = measured(named(X), observer(rates, objects, 40, np.random.default_rng(0)))
    assert abs(found.value["i2n"]) < 0.12 and found.low["i2n"] < 0 < found.high["i2n"]
    assert abs(found.value["i2n_ceiling"]) < 0.3
    guessing = np.where(np.arange(OBJECTS) == objects[:, None], np.nan, 0.5)
    found, _ = measured(named(X), observer(guessing, objects, 40, np.random.default_rng(0)))
    for name in ("i1", "i2n"):
        assert abs(found.value[name]) < 0.2 and found.low[name] < 0 < found.high[name]


def test_a_ceiling_near_zero_is_reported_and_not_divided_by(images, caplog):
    X, objects = images
    guessing = np.where(np.arange(OBJECTS) == objects[:, None], np.nan, 0.5)
    found, _ = measured(named(X), observer(guessing, objects, 3, np.random.default_rng(3)))
    assert np.isnan(found.value["i2n/sqrt(c)"]) and np.isfinite(found.value["i2n_ceiling"])
    assert "nothing is divided by it" in caplog.text


def test_a_layer_that_never_varies_has_no_score(images, caplog):
    _, objects = images
    G = named(np.ones((len(objects), 3)))
    rates = np.where(np.arange(OBJECTS) == objects[:, None], np.nan, 0.3)
    found, _ = measured(G, observer(rates, objects, 4, np.random.default_rng(0)))
    assert np.isnan(found.value["i2n"]) and "do not tell images apart" in caplog.text


def test_the_same_picture_under_two_ids_is_never_on_both_sides(images):
    X, objects = images
    content = np.array([f"picture{i // 2}" for i in range(len(X))])
    for train, test in stratified_kfold_splits(content, objects, folds=4):
        assert not {*content[train]} & {*content[test]}
        assert {*objects[train]} == {*range(OBJECTS)}
    noise = np.random.default_rng(2).standard_normal((len(X) // 2, 200)).repeat(2, axis=0)
    rates = np.where(np.arange(OBJECTS) == objects[:, None], np.nan, 0.5)
    behavior = observer(rates, objects, 2, np.random.default_rng(0))
    known, _ = measured(named(noise), behavior, folds=10)  # each picture has been seen under its other id
    kept_apart, _ = measured(named(noise), behavior, folds=10, content=content)
    assert known.value["read_out_accuracy"] > 0.6 and kept_apart.value["read_out_accuracy"] < 0.4


def test_an_object_with_a_single_image_cannot_be_learnt():
    with pytest.raises(Fault, match=r"single image, .* mug"):
        stratified_kfold_splits(["a", "b", "c", "c"], ["cup", "cup", "mug", "mug"])
    assert len(stratified_kfold_splits(["a", "b", "c", "d"], [0, 0, 1, 1], folds=9)) == 4


def test_images_without_a_partner_are_named(images):
    X, objects = images
    rates = np.where(np.arange(OBJECTS) == objects[:, None], np.nan, 0.3)
    behavior = observer(rates, objects, 1, np.random.default_rng(0))
    with pytest.raises(Fault, match=r"1 images of the recording observer .*: image079"):
        measured(named(X[:-1]), behavior)


@pytest.mark.filterwarnings("error")
def test_single_trials_everywhere_leave_scores_without_a_ceiling(images):
    X, objects = images
    rates = np.where(np.arange(OBJECTS) == objects[:, None], np.nan, 0.3)
    one_distractor = np.where(np.arange(OBJECTS) == (objects[:, None] + 1) % OBJECTS, rates, np.nan)
    found, _ = measured(named(X), observer(one_distractor, objects, 1, np.random.default_rng(0)))
    for name in ("i1", "i2n"):
        assert found.n[f"{name}_ceiling"] == 0 and np.isnan(found.value[f"{name}/sqrt(c)"])
