"""Predictivity: agreement with scikit-learn on explicit features, and what must not leak, scale or pass unnoticed."""

import numpy as np
import pytest
from encoded import predictions_of
from exact_gram import exact
from hypothesis import given
from hypothesis import strategies as st
from linear_responses import features_and_responses
from sklearn.linear_model import Ridge as RidgeOnFeatures
from sklearn.linear_model import RidgeCV

from ventral.predictivity import brainscore_splits, kfold_splits, ridge


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
    of_measure = predictions_of(exact(X), Y, splits, names)["ridge"]
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
