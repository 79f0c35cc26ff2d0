"""The theory of ridge regression predicts its error, in both forms of a Gram, from few training images to many."""

import logging

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact

from ventral.predictivity.learning_curves import learning_curve_rows
from ventral.predictivity.sampled_fits import sample
from ventral.predictivity.spectral_theory import Modes, alignment, best_ridge, modes, moved_penalties, radius, ridge_of
from ventral.regression.folds import fold_of
from ventral.regression.ridge import fit_ridge


def gaussian(rng, n, d, decay, units=40, noise=0.5):
    """Gaussian features whose variances fall as rank^−decay, and noisy units that are linear in them."""
    X = rng.standard_normal((n, d)) * np.arange(1, d + 1) ** (-decay / 2)
    Y = X @ rng.standard_normal((d, units))
    return X, Y / Y.std(axis=0) + noise * rng.standard_normal(Y.shape)


def curves(G, Y, areas, rng):
    """The rows of a layer as a table."""
    return pd.DataFrame(learning_curve_rows(sample(G, Y, np.asarray(areas), rng), rng))


@pytest.mark.parametrize(("n", "d", "decay", "noise"), [(200, 500, 1, 0.0), (200, 500, 0.3, 0.7), (250, 60, 0.5, 0.5)])
def test_errors_on_gaussian_data_are_as_predicted(n, d, decay, noise):
    """Within 3 %, and the sampling error of the mean of 20 draws of images and of training images."""
    rng = np.random.default_rng(d)
    found = []
    for _ in range(4):
        X, Y = gaussian(rng, n, d, decay, noise=noise)
        rows = curves(exact(X), Y, ["V4"] * Y.shape[1], rng)
        found.append(rows[rows.parameter.notna()].pivot(index="parameter", columns="metric", values="value"))
    assert all(len(one) == 6 for one in found)
    log_ratio = np.log([one.predicted_error / one.measured_error for one in found])
    error = log_ratio.std(axis=0) / np.sqrt(len(found) - 1)
    assert (np.abs(log_ratio.mean(axis=0)) < 0.03 + 2 * error).all()


@pytest.mark.parametrize("kappa", [0.5, 1, 4])
def test_any_penalty_has_the_predicted_error(kappa):
    rng = np.random.default_rng(1)
    X, Y = gaussian(rng, 300, 600, 0.8, units=80)
    G, p = exact(X), 150
    of = modes(G, Y)
    ridge = ridge_of(of.eigenvalues, p, kappa * of.eigenvalues.mean())
    assert ridge.penalty > 0
    measured = []
    for _ in range(4):
        train, test = np.split(rng.permutation(300), [p])
        predictions = fit_ridge(fold_of(G, train, test), Y[train], [ridge.penalty]).predictions
        measured.append(np.mean((Y[test] - predictions) ** 2, axis=0) / Y.var(axis=0))
    assert (ridge.weights @ of.shares).mean() == pytest.approx(np.mean(measured), rel=0.03)


def test_few_of_many_images_have_the_published_error():
    """Canatar et al. (2023), for features without a mean: κ = α + κ Σ λ/(pλ + κ), E = κ²/(1 − γ) Σ W²/(pλ + κ)²."""
    n, p = 1_000_000, 40
    published = np.r_[1.0, 0.5, 0.2, 0.1]
    eigenvalues = np.zeros(n - 1)
    eigenvalues[:4] = n * published
    W = np.r_[0.4, 0.3, 0.2, 0.1]
    kappa = 3.0
    gamma = np.sum(p * published**2 / (p * published + kappa) ** 2)
    penalty = kappa - kappa * np.sum(published / (p * published + kappa))
    error = kappa**2 / (1 - gamma) * np.sum(W / (p * published + kappa) ** 2)
    # The intercept costs one of 40 images.
    ridge = ridge_of(eigenvalues, p, kappa * n / p)
    assert ridge.penalty == pytest.approx(penalty, rel=0.03) and ridge.weights[:4] @ W == pytest.approx(error, rel=0.03)


def test_both_forms_of_a_gram_have_the_same_modes():
    rng = np.random.default_rng(2)
    X, Y = gaussian(rng, 60, 20, 1)
    narrow, wide = modes(exact(X), Y), modes(exact(np.hstack([X, np.zeros((60, 60))])), Y)
    np.testing.assert_allclose(narrow.eigenvalues, wide.eigenvalues, atol=1e-9)
    np.testing.assert_allclose(narrow.shares, wide.shares, atol=1e-9)
    np.testing.assert_allclose(narrow.shares.sum(axis=0), 1)


def test_alignment_is_0_for_shuffled_images_and_1_along_the_first_component():
    rng = np.random.default_rng(3)
    X, _ = gaussian(rng, 100, 200, 1)
    G = exact(X)
    first = np.linalg.eigh(G.centered)[1][:, -1:]
    assert alignment(modes(G, first).shares)[0] == pytest.approx(1 - 1 / 99)
    shuffled = alignment(modes(G, rng.permuted(np.repeat(X[:, :1], 400, axis=1), axis=0)).shares)
    assert abs(shuffled.mean()) < 4 * shuffled.std() / np.sqrt(400)


def test_the_radius_describes_the_population_at_any_number_of_units():
    rng = np.random.default_rng(4)
    X, Y = gaussian(rng, 80, 200, 1, units=2000)
    of = modes(exact(X), Y)
    weights = best_ridge(of, 64).weights
    truth = np.linalg.norm(weights * of.shares.mean(axis=1))
    found = np.array([radius(weights, of.shares[:, rng.choice(2000, 4)])[0] for _ in range(300)])
    assert abs(np.mean(found**2) - truth**2) < 4 * np.std(found**2) / np.sqrt(300)
    plain = np.linalg.norm(weights * of.shares[:, :4].mean(axis=1))
    assert plain > 1.1 * truth


def test_leaving_a_unit_out_is_measuring_the_others():
    rng = np.random.default_rng(5)
    shares, weights = rng.random((30, 5)), rng.random(30)
    _, without = radius(weights, shares)
    expected = [radius(weights, np.delete(shares, unit, axis=1))[0] for unit in range(5)]
    np.testing.assert_allclose(without, expected)


def test_the_best_penalty_is_a_minimum_that_does_not_jump():
    rng = np.random.default_rng(12)
    X, Y = gaussian(rng, 80, 200, 1, units=2)
    of = modes(exact(X), Y)
    kappas = []
    for share in np.linspace(0, 1, 201):
        mixed = Modes(of.eigenvalues, of.shares @ np.array([[share], [1 - share]]))
        kappas.append(best_ridge(mixed, 64).kappa)
        errors = [ridge_of(of.eigenvalues, 64, kappas[-1] * by).weights @ mixed.shares[:, 0] for by in (0.99, 1, 1.01)]
        assert np.argmin(errors) == 1
    whole = abs(np.log(kappas[-1] / kappas[0]))
    assert whole > 0.1 and np.abs(np.diff(np.log(kappas))).max() < 0.05 * whole


def test_the_penalty_moves_as_it_does_if_a_unit_is_left_out():
    rng = np.random.default_rng(13)
    X, Y = gaussian(rng, 80, 200, 1, units=12)
    of = modes(exact(X), Y)
    best = best_ridge(of, 64)
    moved, slope = moved_penalties(of, 64, best)
    others = [Modes(of.eigenvalues, np.delete(of.shares, unit, axis=1)) for unit in range(12)]
    expected = np.array([np.log(best_ridge(one, 64).kappa / best.kappa) for one in others])
    assert np.abs(moved - moved.mean() - expected + expected.mean()).max() < 0.1 * np.ptp(expected)
    larger = ridge_of(of.eigenvalues, 64, best.kappa * 1.01).weights
    log_ratio = np.log(radius(larger, of.shares)[0] / radius(best.weights, of.shares)[0])
    assert slope == pytest.approx(log_ratio / np.log(1.01), rel=0.1)


def test_error_modes_have_a_radius_and_a_dimension():
    rng = np.random.default_rng(6)
    X, Y = gaussian(rng, 90, 200, 1)
    rows = curves(exact(X), Y, np.repeat(["V4", "IT"], 20), rng)
    value = rows.set_index(["area", "metric", "parameter"]).value
    for area in ("V4", "IT"):
        of_area = value[area].droplevel("parameter")
        radius_and_dimension = of_area.error_radius * np.sqrt(of_area.error_dimension)
        assert radius_and_dimension == pytest.approx(value[area, "predicted_error", "72 images"])
    assert (rows.low <= rows.value).all() and (rows.value <= rows.high).all() and (rows.n == 20).all()


def test_scale_offset_and_rotation_do_not_matter():
    rng = np.random.default_rng(7)
    X, Y = gaussian(rng, 50, 80, 1, units=6)
    rotation = np.linalg.qr(rng.standard_normal((80, 80)))[0]
    area = np.full(6, "V4")
    first, second = (
        curves(exact(one), two, area, np.random.default_rng(0)).value
        for one, two in ((X, Y), (7 * X @ rotation + 3, 0.01 * Y - 5))
    )
    np.testing.assert_allclose(first, second, rtol=1e-6)


def test_too_few_images_and_constant_layers_have_no_rows_and_constant_units_are_left_out(caplog):
    rng = np.random.default_rng(8)
    X, Y = gaussian(rng, 12, 30, 1, units=4)
    area = np.full(4, "V4")
    with caplog.at_level(logging.WARNING):
        assert sample(exact(X[:9]), Y[:9], area, rng) is None
        assert sample(exact(np.ones_like(X)), Y, area, rng) is None
        assert sample(exact(X), np.ones_like(Y), area, rng) is None
    assert caplog.text.count("Learning curves need") == 3
    Y[:, 0] = 1
    rows = curves(exact(X), Y, area, rng)
    assert (rows.n == 3).all() and rows.value.notna().all()
    single = curves(exact(X), Y[:, :2], area[:2], rng)
    assert (single.n == 1).all() and "error_radius" not in {*single.metric}


def test_of_very_many_images_some_are_drawn():
    rng = np.random.default_rng(10)
    X, Y = rng.standard_normal((2300, 4)), rng.standard_normal((2300, 2))
    drawn = sample(exact(X), Y, np.array(["V4", "IT"]), rng)
    assert len(drawn.G) == len(drawn.images) == 2000
    np.testing.assert_array_equal(drawn.Y, Y[drawn.images])


def test_the_best_penalty_of_unrelated_responses_is_large():
    rng = np.random.default_rng(9)
    eigenvalues = np.sort(rng.random(49))[::-1]
    ridge = best_ridge(Modes(eigenvalues, np.full((49, 3), 1 / 49)), 40)
    assert ridge.penalty > 100 * eigenvalues[0]
    assert ridge.weights.sum() / 49 == pytest.approx(50 / 49 * 41 / 40, rel=0.02)


def test_only_the_named_images_count():
    rng = np.random.default_rng(11)
    X, Y = gaussian(rng, 60, 80, 1, units=4)
    images, area = np.arange(5, 50), np.array(["V4"] * 4)
    first, second = (
        pd.DataFrame(learning_curve_rows(of, np.random.default_rng(0)))
        for of in (sample(exact(X), Y[images], area, rng, images), sample(exact(X[images]), Y[images], area, rng))
    )
    np.testing.assert_allclose(first.value, second.value, rtol=1e-6)
    assert sample(exact(X), Y[:0], area, rng, images[:0]) is None
