"""Values of the factorization family with their intervals over scenes, as rows of the long table."""

import numpy as np

from ventral.statistics.intervals import interval, jackknife_interval, leave_one_out, within

UNBOUNDED = ("n_components",)
FEWEST_FOR_INTERVAL = 6  # scenes, of a corrected value


def row(metric: str, values: np.ndarray, W: np.ndarray) -> dict[str, object]:
    """A value and its interval, which is cut to [0, 1] for metrics in this range."""
    low, high = interval(values, W.shape[1])
    if metric not in UNBOUNDED:
        low, high = np.clip([low, high], 0, 1)
    return {"metric": metric, "value": float(values[0]), "low": float(low), "high": float(high)}


def left_out_scenes(N: int) -> np.ndarray:
    """Weights of all scenes, then with each scene left out; only the first row with too few scenes for an interval."""
    return leave_one_out(N)[: None if N >= FEWEST_FOR_INTERVAL else 1]


def corrected_row(metric: str, values: np.ndarray) -> dict[str, object]:
    """A corrected value and its jackknife interval.

    One minus a cosine is in [0, 2], and the interval is cut to this range. Sampling error can move the value itself
    outside. The interval is NaN with fewer than six scenes, if the value is undefined without one of the scenes, or if
    the whole interval is outside the range.

    Parameters
    ----------
    metric : str
    values : array of shape (1,) or (1 + N,)
        The value with all scenes, then with each of N scenes left out, see `left_out_scenes`.
    """
    low, high = np.full(2, np.nan)
    if len(values) > 1:
        low, high = within(*jackknife_interval(values[0], values[1:]), 0, 2)
    return {"metric": metric, "value": float(values[0]), "low": float(low), "high": float(high)}
