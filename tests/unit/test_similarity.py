"""Similarity from Grams against feature space, anchors of each measure, and the map of all pairs."""

import logging

import numpy as np
import pandas as pd
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import orthogonal_procrustes
from scipy.stats import spearmanr

from ventral.alignment import debiased_cka, linear_cka, mean_ranks, procrustes_distance, rdm, rsa
from ventral.correlation import tied
from ventral.figures import caption, draw
from ventral.figures.similarity import matrix, nodes_of
from ventral.gram import gram, read_gram, write_gram
from ventral.recordings import Recording, write_recording
from ventral.store import Fault
from ventral.summary.similarity import IMAGES, similarities
from ventral.summary.tables import SIMILARITY

ALL = [linear_cka, debiased_cka, rsa, procrustes_distance]


def exact(X):
    return gram(X, precision="float64", device="cpu")


def with_ids(G, ids):
    return type(G)(**(vars(G) | {"stimulus_id": np.array(list(ids), dtype=object)}))


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


@pytest.fixture
def files(tmp_path):
    """Grams of three layers of a set of 300 images and one of another of 20, and two recordings of the first set."""
    rng = np.random.default_rng(6)
    grams = []
    for stimuli, model, layer, n in (
        ("photos", "net", "1.10", 300),
        ("photos", "net", "fc", 300),
        ("photos", "pixels", "pixels", 300),
        ("scenes", "net", "fc", 20),
    ):
        G = with_ids(exact(rng.standard_normal((n, 12))), [f"{stimuli}{i}" for i in range(n)])
        grams.append(tmp_path / "gram" / stimuli / model / f"{layer}.h5")
        write_gram(G, grams[-1])
    order, recordings = rng.permutation(300), []
    for name, simulated in (("made", True), ("session", False)):
        units = pd.DataFrame({"unit": range(9), "area": ["V4"] * 8 + ["IT"]})
        ids = np.array([f"photos{i}" for i in order], dtype=object)
        recordings.append(tmp_path / f"{name}.h5")
        responses = rng.standard_normal((9, 300))
        write_recording(recordings[-1], Recording(name, responses, None, units, ids, simulated, "", "", ""))
    return grams, recordings


def test_every_pair_of_layers_and_areas_is_there_once(files, caplog):
    grams, recordings = files
    with caplog.at_level(logging.WARNING):
        table = similarities(grams, recordings, {"made": "photos", "session": "photos"}, 0)
    assert tuple(table) == SIMILARITY and {*table.stimuli} == {"photos"} and {*table.n} == {IMAGES}
    assert len(table) == 4 * 7 * 6 / 2
    assert not table.duplicated([*SIMILARITY[:7], "metric"]).any()
    nodes = nodes_of(table[table.metric == "cka"])
    assert nodes.model.tolist() == ["net", "net", "pixels", "made", "made", "session", "session"]
    assert nodes.kind.tolist() == ["layer"] * 3 + ["simulated recording"] * 2 + ["recording"] * 2
    # One unit has no correlations over units, so RSA is undefined where an area has one.
    undefined = table.value.isna()
    assert {*table.metric[undefined]} == {"rsa"} and undefined.sum() == 6 + 5
    assert "made, IT: no rsa" in caplog.text and "1 features" in caplog.text


def test_copies_of_images_are_not_compared(files):
    grams, recordings = files
    copies = {"photos": [f"photos{i}" for i in range(100, 300)]}
    table = similarities(grams, recordings, {"made": "photos", "session": "photos"}, 0, copies)
    assert {*table.n} == {100}
    first = [read_gram(path).subset(np.arange(100)) for path in grams[:2]]
    pair = (table.other_layer == "fc") & (table.layer == "1.10") & (table.metric == "debiased_cka")
    assert table.value[pair].item() == pytest.approx(debiased_cka(*first))


def test_the_map_holds_what_the_functions_give(files):
    grams, recordings = files
    from ventral.summary.similarity import nodes_of as read

    nodes = read("photos", grams[:3], recordings[:1], 0)
    table = similarities(grams[:3], recordings[:1], {"made": "photos"}, 0)
    for measure in ALL:
        name = {linear_cka: "cka"}.get(measure, measure.__name__)
        values = matrix(table[table.metric == name], nodes_of(table))
        assert values[0, 1] == pytest.approx(measure(nodes[0].gram, nodes[1].gram), abs=1e-12)
        assert values[2, 3] == pytest.approx(measure(nodes[2].gram, nodes[3].gram), abs=1e-12)
    assert matrix(table[table.metric == "cka"], nodes_of(table))[2, 2] == 1


def test_the_draw_depends_on_the_seed_alone(files):
    grams, _ = files
    first, again, other = (
        similarities(paths, [], {}, seed) for paths, seed in ((grams[:2], 0), (grams[:3], 0), (grams[:2], 1))
    )
    again = again[(again.other_model == "net")].reset_index(drop=True)
    pd.testing.assert_frame_equal(first, again)
    assert not np.allclose(first.value, other.value)


def test_a_single_layer_has_nothing_to_compare(files):
    table = similarities(files[0][3:], [], {}, 0)
    assert table.empty and tuple(table) == SIMILARITY


def test_missing_images_are_named(files, tmp_path):
    grams, recordings = files
    G = with_ids(exact(np.random.default_rng(7).standard_normal((300, 4))), [f"stranger{i}" for i in range(300)])
    path = tmp_path / "gram" / "photos" / "late" / "fc.h5"
    write_gram(G, path)
    with pytest.raises(Fault, match=r"256 images of the stimulus set are missing from .*late/fc.h5: photos\d+"):
        similarities([*grams[:2], path], [], {}, 0)
    with pytest.raises(Fault, match="missing from the recording made"):
        similarities(grams[3:], recordings[:1], {"made": "scenes"}, 0)


def test_the_figure_says_what_is_simulated_and_what_is_not_there():
    places = synthetic.models(3, 2, 1)
    tables = synthetic.study(3, 2, 1)
    for recorded, words in (
        (["simulated"], "All areas are simulated"),
        (["naturalistic", "simulated"], "3 of the 4 areas are simulated"),
        (["naturalistic"], ""),
    ):
        tables["similarity"] = synthetic.similarity(places, synthetic.recordings(*recorded))
        text, title = caption("similarity", tables), draw("similarity", tables).get_suptitle()
        assert words in text and ("simulated" in title) == ("simulated" in text) == bool(words)
    for part in (
        "256 images",
        "drawn at random from 400",
        "7 layers of 4 models",
        "1 area of recordings",
        "Grey cells",
    ):
        assert part in text
    tables["similarity"] = synthetic.similarity(places[:1], synthetic.recordings())
    assert "no more than one" in caption("similarity", tables) and not draw("similarity", tables).axes


def test_a_map_of_hundreds_of_layers_names_its_models():
    places = synthetic.models(30, 4, 0)
    tables = synthetic.study(1, 1, 0, ())
    tables |= {"layers": places, "similarity": synthetic.similarity(places, synthetic.recordings(), ["naturalistic"])}
    figure = draw("similarity", tables)
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == [f"network{i}" for i in range(30)]
    figure.draw_without_rendering()
    assert figure.axes[0].get_position().y0 > figure.axes[1].get_position().y1
