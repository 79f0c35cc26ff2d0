"""The whitened unbiased cosine: its definition by whitened distances, its jackknife, and no bias from noise."""

from dataclasses import replace

import numpy as np
import pytest

from ventral.gram import gram
from ventral.predictivity.alignment import with_jackknife
from ventral.predictivity.whitened_cosine import crossed_halves, whitened_cosine
from ventral.recordings.gaps import Block

N, UNITS, REPEATS = 8, 6, 4
I, J = np.triu_indices(N, 1)
WHOLE = Block(np.arange(UNITS), np.arange(N))


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(size=(N, 20))


@pytest.fixture
def crossed(X):
    trials = X[:, :UNITS].T[:, :, None] + np.random.default_rng(1).normal(size=(UNITS, N, REPEATS))
    return crossed_halves(trials, WHOLE, np.random.default_rng(2))


def by_definition(X, a, b):
    """The cosine of distances after whitening by V, the covariance of their errors if noise is independent."""
    contrasts = np.eye(N)[I] - np.eye(N)[J]
    V = (contrasts @ contrasts.T) ** 2
    layer = np.sum((X[I] - X[J]) ** 2, axis=1)
    area = np.sum((a[I] - a[J]) * (b[I] - b[J]), axis=1)

    def product(x, y):
        return x @ np.linalg.solve(V, y)

    return product(layer, area) / np.sqrt(product(layer, layer) * product(area, area))


def test_it_is_the_cosine_of_whitened_unbiased_distances_with_a_jackknife_over_units(X, crossed):
    ((_, a, b),) = crossed.halves()
    found = whitened_cosine(gram(X, device="cpu"), crossed)
    assert np.isclose(found["value"], by_definition(X, a, b))
    left_out = [by_definition(X, np.delete(a, unit, axis=1), np.delete(b, unit, axis=1)) for unit in range(UNITS)]
    expected = with_jackknife(found["value"], np.array(left_out), least=-1)
    assert np.allclose([found["low"], found["high"]], [expected["low"], expected["high"]])


@pytest.mark.parametrize("loudest", [1e4, 2e4, 1e9])
def test_its_jackknife_without_a_unit_that_is_louder_than_all_others_is_that_of_the_others(X, crossed, loudest):
    trials = crossed.trials * np.array([1, 1, loudest, 1, 1, 1])[:, None, None]
    G, loud = gram(X, device="cpu"), replace(crossed, trials=trials)
    found = whitened_cosine(G, loud)
    units = [np.delete(WHOLE.units, unit) for unit in range(UNITS)]
    left_out = [whitened_cosine(G, replace(loud, block=Block(some, WHOLE.images)))["value"] for some in units]
    expected = with_jackknife(found["value"], np.array(left_out), least=-1)
    assert [found["low"], found["high"]] == pytest.approx([expected["low"], expected["high"]], rel=1e-9)


def test_it_is_one_without_noise_and_zero_on_average_if_there_is_only_noise(X):
    clean = np.repeat(X.T[:, :, None], REPEATS, axis=2)
    every = Block(np.arange(len(clean)), WHOLE.images)
    G = gram(X, device="cpu")
    assert np.isclose(whitened_cosine(G, crossed_halves(clean, every, np.random.default_rng(0)))["value"], 1)
    values = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        values.append(whitened_cosine(G, crossed_halves(rng.normal(size=(UNITS, N, 2)), WHOLE, rng))["value"])
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(200)


def test_it_needs_two_trials_and_a_layer_that_varies(X, crossed, caplog):
    assert crossed_halves(None, WHOLE, np.random.default_rng(0)) is None
    once = crossed.trials.copy()
    once[0, 0, 1:] = np.nan
    assert crossed_halves(once, WHOLE, np.random.default_rng(0)) is None and "two trials" in caplog.text
    assert np.isnan(whitened_cosine(gram(np.ones_like(X), device="cpu"), crossed)["value"])
