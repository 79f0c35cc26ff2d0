"""Manifold capacity: the published example, and projections and axes that other solvers and construction confirm."""

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact
from scipy.optimize import approx_fprime, nnls

from ventral.core.centering import center
from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.geometry.anchor_geometry import DRAW_VECTORS, anchor_geometry, coordinates, without_each_draw
from ventral.geometry.center_correlations import center_correlation, shared_axes, squared_correlations
from ventral.geometry.cone_projection import cone_coefficients
from ventral.geometry.family import Layer
from ventral.geometry.manifold_capacity import (
    FEWEST,
    capacity_rows,
    estimates,
    manifold_capacity,
    rows_of,
)
from ventral.gram import gram


def clouds(rng, P, M, N, radius=1.0):
    """P classes of M Gaussian points about Gaussian centers in N dimensions, and their labels."""
    centers = rng.standard_normal((P, 1, N))
    X = centers + radius * rng.standard_normal((P, M, N))
    return X.reshape(P * M, N), np.repeat([f"class{i:02d}" for i in range(P)], M)


def values(rows):
    return {row["metric"]: row["value"] for row in rows}


def test_the_published_example():
    # Half of its 100 manifolds of 50 points in 5,000 dimensions; tests/benchmarks/manifold.py measures all.
    rng = np.random.default_rng(0)
    G = gram(rng.standard_normal((50 * 50, 5000), dtype=np.float32), device="cpu")
    found = values(estimates(manifold_capacity(G, np.repeat(np.arange(50), 50), rng)))
    assert found["manifold_capacity"] == pytest.approx(0.04, abs=0.001)
    assert found["capacity_radius"] == pytest.approx(1.475, abs=0.02)
    assert found["capacity_dimension"] == pytest.approx(36.17, abs=0.3)


@pytest.mark.parametrize(("M", "D"), [(30, 31), (12, 40), (25, 6), (1, 3)])
@pytest.mark.parametrize("size", [0.05, 1.0])
def test_projections_are_those_of_scipy(M, D, size):
    rng = np.random.default_rng(M + D)
    S = np.column_stack([size * rng.standard_normal((M, D - 1)) / np.arange(1, D), np.ones(M)])
    T = rng.standard_normal((60, D))
    found, expected = cone_coefficients(S, T), np.array([nnls(S.T, t)[0] for t in T])
    assert found.min() >= 0
    np.testing.assert_allclose(found @ S, expected @ S, atol=1e-9)


def test_equal_points_have_the_cone_of_one():
    S, T = np.ones((4, 3)), np.random.default_rng(0).standard_normal((20, 3))
    expected = np.maximum(T.mean(axis=1), 0)[:, None] * np.ones(3)
    np.testing.assert_allclose(cone_coefficients(S, T) @ S, expected, atol=1e-12)


def test_a_point_has_capacity_two_and_no_extent():
    Z = np.random.default_rng(0).standard_normal((20000, 7))
    capacity, radius, dimension = anchor_geometry(*coordinates(np.zeros((3, 3)), 3, Z))
    assert capacity == pytest.approx(2, rel=0.03)
    assert (radius, dimension) == (0, 0)


def test_capacity_of_a_segment_is_that_of_the_theory():
    # The cone of (−R, 1) and (R, 1) is a wedge of half angle atan R, outside which the projection is on an edge.
    R = 0.7
    Z = np.random.default_rng(1).standard_normal((40000, 5))
    capacity, radius, dimension = anchor_geometry(*coordinates(np.array([[R**2, -(R**2)], [-(R**2), R**2]]), 2, Z))
    inside = 2 * np.arctan(R) / (2 * np.pi) * 2  # its share of angles, times the mean of ‖t‖²
    edges = 0.5  # two quadrants beside it, in which the mean of the squared projection is 1
    assert 1 / capacity == pytest.approx(inside + edges, rel=0.03)
    assert 0 < radius <= R and dimension <= 2


def test_larger_manifolds_have_less_capacity():
    small, large = (
        values(estimates(manifold_capacity(exact(X), labels, generator(0))))
        for X, labels in (clouds(np.random.default_rng(2), 8, 6, 40, radius) for radius in (0.2, 1.0))
    )
    assert small["manifold_capacity"] > 1.5 * large["manifold_capacity"]
    assert small["capacity_radius"] < large["capacity_radius"]


def test_kept_responses_and_their_gram_give_the_same():
    X, labels = clouds(np.random.default_rng(3), 6, 8, 20)
    order = np.random.default_rng(4).permutation(len(X))
    rotated = X @ np.linalg.qr(np.random.default_rng(5).standard_normal((20, 20)))[0]
    wide = np.hstack([rotated, np.zeros((len(X), 60))])  # more features than images: the Gram is kept
    first, second, mixed = (
        manifold_capacity(exact(Y), names, generator(0))
        for Y, names in ((X, labels), (wide, labels), (X[order], labels[order]))
    )
    assert exact(X).responses is not None and exact(wide).responses is None
    assert first.n_axes == second.n_axes == mixed.n_axes
    np.testing.assert_allclose(first.centers, second.centers, atol=1e-9)
    for name in ("capacity", "radius", "dimension"):
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), rtol=1e-5)
        np.testing.assert_allclose(getattr(first, name), getattr(mixed, name), rtol=0.2)  # other Gaussian vectors


def test_the_gradient_is_that_of_differences():
    rng = np.random.default_rng(6)
    X, A = rng.standard_normal((8, 7)), rng.standard_normal((7, 2))
    value = lambda a: squared_correlations(a, X, X @ X.T, A.shape)  # noqa: E731
    expected = approx_fprime(A.ravel(), lambda a: value(a)[0], 1e-7)
    np.testing.assert_allclose(value(A.ravel())[1], expected, atol=1e-5)


def test_axes_that_centers_share_are_found_and_removed():
    rng = np.random.default_rng(7)
    own, shared = rng.standard_normal((30, 200)) / np.sqrt(200), 2 * rng.standard_normal((30, 2))
    X = own + shared @ np.linalg.qr(rng.standard_normal((200, 2)))[0].T
    X -= X.mean(axis=0)
    weights = shared_axes(X @ X.T)
    axes = weights.T @ X
    assert len(axes) == 2
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-9)
    left = X - X @ axes.T @ axes
    assert center_correlation(X @ X.T) > 0.4
    assert center_correlation(left @ left.T) < 1.1 * center_correlation((own - own.mean(axis=0)) @ own.T) < 0.1


@pytest.mark.parametrize(
    ("centers", "said"),
    [([[1, 0], [2, 0], [-3, 0]], "on a line"), ([[1, 0], [0, 1], [-1, -1], [0, 0]], "no direction")],
)
def test_centers_without_directions_are_refused(centers, said):
    X = np.array(centers, dtype=float)
    with pytest.raises(Fault, match=said):
        shared_axes(X @ X.T)


def test_rows_of_classes_with_intervals_and_chance():
    X, labels = clouds(np.random.default_rng(8), 8, 10, 60, 0.5)
    rows = capacity_rows(exact(X), labels, 0)
    found = values(rows)
    assert found["manifold_capacity"] > 1.5 * found["manifold_capacity_shuffled"]
    assert found["manifold_capacity_shuffled"] == pytest.approx(2 / 10, rel=0.3)
    assert all(row["low"] <= row["value"] <= row["high"] and row["n"] == 80 for row in rows)
    assert rows == capacity_rows(exact(X), labels, 0)


def test_fewer_manifolds_have_no_rows(caplog):
    X, labels = clouds(np.random.default_rng(9), FEWEST - 1, 5, 20)
    assert capacity_rows(exact(X), labels, 0) == []
    assert "manifolds" in caplog.text
    constant = np.ones((40, 20))
    assert capacity_rows(exact(constant), np.repeat(np.arange(8), 5), 0) == []


def test_scenes_are_manifolds_under_each_parameter():
    rng = np.random.default_rng(10)
    X, scene = clouds(rng, 12, 4, 50, 0.1)
    X[24:] += rng.standard_normal((24, 50))  # the second parameter moves more
    parameter = np.repeat(["pose", "lighting"], 24)
    table = pd.DataFrame({"scene": scene, "parameter": parameter, "level": np.tile(range(4), 12), "label": ""})
    rows = pd.DataFrame(rows_of(Layer(exact(X), None, table, [0.9], 0)))
    assert {*rows.against} == {"scene"} and (rows.n == 24).all()
    capacity = rows[rows.metric == "manifold_capacity"].set_index("parameter").value
    assert capacity["pose"] > capacity["lighting"]


def test_without_a_group_of_draws_a_manifold_is_that_of_the_other_points():
    rng = np.random.default_rng(41)
    X = 2 + rng.standard_normal((8, 6))
    norm = np.linalg.norm(X.mean(axis=0))
    points, T = coordinates(center(X @ X.T) / norm**2, 6, rng.standard_normal((200, 15)))
    found = without_each_draw(X @ X.T / norm**2, points, T, np.arange(8))
    assert len(found) == 5
    kept = X[np.arange(8) % 5 != 1]
    others = (kept - kept.mean(axis=0)) / np.linalg.norm(kept.mean(axis=0))
    _, _, axes = np.linalg.svd((X - X.mean(axis=0)) / norm, full_matrices=False)
    signs = np.sign(np.sum(points * ((X - X.mean(axis=0)) / norm @ axes[::-1].T), axis=0))
    capacity, radius, dimension = anchor_geometry(others @ axes[::-1].T * signs, T[:DRAW_VECTORS])
    np.testing.assert_allclose(found[1], [1 / capacity, radius, dimension], rtol=1e-6)


def test_intervals_are_wider_with_draws_that_all_manifolds_share():
    rng = np.random.default_rng(42)
    moved = rng.standard_normal((1, 6, 20)) * rng.standard_t(3, (1, 6, 1))
    X = (rng.standard_normal((8, 1, 20)) + moved + 0.1 * rng.standard_normal((8, 6, 20))).reshape(48, 20)
    labels, draws = np.repeat([f"scene{i}" for i in range(8)], 6), np.tile(np.arange(6), 8)
    over_scenes, over_both = (pd.DataFrame(capacity_rows(exact(X), labels, 0, given)) for given in (None, draws))
    np.testing.assert_array_equal(over_scenes.value, over_both.value)
    width = (over_both.high - over_both.low) / (over_scenes.high - over_scenes.low)
    assert (width[:3] > 1.5).all() and (width[3:] == 1).all()
