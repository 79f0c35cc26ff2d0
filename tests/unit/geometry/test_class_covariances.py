"""Comparisons of the covariances of classes: known shapes, equality with features, and what leaves them unchanged."""

import itertools

import numpy as np
import pytest
from exact_gram import exact

from ventral.geometry.bures import bures_distance
from ventral.geometry.class_covariances import (
    FEWEST_CLASSES,
    SPLITS,
    class_covariance_rows,
    compared,
    cosine,
    distances,
)


def classes_with(axes, images=40, units=40, seed=0):
    """Gaussian responses to classes with means far apart, each varying along its own axes only."""
    rng = np.random.default_rng(seed)
    X = np.zeros((len(axes) * images, units))
    for k, own in enumerate(axes):
        rows = slice(k * images, (k + 1) * images)
        X[rows, own] = rng.standard_normal((images, len(own)))
    labels = np.repeat(np.arange(len(axes)), images).astype(str)
    return X + np.repeat(10 * rng.standard_normal((len(axes), units)), images, axis=0), labels


def rows_of(X, labels, seed=0):
    return {row["metric"].removeprefix("class_class_"): row for row in class_covariance_rows(exact(X), labels, seed)}


def test_classes_that_share_no_axis():
    X, labels = classes_with([range(5 * k, 5 * k + 5) for k in range(6)])
    found = rows_of(X, labels)
    assert found["bures"]["value"] == pytest.approx(np.sqrt(2), abs=1e-7)
    assert found["cosine"]["value"] == pytest.approx(0, abs=1e-12)
    assert 0 < found["bures_floor"]["value"] < 0.6


def test_classes_of_one_shape():
    X, labels = classes_with([range(8)] * 8)
    found = rows_of(X, labels)
    assert found["cosine"]["low"] < 1 and found["cosine"]["value"] == pytest.approx(1, abs=0.1)
    assert found["bures"]["value"] == pytest.approx(found["bures_floor"]["value"], rel=0.1)


def test_cosine_is_unbiased_and_distances_are_not():
    """Half of the axes are shared: the cosine is one half for any number of images; distances shrink with it."""
    axes = [[*range(4), *range(4 + 4 * k, 8 + 4 * k)] for k in range(6)]
    values = {}
    for images in (8, 64):
        many = [rows_of(*classes_with(axes, images, seed=seed), seed) for seed in range(30)]
        values[images] = {name: np.mean([row[name]["value"] for row in many]) for name in many[0]}
        assert values[images]["cosine"] == pytest.approx(0.5, abs=0.03)
    assert values[8]["bures"] > values[64]["bures"] + 0.1 > values[64]["bures_floor"] + 0.1


def test_values_are_those_of_the_features():
    X, labels = classes_with([range(3 * k, 3 * k + 6) for k in range(5)], images=9)
    G = exact(X)
    members = compared(G, labels)
    pairs = np.array(list(itertools.combinations(range(5), 2))).T
    rng, again = np.random.default_rng(3), np.random.default_rng(3)
    row, floor = distances(G, members, pairs, rng)
    drawn = [[again.permutation(index)[:8] for _ in range(SPLITS)] for index in members]
    apart = [bures_distance(X[drawn[i][s][:4]], X[drawn[j][s][:4]]) for i, j in pairs.T for s in range(SPLITS)]
    own = [bures_distance(X[drawn[i][s][:4]], X[drawn[i][s][4:]]) for i in range(5) for s in range(SPLITS)]
    assert row["value"] == pytest.approx(np.mean(apart), abs=1e-7)
    assert floor["value"] == pytest.approx(np.mean(own), abs=1e-7)
    C = [np.cov(X[index].T) / np.trace(np.cov(X[index].T)) for index in members]
    shared = np.mean([np.sum(C[i] * C[j]) for i, j in pairs.T])
    norm = np.mean([unbiased_norm(X[index]) / np.trace(np.cov(X[index].T)) ** 2 for index in members])
    assert cosine(G, members, pairs)["value"] == pytest.approx(shared / norm, abs=1e-9)


def unbiased_norm(x):
    """Mean over distinct a, b, c, d of ¼ ((x_a − x_b) · (x_c − x_d))²."""
    every = itertools.permutations(range(len(x)), 4)
    return np.mean([((x[a] - x[b]) @ (x[c] - x[d])) ** 2 / 4 for a, b, c, d in every])


def test_rotation_scale_and_place_of_classes_do_not_matter():
    X, labels = classes_with([range(3 * k, 3 * k + 6) for k in range(6)], images=10)
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((40, 40)))[0]
    moved = 3 * X @ turn + np.eye(40)[labels.astype(int)]
    plain, other = rows_of(X, labels), rows_of(moved, labels)
    for name, row in plain.items():
        assert [row[key] for key in ("value", "low", "high")] == pytest.approx(
            [other[name][key] for key in ("value", "low", "high")], abs=1e-6
        )


def test_intervals_need_five_classes_and_contain_the_value():
    axes = [range(3 * k, 3 * k + 9) for k in range(FEWEST_CLASSES)]
    for row in rows_of(*classes_with(axes)).values():
        assert row["low"] < row["value"] < row["high"] and row["n"] == 40 * FEWEST_CLASSES
    for row in rows_of(*classes_with(axes[1:])).values():
        assert np.isfinite(row["value"]) and np.isnan(row["low"])
    assert np.isfinite(rows_of(*classes_with(axes[:2]))["cosine"]["value"])


def test_classes_that_cannot_be_compared_are_left_out():
    X, labels = classes_with([range(5)] * 4, images=6)
    labels[:3] = ""  # leaves three images of the first class
    X[labels == "1"] = 1
    rows = rows_of(X, labels)
    assert {row["n"] for row in rows.values()} == {12}
    labels[labels == "2"] = ""
    assert rows_of(X, labels) == {}
