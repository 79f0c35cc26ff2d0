"""The ratio of signal to noise of units, from whatever trials there are."""

import numpy as np
import pytest

from ventral.recordings.signal_to_noise import ceiling_of, signal_to_noise


@pytest.mark.parametrize("gaps", [False, True])
def test_the_ratio_of_signal_to_noise_is_found_with_any_repeats(gaps):
    rng = np.random.default_rng(3)
    signal = rng.standard_normal((4, 4000, 1)) * np.array([0.5, 1, 2, 0])[:, None, None]
    trials = signal + rng.standard_normal((4, 4000, 3))
    if gaps:
        trials[:, 1000:, 2] = trials[:, 2500:, 1] = np.nan
    found = signal_to_noise(trials.astype(np.float32))
    np.testing.assert_allclose(found[:3], [0.5, 1, 2], atol=0.08)  # a few standard errors
    assert found[3] < 0.25
    m = np.sum(~np.isnan(trials[0]), axis=1)
    r3, r2, r1 = (np.sum(m == n) for n in (3, 2, 1))
    of_publisher = found**2 / (found**2 + (r3 / 3 + r2 / 2 + r1) / (r3 + r2 + r1))
    np.testing.assert_allclose(ceiling_of(found, m), of_publisher)
    assert np.isnan(signal_to_noise(np.full((1, 3, 2), np.nan))).all()


def test_with_three_trials_each_the_ratio_is_that_of_the_publisher():
    trials = np.random.default_rng(4).standard_normal((2, 50, 3)) + np.arange(50)[:, None] / 20
    trials = (trials - trials.mean(axis=(1, 2), keepdims=True)) / trials.std(axis=(1, 2), keepdims=True)
    noise = trials.var(axis=2, ddof=1).mean(axis=1)
    np.testing.assert_allclose(signal_to_noise(trials), np.sqrt(np.maximum(0, 1 - noise) / noise))
