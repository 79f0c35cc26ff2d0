"""Similarity from Gram matrices against feature space, anchors of each measure, and ties."""

import numpy as np
import pytest
from exact_gram import exact
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import orthogonal_procrustes
from scipy.stats import spearmanr
from similarity_measures import ALL, with_ids

from ventral.core.errors import Fault
from ventral.gram import gram
from ventral.representational_similarity import debiased_cka, linear_cka, mean_ranks, procrustes_distance, rdm, rsa
from ventral.statistics.correlation import tied


def rotation(rng, d):
    return np.linalg.qr(rng.standard_normal((d, d)))[0]


def related(rng, n, d, e):
    """Two sets of responses that share a part."""
    shared = rng.standard_normal((n, 4))
    X = shared @ rng.standard_normal((4, d)) + rng.standard_normal((n, d)) + rng.standard_normal(d)
    Y = shared @ rng.standard_normal((4, e)) + rng.standard_normal((n, e)) + rng.standard_normal(e)
    return X, Y


def unbiased_hsic(K, L):
    """Song et al. (2012), Eq. 5, term by term."""
    n = len(K)
    K, L = K - np.diag(np.diag(K)), L - np.diag(np.diag(L))
    one = np.ones(n)
    terms = np.trace(K @ L), (one @ K @ one) * (one @ L @ one) / ((n - 1) * (n - 2)), one @ K @ L @ one
    return (terms[0] + terms[1] - 2 / (n - 2) * terms[2]) / (n * (n - 3))


@pytest.mark.parametrize("d", [5, 12, 60])
def test_grams_give_what_the_features_give(d):
    X, Y = related(np.random.default_rng(d), 25, d, 40)
    G, H = exact(X), exact(Y)
    Xc, Yc = X - X.mean(axis=0), Y - Y.mean(axis=0)
    cka = np.linalg.norm(Xc.T @ Yc) ** 2 / (np.linalg.norm(Xc.T @ Xc) * np.linalg.norm(Yc.T @ Yc))
    assert linear_cka(G, H) == pytest.approx(cka, abs=1e-8)

    K, L = X @ X.T, Y @ Y.T
    expected = unbiased_hsic(K, L) / np.sqrt(unbiased_hsic(K, K) * unbiased_hsic(L, L))
    assert debiased_cka(G, H) == pytest.approx(expected, abs=1e-8)

    np.testing.assert_allclose(rdm(G), 1 - np.corrcoef(X), atol=1e-8)
    upper = np.triu_indices(25, 1)
    expected = spearmanr(1 - np.corrcoef(X)[upper], 1 - np.corrcoef(Y)[upper]).statistic
    assert rsa(G, H) == pytest.approx(expected, abs=1e-8)

    width = max(d, 40)
    A, B = (np.pad(x, ((0, 0), (0, width - x.shape[1]))) / np.linalg.norm(x) for x in (Xc, Yc))
    remaining = np.linalg.norm(A @ orthogonal_procrustes(A, B)[0] - B)
    assert procrustes_distance(G, H) == pytest.approx(remaining, abs=1e-8)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1000), scale=st.floats(1e-3, 1e3), d=st.integers(3, 30))
def test_rotation_scale_and_shift_change_nothing(seed, scale, d):
    rng = np.random.default_rng(seed)
    X, Y = related(rng, 15, d, 9)
    again, other = exact(scale * X @ rotation(rng, d) + rng.standard_normal(d)), exact(Y)
    for measure in (linear_cka, debiased_cka, procrustes_distance):
        assert measure(again, other) == pytest.approx(measure(exact(X), other), abs=1e-7)
    assert rsa(exact(scale * (X + 3)), other) == pytest.approx(
        rsa(exact(X), other), abs=1e-7
    )  # one shift for all features


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1000))
def test_measures_are_symmetric_and_do_not_see_the_order_of_images(seed):
    rng = np.random.default_rng(seed)
    X, Y = related(rng, 12, 6, 20)
    order = rng.permutation(12)
    for measure in ALL:
        value = measure(exact(X), exact(Y))
        assert measure(exact(Y), exact(X)) == pytest.approx(value, abs=1e-9)
        assert measure(exact(X[order]), exact(Y[order])) == pytest.approx(value, abs=1e-9)


def test_a_representation_is_like_itself():
    X = np.random.default_rng(0).standard_normal((30, 10))
    assert [measure(exact(X), exact(X)) for measure in ALL[:3]] == pytest.approx([1, 1, 1])
    assert procrustes_distance(exact(X), exact(2 * X)) == pytest.approx(0, abs=1e-6)  # the root of rounding


def test_representations_that_share_nothing():
    X, Y = np.zeros((2, 8, 2))
    X[:, 0] = [1, -1, 1, -1, 1, -1, 1, -1]
    Y[:, 1] = [1, 1, -1, -1, 1, 1, -1, -1]
    assert linear_cka(exact(X), exact(Y)) == pytest.approx(0, abs=1e-12)
    assert procrustes_distance(exact(X), exact(Y)) == pytest.approx(np.sqrt(2))


def test_the_triangle_inequality_of_the_procrustes_distance():
    rng = np.random.default_rng(1)
    for _ in range(20):
        A, B, C = (exact(rng.standard_normal((6, 4)) ** 3) for _ in range(3))
        assert procrustes_distance(A, C) <= procrustes_distance(A, B) + procrustes_distance(B, C) + 1e-12


def test_unrelated_responses_in_many_dimensions_are_alike_only_for_the_biased_form():
    rng = np.random.default_rng(2)
    biased, debiased = [], []
    for _ in range(20):
        G, H = (exact(rng.standard_normal((30, 500))) for _ in range(2))
        biased.append(linear_cka(G, H))
        debiased.append(debiased_cka(G, H))
    assert min(biased) > 0.9
    assert np.mean(debiased) == pytest.approx(0, abs=4 * np.std(debiased) / np.sqrt(20))


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_an_image_to_which_all_features_respond_alike_is_named(precision):
    X = np.random.default_rng(3).standard_normal((20, 400)) + 3
    X[4], X[7], X[9] = 0.3, 0, 3
    G = with_ids(gram(X, precision=precision, device="cpu"), "abcdefghijklmnopqrst")
    with pytest.raises(Fault, match=r"3 images are undefined.*: e, h, j"):
        rdm(G)
    assert rdm(G.subset(np.array([0, 1, 2, 3]))).shape == (4, 4)


@pytest.mark.parametrize(("n", "d"), [(50, 2), (60, 3), (60, 40), (60, 400)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_units_that_are_multiples_of_each_other_have_two_distances(n, d, dtype):
    """All correlations are 1 or −1, so RSA is that of which images are on one side."""
    rng = np.random.default_rng(d)
    along = rng.standard_normal(n)
    X = (np.outer(along, rng.standard_normal(d)) if d > 2 else rng.standard_normal((n, 2))).astype(dtype)
    side = np.sign(X[:, 0] - X[:, 1]) if d == 2 else np.sign(along)
    other = exact(rng.standard_normal((n, 30)))
    i, j = np.triu_indices(n, 1)
    expected = spearmanr(side[i] != side[j], rdm(other)[i, j]).statistic
    for scale, shift in ((1, 0), (1000, 0), (-1e-3, 0), (1, 3), (1, 30)):
        G = gram((scale * X + shift).astype(dtype), device="cpu")
        if d == 2 and dtype is np.float32 and shift == 30:
            continue  # two responses can be equal in float32
        assert rsa(G, other) == pytest.approx(expected, abs=1e-9), (scale, shift)


@pytest.mark.parametrize(("d", "tolerance"), [(5, 1e-9), (40, 1e-9), (400, 1e-4), (3000, 2e-5)])
def test_rsa_does_not_move_when_units_are_scaled_or_shifted(d, tolerance):
    rng = np.random.default_rng(0)
    X, other = rng.standard_normal((60, d)), exact(rng.standard_normal((60, 8)))
    expected = rsa(gram(X, device="cpu"), other)
    for scale, shift in ((1e3, 0), (-1e-3, 0), (1, 10), (-2, 100)):
        assert rsa(gram(scale * X + shift, device="cpu"), other) == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize(("n", "d"), [(50, 20), (50, 200)])
@pytest.mark.parametrize("shift", [0, 100])
def test_an_image_without_contrast_between_units_is_undefined_and_not_rounding(n, d, shift):
    X = np.random.default_rng(0).standard_normal((n, d)) + shift
    X[3] = shift + 0.1
    with pytest.raises(Fault, match="of 1 images are undefined"):
        rsa(gram(X, device="cpu"), exact(X[:, :3]))


@given(
    st.lists(st.integers(-5, 5), min_size=1, max_size=60),
    st.integers(0, 1000),
    st.floats(1e-15, 1e-3),
)
def test_values_that_rounding_scatters_are_ties(values, seed, error):
    exact_values = np.array(values, float)
    scattered = exact_values + error * np.random.default_rng(seed).uniform(-1, 1, len(values))
    np.testing.assert_array_equal(mean_ranks(tied(scattered, error)), mean_ranks(exact_values))


def test_dense_values_keep_their_order_and_uncertain_ones_take_the_nearest():
    values = np.sort(np.random.default_rng(0).random(10_000))
    found = tied(values, 1e-4)
    assert (np.diff(found) >= 0).all() and np.abs(found - values).max() < 5e-4
    uncertain = np.r_[np.zeros(20), np.full(20, 2.0), 0.004, 1.997, 1]
    error = np.r_[np.full(40, 1e-12), 0.01, 0.01, 0.01]
    np.testing.assert_array_equal(tied(uncertain, error), np.r_[np.zeros(20), np.full(20, 2.0), 0, 2, 1])


def test_uncertain_values_near_no_other_are_ties_among_themselves():
    error = np.r_[np.full(40, 1e-12), np.full(6, 0.01), np.full(4, 0.3)]
    values = np.r_[np.zeros(20), np.full(20, 2.0), 1, 1.004, 0.998, 4, 4.005, 3.996, 8, 8.1, 7.9, 8]
    ranks = mean_ranks(tied(values, error))
    np.testing.assert_array_equal(np.unique(ranks), [10.5, 22, 33.5, 45, 48.5])


@pytest.mark.parametrize("units", [3, 4, 10])
@pytest.mark.parametrize("seed", range(5))
def test_equal_responses_and_counts_make_ties_whatever_the_scale(units, seed):
    rng = np.random.default_rng([seed, units])
    other = exact(rng.standard_normal((30, 2)))
    counts = rng.poisson(2, (30, units)).astype(float)
    counts = counts[np.ptp(counts, axis=1) > 0]
    again = rng.standard_normal((9, units))[rng.integers(0, 9, 30)]  # each response of several images
    for X in (counts, again):
        H = other.subset(np.arange(len(X)))
        pairs = np.triu_indices(len(X), 1)
        distances = 1 - np.corrcoef(X)[pairs]
        expected = spearmanr(np.round(distances, 9), np.round(rdm(H)[pairs], 9)).statistic
        for scale, shift in ((1, 0), (1e-6, 0), (3.7, 0), (1, 30), (0.1, 3.3)):
            assert rsa(gram(scale * X + shift, device="cpu"), H) == pytest.approx(expected, abs=1e-9), (scale, shift)


def test_different_images_are_named():
    X = np.random.default_rng(4).standard_normal((5, 3))
    for measure in ALL:
        with pytest.raises(Fault, match="differ in 2 of 5 images: b and c; c and b"):
            measure(with_ids(exact(X), "abcde"), with_ids(exact(X), "acbde"))
        with pytest.raises(Fault, match="5 and of 4"):
            measure(exact(X), exact(X[:4]))


def test_what_cannot_be_compared_is_said():
    X = np.random.default_rng(5).standard_normal((10, 4))
    constant = exact(np.ones((10, 4)))
    for measure, sentence in ((linear_cka, "vary"), (debiased_cka, "equally far"), (procrustes_distance, "vary")):
        with pytest.raises(Fault, match=sentence):
            measure(exact(X), constant)
    with pytest.raises(Fault, match="equally far"):
        debiased_cka(exact(np.eye(10)), exact(X))
    with pytest.raises(Fault, match="equal"):
        rsa(exact(np.eye(10)), exact(X))
    with pytest.raises(Fault, match="four images"):
        debiased_cka(exact(X[:3]), exact(X[:3]))
    with pytest.raises(Fault, match="three images"):
        rsa(exact(X[:2]), exact(X[:2]))
