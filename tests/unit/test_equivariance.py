"""Equivariance: Bures distances, unbiased products, decoding of augmentations, on codes whose answers are known."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from sklearn.linear_model import Ridge

from ventral.geometry.bures import bures_between, bures_distance, bures_from_block
from ventral.geometry.decoding import Decoded, decode, image_and_draw_splits, paired, rows_by_image
from ventral.geometry.equivariance import (
    augmentation_augmentation,
    augmentation_content,
    equivariance_rows,
    spatial_photometric,
)
from ventral.geometry.products import content_products, crossed_products
from ventral.gram import gram
from ventral.stimuli.augmentations import INDEPENDENT
from ventral.store import Fault

SPATIAL = ["crop_x", "crop_y"]
PHOTOMETRIC = ["contrast", "hue"]
DRAWN = SPATIAL + PHOTOMETRIC
N, L, D = 16, 12, 60


def augmentations(images=N, levels=L, seed=0):
    """A stimulus table: every image clean, under the same draws of each kind, and under draws of its own."""
    rng = np.random.default_rng(seed)
    parts = [pd.DataFrame({"parameter": "", "level": [-1], **dict.fromkeys([*DRAWN, "jitter_applied"], 0.0)})]
    for kind, off in (("augmentation", []), ("spatial", PHOTOMETRIC), ("photometric", SPATIAL)):
        parts.append(draws(levels, rng, kind, off))
    shared = pd.concat(parts, ignore_index=True)
    images = [[shared, draws(levels, rng, INDEPENDENT)] for _ in range(images)]
    images = [pd.concat(both).assign(scene=f"image{i:02}") for i, both in enumerate(images)]
    table = pd.concat(images, ignore_index=True)
    return table.assign(stimulus_id=[f"s{row}" for row in range(len(table))])


def draws(levels, rng, kind, off=()):
    """Levels of one kind; the jitter is off in one of four, and what a kind does not change has value zero."""
    part = pd.DataFrame(rng.standard_normal((levels, len(DRAWN))), columns=DRAWN)
    part["jitter_applied"] = (np.arange(levels) % 4 > 0) * float(kind != "spatial")
    part.loc[part.jitter_applied == 0, PHOTOMETRIC] = 0.0
    part[list(off)] = 0.0
    return part.assign(parameter=kind, level=np.arange(levels))


def with_shared_draws(table):
    """The rows of a set that has no draws of an image's own."""
    return table[table.parameter != INDEPENDENT].reset_index(drop=True)


def responses(table, axes_of, content=range(10), features=D, seed=1):
    """Content of each image along some axes, plus each drawn value along the axis that `axes_of(image)` gives it."""
    rng = np.random.default_rng(seed)
    X = np.zeros((len(table), features))
    for i, rows in enumerate(table.groupby("scene").indices.values()):
        X[np.ix_(rows, content)] += rng.standard_normal(len(content))
        for name, axis in zip(DRAWN, axes_of(i), strict=True):
            X[rows, axis] += table[name].to_numpy()[rows]
    return X


def exact(X):
    return gram(X, precision="float64", device="cpu")


def rng():
    return np.random.default_rng(3)


def bures_by_roots(X, Y):
    C1, C2 = (np.cov(Z.T) / np.trace(np.cov(Z.T)) for Z in (X, Y))
    root = sqrtm(C1)
    return np.sqrt(2 - 2 * np.trace(sqrtm(root @ C2 @ root)).real)


@given(seed=st.integers(0, 1000), n=st.integers(8, 30), m=st.integers(8, 30))
def test_bures_equals_the_form_with_matrix_square_roots(seed, n, m):
    rng = np.random.default_rng(seed)
    mix = rng.standard_normal((2, 6, 6))
    X, Y = rng.standard_normal((n, 6)) @ mix[0] + 5, rng.standard_normal((m, 6)) @ mix[1]
    assert bures_distance(X, Y) == pytest.approx(bures_by_roots(X, Y), abs=1e-7)


def test_bures_equals_the_form_with_roots_where_features_outnumber_images():
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((10, 25)), rng.standard_normal((7, 25)) + 1
    assert bures_distance(X, Y) == pytest.approx(bures_by_roots(X, Y), abs=1e-6)  # roots of zero eigenvalues


@given(seed=st.integers(0, 1000), scale=st.floats(1e-3, 1e3), shift=st.floats(-10, 10))
def test_bures_anchors_and_invariances(seed, scale, shift):
    rng = np.random.default_rng(seed)
    X, Y = rng.standard_normal((9, 5)), rng.standard_normal((12, 5))
    rotation = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    apart = bures_distance(X, Y)
    assert bures_distance(scale * X @ rotation + shift, Y @ rotation) == pytest.approx(apart, abs=1e-7)
    assert bures_distance(Y, X) == pytest.approx(apart, abs=1e-7)
    assert bures_distance(X, scale * X[::-1] + shift) == pytest.approx(0, abs=1e-6)  # √ of rounding
    assert bures_distance(np.c_[X, 0 * X], np.c_[np.ones((12, 5)), Y]) == pytest.approx(np.sqrt(2), abs=1e-12)


@pytest.mark.parametrize(
    ("X", "Y", "sentence"),
    [
        (np.ones((4, 3)), np.eye(3), "does not vary"),
        (np.eye(3), np.eye(3)[:1], "two images or more"),
        (np.eye(3), np.eye(4), "the same features"),
        (np.eye(3), np.full((3, 3), np.nan), "not finite"),
        (np.eye(3)[0], np.eye(3), "two images or more"),
    ],
)
def test_bures_says_what_it_cannot_compare(X, Y, sentence):
    with pytest.raises(Fault, match=sentence):
        bures_distance(X, Y)


def test_bures_of_a_constant_block_is_refused():
    with pytest.raises(Fault, match="constant"):
        bures_from_block(np.zeros((3, 3)), 0.0, 1.0)


def test_bures_between_rows_of_a_gram_is_that_of_the_responses():
    rng = np.random.default_rng(4)
    X = rng.standard_normal((30, 8)) + 3
    X[24:] = X[24]
    x, y = rng.permutation(24)[:18].reshape(3, 6), np.array([[0, 3, 5, 7], [1, 2, 4, 8], [24, 25, 26, 27]])
    found = bures_between(exact(X).centered, x, y)
    expected = [bures_distance(X[a], X[b]) for a, b in zip(x[:2], y[:2], strict=True)]
    np.testing.assert_allclose(found[:2], expected, atol=1e-10)
    assert np.isnan(found[2])


def test_crossed_products_are_means_over_distinct_draws():
    rng = np.random.default_rng(5)
    x, y = rng.standard_normal((2, 5, 4))
    distinct = list(permutations(range(5), 4))
    expected = np.mean([((x[a] - x[b]) @ (y[c] - y[d])) ** 2 / 4 for a, b, c, d in distinct])
    assert crossed_products(x @ y.T) == pytest.approx(expected, rel=1e-10)
    assert crossed_products((x + 7) @ (y - 3).T) == pytest.approx(expected, rel=1e-8)


def test_crossed_products_are_unbiased_although_images_share_their_draws():
    rng = np.random.default_rng(6)
    A = rng.standard_normal((6, 3))
    B = A + 0.5 * rng.standard_normal((6, 3))
    truth = np.sum((A.T @ B) ** 2)
    e = rng.standard_normal((20_000, 6, 3))
    M = (e @ A.T) @ np.swapaxes(e @ B.T, 1, 2)
    found = crossed_products(M)
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
    K = exact(np.vstack([x.reshape(-1, 5), z])).centered
    products, squares = content_products(K, np.arange(24).reshape(6, 4), np.arange(24, 30), W)
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
        products, squares = content_products(X @ X.T, x, z, np.ones((1, 5)))
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
        at = [0, 1, 1, 2]  # of two axes that places move, one is moved by colours
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
    with pytest.raises(Fault, match="every image needs one of each"):
        augmentation_content(G, table[(table.parameter != "") | (table.scene > "image03")], rng())


def test_a_linear_code_is_decoded_and_an_absent_parameter_is_not():
    table = augmentations()
    X = responses(table, lambda i: range(10, 14)) + 1e-3 * np.random.default_rng(12).standard_normal((len(table), D))
    X[:, 13] = 0  # the axis of hue
    found = {one.parameter: one.scores() for one in decode(exact(X), table, 0)}
    assert list(found) == DRAWN
    for name in ("crop_x", "crop_y", "contrast"):
        r, r2 = found[name]
        assert r > 0.999 and r2 > 0.999
    assert found["hue"][1] < 0.9


def test_a_code_that_memorises_images_is_not_decoded():
    table = augmentations(images=20)
    X = responses(table, lambda i: range(10 + 4 * i, 14 + 4 * i), features=10 + 4 * 20)
    for one in decode(exact(X), table, 0):
        assert abs(one.scores()[0]) < 0.25
    scenes = table.scene.copy()
    table["scene"] = scenes.iloc[0]  # with rows of one image on both sides it would be
    rows = np.flatnonzero(table.parameter == INDEPENDENT)
    y = table.crop_x.to_numpy()[rows]
    half = np.random.default_rng(13).permutation(len(rows))
    train, test = rows[half[:180]], rows[half[180:]]
    fit = Ridge(1e-3).fit(X[train], table.crop_x.to_numpy()[train])
    assert np.corrcoef(fit.predict(X[test]), y[half[180:]])[0, 1] > 0.8


def test_values_of_operations_that_were_off_do_not_count():
    table = augmentations()
    G = exact(
        responses(table, lambda i: range(10, 14)) + 0.5 * np.random.default_rng(14).standard_normal((len(table), D))
    )
    wild = table.copy()
    wild.loc[wild.jitter_applied == 0, PHOTOMETRIC] = 1e6
    for one, other in zip(decode(G, table, 0), decode(G, wild, 0), strict=True):
        np.testing.assert_array_equal(one.predicted, other.predicted)
        assert len(one.actual) == N * L * (3 / 4 if one.parameter in PHOTOMETRIC else 1)


def test_constant_and_absent_parameters_are_left_out_with_a_line(caplog):
    table = augmentations().assign(hue=0.0).drop(columns="crop_y")
    G = exact(responses(augmentations(), lambda i: range(10, 14)))
    with caplog.at_level("INFO"):
        assert [one.parameter for one in decode(G, table, 0)] == ["crop_x", "contrast"]
    assert "constant: hue" in caplog.text and "lacks" in caplog.text and "crop_y" in caplog.text
    with pytest.raises(Fault, match="not finite"):
        decode(G, table.assign(crop_x=np.where(table.level == 2, np.inf, table.crop_x)), 0)


def test_the_gram_of_pairs_is_that_of_responses_side_by_side():
    rng = np.random.default_rng(15)
    X = rng.standard_normal((9, 4)) + 2
    first, second = rng.integers(0, 9, (2, 14))
    found, expected = paired(exact(X), first, second), exact(np.c_[X[first], X[second]])
    for name in ("centered", "mean_products", "mean_square", "row_sums", "n_features"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-10)


@pytest.mark.parametrize(("images", "levels"), [(5, 5), (20, 8)])
@pytest.mark.parametrize("pool", ["own", "shared", "some", "pairs"])
def test_no_image_and_no_draw_is_on_both_sides_of_a_split(pool, images, levels):
    rng = np.random.default_rng(17)
    image = np.repeat(np.arange(images), levels)
    draw = {
        "own": np.arange(images * levels),
        "shared": np.tile(np.arange(levels + 2)[:levels], images),
        "some": np.concatenate([rng.permutation(3 * levels)[:levels] for _ in range(images)]),
        "pairs": image // 2 * levels + np.tile(np.arange(levels), images),
    }[pool]
    if pool == "shared" and levels < 6:
        with pytest.raises(Fault, match="share 5 draws"):
            image_and_draw_splits(image, draw, 0)
        return
    splits, groups = image_and_draw_splits(image, draw, 0)
    for train, test in splits:
        assert len(train) and not {*image[train]} & {*image[test]} and not {*draw[train]} & {*draw[test]}
        assert len(np.unique(groups[train])) > 1
    np.testing.assert_array_equal(np.sort(np.concatenate([test for _, test in splits])), np.arange(len(image)))
    assert len(splits) == (3 if pool in ("own", "pairs") else 9)


def code_of_crops(table, seed, features=200):
    """Responses that hold the crop alone, bent by a rectifier, beside the image and noise."""
    rng = np.random.default_rng(seed)
    crops = table[SPATIAL].to_numpy() @ rng.standard_normal((2, features)) + rng.standard_normal(features)
    content = rng.standard_normal((table.scene.nunique(), features))[table.scene.factorize()[0]]
    return np.maximum(0, 2 * crops) + content + 0.3 * rng.standard_normal((len(table), features))


def test_parameters_that_a_code_lacks_are_not_decoded_from_draws_of_an_images_own():
    found = []
    for seed in range(4):
        table = augmentations(images=20, levels=8, seed=seed)
        decoded = decode(exact(code_of_crops(table, seed)), table, seed)
        found.append({one.parameter: float(one.scores()[0]) for one in decoded})
    found = pd.DataFrame(found)
    assert (found[SPATIAL] > 0.9).all(axis=None)
    assert (found[PHOTOMETRIC].abs() < 0.3).all(axis=None)
    assert abs(found[PHOTOMETRIC].mean(axis=None)) < 0.1  # 0.10 per value, 8 values


def test_shared_draws_have_the_error_of_their_number_and_rows_count_draws():
    hits, values = [], []
    for seed in range(6):
        table = augmentations(images=12, levels=12, seed=seed)
        own, shared = (
            pd.DataFrame(equivariance_rows(exact(code_of_crops(one, seed)), one, 0)).query("metric == 'decoding_r'")
            for one in (table, with_shared_draws(table))
        )
        np.testing.assert_array_equal(own.set_index("parameter").n[DRAWN], [144, 144, 108, 108])
        np.testing.assert_array_equal(shared.set_index("parameter").n[DRAWN], [12, 12, 9, 9])
        lacking = shared[shared.parameter.isin(PHOTOMETRIC)]
        hits += list((lacking.low < 0) & (lacking.high > 0))
        values += list(lacking.value)
        assert (shared[["low", "high"]].abs() <= 1).all(axis=None)
    assert np.mean(hits) > 0.8
    assert abs(np.mean(values)) < 0.4  # of twelve values with a standard deviation of .4 each


def test_a_prediction_of_the_training_mean_correlates_with_nothing():
    rng = np.random.default_rng(18)
    y, block = rng.standard_normal(30), np.repeat(np.arange(3), 10)
    means = np.array([y[block != one].mean() for one in range(3)])[block]
    assert np.corrcoef(means, y)[0, 1] < -0.05
    predicted = means + 1e-3 * rng.standard_normal(30)
    image, draw = np.repeat(np.arange(15), 2), np.arange(30)
    r, _ = Decoded("hue", y, predicted, image, 15, draw, block).scores()
    within = [values - np.repeat([values[block == one].mean() for one in range(3)], 10) for values in (y, predicted)]
    assert r == pytest.approx(np.corrcoef(*within)[0, 1])


def test_scores_count_images_as_often_as_their_weights_say():
    rng = np.random.default_rng(16)
    one = Decoded("hue", y := rng.standard_normal(12), y + rng.standard_normal(12), np.repeat(np.arange(4), 3), 4)
    rows = np.repeat(np.arange(12), np.repeat([2, 0, 1, 3], 3))
    r, r2 = one.scores(np.array([[1, 1, 1, 1], [2, 0, 1, 3]]))
    actual, predicted = one.actual[rows], one.predicted[rows]
    assert r[0] == pytest.approx(np.corrcoef(one.actual, one.predicted)[0, 1])
    assert r[1] == pytest.approx(np.corrcoef(actual, predicted)[0, 1])
    assert r2[1] == pytest.approx(1 - np.sum((actual - predicted) ** 2) / np.sum((actual - actual.mean()) ** 2))
    flat = Decoded("hue", one.actual, np.full(12, one.actual.mean()), one.image, 4).scores()
    assert np.isnan(flat[0]) and flat[1] == pytest.approx(0)
