"""Factorization of several parameters: against scenes and against each other, with controls."""

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact
from factorized_responses import chosen, keys, two_parameters

from ventral.core.errors import Fault
from ventral.geometry import factorization, factorization_family
from ventral.stimuli.design import parameters_with_shared_levels


def test_parameters_are_told_from_each_other():
    rng = np.random.default_rng(6)
    apart = factorization_family(exact(two_parameters(rng, range(5), range(5, 9), range(9, 13))[0]), *keys(rng))
    same = factorization_family(exact(two_parameters(rng, range(5), range(5, 9), range(5, 9))[0]), *keys(rng))
    for metric, threshold in (("factorization", 0.9), ("corrected_covariance_factorization", None)):
        assert chosen(apart, metric, "pose", "lighting", threshold).value == pytest.approx(1, abs=0.02)
        assert chosen(same, metric, "pose", "lighting", threshold).value < 0.25
    row = chosen(same, "corrected_covariance_factorization", "pose", "lighting")
    assert row.value == chosen(same, "corrected_covariance_factorization", "lighting", "pose").value
    assert row.low == 0 and max(row.value, 0) < row.high  # the value is below 0


def test_a_family_repeats_the_single_measurement_and_bounds_it():
    rng = np.random.default_rng(7)
    X, scenes, parameters = two_parameters(rng, range(6), range(4, 9), range(9, 13))
    family = factorization_family(exact(X), scenes, parameters, (0.8, 0.9))
    pose = parameters == "pose"
    for threshold in (0.8, 0.9):
        single = factorization(exact(X[pose]), scenes[pose], threshold)
        for metric in ("factorization", "subspace_invariance", "n_components"):
            row = chosen(family, metric, "pose", "scene", threshold)
            assert row.value == pytest.approx(getattr(single, metric), abs=1e-12)
            assert row.low <= row.value <= row.high
        for metric in ("invariance", "covariance_factorization", "corrected_covariance_factorization"):
            row = chosen(family, metric, "pose", "scene")
            assert row.value == pytest.approx(getattr(single, metric), abs=1e-12)
            assert row.low < row.value < row.high
    again = factorization_family(exact(X), scenes, parameters, (0.8, 0.9))
    pd.testing.assert_frame_equal(family, again)


def test_images_dealt_at_random_lose_their_scenes():
    rng = np.random.default_rng(8)
    X, scenes, parameters = two_parameters(rng, range(6), range(6, 9), range(9, 13), scenes=40)
    family = factorization_family(exact(X), scenes, parameters)
    control = chosen(family, "invariance_shuffled", "pose", "scene")
    assert control.low <= control.value <= control.high
    assert control.value == pytest.approx(1 / 5, abs=0.05)  # a mean of five random images
    assert chosen(family, "invariance", "pose", "scene").value > control.high
    assert chosen(family, "factorization", "pose", "scene", 0.9).value > 0.9
    assert chosen(family, "factorization_shuffled", "pose", "scene", 0.9).high < 0.6


@pytest.mark.parametrize(("scenes", "levels", "units"), [(4, 2, 8), (3, 2, 8), (2, 2, 8), (6, 3, 1)])
def test_the_smallest_designs_have_values_or_say_why_not(scenes, levels, units, caplog):
    rng = np.random.default_rng(12)
    X = rng.standard_normal((2 * scenes * levels, units))
    index = np.tile(np.repeat([f"s{i}" for i in range(scenes)], levels), 2)
    family = factorization_family(exact(X), index, np.repeat(["pose", "lighting"], scenes * levels))
    undefined = family[family.value.isna()]
    assert set(undefined.metric) <= {"corrected_covariance_factorization"}
    if scenes < 4:
        assert "needs four scenes" in caplog.text
    plain = family[~family.metric.str.startswith("corrected") & (family.metric != "n_components")]
    assert plain.value.between(-1e-12, 1 + 1e-12).all()


def test_a_parameter_that_moves_nothing_is_named_and_left_out(caplog):
    rng = np.random.default_rng(13)
    X, scenes, parameters = two_parameters(rng, range(5), range(5, 9), [])
    family = factorization_family(exact(X), scenes, parameters)
    assert set(family.parameter) == {"pose"} and set(family.against) == {"scene"}
    assert "lighting" in caplog.text and "no variance" in caplog.text


def test_parameters_of_different_scenes_are_not_compared(caplog):
    rng = np.random.default_rng(14)
    X, scenes, parameters = two_parameters(rng, range(5), range(5, 9), range(9, 13))
    scenes = np.where(parameters == "pose", scenes, np.char.add(scenes, "b"))
    family = factorization_family(exact(X), scenes, parameters)
    assert set(family.against) == {"scene"} and set(family.parameter) == {"pose", "lighting"}
    assert "different scenes" in caplog.text


def test_as_many_scenes_as_images_are_needed():
    G = exact(np.random.default_rng(19).standard_normal((30, 5)))
    scenes = np.repeat(range(6), 4)
    with pytest.raises(Fault, match="as many scenes"):
        factorization(G, scenes)
    with pytest.raises(Fault, match="as many scenes"):
        factorization_family(G, scenes, np.repeat("pose", 24))


@pytest.mark.parametrize("spread", [1, 2])
def test_levels_that_are_the_same_in_every_scene_take_nothing_off(spread):
    """Scenes and a parameter on axes of their own: the truth is 1, whichever way levels are chosen."""
    rng, held, drawn = np.random.default_rng(20), [], []
    for _ in range(20):
        base = np.pad(rng.standard_normal((40, 1, 8)), ((0, 0), (0, 0), (0, 8)))
        for levels, found in ((rng.standard_normal((1, 6, 8)), held), (rng.standard_normal((40, 6, 8)), drawn)):
            X = base + spread * np.pad(np.broadcast_to(levels, (40, 6, 8)), ((0, 0), (0, 0), (8, 0)))
            part = factorization(exact(X.reshape(-1, 16)), np.repeat(range(40), 6), shared_levels=found is held)
            found.append(part.corrected_covariance_factorization)
    assert np.mean(held) == pytest.approx(1, abs=0.01)
    assert np.mean(drawn) == pytest.approx(1, abs=0.02)


def test_the_table_tells_which_levels_are_held():
    index = pd.MultiIndex.from_product([["pose", "spatial", "time"], ["a", "b"], [0, 1]])
    table = index.to_frame(index=False, name=["parameter", "scene", "level"])
    table["crop_x"] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.5, 0.6, 0, 0, 0, 0]
    table["second"] = [0, 0, 0, 0, 0, 0, 0, 0, 1.0, 1.1, 4.0, 4.1]
    assert parameters_with_shared_levels(table.assign(stimulus_id="", label="")) == {"spatial", "time"}


def test_pairs_are_what_features_say():
    rng = np.random.default_rng(21)
    X, scenes, parameters = two_parameters(rng, range(6), range(4, 12), range(8, 20), scenes=10, levels=4)
    family = factorization_family(exact(X), scenes, parameters, (0.8,))
    A, B = (X[parameters == name].reshape(10, 4, -1) for name in ("pose", "lighting"))
    a, b = ((Y - Y.mean(axis=1, keepdims=True)).reshape(40, -1) for Y in (A, B))
    _, singular, axes = np.linalg.svd(b, full_matrices=False)
    k = np.searchsorted(np.cumsum(singular**2) / np.sum(singular**2), 0.8, side="right") + 1
    expected = 1 - np.sum((a @ axes[:k].T) ** 2) / np.sum(a**2)
    assert chosen(family, "factorization", "pose", "lighting", 0.8).value == pytest.approx(expected, abs=1e-10)
    C, D = a.T @ a, b.T @ b
    cosine = np.sum(C * D) / np.linalg.norm(C) / np.linalg.norm(D)
    found = chosen(family, "covariance_factorization", "pose", "lighting")
    assert found.value == pytest.approx(1 - cosine, abs=1e-10)
