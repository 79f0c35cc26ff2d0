"""Decoding of scene variables from codes that are known by construction."""

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact
from scipy.stats import pearsonr

from ventral.geometry.held_out_scores import pooled_r
from ventral.geometry.variable_decoding import FAMILY, drawn, shuffled_scenes, variable_rows
from ventral.gram import gram
from ventral.summary.layers import named, wide

CATEGORIES = 6


def scenes(rng, n_scenes=30, levels=4, parameter="pose"):
    """A stimulus table of scenes that vary a number and an angle."""
    n = n_scenes * levels
    scene = np.repeat(np.arange(n_scenes), levels)
    return pd.DataFrame(
        {
            "stimulus_id": [f"image{i:03d}" for i in range(n)],
            "scene": [f"scene{i:02d}" for i in scene],
            "parameter": parameter,
            "level": np.tile(np.arange(levels), n_scenes),
            "label": [f"category{i % CATEGORIES}" for i in scene],
            "x": rng.uniform(-1, 1, n),
            "yaw": rng.uniform(-180, 180, n),
        }
    )


def coded(table, rng, noise=0.05):
    """Responses that hold all variables along axes of their own."""
    angle = np.deg2rad(table.yaw)
    category = np.eye(CATEGORIES)[table.label.str[-1].astype(int)]
    Z = np.column_stack([table.x, np.sin(angle), np.cos(angle), category])
    return Z @ rng.standard_normal((Z.shape[1], 40)) + noise * rng.standard_normal((len(Z), 40))


def values(rows):
    return {(row["metric"], row.get("parameter", "")): row["value"] for row in rows}


def test_variables_that_are_represented_are_decoded_and_others_are_not():
    rng = np.random.default_rng(0)
    table = scenes(rng)
    found = values(variable_rows(exact(coded(table, rng)), table, 0))
    for metric in ("variable_decoding_r", "category_orthogonal_r"):
        assert min(found[metric, "x"], found[metric, "yaw"], found[metric, ""]) > 0.97
        assert abs(found[f"{metric}_shuffled", ""]) < 0.3
    assert found["variable_decoding_accuracy", "category"] == 1
    assert found["variable_decoding_accuracy_shuffled", "category"] < 0.5
    blind = values(variable_rows(exact(rng.standard_normal((len(table), 40))), table, 0))
    assert abs(blind["variable_decoding_r", ""]) < 0.2 and blind["variable_decoding_accuracy", "category"] < 0.4


def test_what_is_only_told_by_the_category_is_not_category_orthogonal():
    rng = np.random.default_rng(1)
    table = scenes(rng, 90, 1, "").assign(scene=lambda table: table.stimulus_id)
    X = coded(table.assign(x=0, yaw=0), rng)
    table["x"] = table.label.str[-1].astype(int) + rng.uniform(-0.3, 0.3, 90)
    found = values(variable_rows(exact(X), table.drop(columns="yaw"), 0))
    assert found["variable_decoding_r", "x"] > 0.9 > 0.3 > abs(found["category_orthogonal_r", "x"])


def test_scenes_are_held_out_as_a_whole():
    rng = np.random.default_rng(2)
    table = scenes(rng).assign(light=lambda table: np.repeat(rng.uniform(size=30), 4))
    X = np.repeat(np.eye(30), 4, axis=0) + 0.01 * rng.standard_normal((120, 30))  # tells scenes apart, and no more
    assert abs(values(variable_rows(exact(X), table, 0))["variable_decoding_r", "light"]) < 0.5


def test_rows_are_those_of_the_table_with_intervals_and_do_not_depend_on_how_a_gram_is_kept():
    rng = np.random.default_rng(3)
    table = scenes(rng)
    X = coded(table, rng, 2.0)
    rows = pd.DataFrame(variable_rows(gram(X, device="cpu"), table, 0))
    assert {*rows.parameter.dropna()} == {"x", "yaw", "category"} and len(rows) == 2 * 2 + 4 + 2
    measured = rows[~rows.metric.str.endswith("shuffled")]
    assert (measured.low <= measured.value).all() and (measured.value <= measured.high).all()
    again = pd.DataFrame(variable_rows(exact(X), table, 0))
    assert again.value.to_numpy() == pytest.approx(rows.value.to_numpy(), abs=1e-6)


def test_r_is_pooled_within_blocks_and_without_each_scene():
    rng = np.random.default_rng(4)
    y, p = rng.standard_normal((2, 24, 1))
    scene, block = np.repeat(np.arange(8), 3), np.repeat([1, 0], 12)

    def plain(rows):
        within = [each[rows, 0] - pd.Series(each[rows, 0]).groupby(block[rows]).transform("mean") for each in (y, p)]
        return pearsonr(*within)[0]

    order = rng.permutation(24)
    r, left_out = pooled_r(y[order], p[order], np.array([0]), scene[order], block[order])
    assert r[0] == pytest.approx(plain(np.arange(24)))
    np.testing.assert_allclose(left_out[:, 0], [plain(np.flatnonzero(scene != k)) for k in range(8)])
    assert np.isnan(pooled_r(y, np.ones_like(y), np.array([0]), scene, block)[0]).all()


def test_shuffles_move_whole_scenes_and_draws_take_equally_many_images():
    rng = np.random.default_rng(5)
    scene = rng.permutation(np.repeat(np.arange(6), [2, 2, 2, 3, 3, 3]))
    source = shuffled_scenes(scene, rng)
    assert sorted(source) == [*range(15)]
    assert all(len(np.unique(scene[source[scene == k]])) == 1 for k in range(6))
    rows = drawn(np.arange(800), np.repeat(np.arange(80), 10), 9, rng)
    assert len(rows) == 240 and (np.bincount(rows // 10) == 3).all() and (np.diff(rows) > 0).all()
    assert len(drawn(np.arange(900), np.arange(900), 9, rng)) == 300
    assert len(drawn(np.arange(800), np.repeat(np.arange(80), 10), 2, rng)) == 160


def test_responses_that_do_not_vary_and_few_scenes_have_no_rows():
    rng = np.random.default_rng(6)
    table = scenes(rng)
    assert variable_rows(exact(np.ones((120, 3))), table, 0) == []
    assert variable_rows(exact(rng.standard_normal((8, 3))), table[:8], 0) == []
    only = table[["stimulus_id", "scene", "parameter", "level", "label"]].assign(parameter="")
    assert variable_rows(exact(rng.standard_normal((120, 3))), only.assign(scene=only.stimulus_id), 0) == []


def test_a_variable_of_a_parameter_and_a_motion_has_a_column_for_each():
    rng = np.random.default_rng(8)
    table = pd.concat([scenes(rng, 12), scenes(rng, 12, 5, "object_turns")], ignore_index=True)
    rows = pd.DataFrame(variable_rows(exact(coded(table, rng)), table, 0))
    rows = rows.fillna({"parameter": "", "against": ""}).assign(stimuli="clips", model="m", layer="l")
    columns = {*wide(named(rows)).columns}
    assert {f"variable_decoding_r[yaw in {name}|held-out scenes]@clips" for name in ("pose", "object_turns")} <= columns


def test_categories_that_change_inside_scenes_cannot_be_held_out():
    rng = np.random.default_rng(9)
    table = scenes(rng)
    mixed = table.assign(category=np.arange(120) % 7)
    metrics = {row["metric"] for row in variable_rows(exact(coded(table, rng)), mixed, 0)}
    assert "variable_decoding_r" in metrics and "category_orthogonal_r" not in metrics
    missing = table.assign(category=table.label.where(table.scene != "scene00", None))
    assert "category_orthogonal_r" not in {row["metric"] for row in variable_rows(exact(coded(table, rng)), missing, 0)}


def test_augmentations_have_a_decoder_of_their_own():
    table = scenes(np.random.default_rng(7), 2, 2)
    assert FAMILY.applies(table) and not FAMILY.applies(table.assign(parameter="augmentation"))
    assert not FAMILY.applies(table.drop(columns=["x", "yaw"]))
