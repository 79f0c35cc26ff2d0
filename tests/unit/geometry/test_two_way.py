"""Two-way corrected geometry does not depend on how many units, images and trials were recorded."""

from itertools import permutations, product

import numpy as np
import pytest

from ventral.core.errors import Fault
from ventral.geometry import (
    debiased_cka,
    effective_dimensionality,
    factorization,
)
from ventral.geometry.cross_validated import cross_validated_grams, distinct_traces
from ventral.geometry.distinct_units import squared_covariance, traces_of_pairs
from ventral.geometry.two_way import (
    cka_values,
    factorization_terms,
    trace_terms,
    two_way_cka,
    two_way_covariance_factorization,
    two_way_effective_dimensionality,
)
from ventral.gram import gram

SCALE = np.sqrt(1 / np.arange(1, 201))
MOVED = np.where((np.arange(200) >= 5) & (np.arange(200) < 25), 0.6, 0)
FEWER = np.arange(200) >= 4  # axes of the second area


def halves_of(rng, X, noise=1.0):
    """Two noisy trials of responses."""
    return [tuple(X + noise * X.std() * rng.standard_normal(X.shape) for _ in range(2))]


def populations(rng, units, scenes=30, levels=6):
    """Responses of random units to independent images, of another area's, and to scenes that vary one parameter."""
    W, other = rng.standard_normal((2, 200, units))
    Z = rng.standard_normal((60, 200)) * SCALE
    moved = rng.standard_normal((scenes, levels, 200)) * np.sqrt(MOVED)
    varied = (rng.standard_normal((scenes, 1, 200)) * SCALE + moved).reshape(-1, 200)
    return Z @ W, Z * FEWER @ other, varied @ W, np.repeat(np.arange(scenes), levels)


def estimates(rng, X, Y, V, scenes, noise=1.0):
    """All three metrics of noisy halves."""
    X, Y, V = (halves_of(rng, each, noise) for each in (X, Y, V))
    return (
        two_way_effective_dimensionality(X),
        two_way_covariance_factorization(V, scenes),
        two_way_cka(X, Y),
    )


def u_statistic(x, y, z, w):
    """Mean over distinct images of ¼ (x_i − x_j) (y_i − y_j) (z_k − z_l) (w_k − w_l)."""
    return np.mean(
        [
            (x[i] - x[j]) * (y[i] - y[j]) * (z[k] - z[l]) * (w[k] - w[l]) / 4
            for i, j, k, l in permutations(range(len(x)), 4)
        ]
    )


def test_sums_over_units_are_u_statistics_over_distinct_images():
    rng = np.random.default_rng(0)
    A, B, other_A, other_B = rng.standard_normal((4, 6, 3))
    units = range(3)
    own = [[u_statistic(*(X[kept, a] for X in (A, B, A, B))) for a in units] for kept in (slice(None), slice(1, None))]
    np.testing.assert_allclose(squared_covariance(A, B)[:2], own, rtol=1e-9)
    traces, squares = np.zeros((2, 3))
    for a, b in product(units, units):
        traces[a] += u_statistic(A[:, a], B[:, a], other_A[:, b], other_B[:, b])
        squares[a] += u_statistic(A[:, a], other_B[:, b], other_A[:, b], B[:, a])
    np.testing.assert_allclose(traces_of_pairs(A, B, other_A, other_B), [traces, squares], rtol=1e-9)
    totals = distinct_traces(cross_validated_grams([(A, B)]))[:, 0]
    np.testing.assert_allclose(traces_of_pairs(A, B, A, B).sum(axis=1), totals, rtol=1e-9)


def test_dimensionality_equals_the_published_estimator():
    """Computed with `participation_ratio` of the package dimensionality 0.1.4 from the same responses."""
    X = np.sin(np.outer(np.arange(1, 41), [1, 1, 1, 2, 2, 2, 3, 3, 3]) + np.arange(9))
    assert two_way_effective_dimensionality([(X, X)]).value == pytest.approx(24.417472463183355, rel=1e-9)


def test_values_describe_the_population_at_any_number_of_units_with_noise():
    rng = np.random.default_rng(1)
    truth = [
        np.sum(SCALE**2) ** 2 / np.sum(SCALE**4),
        1 - SCALE**2 @ MOVED / np.linalg.norm(SCALE**2) / np.linalg.norm(MOVED),
        np.linalg.norm(SCALE[FEWER] ** 2) / np.linalg.norm(SCALE**2),
    ]
    for units in (30, 90):
        found, plain = [], []
        for _ in range(40):
            X, Y, V, scenes = populations(rng, units)
            found.append([each.value for each in estimates(rng, X, Y, V, scenes)])
            G, H = gram(X, device="cpu"), gram(Y, device="cpu")
            of_units = factorization(gram(V, device="cpu"), scenes).corrected_covariance_factorization
            dimensionality = effective_dimensionality(G).corrected_effective_dimensionality
            plain.append([dimensionality, of_units, debiased_cka(G, H)])
        mean, error = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(len(found))
        # Terms are unbiased; ratios of them are so to first order.
        assert (np.abs(mean - truth) < 4 * error + 0.05 * np.array(truth)).all()
        assert (np.mean(plain, axis=0) < mean - 4 * error).all()


def test_leaving_an_image_a_scene_or_a_unit_out_is_measuring_the_others():
    rng = np.random.default_rng(2)
    first, second = ([(X + rng.standard_normal(X.shape), X)] for X in rng.standard_normal((2, 9, 6)))

    def without(halves, image=(), unit=()):
        return [tuple(np.delete(np.delete(X, image, axis=0), unit, axis=1) for X in pair) for pair in halves]

    def traces(halves):
        return trace_terms(halves, cross_validated_grams(halves))

    of_images, of_units = traces(first)
    images, units, other_units = cka_values(first, second)
    for k in range(9):
        np.testing.assert_allclose(of_images[:, k + 1], traces(without(first, k))[0][:, 0], rtol=1e-8)
        expected = cka_values(without(first, k), without(second, k))[0][0]
        np.testing.assert_allclose(images[k + 1], expected, rtol=1e-8)
    for k in range(6):
        np.testing.assert_allclose(of_units[:, k], traces(without(first, unit=k))[0][:, 0], rtol=1e-8)
        np.testing.assert_allclose(units[k], cka_values(without(first, unit=k), second)[0][0], rtol=1e-8)
        np.testing.assert_allclose(other_units[k], cka_values(first, without(second, unit=k))[0][0], rtol=1e-8)


@pytest.mark.parametrize("shared", [False, True])
def test_leaving_a_scene_or_a_unit_out_is_factorizing_the_others(shared):
    rng = np.random.default_rng(3)
    *_, V, scenes = populations(rng, 5, scenes=7, levels=4)
    halves = halves_of(rng, V)
    of_scenes, of_units = factorization_terms(halves, scenes, shared)
    for scene in range(7):
        kept = scenes != scene
        others, _ = factorization_terms([tuple(X[kept] for X in halves[0])], scenes[kept], shared)
        np.testing.assert_allclose(of_scenes[:, scene + 1], others[:, 0], rtol=1e-8)
    for unit in range(5):
        others, _ = factorization_terms([tuple(np.delete(X, unit, axis=1) for X in halves[0])], scenes, shared)
        np.testing.assert_allclose(of_units[:, unit], others[:, 0], rtol=1e-8)


def test_scale_rotation_offset_and_order_do_not_matter():
    rng = np.random.default_rng(3)
    X, Y, V, scenes = populations(rng, 20)
    expected = estimates(rng, X, Y, V, scenes, noise=0)
    order, images = rng.permutation(20), rng.permutation(len(X))
    changed = (5 * X[images][:, order] + 3, 1e-3 * Y[images], 0.1 * V[:, order] - 2, scenes)
    for before, after in zip(expected, estimates(rng, *changed, noise=0), strict=True):
        np.testing.assert_allclose(
            (after.value, after.low, after.high), (before.value, before.low, before.high), rtol=1e-7
        )


def test_two_samples_of_one_population_are_aligned_and_unrelated_ones_are_not():
    rng = np.random.default_rng(4)
    Z = rng.standard_normal((100, 30))
    first, second = (halves_of(rng, Z @ rng.standard_normal((30, 80))) for _ in range(2))
    found = two_way_cka(first, second)
    assert found.low < 1 and found.value == pytest.approx(1, abs=0.15)
    unrelated = halves_of(rng, rng.standard_normal((100, 30)) @ rng.standard_normal((30, 80)))
    found = two_way_cka(first, unrelated)
    assert found.low < 0 < found.high


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(9, 3), (9, 3)], "4 units or more, not 9 and 3"),
        ([(4, 9), (4, 9)], "5 images"),
        ([(9, 5), (9, 6)], "same shape"),
    ],
)
def test_too_little_or_unequal_data_is_refused(shapes, message):
    halves = [tuple(np.random.default_rng(6).standard_normal(shape) for shape in shapes)]
    with pytest.raises(Fault, match=message):
        two_way_effective_dimensionality(halves)


def test_responses_without_variance_have_no_value():
    X = np.ones((10, 6))
    assert np.isnan(two_way_effective_dimensionality([(X, X)]).value)
    assert np.isnan(two_way_cka([(X, X)], [(X, X)]).value)
