"""The linear probe is scikit-learn's ridge classifier, held out, and is at chance where there is nothing to read."""

import numpy as np
import pytest
from exact_gram import exact
from sklearn.linear_model import RidgeClassifierCV

from ventral.geometry.linear_probe import CLASSES, IMAGES, probe_rows, probe_scores, probed
from ventral.regression.ridge import GRID
from ventral.regression.splits import stratified_kfold_splits
from ventral.statistics.ties import credit


def clouds(classes=7, images=12, units=20, apart=1.0, seed=0):
    """Gaussian clouds around Gaussian centers, and the names of their classes, in mixed order."""
    rng = np.random.default_rng(seed)
    classes = rng.permutation(np.repeat(np.arange(classes), images))
    X = apart * rng.standard_normal((classes.max() + 1, units))[classes] + rng.standard_normal((len(classes), units))
    return X, classes.astype(str)


def values(X, labels, seed=0):
    names = [f"{i}" for i in range(len(X))]
    return {row["metric"]: row for row in probe_rows(exact(X), np.asarray(labels), names, seed)}


@pytest.mark.parametrize("classes", [2, 7])
@pytest.mark.parametrize("units", [20, 150])
def test_scores_name_what_a_ridge_classifier_on_the_features_names(classes, units):
    X, labels = clouds(classes, units=units)
    truth = labels.astype(int)
    splits = stratified_kfold_splits(np.arange(len(X)), truth, 5, 0)
    scores = probe_scores(exact(X), truth, splits)
    for train, test in splits:
        scale = np.linalg.eigvalsh(np.cov(X[train], rowvar=False, ddof=0)).sum()  # the mean eigenvalue of the Gram
        reference = RidgeClassifierCV(alphas=GRID * scale).fit(X[train], truth[train])
        shares = np.eye(classes)[truth]
        own = scores[test] - shares.mean(axis=0) + shares[train].mean(axis=0)  # with the intercept of the fit
        np.testing.assert_array_equal(own.argmax(axis=1), reference.predict(X[test]))
        decision = reference.decision_function(X[test]).reshape(len(test), -1)
        np.testing.assert_allclose(2 * (own if classes > 2 else own[:, 1:]) - 1, decision, atol=1e-8)


def test_shares_count_held_out_images_with_their_interval():
    X, labels = clouds(apart=0.4)
    found = values(X, labels)
    truth = labels.astype(int)
    scores = probe_scores(exact(X), truth, stratified_kfold_splits([f"{i}" for i in range(len(X))], truth, 5, 0))
    for top in (1, 5):
        share = credit(scores, truth, top).mean()
        row = found[f"linear_probe_top_{top}"]
        assert row["value"] == pytest.approx(share) and row["low"] < share < row["high"] and row["n"] == len(X)
    assert found["linear_probe_top_1"]["value"] < found["linear_probe_top_5"]["value"]
    assert found["linear_probe_floor"]["value"] == pytest.approx(1 / 7)


def test_far_classes_are_read_without_errors_and_shuffled_ones_at_chance():
    X, labels = clouds(apart=30)
    assert values(X, labels)["linear_probe_top_1"]["value"] == 1
    rng = np.random.default_rng(1)
    shuffled = [values(X, rng.permutation(labels))["linear_probe_top_1"] for _ in range(20)]
    shares = np.array([row["value"] for row in shuffled])
    assert abs(shares.mean() - 1 / 7) < 0.03  # the standard error is about .01
    assert np.mean([row["low"] <= 1 / 7 <= row["high"] for row in shuffled]) > 0.7


def test_units_and_place_of_the_responses_do_not_matter():
    X, labels = clouds(apart=0.6)
    plain, moved = values(X, labels), values(1000 * X + 7, labels)
    assert {name: row["value"] for name, row in plain.items()} == {name: row["value"] for name, row in moved.items()}


def test_equal_responses_are_named_no_better_than_the_largest_class():
    for labels in ("aaaaaabbbccc", "aaaabbbbcccc"):
        found = values(np.ones((12, 5)), list(labels))
        assert found["linear_probe_top_1"]["value"] == pytest.approx(found["linear_probe_floor"]["value"])


def test_rows_of_one_image_are_on_one_side():
    X, labels = clouds(classes=2, images=10, apart=0)
    twice, images = np.tile(X, (2, 1)), [f"{i}" for i in range(20)] * 2
    apart = probe_rows(exact(twice), np.tile(labels, 2), [f"{i}" for i in range(40)], 0)[0]["value"]
    together = probe_rows(exact(twice), np.tile(labels, 2), images, 0)[0]["value"]
    assert apart > 0.8 > together  # a copy in training gives its class away


def test_a_class_of_equal_images_is_left_out_as_one_image():
    X, labels = clouds(classes=3, images=6)
    images = np.where(labels == "1", "same", np.arange(18).astype(str)).tolist()
    row, others = probe_rows(exact(X), labels, images, 0)[0], labels != "1"
    assert row["n"] == 12
    assert row["value"] == values(X[others], labels[others])["linear_probe_top_1"]["value"]
    assert not probe_rows(exact(X), labels, labels.tolist(), 0)


def test_few_or_missing_classes():
    X, labels = clouds(classes=6, images=4)
    assert "linear_probe_top_5" in values(X, labels)
    labels[labels == "5"] = ""
    assert "linear_probe_top_5" not in values(X, labels) and values(X, labels)["linear_probe_top_1"]["n"] == 20
    assert not values(X, np.where(labels == "1", "1", ""))
    assert not values(X[:3], ["a", "a", "b"])


def test_large_sets_are_probed_in_part_and_the_part_depends_on_labels_only():
    labels = np.repeat(np.arange(60).astype(str), 70)
    index = probed(labels, 0)
    kept, counts = np.unique(labels[index], return_counts=True)
    assert len(kept) == CLASSES and (counts == IMAGES).all() and (np.diff(index) > 0).all()
    np.testing.assert_array_equal(index, probed(labels, 0))
    assert (index != probed(labels, 1)).any()
