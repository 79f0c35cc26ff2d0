"""Components that networks share are universal, those of a single network are not, and areas tell which they have."""

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact
from sklearn.decomposition import PCA

from ventral.shared_components import correlations, leading_components, r_of
from ventral.summary.representations import Node
from ventral.summary.tables import LAYER, RECORDED
from ventral.summary.universality import COLUMNS, others_of, shuffled, universality

N, PAIRS = 150, 6
FAMILIES = {"a": "a", "b": "b", "c": "c", "c2": "c"}


def rotated(X, rng):
    """The same responses along other axes."""
    return X @ np.linalg.qr(rng.standard_normal((X.shape[1], X.shape[1])))[0]


@pytest.fixture(scope="module")
def study():
    """Networks with the same odd components and even ones of their own, and areas with some of these."""
    rng = np.random.default_rng(0)
    white = np.linalg.qr(rng.standard_normal((N, PAIRS * (1 + len(FAMILIES)))))[0]
    white -= white.mean(axis=0)
    shared, own = white[:, :PAIRS], dict(zip(FAMILIES, np.split(white[:, PAIRS:], len(FAMILIES), axis=1), strict=True))
    scale = 0.9 ** np.arange(2 * PAIRS)
    nodes = []
    for model in FAMILIES:
        X = np.empty((N, 2 * PAIRS))
        X[:, ::2], X[:, 1::2] = shared, own[model]
        nodes += [Node(LAYER, model, layer, exact(rotated(X * scale, rng))) for layer in ("first", "second")]
    nodes.append(Node(LAYER, "pixels", "pixels", exact(rng.standard_normal((N, 30)))))
    nodes.append(Node(RECORDED, "session", "V4", exact(rotated(shared, rng))))
    nodes.append(Node(RECORDED, "session", "IT", exact(rotated(own["a"], rng))))
    return universality("photos", nodes, FAMILIES, 0)


def values(study, metric, model, area=None):
    """Values of the components of the first layer of a model."""
    rows = study[(study.metric == metric) & (study.model == model) & (study.layer == "first")]
    return rows[rows.area == area].value.to_numpy() if area else rows.value.to_numpy()


def test_shared_components_are_universal_and_others_are_not(study):
    assert [*study.columns] == [*COLUMNS] and {*study.model} == {"pixels", *FAMILIES}
    for model in ("a", "b"):
        found = values(study, "universality", model)
        assert found[::2].min() > 0.8 and np.abs(found[1::2]).max() < 0.5 and len(found) >= 8


def test_networks_of_the_same_family_do_not_count(study):
    assert others_of("c", FAMILIES, FAMILIES) == [["a"], ["b"]]
    assert others_of("pixels", FAMILIES, FAMILIES) == [["a"], ["b"], ["c", "c2"]]
    assert np.abs(values(study, "universality", "c")[1::2]).max() < 0.5
    assert (study[study.metric == "universality"].groupby("model").n.first() == [2, 2, 2, 2, 3]).all()


def test_shuffled_images_are_the_floor(study):
    floor = study[study.metric == "universality_shuffled"]
    assert np.abs(floor.value).max() < 0.25 and (floor.low <= floor.value).all() and (floor.value <= floor.high).all()


def test_an_area_that_shares_the_universal_components_has_a_positive_correlation(study):
    universal = values(study, "universality", "b")
    np.testing.assert_array_equal(values(study, "component_r", "b", "V4") > 0.6, universal > 0.6)
    of_own = values(study, "component_r", "a", "IT")
    assert of_own[1::2].min() > 0.8 and np.abs(of_own[::2]).max() < 0.5


def test_correlations_are_those_over_components_plain_and_given_the_rank():
    rng = np.random.default_rng(1)
    falling = -np.arange(40.0)
    a, b = falling + 5 * rng.standard_normal(40), falling + 5 * rng.standard_normal(40)
    plain, partial = correlations(a, b)
    assert plain["value"] == pytest.approx(pd.Series(a).corr(pd.Series(b), method="spearman"))
    assert plain["value"] > 0.6 and abs(partial["value"]) < 0.35
    assert partial["low"] < partial["value"] < partial["high"]
    same = correlations(a, a)
    assert same[0]["value"] == pytest.approx(1) and same[1]["value"] == pytest.approx(1)
    assert correlations(a[:9], b[:9]) == []


def test_ties_have_one_rank_and_what_does_not_vary_has_no_correlation():
    falling, steps = -np.arange(40.0), np.repeat(np.arange(4.0), 10)
    assert correlations(falling, np.zeros(40)) == correlations(np.zeros(40), falling) == []
    plain, _ = correlations(falling, steps)
    assert plain["value"] == pytest.approx(pd.Series(falling).corr(pd.Series(steps), method="spearman"))


def test_networks_that_only_tell_scenes_apart_share_no_components():
    rng = np.random.default_rng(5)
    scene = rng.permutation(np.repeat(np.arange(20), 12))
    codes = {name: rng.standard_normal((20, 30))[scene] + 0.1 * rng.standard_normal((240, 30)) for name in "abc"}
    nodes = [Node(LAYER, model, "only", exact(X)) for model, X in codes.items()]
    nodes.append(Node(RECORDED, "session", "V4", exact(rng.standard_normal((240, 8)))))
    found = universality("scenes", nodes, dict(zip("abc", "abc", strict=True)), 0, scene)
    values = found[found.metric == "universality"].value
    assert len(values) > 30 and abs(values.mean()) < 0.1
    assert universality("scenes", nodes, FAMILIES, 0, scene % 4).empty


def test_scenes_change_places_as_a_whole():
    scene = np.repeat(np.arange(9), 2)
    order = shuffled(scene, np.random.default_rng(1))
    assert sorted(order) == [*range(18)] and (order[1::2] == order[::2] + 1).all() and (order != np.arange(18)).any()


def test_components_are_principal_components_until_they_hold_95_percent_of_the_variance():
    X = np.random.default_rng(2).standard_normal((60, 20)) * 0.7 ** np.arange(20)
    found, expected = leading_components(exact(X)), PCA(0.95).fit_transform(X)
    assert found.shape == expected.shape
    np.testing.assert_allclose(np.abs(found), np.abs(expected / np.linalg.norm(expected, axis=0)), atol=1e-8)
    assert leading_components(exact(np.ones((60, 3)))).shape == (60, 0)


def test_a_representation_predicts_what_is_linear_in_it():
    X = np.random.default_rng(3).standard_normal((60, 5))
    splits = [(np.arange(40), np.arange(40, 60)), (np.arange(20, 60), np.arange(20))]
    np.testing.assert_allclose(r_of(exact(X), X @ np.ones((5, 2)), splits), 1, atol=1e-3)
    assert (r_of(exact(np.ones((60, 5))), X, splits) == 0).all()


def test_studies_without_areas_or_with_few_families_have_no_rows():
    rng = np.random.default_rng(4)
    nodes = [Node(LAYER, model, "only", exact(rng.standard_normal((30, 8)))) for model in ("a", "b")]
    area = Node(RECORDED, "session", "V4", exact(rng.standard_normal((30, 8))))
    assert universality("photos", nodes, FAMILIES, 0).empty
    assert universality("photos", [*nodes, area], FAMILIES, 0).empty
