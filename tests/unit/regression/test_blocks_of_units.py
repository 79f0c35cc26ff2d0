"""Units in blocks have the predictions of all units at once, and a search finds the penalties of the whole grid."""

import numpy as np
import pytest
from encoded import predictions_of
from exact_gram import exact
from linear_responses import features_and_responses

from ventral.predictivity import kfold_splits, pls, ridge
from ventral.regression.folds import eigenvectors, fold_of
from ventral.regression.ridge import left_out_of


@pytest.mark.parametrize("d", [20, 60, 300], ids=["fewer features than images", "some", "more features"])
def test_blocks_have_the_predictions_of_all_units(monkeypatch, d):
    X, Y = features_and_responses(n=80, d=d, units=24)
    splits = kfold_splits(np.arange(len(X)))
    together = predictions_of(exact(X), Y, splits)
    monkeypatch.setattr("ventral.predictivity.encoding.AT_ONCE", 7)
    for name, predictions in predictions_of(exact(X), Y, splits).items():
        np.testing.assert_allclose(np.vstack(predictions), np.vstack(together[name]), atol=1e-8, err_msg=name)


def test_blocks_of_responses_of_low_rank_end_with_their_components(monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 30))
    Y = np.hstack([np.full((60, 8), 3.3), X[:, :3] @ rng.standard_normal((3, 12))])
    splits = kfold_splits(np.arange(60))
    monkeypatch.setattr("ventral.predictivity.encoding.AT_ONCE", 7)
    found = np.vstack(predictions_of(exact(X), Y, splits)["pls"])
    np.testing.assert_allclose(found, np.vstack(pls(exact(X), Y, splits).predictions), atol=1e-6)


@pytest.mark.parametrize("d", [60, 300], ids=["fewer features than images", "more features"])
def test_a_search_chooses_the_penalties_of_the_whole_grid(monkeypatch, d):
    X, Y = features_and_responses(n=120, d=d, units=60)
    Y = np.hstack([Y, 1e-9 * Y[::-1]])  # some that the layer does not predict, in other units
    splits = kfold_splits(np.arange(len(X)))
    whole = ridge(exact(X), Y, splits)
    monkeypatch.setattr("ventral.regression.left_out.SEARCHED", 0)
    searched = ridge(exact(X), Y, splits)
    same = searched.alphas == whole.alphas
    assert np.mean(same) > 0.98
    np.testing.assert_allclose(searched.scores[same], whole.scores[same], atol=1e-9)


@pytest.mark.parametrize("d", [60, 300], ids=["fewer features than images", "more features"])
def test_errors_are_no_less_than_the_bound_by_which_a_search_leaves_them_out(d):
    X, Y = features_and_responses(n=120, d=d, units=60)
    y = Y - Y.mean(axis=0)
    left_out = left_out_of(fold_of(exact(X), np.arange(120), np.arange(0)))
    projected = left_out.V.T @ y
    errors, of_mean = left_out.errors(y, projected)
    squares = left_out.residual_squares(projected, y - left_out.V @ projected)
    least = squares * left_out.factors[:, :-1].min(axis=0)[:, None]
    assert (least <= errors * (1 + 1e-9)).all() and np.mean(least > errors.min(axis=0)) > 0.3
    np.testing.assert_allclose(of_mean, np.sum(y**2, axis=0) / (1 - 1 / 120) ** 2)


def test_eigenvectors_of_large_matrices_are_those_of_small_ones(monkeypatch):
    X = np.random.default_rng(0).standard_normal((40, 60))
    expected = np.linalg.eigh(X @ X.T)
    monkeypatch.setattr("ventral.regression.folds.LARGE", 30)
    for found, one in zip(eigenvectors(X @ X.T), expected, strict=True):
        np.testing.assert_allclose(np.abs(found), np.abs(one), atol=1e-9)
