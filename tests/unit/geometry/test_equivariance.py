"""Equivariance: unbiased products and angles between changes, on codes whose answers are known."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from augmented_codes import DRAWN, D, L, N, augmentations, responses, rng, with_shared_draws
from exact_gram import exact
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ventral.core.errors import Fault
from ventral.geometry.augmentation_geometry import equivariance_rows
from ventral.geometry.covariance_comparisons import (
    SPLITS,
    _distance,
    augmentation_augmentation,
    augmentation_content,
    spatial_photometric,
)
from ventral.geometry.covariance_products import content_covariance_products, covariance_products
from ventral.geometry.decoding import decode, paired, rows_by_image
from ventral.statistics.intervals import scene_weights
from ventral.stimuli.table import INDEPENDENT


def test_covariance_products_are_means_over_distinct_draws():
    rng = np.random.default_rng(5)
    x, y = rng.standard_normal((2, 5, 4))
    distinct = list(permutations(range(5), 4))
    expected = np.mean([((x[a] - x[b]) @ (y[c] - y[d])) ** 2 / 4 for a, b, c, d in distinct])
    assert covariance_products(x @ y.T) == pytest.approx(expected, rel=1e-10)
    assert covariance_products((x + 7) @ (y - 3).T) == pytest.approx(expected, rel=1e-8)


def test_covariance_products_are_unbiased_although_images_share_their_draws():
    rng = np.random.default_rng(6)
    A = rng.standard_normal((6, 3))
    B = A + 0.5 * rng.standard_normal((6, 3))
    truth = np.sum((A.T @ B) ** 2)
    e = rng.standard_normal((20_000, 6, 3))
    M = (e @ A.T) @ np.swapaxes(e @ B.T, 1, 2)
    found = covariance_products(M)
    centred = M - M.mean(axis=1, keepdims=True)
    centred = centred - centred.mean(axis=2, keepdims=True)
    plain = np.sum(centred**2, axis=(1, 2)) / 25
    error = np.std(found) / np.sqrt(len(found))
    assert np.mean(found) == pytest.approx(truth, abs=4 * error)
    assert np.mean(plain) > truth + 10 * error  # as the same draws meet


def weighted_mean(term, size, w, without=()):
    """Mean of a term over distinct images, each tuple of them counted as often as the product of its weights."""
    tuples = list(permutations([j for j in range(len(w)) if j not in without], size))
    return np.average([term(*one) for one in tuples], weights=[np.prod(w[list(one)]) for one in tuples])


def test_content_products_count_images_as_often_as_their_weights_say():
    rng = np.random.default_rng(7)
    x, z = rng.standard_normal((6, 4, 5)), rng.standard_normal((6, 5))
    W = np.array([[1, 1, 1, 1, 1, 1], [2, 1, 0, 1, 1, 1], [0, 3, 1, 1, 1, 0]])
    G = exact(np.vstack([x.reshape(-1, 5), z]))
    products, squares = content_covariance_products(G, np.arange(24).reshape(6, 4), np.arange(24, 30), W)
    for row, w in enumerate(W):
        for i, C in enumerate(np.cov(part.T) for part in x):
            expected = weighted_mean(lambda j, k, C=C: (z[j] - z[k]) @ C @ (z[j] - z[k]) / 2, 2, w, without=[i])
            assert products[row, i] == pytest.approx(expected, rel=1e-9)
        square = weighted_mean(lambda a, b, c, d: ((z[a] - z[b]) @ (z[c] - z[d])) ** 2 / 4, 4, w)
        assert squares[row] == pytest.approx(square, rel=1e-9)


def test_content_products_are_unbiased():
    rng = np.random.default_rng(8)
    A, B = rng.standard_normal((5, 2)), rng.standard_normal((5, 3))
    x, z = np.arange(20).reshape(5, 4), np.arange(20, 25)
    found = []
    for _ in range(3000):
        content, e = rng.standard_normal((5, 3)) @ B.T, rng.standard_normal((4, 2)) @ A.T
        X = np.vstack([(content[:, None] + e).reshape(-1, 5), content])
        products, squares = content_covariance_products(exact(X), x, z, np.ones((1, 5)))
        found.append([products.mean(), squares[0]])
    truth = [np.sum((A.T @ B) ** 2), np.sum((B.T @ B) ** 2)]
    error = np.std(found, axis=0) / np.sqrt(len(found))
    np.testing.assert_array_less(np.abs(np.mean(found, axis=0) - truth), 4 * error)


def test_a_code_that_images_share_is_at_zero_and_codes_of_their_own_are_apart():
    table = augmentations()
    shared = augmentation_augmentation(exact(responses(table, lambda i: range(10, 14))), table, rng())
    assert shared.bures.value == pytest.approx(0, abs=1e-6)
    assert shared.bures_floor.value > 0.3
    assert shared.cosine.value == pytest.approx(1, abs=1e-6)
    X = responses(table, lambda i: range(10 + 4 * i, 14 + 4 * i), features=10 + 4 * N)
    apart = augmentation_augmentation(exact(X), table, rng())
    assert apart.bures.value == pytest.approx(np.sqrt(2), abs=1e-6)
    assert apart.bures_floor.value == pytest.approx(shared.bures_floor.value, abs=1e-6)
    assert apart.cosine.value == pytest.approx(0, abs=1e-6)
    assert apart.n == N * L


def test_how_strongly_an_image_moves_does_not_matter():
    table = augmentations()
    X = responses(table, lambda i: range(10, 14))
    gain = 1 + table.scene.factorize()[0][:, None]
    found = augmentation_augmentation(exact(X * gain), table, rng())
    assert found.bures.value == pytest.approx(0, abs=1e-6)
    assert found.cosine.value == pytest.approx(1, abs=1e-6)


def test_augmentations_apart_from_content_and_along_it():
    table = augmentations(images=40, levels=20)
    apart = augmentation_content(exact(responses(table, lambda i: range(10, 14))), table, rng())
    assert apart.bures.value == pytest.approx(np.sqrt(2), abs=1e-6)
    assert apart.cosine.value == pytest.approx(0, abs=1e-9)
    along = augmentation_content(exact(responses(table, lambda i: range(4), content=range(4))), table, rng())
    assert along.bures.value == pytest.approx(along.bures_floor.value, abs=0.15)
    assert along.cosine.value == pytest.approx(1, abs=0.2)
    assert np.isnan(along.bures.low)
    assert along.cosine.low < 1 and along.cosine.high == 1  # the value is 1.08


def test_the_interval_of_a_cosine_holds_that_of_all_draws():
    rng_axes, hits, rows = np.random.default_rng(19), [], []
    common = np.linalg.qr(rng_axes.standard_normal((20, 6)))[0].T
    for repeat in range(24):
        table = augmentations(images=6, levels=10, seed=repeat)
        X = rng_axes.standard_normal((6, 20))[table.scene.factorize()[0]]
        at = [0, 1, 1, 2]  # of two axes that places move, one is moved by colors
        X = X + table[DRAWN].to_numpy() @ common[at]
        X = X[table.parameter != INDEPENDENT]
        rows.append(spatial_photometric(exact(X), with_shared_draws(table), rng()).cosine)
        hits.append(rows[-1].low <= 0.5 <= rows[-1].high)
    assert np.mean(hits) > 0.8
    assert all(-1 <= one.low <= one.high <= 1 for one in rows)
    assert any(one.value > 0.7 for one in rows)  # draws alone carry it there


def test_too_few_draws_have_no_interval():
    table = augmentations(levels=4)
    found = augmentation_augmentation(exact(responses(table, lambda i: range(10, 14))), table, rng())
    assert found.cosine.value == pytest.approx(1, abs=1e-6) and np.isnan([found.cosine.low, found.cosine.high]).all()


def test_spatial_and_photometric_changes_apart_and_together():
    table = augmentations(levels=20)
    apart = spatial_photometric(exact(responses(table, lambda i: range(10, 14))), table, rng())
    assert apart.bures.value == pytest.approx(np.sqrt(2), abs=1e-6)
    assert apart.cosine.value == pytest.approx(0, abs=1e-9)
    together = spatial_photometric(exact(responses(table, lambda i: (10, 11, 10, 11))), table, rng())
    assert together.bures.value == pytest.approx(together.bures_floor.value, abs=0.05)
    assert together.cosine.value == pytest.approx(1, abs=0.25)


def test_errors_of_distances_include_those_of_random_halves():
    """Ten halves of h = 4 of L = 60 draws: the squared error is their variance times h / (L − h) + 1 / 10."""
    of_halves = np.random.default_rng(0).standard_normal(SPLITS)
    found = _distance(0.7 + 0.01 * np.tile(of_halves, (8, 1)), scene_weights(8, rng()), 8, 60)
    half = stats.t.ppf(0.975, SPLITS - 1) * 0.01 * of_halves.std(ddof=1) * np.sqrt(4 / 56 + 1 / 10)
    assert (found.high - found.low) / 2 == pytest.approx(half)


@pytest.mark.slow
def test_the_cosine_does_not_depend_on_how_many_draws_were_shown_and_the_distance_does():
    rng_axes = np.random.default_rng(9)
    few, many = [], []
    for repeat in range(30):
        axes = rng_axes.standard_normal((N, 4, 20)) + rng_axes.standard_normal((4, 20))
        for levels, found in ((6, few), (24, many)):
            table = augmentations(levels=levels, seed=repeat)
            X = np.zeros((len(table), 20))
            for i, rows in enumerate(table.groupby("scene").indices.values()):
                X[rows] = table[DRAWN].to_numpy()[rows] @ axes[i]
            one = spatial_photometric(exact(X), table, rng())
            found.append([one.bures.value, one.cosine.value])
    (bures_few, cosine_few), (bures_many, cosine_many) = np.mean(few, axis=0), np.mean(many, axis=0)
    bures_error, cosine_error = np.std(few, axis=0) / np.sqrt(len(few))
    assert cosine_few == pytest.approx(cosine_many, abs=4 * cosine_error)
    assert bures_few > bures_many + 4 * bures_error


def test_images_that_do_not_move_are_left_out():
    table = augmentations()
    X = responses(table, lambda i: range(10, 14))
    still = table.scene == "image00"
    X[still] = X[still.argmax()]
    for compare in (augmentation_augmentation, augmentation_content, spatial_photometric):
        found = compare(exact(X), table, rng())
        assert np.isfinite([found.bures.value, found.bures_floor.value, found.cosine.value]).all()
    constant = np.repeat(np.random.default_rng(10).standard_normal((N, D)), len(table) // N, axis=0)
    with pytest.raises(Fault, match="no shape"):
        augmentation_augmentation(exact(constant), table, rng())


@settings(max_examples=10)
@given(seed=st.integers(0, 100), scale=st.floats(1e-2, 1e2))
def test_rotation_scale_and_order_change_no_row(seed, scale):
    rng = np.random.default_rng(seed)
    table = augmentations(images=6, levels=6)
    X = responses(table, lambda i: range(8 + i, 12 + i), features=20, seed=seed) + 0.3 * rng.standard_normal((1, 20))
    X += 0.2 * rng.standard_normal(X.shape)
    rotation, order = np.linalg.qr(rng.standard_normal((20, 20)))[0], rng.permutation(len(X))
    before = pd.DataFrame(equivariance_rows(exact(X), table, 0))
    after = pd.DataFrame(equivariance_rows(exact(scale * (X @ rotation)[order]), table.iloc[order], 0))
    pd.testing.assert_frame_equal(before, after, rtol=1e-6, atol=1e-6)


def test_rows_name_each_metric_once_and_repeat_with_the_seed():
    table = augmentations()
    G = exact(
        responses(table, lambda i: range(10, 14)) + 0.1 * np.random.default_rng(11).standard_normal((len(table), D))
    )
    rows = pd.DataFrame(equivariance_rows(G, table, 0))
    assert not rows.duplicated(["metric", "parameter"]).any()
    assert set(rows.metric) == {
        f"{name}_{part}"
        for name in ("augmentation_augmentation", "augmentation_content", "spatial_photometric")
        for part in ("bures", "bures_floor", "cosine")
    } | {"decoding_r", "decoding_r2"}
    assert set(rows.parameter.dropna()) == set(DRAWN)
    known = rows[rows.low.notna()]
    assert len(known) == len(rows) - 2
    assert (known.low <= known.value + 1e-9).all() and (known.value <= known.high + 1e-9).all()
    pd.testing.assert_frame_equal(rows, pd.DataFrame(equivariance_rows(G, table, 0)))
    assert not rows.value.equals(pd.DataFrame(equivariance_rows(G, table, 1)).value)


def test_sets_without_augmentations_have_no_rows(caplog):
    table = augmentations()
    G = exact(responses(table, lambda i: range(10, 14)))
    assert equivariance_rows(G, table.assign(parameter="pose"), 0) == []
    small = np.flatnonzero(table.scene < "image03")
    assert {row["metric"] for row in equivariance_rows(G.subset(small), table.iloc[small], 0)} == {
        "decoding_r",
        "decoding_r2",
    }
    assert "four images" in caplog.text


def test_images_with_other_draws_are_refused():
    table = augmentations()
    G = exact(responses(table, lambda i: range(10, 14)))
    with pytest.raises(Fault, match="the same levels of 'augmentation'"):
        rows_by_image(table.iloc[:-40], "augmentation")
    with pytest.raises(Fault, match="one clean version"):
        decode(G, table[table.parameter != ""], 0)
    with pytest.raises(Fault, match="clean"):
        augmentation_content(G, table[(table.parameter != "") | (table.scene > "image03")], rng())


def test_the_gram_of_pairs_is_that_of_responses_side_by_side():
    rng = np.random.default_rng(15)
    X = rng.standard_normal((9, 4)) + 2
    first, second = rng.integers(0, 9, (2, 14))
    found, expected = paired(exact(X), first, second), exact(np.c_[X[first], X[second]])
    for name in ("centered", "mean_products", "mean_square", "row_sums", "n_features"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-10)
