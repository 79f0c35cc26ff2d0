"""The share of a prediction along a parameter is that of the axes which the parameter moves."""

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact

from ventral.predictivity.parameter_shares import parameter_share_rows, subspaces_of
from ventral.predictivity.sampled_fits import sample
from ventral.stimuli.main_effects import MainEffect, main_effects

EVERYWHERE = np.zeros(120, dtype=int)


def layer(rng, moved=2.0, n=120, d=60):
    """Responses with a spectrum, of which the sixth axis has a variable."""
    X = rng.standard_normal((n, d)) / np.sqrt(np.arange(1, d + 1))
    z = rng.standard_normal(n)
    X[:, 5] = moved * z
    return X, z[:, None]


def shares(X, Y, effects, seed=0):
    """Value and floor of each parameter for one area."""
    rng = np.random.default_rng(seed)
    of = sample(exact(X), Y, np.full(Y.shape[1], "V4"), rng)
    rows = pd.DataFrame(parameter_share_rows(of, effects, rng))
    assert (rows.n == Y.shape[1]).all() and (rows.area == "V4").all()
    return rows.set_index(["parameter", "metric"])


def test_shares_are_1_along_the_axes_that_predict_and_0_along_others():
    rng = np.random.default_rng(0)
    X, z = layer(rng)
    effects = {"turn": MainEffect(z, EVERYWHERE)}
    noise = 0.5 * rng.standard_normal((120, 8))
    along = shares(X, X[:, [5]] @ rng.standard_normal((1, 8)) + noise, effects).loc["turn"]
    apart = shares(X, X[:, :5] @ rng.standard_normal((5, 8)) + noise, effects).loc["turn"]
    assert along.value["parameter_share"] == pytest.approx(1, abs=0.06)
    assert apart.value["parameter_share"] == pytest.approx(0, abs=0.06)
    assert along.low["parameter_share"] > along.high["parameter_share_shuffled"]


def test_a_variable_without_an_effect_is_at_its_floor():
    rng = np.random.default_rng(1)
    X, _ = layer(rng)
    effects = {"none": MainEffect(rng.standard_normal((120, 3)), EVERYWHERE)}
    found = shares(X, X @ rng.standard_normal((60, 10)), effects).loc["none"]
    floor = found.loc["parameter_share_shuffled"]
    assert floor.value > 0 and floor.low <= found.value["parameter_share"] <= floor.high


def test_all_directions_have_all_of_the_prediction():
    rng = np.random.default_rng(2)
    X = rng.standard_normal((120, 4))
    found = shares(X, X @ rng.standard_normal((4, 6)), {"all": MainEffect(X @ rng.random((4, 4)), EVERYWHERE)})
    assert found.value["all", "parameter_share"] == pytest.approx(1)


def test_both_forms_of_a_gram_have_the_same_subspace():
    rng = np.random.default_rng(3)
    X, z = layer(rng)
    of_both = [subspaces_of(exact(one), [z - z.mean()])[0] for one in (X, np.hstack([X, np.zeros((120, 99))]))]
    direction = (X - X.mean(axis=0)).T @ (z - z.mean())
    for one in of_both:
        expected = (X - X.mean(axis=0)) @ direction
        np.testing.assert_allclose(one.products, expected, atol=1e-9)
        np.testing.assert_allclose(one.inverse, 1 / np.sum(direction**2))


def test_a_layer_that_does_not_predict_has_no_shares():
    rng = np.random.default_rng(4)
    X, z = layer(rng)
    of = sample(exact(X), rng.standard_normal((120, 1)), np.array(["V4"]), rng)
    assert parameter_share_rows(of, {}, rng) == []
    rows = parameter_share_rows(of, {"turn": MainEffect(z, EVERYWHERE)}, rng)
    assert all(np.isfinite(row["value"]) for row in rows)


def table(scenes, parameter, **columns):
    """A stimulus table."""
    ids = [f"image{i}" for i in range(len(scenes))]
    keys = {"stimulus_id": ids, "scene": scenes, "parameter": parameter, "level": -1, "label": ""}
    return pd.DataFrame(keys | columns)


def test_variables_of_independent_images_are_those_of_rendered_parameters_and_others():
    ids = [f"scene{i}" for i in range(5)]
    numbers = {name: np.arange(5.0) for name in ("yaw", "x", "crop_area", "ryz", "background", "exemplar")}
    found = main_effects(table(ids, "", **numbers, constant=1.0, name=ids))
    assert {name: effect.values.shape[1] for name, effect in found.items()} == {"pose": 2, "viewpoint": 1, "ryz": 1}
    assert main_effects(pd.DataFrame({"stimulus_id": ids, "yaw": np.arange(5.0)}))["pose"].values.shape == (5, 1)


def test_variables_of_varied_parameters_change_inside_scenes():
    scenes, parameters = np.repeat(["a", "b", "a", "b"], 3), np.repeat(["pose", "light"], 6)
    yaw = np.r_[1.0, 2, 4, 1, 3, 0, np.zeros(6)]
    ambient = np.r_[np.full(3, 5.0), np.full(3, 7.0), 5, 6, 9, 7, 1, 2]
    found = main_effects(table(scenes, parameters, yaw=yaw, light_ambient=ambient))
    assert {name: effect.values.shape[1] for name, effect in found.items()} == {"pose": 1, "light": 1}
    images, rng = np.arange(12), np.random.default_rng(0)
    for Z in (found["pose"].contrasts(images), found["pose"].contrasts(images, rng)):
        assert np.allclose(Z[6:], 0) and np.linalg.norm(Z) == pytest.approx(1)
        assert np.allclose([Z[:3].sum(), Z[3:6].sum()], 0)
    whole = found["pose"].contrasts(images)[:3, 0]
    np.testing.assert_allclose(whole / whole[2], (yaw[:3] - yaw[:3].mean()) / (4 - yaw[:3].mean()))


def test_shared_levels_without_variables_are_variables_themselves():
    movies = table(np.repeat(["a", "b"], 4), "time").assign(level=np.tile(range(4), 2))
    assert main_effects(movies)["time"].values.shape == (8, 3)
    own_levels = table(np.repeat(["a", "b"], 4), "variation").assign(level=np.tile(range(4), 2))
    assert "variation" not in main_effects(own_levels.assign(label=["a"] * 4 + ["b"] * 4))
