"""Decoding of augmentations: no image and no draw is on both sides of a split, and absent parameters score zero."""

import numpy as np
import pandas as pd
import pytest
from augmented_codes import DRAWN, PHOTOMETRIC, SPATIAL, D, L, N, augmentations, responses, with_shared_draws
from exact_gram import exact
from sklearn.linear_model import Ridge

from ventral.core.errors import Fault
from ventral.geometry.augmentation_geometry import equivariance_rows
from ventral.geometry.decoding import decode
from ventral.geometry.decoding_scores import Decoded
from ventral.geometry.draw_splits import image_and_draw_splits
from ventral.stimuli.table import INDEPENDENT


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
