"""Rounding changes no rank, no class and no distance."""

import numpy as np
import pytest
from sklearn.svm import SVC

from ventral.core.errors import Fault
from ventral.geometry import (
    manifolds,
    procrustes_distance,
    spectrum,
)
from ventral.geometry.few_shot_readouts import READOUTS, Draw, scores_of
from ventral.geometry.spectrum import components_to_reach
from ventral.geometry.subspaces import cut
from ventral.gram import gram
from ventral.regression.folds import fold_of
from ventral.statistics.rank import FLOAT32, rounding
from ventral.statistics.ties import TIE


def test_a_class_of_equal_responses_among_others_has_no_radius():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30, 500)).astype(np.float32) + 1e3
    X[10:20] = X[10]
    with pytest.raises(Fault, match="class 1 do not vary"):
        manifolds(gram(X, device="cpu"), np.repeat(["0", "1", "2"], 10))


def test_a_mean_that_dwarfs_the_variance_hides_no_class():
    rng = np.random.default_rng(1)
    X = rng.standard_normal((30, 20)) + np.repeat(np.eye(3), 10, axis=0) @ rng.standard_normal((3, 20))
    labels = np.repeat(["0", "1", "2"], 10)
    found, expected = (manifolds(gram(one, device="cpu"), labels) for one in (X + 1e6, X))
    np.testing.assert_allclose(found.radius, expected.radius, rtol=1e-6)
    np.testing.assert_allclose(found.signal, expected.signal, rtol=1e-6)


def test_classes_that_show_the_same_images_are_tied_by_every_read_out():
    """Two classes hold copies of the same images, so that neither is ever better, and a third is far away."""
    rng = np.random.default_rng(2)
    X = rng.standard_normal((10, 300)).astype(np.float32)
    G = gram(np.vstack([X, X, X + 50]), device="cpu")
    train = np.array([np.arange(5), 10 + np.arange(5), 20 + np.arange(5)])
    draw = Draw.of(G, train, train + 5)
    for readout in READOUTS.values():
        scores = scores_of(draw, readout)
        np.testing.assert_allclose(scores[:2, :, 0], scores[:2, :, 1], atol=TIE)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_distances_of_narrow_layers_are_those_of_the_features(d):
    rng = np.random.default_rng(d)
    X, Y = rng.standard_normal((40, d)), rng.standard_normal((40, 5))
    x, y = (one - one.mean(axis=0) for one in (X, Y))
    x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    expected = np.sqrt(2 - 2 * np.linalg.svd(x.T @ y, compute_uv=False).sum())
    wide = X @ np.linalg.qr(rng.standard_normal((200, d)))[0].T
    for layer in (X, 1e6 * X, wide):
        G, H = gram(layer, device="cpu"), gram(Y, device="cpu")
        assert procrustes_distance(G, H) == pytest.approx(expected, abs=1e-5)
        assert procrustes_distance(G, G) == pytest.approx(0, abs=1e-6)
        assert np.count_nonzero(spectrum(G).eigenvalues) == d


@pytest.mark.parametrize(("share", "expected"), [(0.5, 5), (0.8, 8), (0.9, 9)])
def test_a_share_that_is_just_reached_is_reached(share, expected):
    """Ten equal eigenvalues sum to 8/10 or to .7999999, by the arithmetic."""
    for jitter in (-1e-9, 0, 1e-9):
        assert components_to_reach(1 + jitter * np.linspace(1, -1, 10), share) == expected
    reached = np.arange(1, 11) * 0.1
    assert {int(cut(reached * (1 + e), np.array(1.0), share)) for e in (-1e-9, 0, 1e-9)} == {expected + 1}


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_rank_of_a_gram_is_that_of_the_features(precision):
    rng = np.random.default_rng(3)
    for rank in (1, 5, 40):
        X = rng.standard_normal((80, rank)) @ rng.standard_normal((rank, 500)) + 10
        found = np.linalg.eigvalsh(gram(X.astype(precision), precision=precision, device="cpu").centered)
        assert np.sum(found > rounding(found, FLOAT32)) == rank
        assert np.sum(found > rounding(found)) == rank


def test_max_margin_scores_are_scikit_learn_s_away_from_the_margin():
    rng = np.random.default_rng(6)
    X = rng.standard_normal((40, 30)) + np.repeat(rng.standard_normal((4, 30)), 10, axis=0)
    truth, learn = np.repeat(np.arange(4), 5), np.arange(40).reshape(4, 10)[:, :5].ravel()
    fold = fold_of(gram(X, precision="float64", device="cpu"), learn, np.delete(np.arange(40), learn))
    expected = SVC(kernel="precomputed", C=100).fit(fold.inside, truth).decision_function(fold.across)
    np.testing.assert_allclose(READOUTS["max_margin"](fold, 1.0, truth), expected, rtol=1e-12)
