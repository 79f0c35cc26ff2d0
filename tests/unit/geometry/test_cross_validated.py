"""The noise of trials is excluded by inner products across halves of the trials."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_scenes import THRESHOLDS, plain, recorded, signal

from ventral.core.errors import Fault
from ventral.geometry import effective_dimensionality, factorization_family
from ventral.geometry.cross_validated import (
    CrossValidatedGram,
    cross_validated_grams,
    dimensionality_rows_cv,
    distinct_traces,
    factorization_rows_cv,
    traces,
)
from ventral.geometry.trial_halves import response_halves
from ventral.gram import gram
from ventral.recordings.ceiling import split_halves


def values_of(rows):
    return {(row["metric"].removesuffix("_crossed"), row.get("threshold")): row["value"] for row in rows}


def test_without_noise_cross_validated_values_and_intervals_are_the_plain_ones():
    rng = np.random.default_rng(0)
    X, scenes = signal(rng)
    found = cross_validated_grams(response_halves(recorded(rng, X, noise=0), rng, splits=2))
    expected = plain(X, scenes)
    rows = factorization_rows_cv(found, scenes, THRESHOLDS, 0) + dimensionality_rows_cv(found, True)
    assert len(rows) == 3 + len(THRESHOLDS) + 2
    for key, value in values_of(rows).items():
        assert value == pytest.approx(expected[key], rel=1e-9), key
    family = factorization_family(gram(X, device="cpu"), scenes, np.full(len(X), "pose"), THRESHOLDS)
    dimensionality = effective_dimensionality(gram(X, device="cpu"))
    for row in rows:
        name = row["metric"].removesuffix("_crossed")
        if name == "effective_dimensionality":
            low, high = dimensionality.low, dimensionality.high
        elif name == "corrected_effective_dimensionality":
            low, high = dimensionality.corrected_low, dimensionality.corrected_high
        else:
            same = (family.metric == name) & (family.threshold.isna() | (family.threshold == row.get("threshold")))
            [[low, high]] = family.loc[same, ["low", "high"]].to_numpy()
            row |= dict(zip(("low", "high"), np.clip([row["low"], row["high"]], low, high), strict=True))
        assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high)), name


@pytest.mark.parametrize("shared", [0, 0.3], ids=["independent", "shared between units"])
def test_cross_validation_takes_the_noise_out(shared):
    rng = np.random.default_rng(1)
    truth, means, cleaned = [], [], []
    for _ in range(40):
        X, scenes = signal(rng, scenes=20)
        trials = recorded(rng, X, shared=shared)
        found = cross_validated_grams(response_halves(trials, rng, splits=3))
        rows = factorization_rows_cv(found, scenes, [0.5], 0) + dimensionality_rows_cv(found, True)
        cleaned.append(values_of(rows))
        truth.append(plain(X, scenes))
        means.append(plain(trials.mean(axis=2).T, scenes))
    cleaned = pd.DataFrame(cleaned)
    truth, means = (pd.DataFrame(values)[cleaned.columns] for values in (truth, means))
    off, left = (means - truth).mean() / truth.mean(), (cleaned - truth).mean() / truth.mean()
    error = (cleaned - truth).std() / truth.mean() / np.sqrt(len(truth))
    assert (error < 0.04).all()
    # Terms are unbiased; ratios of them are so to first order.
    assert (left.abs() < 0.02 + 3 * error).all()
    noisy = off.index != ("factorization", 0.5)  # whose error is small in this case, with and without crossing
    assert (off.abs() > 2 * left.abs() + 4 * error)[noisy].all()


@pytest.mark.parametrize("uneven", [False, True])
def test_products_of_distinct_images_are_unbiased(uneven):
    rng = np.random.default_rng(2)
    X, _ = signal(rng, scenes=4, levels=5)
    silent = CrossValidatedGram(gram(X, device="cpu").centered, np.zeros((len(X), len(X))))
    truth = distinct_traces([silent])[:, 0]
    trials = [recorded(rng, X, noise=0.7, shared=0.4) for _ in range(400)]
    if uneven:  # two to four trials of an image
        for each in trials:
            each[:, 1::3, 2:] = each[:, 2::3, 3:] = np.nan
    found = np.array(
        [distinct_traces(cross_validated_grams(response_halves(each, rng, splits=1)))[:, 0] for each in trials]
    )
    error = found.std(axis=0) / np.sqrt(len(found))
    assert np.all(np.abs(found.mean(axis=0) - truth) < 4 * error)
    assert np.all(4 * error < 0.2 * truth)


@given(seed=st.integers(0, 1000), n=st.integers(6, 9))
@settings(max_examples=10)
def test_leaving_an_image_out_is_measuring_the_others(seed, n):
    rng = np.random.default_rng(seed)
    found = cross_validated_grams(response_halves(rng.standard_normal((5, n, 4)), rng, splits=2))
    for terms in (traces, distinct_traces):
        for image in range(n):
            others = [each.subset(np.delete(np.arange(n), image)) for each in found]
            np.testing.assert_allclose(terms(found)[:, image + 1], terms(others)[:, 0], rtol=1e-9, atol=1e-12)


def test_halves_share_no_trial_and_units_are_dealt_alike():
    rng = np.random.default_rng(3)
    trials = np.broadcast_to(2.0 ** np.arange(6), (3, 40, 6)).copy()
    trials[:, 0, 4:] = np.nan
    A, B = split_halves(trials, rng)
    assert not np.ptp(A, axis=0).any() and not np.ptp(B, axis=0).any() and len(np.unique(A[0])) > 5
    np.testing.assert_array_equal(3 * (A + B)[:, 1:], 63)
    np.testing.assert_array_equal(2 * (A + B)[:, 0], 15)


def test_units_with_a_few_single_trials_are_kept_and_those_with_most_are_left_out(caplog):
    rng = np.random.default_rng(4)
    trials = rng.standard_normal((12, 20, 4)) + rng.standard_normal((12, 20, 1))
    of_ten = response_halves(trials[:10], np.random.default_rng(0))
    trials[10:, :11, 1:] = np.nan
    for found, same in zip(response_halves(trials, np.random.default_rng(0)), of_ten, strict=True):
        np.testing.assert_array_equal(found, same)
    assert "2 of 12 units lack two trials of most images" in caplog.text
    trials[10, :11] = trials[10, 11:12]
    trials[10, 7, 1:] = np.nan
    for (A, B), same in zip(response_halves(trials, np.random.default_rng(0)), of_ten, strict=True):
        np.testing.assert_array_equal((A[:, :10], B[:, :10]), same)
        assert A.shape == (20, 11) and A[7, 10] == B[7, 10] and np.isfinite([A, B]).all()
    with pytest.raises(Fault, match="11 of 20 images do not have"):
        response_halves(trials[11:], rng)


def test_missing_halves_have_the_variance_of_the_signal_and_no_noise():
    rng = np.random.default_rng(5)
    signal = rng.standard_normal((30, 4)) @ rng.standard_normal((4, 300)) / 2
    trials = signal[..., None] + rng.standard_normal((30, 300, 2))
    missing = rng.random((30, 300)) < 0.2
    trials[missing, 1] = np.nan
    A, B = np.transpose(response_halves(trials, rng, splits=5), (1, 0, 3, 2))
    assert np.mean((A * B)[:, missing]) == pytest.approx(np.mean(signal[missing] ** 2), rel=0.15)
