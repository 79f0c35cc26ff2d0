"""Rotations that reduce factorization keep both spectra, and few-shot accuracy falls where it needs factorization."""

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact
from scipy.linalg import sqrtm
from scipy.stats import pearsonr, special_ortho_group
from sklearn.linear_model import Ridge

from ventral.core.centering import group_means
from ventral.core.random import generator
from ventral.geometry.few_shot import draws_of, few_shot
from ventral.geometry.few_shot_rotated import (
    METRICS,
    class_factorization,
    few_shot_r,
    power,
    prototype_accuracies,
    rotated_grams,
    rotated_rows,
    rotation,
)
from ventral.geometry.rotation import reduced_factorization
from ventral.gram import gram

CLASSES, EACH, UNITS = 5, 16, 40


def factorized(rng):
    """Classes whose means and residuals have axes of their own, with large residuals along a few axes."""
    classes = np.repeat(np.arange(CLASSES), EACH)
    axes = np.linalg.qr(rng.standard_normal((UNITS, UNITS)))[0]
    X = 2 * rng.standard_normal((CLASSES, CLASSES))[classes] @ axes[:CLASSES]
    X += rng.standard_normal((len(classes), 6)) * [6, 5, 4, 3, 2, 1] @ axes[CLASSES : CLASSES + 6]
    return X + 0.1 * rng.standard_normal(X.shape), classes


def spectra(K, classes):
    """Eigenvalues of the Grams of class means and of residuals."""
    means = group_means(group_means(K, classes).T, classes)
    within = K - group_means(K, classes)
    return np.linalg.eigvalsh(means), np.linalg.eigvalsh(within - group_means(within.T, classes).T)


@pytest.mark.parametrize("units", [UNITS, 400])
def test_rotations_keep_both_spectra_and_reach_the_smallest_factorization(units):
    X, classes = factorized(np.random.default_rng(0))
    X = np.hstack([X, np.random.default_rng(1).standard_normal((len(X), units - UNITS)) / 10])
    K = exact(X).centered
    grams = rotated_grams(K, classes, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(grams[0], K, atol=1e-9 * np.abs(K).max())
    found = [class_factorization(one, classes) for one in grams]
    assert (np.diff(found) < 0).all() and found[0] > 0.7
    smallest = exact(reduced_factorization(X, classes)).centered
    assert found[-1] == pytest.approx(class_factorization(smallest, classes), abs=1e-6)
    for one in grams:
        np.testing.assert_allclose(np.array(spectra(one, classes)), spectra(K, classes), atol=1e-8 * np.trace(K))


def test_a_power_of_a_rotation_is_a_rotation_by_a_share_of_its_angles():
    rng = np.random.default_rng(2)
    U, V = (np.linalg.qr(rng.standard_normal((7, 3)))[0] for _ in range(2))
    T = rotation(U, V)
    np.testing.assert_allclose(np.abs(np.sum((T @ U) * V, axis=0)), 1)
    assert np.linalg.det(T) == pytest.approx(1)
    half = power(T, 0.5)
    np.testing.assert_allclose(half @ half, T, atol=1e-10)
    np.testing.assert_allclose(half @ half.T, np.eye(7), atol=1e-10)


def test_half_of_a_rotation_keeps_all_variance_also_if_axes_are_reversed():
    np.testing.assert_array_equal(power(np.eye(4), 0.5), np.eye(4))
    np.testing.assert_allclose(np.abs(power(-np.eye(2), 0.5)), [[0, 1], [1, 0]], atol=1e-12)
    axes = special_ortho_group.rvs(6, random_state=0)
    for T in (-np.eye(2), -np.eye(6), axes * [-1, -1, -1, -1, 1, 1] @ axes.T):
        half = power(T, 0.5)
        np.testing.assert_allclose(half @ half, T, atol=1e-12)
        np.testing.assert_allclose(half @ half.T, np.eye(len(T)), atol=1e-12)
        np.testing.assert_allclose(power(T, 1), T, atol=1e-12)
    np.testing.assert_allclose(power(axes, 0.5), sqrtm(axes), atol=1e-10)


def test_few_examples_need_factorization():
    X, classes = factorized(np.random.default_rng(3))
    rows = pd.DataFrame(rotated_rows(exact(X), classes.astype(str), 0))
    accuracy = rows[rows.metric == METRICS[0].name].set_index("parameter").value
    factorization = rows[rows.metric == METRICS[2].name].set_index("parameter").value
    assert factorization["no rotation"] > 0.9 > factorization["half rotation"] > factorization["full rotation"]
    assert accuracy["5-shot after no rotation"] > accuracy["5-shot after full rotation"] + 0.1
    assert (rows.n == CLASSES * EACH).all()
    again = pd.DataFrame(rotated_rows(gram(X, device="cpu"), classes.astype(str), 0))
    assert again.value.to_numpy() == pytest.approx(rows.value.to_numpy(), abs=1e-6)


def test_variables_are_decoded_from_few_examples():
    rng = np.random.default_rng(6)
    X, classes = factorized(rng)
    values = rng.standard_normal((len(X), 1))
    coded = X + 8 * values @ rng.standard_normal((1, UNITS))
    members = [np.flatnonzero(classes == c) for c in range(CLASSES)]
    draws = draws_of(np.arange(CLASSES), members, 5, generator("draws"), 2)
    known, unknown = (few_shot_r(exact(one).centered, [values], draws) for one in (coded, X))
    assert known.shape == (2,) and known.min() > 0.9 > 0.5 > np.abs(unknown).max()
    train, test = (index.ravel() for index in draws[0])
    about = coded - coded[train].mean(axis=0)
    ridge = Ridge(alpha=np.mean(np.sum(about[train] ** 2, axis=1))).fit(about[train], values[train, 0])
    assert known[0] == pytest.approx(pearsonr(ridge.predict(about[test]), values[test, 0])[0])
    rows = pd.DataFrame(rotated_rows(exact(coded), classes.astype(str), 0, [values]))
    assert (rows.metric == METRICS[1].name).sum() == 2 * 3  # 1 and 5 examples


def test_accuracies_are_those_of_few_shot_learning():
    X, classes = factorized(np.random.default_rng(4))
    members = [np.flatnonzero(classes == c) for c in range(CLASSES)]
    draws = draws_of(np.arange(CLASSES), members, 2, generator("draws"), 4)
    found = prototype_accuracies(exact(X).centered, draws)
    expected = few_shot(exact(X), classes.astype(str), 2, generator("draws"), repeats=4)
    assert found.mean() == pytest.approx(expected.top_1)


def test_classes_that_allow_no_rotation_have_no_rows():
    rng = np.random.default_rng(5)
    X = rng.standard_normal((12, 4))
    assert rotated_rows(exact(X), np.array([""] * 12), 0) == []
    assert rotated_rows(exact(X), np.array(["a"] * 11 + ["b"]), 0) == []
    assert rotated_rows(exact(np.ones((12, 4))), np.repeat(["a", "b"], 6), 0) == []
    assert rotated_rows(exact(np.repeat(rng.standard_normal((2, 4)), 6, axis=0)), np.repeat(["a", "b"], 6), 0)
    assert rotated_rows(exact(X), np.tile(["a", "b", "c", "d", "e", "f"], 2), 0)
