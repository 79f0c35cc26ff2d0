"""Predictions of folds from one decomposition are those of a fit to the other folds."""

import numpy as np
import pytest
from exact_gram import exact

from ventral.regression import held_out_folds
from ventral.regression.held_out_folds import about_block, decomposed, held_out_predictions
from ventral.regression.ridge import ridge


@pytest.mark.parametrize("units", [9, 80])
def test_predictions_are_those_of_ridge_without_the_fold(units, monkeypatch):
    rng = np.random.default_rng(0)
    G, Y, fold = exact(rng.standard_normal((40, units))), rng.standard_normal((40, 3)), rng.permutation(40) % 4
    decomposition = decomposed(G.centered)
    splits = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(4)]
    monkeypatch.setattr(held_out_folds, "GRID", np.array([0.3]))
    found = held_out_predictions(decomposition, Y, fold, np.arange(3))
    expected = ridge(G, Y, splits, alphas=[0.3 * decomposition[0].mean()]).predictions
    for (train, test), predictions in zip(splits, expected, strict=True):
        of_all = Y.mean(axis=0) - Y[train].mean(axis=0)
        np.testing.assert_allclose(found[test] + Y.mean(axis=0) - of_all, predictions, atol=1e-9)


def test_targets_of_one_variable_share_the_penalty_that_is_best_in_the_other_folds():
    rng = np.random.default_rng(1)
    X, fold = rng.standard_normal((60, 5)), np.arange(60) % 3
    Y = np.hstack([X @ rng.standard_normal((5, 2)), rng.standard_normal((60, 1))])
    decomposition = decomposed(exact(X).centered)
    apart = held_out_predictions(decomposition, Y, fold, np.array([0, 0, 1]))
    about = np.array([Y[fold != k].mean(axis=0) for k in range(3)])[fold]
    np.testing.assert_allclose(apart[:, :2], (Y - about)[:, :2], atol=0.05)
    together = held_out_predictions(decomposition, Y, fold, np.array([0, 0, 0]))
    assert np.abs(together[:, 2]).mean() > np.abs(apart[:, 2]).mean()


def test_two_folds_are_too_few():
    with pytest.raises(ValueError, match="three"):
        held_out_predictions(decomposed(np.eye(4)), np.ones((4, 1)), np.array([0, 0, 1, 1]), np.array([0]))


def test_offsets_of_blocks_do_not_choose_the_penalty_of_a_score_within_blocks():
    rng, block = np.random.default_rng(2), np.arange(96) // 8
    inside, fold = rng.standard_normal((96, 30)), block % 4
    responses = inside + 0.5 * rng.standard_normal((12, 30))[block]
    Y = inside[:, :1] + 5 * rng.standard_normal((12, 1))[block]
    decomposition, one = decomposed(exact(responses).centered), np.zeros(1, dtype=int)
    kept, ignored = (held_out_predictions(decomposition, Y, fold, one, chosen) for chosen in (None, block))
    of_kept, of_ignored = (np.mean(about_block(found - Y, block) ** 2) for found in (kept, ignored))
    assert of_ignored < 0.9 * of_kept
