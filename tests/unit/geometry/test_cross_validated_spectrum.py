"""Cross-validated spectra contain no noise of trials."""

import logging

import numpy as np
import pytest

from ventral.geometry.cross_validated_spectrum import (
    along_axes,
    cross_validated_spectrum,
    eigenvalues,
    exponent,
    means,
    ranges_of_ranks,
    spectrum_rows_cv,
)


def power_law(rng, images=320, units=160, noise=1.0):
    """Responses whose variances fall as 1/rank, and two trials with noise of `noise` times their variance."""
    axes = np.linalg.qr(rng.standard_normal((units, units)))[0]
    X = rng.standard_normal((images, units)) / np.sqrt(np.arange(1, units + 1)) @ axes
    return X, [tuple(X + np.sqrt(noise) * X.std() * rng.standard_normal(X.shape) for _ in range(2))]


def test_the_exponent_of_a_power_law_is_recovered_from_noisy_trials():
    found, plain = [], []
    for seed in range(2):
        rng = np.random.default_rng(seed)
        _, halves = power_law(rng)
        of_signal = cross_validated_spectrum(halves, rng)
        mean = np.mean(halves[0], axis=0)
        fitted = [k for k, (first, last) in enumerate(of_signal.ranges) if first >= 11 and last <= of_signal.last]
        ranges = [of_signal.ranges[k] for k in fitted]
        plain.append(exponent(means(eigenvalues([(mean, mean)])[None], ranges)[0], ranges))
        found.append(of_signal.alpha.value)
        assert of_signal.last >= 60 and of_signal.alpha.low < of_signal.alpha.value < of_signal.alpha.high
    assert np.mean(found) == pytest.approx(1, abs=0.08)
    assert np.mean(plain) < 0.8


def test_noise_adds_nothing_to_the_sum():
    rng = np.random.default_rng(3)
    X, halves = power_law(rng, noise=3.0)
    total, truth = eigenvalues(halves).sum(), np.var(X, axis=0, ddof=1).sum()
    assert total == pytest.approx(truth, rel=0.1)
    assert np.var(halves[0][0], axis=0, ddof=1).sum() > 3 * truth


def test_without_noise_the_spectrum_is_that_of_the_covariance():
    X, _ = power_law(np.random.default_rng(4), 60, 20)
    expected = np.linalg.eigvalsh(np.cov(X.T))[::-1]
    np.testing.assert_allclose(eigenvalues([(X, X)]), expected)
    np.testing.assert_allclose(eigenvalues([(X[:12], X[:12])])[:11], np.linalg.eigvalsh(np.cov(X[:12].T))[:8:-1])


def test_products_of_images_and_of_units_give_the_same():
    rng = np.random.default_rng(5)
    A, B = rng.standard_normal((2, 30, 12))
    np.testing.assert_allclose(along_axes(A, B), along_axes(*(np.hstack([X, np.zeros((30, 30))]) for X in (A, B)))[:12])


def test_ranges_cover_the_ranks_once_and_one_begins_at_11():
    for count in (2, 9, 60, 400, 5000):
        ranges = ranges_of_ranks(count)
        assert [first for first, _ in ranges[1:]] == [last + 1 for _, last in ranges[:-1]]
        assert ranges[0][0] == 1 and ranges[-1][1] == min(count // 2, 500)
    assert 11 in [first for first, _ in ranges]


def test_pure_noise_has_no_exponent(caplog):
    rng = np.random.default_rng(6)
    with caplog.at_level(logging.WARNING):
        rows = spectrum_rows_cv([tuple(rng.standard_normal((2, 80, 60)))], rng)
        value = {row["metric"]: row["value"] for row in rows}
        assert np.isnan(value["alpha_crossed"]) and value["last_rank_crossed"] < 20
        assert spectrum_rows_cv([tuple(rng.standard_normal((2, 39, 60)))], rng) == []
        assert spectrum_rows_cv([tuple(rng.standard_normal((2, 60, 60)))], rng, np.repeat(np.arange(15), 4)) == []
    assert "alpha without noise is undefined" in caplog.text and caplog.text.count("needs 40 images") == 2


def test_images_of_a_scene_are_left_out_together():
    """With copies of every image the interval is that of the images, not narrower."""
    rng = np.random.default_rng(7)
    _, [(A, B)] = power_law(rng, 100, 60)
    once = cross_validated_spectrum([(A, B)], np.random.default_rng(0))
    twice = [(np.repeat(A, 2, axis=0), np.repeat(B, 2, axis=0))]
    together = cross_validated_spectrum(twice, np.random.default_rng(0), np.repeat(np.arange(100), 2))
    assert together.alpha.high - together.alpha.low == pytest.approx(once.alpha.high - once.alpha.low, rel=1e-6)


def test_of_very_many_images_of_many_units_some_are_drawn(monkeypatch):
    monkeypatch.setattr("ventral.geometry.cross_validated_spectrum.LARGEST", 50)
    rng = np.random.default_rng(8)
    for units, expected in ((60, 50), (20, 80)):
        rows = spectrum_rows_cv([tuple(rng.standard_normal((2, 80, units)))], rng, np.arange(80) // 2)
        assert {row["n"] for row in rows} == {expected}
