"""Class geometry: the Gram's answers are the features' own, and those that theory knows."""

import itertools

import numpy as np
import pytest
from exact_gram import exact
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.geometry.few_shot import REPEATS, class_rows, draws_of, expected_ranks, few_shot
from ventral.geometry.few_shot_readouts import READOUTS, Draw, scores_of
from ventral.geometry.manifolds import by_class, few_shot_snr, manifolds

OF_MANIFOLDS = ["radius", "dimension", "signal", "bias", "overlap_self", "overlap_other", "projection_distance"]


def clouds(rng, classes=4, images=8, units=12, apart=2.0):
    """Gaussian clouds of different widths around Gaussian centers, in mixed order, and their labels."""
    labels = rng.permutation(np.repeat(np.arange(classes), images))
    centers, widths = apart * rng.standard_normal((classes, units)), rng.uniform(0.5, 1.5, (classes, units))
    return centers[labels] + widths[labels] * rng.standard_normal((len(labels), units)), labels.astype(str)


def test_prototypes_are_nearest_class_means_of_the_features():
    X, labels = clouds(np.random.default_rng(0), images=9)
    expected = []
    for train, test in draws_of(*by_class(exact(X), labels), 4, generator(0), 10):
        means = X[train].mean(axis=1)
        distances = np.linalg.norm(X[test][:, :, None] - means, axis=-1)
        expected.append(np.mean(distances.argmin(axis=-1) == np.arange(4)[:, None]))
    found = few_shot(exact(X), labels, 4, generator(0))
    assert found.top_1 == pytest.approx(np.mean(expected), abs=1e-12)
    assert (found.low["top_1"], found.high["top_1"]) == pytest.approx((min(expected), max(expected)), abs=1e-12)
    assert (found.n_classes, found.n_test, found.top_5) == (4, 5, 1)


def test_scores_from_the_gram_are_those_from_features():
    X, labels = clouds(np.random.default_rng(1), classes=3, images=9, units=40)
    G = exact(X)
    train, test = draws_of(*by_class(G, labels), 5, generator(0), 1)[0]
    draw = Draw.of(G, train, test)
    truth = np.repeat(np.arange(3), 5)
    learned = X[train.ravel()]
    scale = np.sqrt(learned.var(axis=0).sum())
    x, t = (learned - learned.mean(axis=0)) / scale, (X[test.ravel()] - learned.mean(axis=0)) / scale
    means = x.reshape(3, 5, -1).mean(axis=1)

    expected = t @ means.T - np.sum(means**2, axis=1) / 2
    np.testing.assert_allclose(scores_of(draw, READOUTS["prototype"]).reshape(-1, 3), expected, atol=1e-10)
    expected = LogisticRegression(C=10, max_iter=1000).fit(x, truth).decision_function(t)
    np.testing.assert_allclose(scores_of(draw, READOUTS["logistic"]).reshape(-1, 3), expected, atol=1e-8)
    expected = SVC(kernel="linear", C=100).fit(x, truth).decision_function(t)
    np.testing.assert_allclose(scores_of(draw, READOUTS["max_margin"]).reshape(-1, 3), expected, atol=1e-8)


def test_manifolds_are_those_of_the_features():
    X, labels = clouds(np.random.default_rng(2))
    X, labels = X[:-3], labels[:-3]  # classes of unequal size
    found, shots = manifolds(exact(X), labels), 3
    for i, j in itertools.permutations(range(4), 2):
        a, b = X[labels == str(i)], X[labels == str(j)]
        difference = a.mean(axis=0) - b.mean(axis=0)
        eigenvalues, axes = np.linalg.eigh(np.cov(a.T))
        R2 = eigenvalues.sum()
        D = R2**2 / np.sum(eigenvalues**2)
        signal2 = np.sum(difference**2) / R2
        self2 = np.sum(eigenvalues * (axes.T @ difference) ** 2) / R2**2
        other2 = difference @ np.cov(b.T) @ difference / R2**2
        Rj2 = np.trace(np.cov(b.T))
        along = np.abs((a - a.mean(axis=0)) @ difference) / np.linalg.norm(difference)
        snr = (signal2 + (Rj2 / R2 - 1) / shots) / 2 / np.sqrt(1 / (D * shots) + other2 / shots + self2)

        assert found.radius[i] == pytest.approx(np.sqrt(R2), abs=1e-8)
        assert found.dimension[i] == pytest.approx(D, abs=1e-8)
        assert found.signal[i, j] == pytest.approx(np.sqrt(signal2), abs=1e-8)
        assert found.bias[i, j] == pytest.approx(np.sqrt(Rj2 / R2) - 1, abs=1e-8)
        assert found.overlap_self[i, j] == pytest.approx(np.sqrt(self2), abs=1e-8)
        assert found.overlap_other[i, j] == pytest.approx(np.sqrt(other2), abs=1e-8)
        expected = along.mean() / np.sqrt(a.var(axis=0, ddof=1).mean())
        assert found.projection_distance[i, j] == pytest.approx(expected, abs=1e-8)
        assert few_shot_snr(found, shots)[i, j] == pytest.approx(snr, abs=1e-8)


def test_the_signal_to_noise_ratio_predicts_the_errors_of_prototypes():
    rng = np.random.default_rng(3)
    widths = np.zeros((2, 300))
    widths[0, :150], widths[1, 150:] = np.linspace(0.5, 1.5, 150), 1  # clouds that share no axis
    labels = np.repeat([0, 1], 300)
    X = widths[labels] * rng.standard_normal((600, 300))
    X[300:] += 0.25
    G = exact(X)
    for shots, errors in ((2, 0.2), (5, 0.1)):
        predicted = np.nanmean(norm.sf(few_shot_snr(manifolds(G, labels), shots)))
        found = few_shot(G, labels, shots, generator(0), repeats=100)
        assert predicted == pytest.approx(errors, rel=0.25)
        assert 1 - found.top_1 == pytest.approx(predicted, abs=0.02)  # what other seeds leave, in Eq. 1's large-D limit


def test_classes_whose_axes_are_orthogonal_to_what_separates_them():
    cross = np.vstack([np.eye(9)[:8], -np.eye(9)[:8]])
    X = np.vstack([cross + 3 * np.eye(9)[8], 2 * cross - 3 * np.eye(9)[8]])
    found = manifolds(exact(X), np.repeat(["a", "b"], 16))
    np.testing.assert_allclose(found.dimension, 8)
    np.testing.assert_allclose(found.radius, [np.sqrt(16 / 15), np.sqrt(64 / 15)])
    assert found.bias[0, 1] == pytest.approx(1)
    for name in ("overlap_self", "overlap_other", "projection_distance"):
        np.testing.assert_allclose(getattr(found, name)[[0, 1], [1, 0]], 0, atol=1e-7)
    assert few_shot_snr(found, 5)[0, 1] == pytest.approx((36 * 15 / 16 + 3 / 5) / 2 * np.sqrt(8 * 5))


def test_projections_of_a_round_gaussian():
    X = np.random.default_rng(4).standard_normal((3000, 5))
    X[:1500, 0] += 10
    found = manifolds(exact(X), np.repeat([0, 1], 1500))
    np.testing.assert_allclose(found.projection_distance[[0, 1], [1, 0]], np.sqrt(2 / np.pi), atol=0.05)


@pytest.mark.parametrize("readout", READOUTS)
def test_classes_far_apart_are_all_named_and_those_of_noise_by_chance(readout):
    rng = np.random.default_rng(5)
    X, labels = clouds(rng, classes=8, apart=50)
    found = few_shot(exact(X), labels, 3, generator(0), readout)
    assert (found.top_1, found.top_5, found.reciprocal_rank) == (1, 1, 1)
    X, labels = rng.standard_normal((480, 20)), np.arange(480) % 8
    found = few_shot(exact(X), labels, 5, generator(0), readout)
    assert found.top_1 == pytest.approx(1 / 8, abs=0.04)
    assert found.top_5 == pytest.approx(5 / 8, abs=0.06)


@pytest.mark.parametrize("readout", READOUTS)
def test_responses_that_never_vary_score_chance_exactly(readout):
    X = np.tile(np.random.default_rng(6).standard_normal(7) + 100, (42, 1))
    found = few_shot(exact(X), np.arange(42) % 7, 3, generator(0), readout)
    harmonic = sum(1 / rank for rank in range(1, 8))
    expected = (1 / 7, 5 / 7, harmonic / 7)
    assert (found.top_1, found.top_5, found.reciprocal_rank) == pytest.approx(expected, abs=1e-14)


def test_classes_that_coincide_share_the_credit():
    X = np.repeat(np.random.default_rng(7).standard_normal((2, 6)), 20, axis=0)
    found = few_shot(exact(X), np.arange(40) // 10, 4, generator(0))
    assert (found.top_1, found.reciprocal_rank) == pytest.approx((0.5, 0.75), abs=1e-12)


@given(scores=st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=3, max_size=6))
def test_credit_is_the_mean_over_all_orders_of_ties(scores):
    """Every order of the classes is equally likely; a stable sort by score then decides."""
    scores = np.array(scores)
    ranks = []
    for order in itertools.permutations(range(len(scores))):
        sequence = sorted(order, key=lambda c: -scores[c])
        ranks.append([sequence.index(c) + 1 for c in range(len(scores))])
    ranks = np.array(ranks)
    found = expected_ranks(np.broadcast_to(scores, (len(scores), 1, len(scores))))
    assert found == pytest.approx((np.mean(ranks <= 1), np.mean(ranks <= 5), np.mean(1 / ranks)), abs=1e-12)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(1e-3, 1e3), shift=st.floats(-10, 10))
def test_rotation_scale_shift_and_order_change_nothing(seed, scale, shift):
    rng = np.random.default_rng(seed)
    X, labels = clouds(rng)
    rotation = np.linalg.qr(rng.standard_normal((12, 12)))[0]
    moved = scale * (X @ rotation + shift)
    order = np.argsort(labels, kind="stable")  # as draws go by the order within a class

    for readout in READOUTS:
        before = few_shot(exact(X), labels, 4, generator(0), readout, 3)
        after = few_shot(exact(moved[order]), labels[order], 4, generator(0), readout, 3)
        assert after.reciprocal_rank == pytest.approx(before.reciprocal_rank, abs=1e-9)

    order = rng.permutation(len(X))
    before, after = manifolds(exact(X), labels), manifolds(exact(moved[order]), labels[order])
    np.testing.assert_allclose(after.radius, scale * before.radius, rtol=1e-8)
    for name in OF_MANIFOLDS[1:]:
        np.testing.assert_allclose(getattr(after, name), getattr(before, name), rtol=1e-6, atol=1e-8)


@given(seed=st.integers(0, 1000))
def test_images_shown_twice_only_correct_the_variance_for_their_number(seed):
    X, labels = clouds(np.random.default_rng(seed))
    once, twice = manifolds(exact(X), labels), manifolds(exact(np.tile(X, (2, 1))), np.tile(labels, 2))
    ratio = np.sqrt(2 * 7 / 15)  # 2 Σ / (2n − 1) against Σ / (n − 1), n = 8
    np.testing.assert_allclose(twice.dimension, once.dimension, rtol=1e-9)
    np.testing.assert_allclose(twice.radius, once.radius * ratio, rtol=1e-9)
    for name in ("signal", "overlap_self", "overlap_other", "projection_distance"):
        np.testing.assert_allclose(getattr(twice, name), getattr(once, name) / ratio, rtol=1e-7)


def test_draws_depend_on_labels_and_generator_alone_and_share_no_image():
    X, labels = clouds(np.random.default_rng(8))
    labels[:5] = ""
    classes, members = by_class(exact(X), labels)
    few, many = draws_of(classes, members, 2, generator(1), 3), draws_of(classes, members, 2, generator(1), 6)
    for (train, test), (same_train, same_test) in zip(few, many[:3], strict=True):
        assert np.array_equal(train, same_train) and np.array_equal(test, same_test)
    for train, test in many:
        picked = np.hstack([train, test])
        assert len(np.unique(picked)) == picked.size and picked.min() >= 5
        assert np.all(labels[picked] == classes[:, None])


def test_at_most_50_classes_and_50_images_of_each_are_tested():
    X = np.random.default_rng(9).standard_normal((180, 3))
    found = few_shot(exact(X), np.arange(180) % 60, 1, generator(0), repeats=2)
    assert (found.n_classes, found.n_test) == (50, 2)
    found = few_shot(exact(X), np.arange(180) % 3, 1, generator(0), repeats=2)
    assert (found.n_classes, found.n_test) == (3, 50)


def test_what_cannot_be_measured_is_said():
    X, labels = clouds(np.random.default_rng(10))
    G = exact(X)
    with pytest.raises(Fault, match="32 labels, not 5"):
        manifolds(G, labels[:5])
    with pytest.raises(Fault, match="two or more classes"):
        few_shot(G, np.full(32, "cat"), 1, generator(0))
    with pytest.raises(Fault, match="The class 0 has 8 images"):
        few_shot(G, labels, 8, generator(0))
    with pytest.raises(Fault, match="not from 0"):
        few_shot(G, labels, 0, generator(0))
    with pytest.raises(Fault, match="no read-out forest"):
        few_shot(G, labels, 1, generator(0), "forest")
    alone = np.where(np.arange(32) == 0, "hermit", labels)
    with pytest.raises(Fault, match="The class hermit has one image"):
        manifolds(G, alone)
    X[labels == "2"] = X[0]
    with pytest.raises(Fault, match="class 2 do not vary"):
        manifolds(exact(X), labels)
    half = np.random.default_rng(11).standard_normal((6, 4))
    with pytest.raises(Fault, match="a and b "):
        manifolds(exact(np.vstack([half, half])), np.repeat(["a", "b"], 6))


def test_rows_name_what_the_labels_allow(caplog):
    X, labels = clouds(np.random.default_rng(12), classes=6, images=8)
    labels[0] = ""
    rows = class_rows(exact(X), labels, seed=0)
    keys = [(row["metric"], row["parameter"]) for row in rows]
    assert len(set(keys)) == len(keys) == 2 * 9 + 1 + 7 + 2
    assert {row["n"] for row in rows} == {47}
    [chance] = [row for row in rows if row["metric"] == "top_1_floor"]
    assert chance["value"] == 1 / 6 and "low" not in chance
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows if row is not chance)
    by_key = dict(zip(keys, rows, strict=True))
    expected = few_shot(exact(X), labels, 5, generator("few-shot", 0), "logistic", REPEATS["logistic"]).top_1
    assert by_key["logistic_top_1", "5-shot"]["value"] == expected
    expected = np.nanmean(few_shot_snr(manifolds(exact(X), labels), 5))
    assert by_key["few_shot_snr", "5-shot"]["value"] == pytest.approx(expected)
    assert rows == class_rows(exact(X), labels, seed=0)
    assert not caplog.records

    few = class_rows(exact(X), np.where(np.isin(labels, ["0", "1"]), labels, ""), seed=0)
    assert not any("top_5" in row["metric"] for row in few)
    assert "low" not in few[-1]

    assert class_rows(exact(X), np.full(len(X), ""), seed=0) == []
    assert "two or more classes" in caplog.text
    labels[1] = "hermit"
    assert class_rows(exact(X), labels, seed=0)[0]["n"] == 46
    assert "hermit" in caplog.text
    X[labels == "3"] = 0
    assert not any(row["metric"] == "few_shot_snr" for row in class_rows(exact(X), labels, seed=0))
    assert "class 3 do not vary" in caplog.text


@pytest.mark.slow
def test_the_interval_over_classes_covers_what_other_classes_give():
    """Means over 12 classes scatter as the bootstrap of 12 classes says."""
    rng = np.random.default_rng(13)
    found = {"manifold_signal": [], "manifold_radius": []}
    for _ in range(20):
        X, labels = clouds(rng, classes=12, units=6)
        for row in class_rows(exact(X), labels, seed=0):
            if row["metric"] in found:
                found[row["metric"]].append((row["value"], row["high"] - row["low"]))
    for pairs in found.values():
        values, widths = np.array(pairs).T
        assert 0.5 < np.mean(widths) / (2 * 1.96 * np.std(values, ddof=1)) < 2
