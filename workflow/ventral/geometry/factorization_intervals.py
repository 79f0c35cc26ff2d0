"""Values of the factorization family with their intervals, as rows of the long table.

Intervals are over scenes, and also over draws if levels are random draws (`ventral.geometry.left_out_draws`).
"""

from collections.abc import Iterable

import numpy as np

from ventral.geometry.left_out_draws import error_of_draws
from ventral.statistics.intervals import (
    ROUNDING,
    jackknife_error,
    leave_one_out,
    resampled_error,
    samples_interval,
    within,
)

COUNTS = ("n_components",)
FEWEST_LEFT_OUT = 3  # scenes; one that is left of two has no variance between scenes
FEWEST_FOR_INTERVAL = 6  # scenes, of a corrected value


def row(
    metric: str, values: np.ndarray, W: np.ndarray, *without_draws: np.ndarray, most: int | None = None
) -> dict[str, object]:
    """A value and its interval, which is cut to [0, 1], or of a count rounded outward to whole numbers.

    Parameters
    ----------
    metric : str
    values : array of shape (1001,)
        For each row of weights.
    W : array of shape (1001, N)
        `scene_weights` of N scenes.
    *without_draws : arrays of shape (groups,)
        For each parameter whose levels are random draws, the value without each group of draws.
    most : int, optional
        The largest possible count.
    """
    errors = [resampled_error(values, W.shape[1]), *map(error_of_draws, without_draws)]
    low, high = samples_interval(values[0], *errors)
    value = values[0]
    if metric in COUNTS:
        value, [low, high] = np.ceil(value), np.clip([np.floor(low), np.ceil(high)], 1, most)
    else:
        low, high = np.clip([low, high], 0, 1)
    return row_of(metric, value, (low, high))


def share_row(metric: str, values: np.ndarray, *without_draws: np.ndarray) -> dict[str, object]:
    """A share of variance and its `share_interval`, which is cut to [0, 1].

    Parameters
    ----------
    metric : str
    values : array of shape (1 + N,)
        The value with all scenes, then with each of N scenes left out.
    *without_draws : arrays of shape (groups,)
        As for `row`.
    """
    return row_of(metric, values[0], np.clip(share_interval(values, *without_draws), 0, 1))


def share_interval(values: np.ndarray, *without_draws: np.ndarray) -> np.ndarray:
    """Jackknife interval of a share of variance, from log-odds, which a few scenes of large variance move less.

    If the share is not inside (0, 1) with all scenes and without each of them, the interval is of the share itself. It
    is NaN with fewer than three scenes, and if the value is the same without any of the scenes but is not at an end of
    its range.

    Parameters
    ----------
    values, *without_draws
        As for `share_row`.
    """
    from scipy.special import expit, logit

    value, parts = values[0], [values[1:], *without_draws]
    every = np.concatenate([values[:1], *parts])
    if len(values) <= FEWEST_LEFT_OUT or (ROUNDING < value < 1 - ROUNDING and np.ptp(values[1:]) <= ROUNDING):
        return np.full(2, np.nan)
    if every.min() > ROUNDING and every.max() < 1 - ROUNDING:
        errors = [jackknife_error(logit(part), heavy_tails=True) for part in parts]
        return expit(samples_interval(logit(value), *errors))
    return np.array(samples_interval(value, *(jackknife_error(part, heavy_tails=True) for part in parts)))


def left_out_scenes(N: int) -> np.ndarray:
    """Weights of all scenes, then with each scene left out; only the first row with too few scenes for an interval."""
    return leave_one_out(N)[: None if N >= FEWEST_FOR_INTERVAL else 1]


def corrected_row(metric: str, values: np.ndarray, *without_draws: np.ndarray) -> dict[str, object]:
    """A corrected value and its jackknife interval.

    One minus a cosine is in [0, 2], and the interval is cut to this range. Sampling error can move the value itself
    outside. The interval is NaN with fewer than six scenes, if the value is undefined without one of the scenes, or if
    the whole interval is outside the range.

    Parameters
    ----------
    metric : str
    values : array of shape (1,) or (1 + N,)
        The value with all scenes, then with each of N scenes left out, see `left_out_scenes`.
    *without_draws : arrays of shape (groups,)
        As for `row`.
    """
    low, high = np.full(2, np.nan)
    if len(values) > 1:
        errors = [jackknife_error(values[1:]), *map(error_of_draws, without_draws)]
        low, high = within(*samples_interval(values[0], *errors), 0, 2)
    return row_of(metric, values[0], (low, high))


def row_of(metric: str, value: float, limits: Iterable) -> dict[str, object]:
    """The columns of a value and the limits of its interval."""
    low, high = limits
    return {"metric": metric, "value": float(value), "low": float(low), "high": float(high)}
