"""Intervals: how far a value would move with other scenes, or other images, of the same kind.

Scenes are resampled by a multiplier bootstrap in antithetic pairs. Every scene gets the weight 1 + ε_i with ε_i = ±δ
at random, and once more the weight 1 − ε_i; from both values of a weighted statistic T ::

    e = (T(1 + ε) − T(1 − ε)) / 2δ,        standard error = √ mean e²

No scene ever has the weight zero, so that resampled subspaces have as many scenes to span them as the real one:
drawing scenes with replacement leaves 37 % out and shifts every subspace metric. Even parts of T, its curvature, cancel
in each pair; they would double the error of a cosine that is at its maximum.

Images are left out one at a time (jackknife), which closed forms make as cheap as one evaluation.
"""

import numpy as np
from scipy.special import stdtrit

PAIRS = 500
DELTA = 0.5  # ε of a bootstrap has variance 1; a smaller one keeps weights positive and is scaled up
COVERED = 0.95


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
    return bounds(values[0], error, n)


def jackknife_interval(value: np.ndarray, left_out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of 95 % from the values with each of n images left out, an array of shape (n, …).

    Source: Efron & Stein, "The jackknife estimate of variance", Annals of Statistics 9: 586-596 (1981).
    """
    n = len(left_out)
    error = np.sqrt((n - 1) * np.mean((left_out - left_out.mean(axis=0)) ** 2, axis=0))
    return bounds(value, error, n)


def bounds(value: np.ndarray, error: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """A value ± its standard error times Student's t with n − 1 degrees of freedom."""
    half = stdtrit(n - 1, (1 + COVERED) / 2) * error
    return value - half, value + half
