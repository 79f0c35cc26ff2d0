"""Intervals: how much a value would vary between samples of scenes, or of images, of the same kind.

Scenes are resampled by a multiplier bootstrap in antithetic pairs. Every scene gets the weight 1 + ε_i with a random
ε_i = ±δ, and in the second half of the pair the weight 1 − ε_i. The two values of a weighted statistic T give ::

    e = (T(1 + ε) − T(1 − ε)) / 2δ,        standard error = √ mean e²

No weight is zero, so resampled subspaces are spanned by as many scenes as the original one. Drawing scenes with
replacement would leave out 37 % of them and shift every subspace metric. The even part of T, its curvature, cancels in
each pair; it would double the error of a cosine that is at its maximum.

Images are left out one at a time (jackknife). Closed forms make this as cheap as one evaluation. Scenes are also left
out one at a time for ratios of unbiased products (corrected values), because the curvature of such a ratio is part of
its error. With few scenes, or if a few scenes account for most of the variance, intervals from antithetic pairs would
contain the true value too rarely.
"""

from dataclasses import dataclass

import numpy as np

PAIRS = 500
DELTA = 0.5  # smaller than the 1 of a bootstrap, so that weights stay positive; the effect is scaled up
COVERED = 0.95
ROUNDING = 1e-9


@dataclass(frozen=True)
class Estimate:
    """A value and the limits of its 95 % interval; NaN if there is none."""

    value: float
    low: float = float("nan")
    high: float = float("nan")


def scene_weights(n: int, rng: np.random.Generator) -> np.ndarray:
    """Weights of n scenes: all ones, then 2 × 500 resamples. The second half of a pair is 500 rows below the first.

    Returns
    -------
    array of shape (1001, n)
    """
    epsilon = rng.choice([-DELTA, DELTA], size=(PAIRS, n))
    return np.vstack([np.ones((1, n)), 1 + epsilon, 1 - epsilon])


def interval(values: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of a statistic that was computed for each row of `scene_weights`.

    Parameters
    ----------
    values : array of shape (1001, …)
        The statistic with all weights equal to one, then with each row of resampled weights.
    n : int
        Number of scenes; Student's t has n − 1 degrees of freedom.

    Returns
    -------
    low, high : arrays of shape (…)
        NaN if the statistic, or more than a tenth of its resamples, is undefined.
    """
    return bounds(values[0], *resampled_error(values, n))


def resampled_error(values: np.ndarray, n: int) -> tuple[np.ndarray, int]:
    """The standard error behind `interval`, and its degrees of freedom."""
    up, down = values[1 : PAIRS + 1], values[PAIRS + 1 :]
    effect = (up - down) / (2 * DELTA)
    known = np.isfinite(effect)
    squares = np.sum(np.where(known, effect, 0) ** 2, axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(known.mean(axis=0) >= 0.9, np.sqrt(squares), np.nan), n - 1


def jackknife_interval(
    value: np.ndarray, left_out: np.ndarray, heavy_tails: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval from the values with each of n images or scenes left out.

    Parameters
    ----------
    value : array of shape (…)
        The statistic of all images or scenes.
    left_out : array of shape (n, …)
        The statistic without each of them. The interval is NaN if one of these values is.
    heavy_tails : bool
        Whether Student's t loses degrees of freedom if a few images account for most of the error. With κ the kurtosis
        of the images' contributions there are 2n / (κ − 1) degrees (Satterthwaite), but at most n − 1.

    Returns
    -------
    low, high : arrays of shape (…)

    Notes
    -----
    Source: Efron & Stein, "The jackknife estimate of variance", Annals of Statistics 9: 586-596 (1981).
    """
    return bounds(value, *jackknife_error(left_out, heavy_tails))


def jackknife_error(left_out: np.ndarray, heavy_tails: bool = False) -> tuple[np.ndarray, float | np.ndarray]:
    """The jackknife standard error and its degrees of freedom."""
    n = len(left_out)
    effect = left_out - left_out.mean(axis=0)
    variance = np.mean(effect**2, axis=0)
    freedom: float | np.ndarray = n - 1
    if heavy_tails:
        excess = np.mean(effect**4, axis=0) - variance**2
        freedom = np.where(excess > 0, 2 * n * variance**2 / np.where(excess > 0, excess, 1), n - 1)
        freedom = np.clip(freedom, 1, n - 1)
    return np.sqrt((n - 1) * variance), freedom


def leave_one_out(n: int) -> np.ndarray:
    """Weights of n scenes or images, (1 + n, n): all ones, then a zero for each one left out."""
    return np.vstack([np.ones((1, n)), 1 - np.eye(n)])


def samples_jackknife_interval(
    value: float, *left_out: np.ndarray, heavy_tails: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval from `samples_interval`, with the jackknife error of each sample.

    Parameters
    ----------
    value : float
        The statistic of everything.
    *left_out : arrays of shape (n,)
        For each sample, the statistic without each of its n members.
    heavy_tails : bool
        As in `jackknife_interval`, for each sample.
    """
    return samples_interval(value, *(jackknife_error(values, heavy_tails) for values in left_out))


def samples_interval(value: float, *errors: tuple) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval if more than one thing was sampled: images and draws, or images and units.

    The variance is the sum of the variances, and Student's t has Satterthwaite's degrees of freedom. Error that arises
    in single images of single units, such as noise, counts once for each sample, and the interval is then too wide.

    Parameters
    ----------
    value : float
        The statistic of everything.
    *errors : pairs of floats
        For each sample, the standard error and its degrees of freedom.
    """
    of_samples, freedoms = np.transpose(errors).astype(float)
    variance = np.sum(of_samples**2)
    freedom = freedoms[0] if variance == 0 else 1 / np.sum((of_samples**2 / variance) ** 2 / freedoms)
    return bounds(value, np.sqrt(variance), freedom)


def within(low, high, least: float, most: float) -> tuple[np.ndarray, np.ndarray]:
    """An interval cut to the possible range; NaN if it is entirely outside, by more than rounding."""
    inside = (np.asarray(low) <= most + ROUNDING) & (np.asarray(high) >= least - ROUNDING)
    low, high = (np.where(inside, np.clip(end, least, most), np.nan) for end in (low, high))
    return low, high


def bounds(value: float | np.ndarray, error: np.ndarray, freedom: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A value ± its standard error times the quantile of Student's t."""
    from scipy.special import stdtrit  # figures import this module for its metrics, and need no scipy

    half = stdtrit(freedom, (1 + COVERED) / 2) * error
    return value - half, value + half


def wider_for_new_fits(share: float) -> float:
    """By how much an interval that holds fits fixed is too narrow, if each is of this share of the data.

    Source: √(1 + test / training) of Nadeau & Bengio, "Inference for the generalization error", Machine Learning 52:
    239-281 (2003), for as many fits as leave out each part of the data once.
    """
    return np.sqrt(1 + 1 / share)
