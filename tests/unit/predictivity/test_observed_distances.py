"""RSA with the distances of observers: known answers, the ceiling, missing pairs, and intervals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from ventral.gram import gram
from ventral.predictivity.observed_distances import observe, score_distances
from ventral.predictivity.resampled_pairs import resampled_rsa
from ventral.recordings.distances import Distances
from ventral.representational_similarity import rdm

N = 24
IDS = np.array([f"image{i}" for i in range(N)], dtype=object)
UPPER = np.triu_indices(N, 1)
TABLE = pd.DataFrame({"stimulus_id": IDS, "content": IDS})


def named(responses):
    """The Gram of responses to the images, with their ids."""
    return replace(gram(responses, device="cpu"), stimulus_id=IDS)


def recorded(values, areas=None):
    matrices = pd.DataFrame({"observer": [str(i) for i in range(len(values))], "area": areas or ["V4"] * len(values)})
    return Distances("mine", np.asarray(values), matrices, IDS, "simulated", True, "none", "none", "none")


@pytest.fixture
def layer():
    return named(np.random.default_rng(0).normal(size=(N, 40)))


@pytest.fixture
def truth(layer):
    return rdm(layer)[UPPER]


def noisy(truth, observers, sigma, seed=1):
    return truth + sigma * truth.std() * np.random.default_rng(seed).normal(size=(observers, len(truth)))


def scored(layer, distances, table=TABLE):
    areas, observers = score_distances(layer, observe(distances, table, seed=0))
    return areas.set_index(["area", "metric"]), observers


def test_the_score_is_the_mean_correlation_with_observers_and_lies_between_the_bounds_for_the_truth(layer, truth):
    values = noisy(truth, 6, 1)
    areas, observers = scored(layer, recorded(values))
    expected = [spearmanr(truth, one).statistic for one in values]
    assert np.allclose(observers.value, expected)
    row = areas.loc["V4", "observed_rsa"]
    assert np.isclose(row.value, np.mean(expected)) and row.n == 6
    lower, upper = (areas.value["V4", f"observed_rsa_{side}"] for side in ("lower", "upper"))
    assert lower < row.value < upper and np.isclose(areas.value["V4", "observed_rsa_ceiling"], upper**2)
    pooled = np.mean([pd.Series(one).rank() for one in values], axis=0)
    assert np.isclose(upper, np.mean([spearmanr(pooled, one).statistic for one in values]))
    assert row.low < row.value < row.high and row.low_images < row.value < row.high_images
    assert abs(areas.value["V4", "observed_rsa_shuffled"]) < 0.2


def test_equal_observers_have_a_ceiling_of_one_and_the_layer_itself_reaches_it(layer, truth):
    areas, _ = scored(layer, recorded([truth, 3 * truth - 1]))
    assert np.allclose(areas.value["V4"].drop("observed_rsa_shuffled"), 1)


def test_a_single_observer_has_no_ceiling_and_its_interval_is_over_images(layer, truth):
    areas, _ = scored(layer, recorded(noisy(truth, 2, 1), ["V1", "V4"]))
    assert {*areas.index.get_level_values("metric")} == {"observed_rsa", "observed_rsa_shuffled"}
    row = areas.loc["V1", "observed_rsa"]
    assert (row.low, row.high) == (row.low_images, row.high_images)


def test_pairs_that_an_observer_lacks_are_left_out(layer, truth):
    values = noisy(truth, 3, 0.5)
    known = np.random.default_rng(2).random(values.shape) < 0.8
    values[~known] = np.nan
    areas, observers = scored(layer, recorded(values))
    expected = [spearmanr(truth[has], one[has]).statistic for one, has in zip(values, known, strict=True)]
    assert np.allclose(observers.value, expected)
    lower, upper = (areas.value["V4", f"observed_rsa_{side}"] for side in ("lower", "upper"))
    assert 0 < lower < np.mean(expected) < upper + 0.05


def test_resampled_images_without_some_pairs_have_the_correlation_of_the_drawn_pairs(truth):
    rng = np.random.default_rng(3)
    known = rng.random(len(truth)) < 0.7
    a, b = (one[known] - one[known].mean() for one in (truth, rng.normal(size=len(truth)) + truth))
    counts = rng.multinomial(N, np.full(N, 1 / N), size=4)
    i, j = (index[known] for index in UPPER)
    for found, drawn in zip(resampled_rsa(a, b, counts, known), counts, strict=True):
        times = drawn[i] * drawn[j]
        assert np.isclose(found, np.corrcoef(np.repeat(a, times), np.repeat(b, times))[0, 1], atol=1e-5)


def test_images_with_equal_pixels_count_once(layer, truth):
    table = TABLE.assign(content=[*IDS[:-1], IDS[0]])
    keep = (UPPER[0] < N - 1) & (UPPER[1] < N - 1)
    values = noisy(truth, 1, 1)
    _, observers = scored(layer, recorded(values), table)
    assert np.isclose(observers.value[0], spearmanr(truth[keep], values[0][keep]).statistic)


def test_a_layer_that_does_not_vary_has_no_score(truth, caplog):
    flat = named(np.tile(np.arange(5.0), (N, 1)))
    areas, _ = scored(flat, recorded(noisy(truth, 2, 1)))
    assert np.isnan(areas.value["V4", "observed_rsa"]) and "No RSA" in caplog.text
