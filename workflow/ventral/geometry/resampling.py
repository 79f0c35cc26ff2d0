"""Intervals: how far a value would move with other scenes, or other images, of the same kind.

Scenes are resampled by a multiplier bootstrap in antithetic pairs. Every scene gets the weight 1 + ε_i with ε_i = ±δ
at random, and once more the weight 1 − ε_i; from both values of a weighted statistic T ::

    e = (T(1 + ε) − T(1 − ε)) / 2δ,        standard error = √ mean e²

No scene ever has the weight zero, so that resampled subspaces have as many scenes to span them as the real one:
drawing scenes with replacement leaves 37 % out and shifts every subspace metric. Even parts of T, its curvature, cancel
in each pair; they would double the error of a cosine that is at its maximum.

Images are left out one at a time (jackknife), which closed forms make as cheap as one evaluation. So are scenes for
ratios of unbiased products (corrected values), whose curvature is no nuisance but part of their error: with few scenes,
or scenes of which a few hold most of the variance, the antithetic pairs cover too rarely.
"""

import numpy as np
from scipy.special import stdtrit

PAIRS = 500
DELTA = 0.5  # ε of a bootstrap has variance 1; a smaller one keeps weights positive and is scaled up
COVERED = 0.95
ROUNDING = 1e-9


def scene_weights(n: int, rng: np.random.Generator) -> np.ndarray:
    """Weights of n scenes: all ones, then 2 × 500 resamples, a pair's second half 500 rows below its first.

    Returns
    -------
    array of shape (1001, n)
    """
    epsilon = rng.choice([-DELTA, DELTA], size=(PAIRS, n))
    return np.vstack([np.ones((1, n)), 1 + epsilon, 1 - epsilon])


def interval(values: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of 95 % for statistics taken with `scene_weights`.

    Parameters
    ----------
    values : array of shape (1001, …)
        The statistic with all weights one, then with each row of resampled weights.
    n : int
        Scenes; Student's t has n − 1 degrees of freedom.

    Returns
    -------
    low, high : arrays of shape (…)
        NaN where the statistic, or more than a tenth of its resamples, is undefined.
    """
    up, down = values[1 : PAIRS + 1], values[PAIRS + 1 :]
    effect = (up - down) / (2 * DELTA)
    known = np.isfinite(effect)
    squares = np.sum(np.where(known, effect, 0) ** 2, axis=0) / np.maximum(known.sum(axis=0), 1)
    error = np.where(known.mean(axis=0) >= 0.9, np.sqrt(squares), np.nan)
    return bounds(values[0], error, n - 1)


def jackknife_interval(
    value: np.ndarray, left_out: np.ndarray, heavy_tails: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of 95 % from the values with each of n images or scenes left out.

    Parameters
    ----------
    value : array of shape (…)
    left_out : array of shape (n, …)
        Bounds are NaN where one of these is undefined.
    heavy_tails : bool
        Whether Student's t loses degrees of freedom where a few images hold most of the error: with κ the kurtosis of
        what each image adds, there are 2n / (κ − 1) of them (Satterthwaite), n − 1 at most.

    Source: Efron & Stein, "The jackknife estimate of variance", Annals of Statistics 9: 586-596 (1981).
    """
    n = len(left_out)
    effect = left_out - left_out.mean(axis=0)
    variance = np.mean(effect**2, axis=0)
    freedom = n - 1
    if heavy_tails:
        excess = np.mean(effect**4, axis=0) - variance**2
        freedom = np.where(excess > 0, 2 * n * variance**2 / np.where(excess > 0, excess, 1), n - 1)
        freedom = np.clip(freedom, 1, n - 1)
    return bounds(value, np.sqrt((n - 1) * variance), freedom)


def leave_one_out(n: int) -> np.ndarray:
    """Weights of n scenes or images: all ones, then with each left out, (1 + n, n)."""
    return np.vstack([np.ones((1, n)), 1 - np.eye(n)])


def two_way_jackknife_interval(
    value: float, without_row: np.ndarray, without_column: np.ndarray
) -> tuple[float, float]:
    """Bounds of 95 % where rows (images) and columns (draws) were both sampled.

    The variance is the sum of both jackknife variances, and Student's t has the degrees of freedom of Satterthwaite.

    Parameters
    ----------
    value : float
    without_row, without_column : arrays of shape (N,) and (L,)
        The values with each row, and with each column, left out.
    """
    N, L = len(without_row), len(without_column)
    of_rows, of_columns = (N - 1) * np.var(without_row), (L - 1) * np.var(without_column)
    variance = of_rows + of_columns
    freedom = N - 1
    if variance > 0:
        freedom = 1 / ((of_rows / variance) ** 2 / (N - 1) + (of_columns / variance) ** 2 / (L - 1))
    return bounds(value, np.sqrt(variance), freedom)


def within(low, high, least: float, most: float) -> tuple[np.ndarray, np.ndarray]:
    """An interval cut to what is possible; NaN where it lies wholly beyond, by more than rounding."""
    inside = (np.asarray(low) <= most + ROUNDING) & (np.asarray(high) >= least - ROUNDING)
    return tuple(np.where(inside, np.clip(end, least, most), np.nan) for end in (low, high))


def bounds(value: np.ndarray, error: np.ndarray, freedom: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A value ± its standard error times Student's t."""
    half = stdtrit(freedom, (1 + COVERED) / 2) * error
    return value - half, value + half
