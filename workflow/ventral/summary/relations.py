"""The percentile bootstrap over families of models. No study uses it.

Its intervals cover .87 to .93, so that relations are computed by `ventral.across_models`, which leaves out one family
at a time. It stays as what that jackknife is compared with in the benchmark of its calibration.
"""

import numpy as np
import pandas as pd

from ventral.core.random import generator
from ventral.statistics.weighted_correlation import correlation

__all__ = ["correlation", "draws", "interval"]

RESAMPLES = 1000


def draws(count: int, seed: int) -> np.ndarray:
    """How often each of `count` families is drawn, (resamples, families)."""
    return generator(seed, "models").multinomial(count, np.full(count, 1 / count), size=RESAMPLES)


def interval(resampled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval along the first axis; resamples without variance are left out."""
    bounds = pd.DataFrame(resampled.reshape(len(resampled), -1)).quantile([0.025, 0.975])
    return tuple(bounds.to_numpy().reshape(2, *resampled.shape[1:]))
