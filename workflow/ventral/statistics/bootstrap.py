"""Intervals of an area's score: over its units, and over the test images.

A score is the median over units of the correlations of each split, averaged over splits. Resampling units changes which
correlations enter the median. Resampling images changes the correlations, for models as they were fitted. A resample is
a vector of counts. With w the counts of a split's test images, p the predictions and y the responses ::

    r = (Σw Σwpy − Σwp Σwy) / √((Σw Σwp² − (Σwp)²) (Σw Σwy² − (Σwy)²))

so that products of two matrices give all resamples of all units.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

RESAMPLES = 1000
AT_ONCE = 100  # resamples of all units that are sorted in memory
BOUNDS = (0.025, 0.975)
DEFINED = 0.9  # of the resamples; if fewer are defined, they are not random, and there is no interval


def draws(rng: np.random.Generator, n: int, resamples: int = RESAMPLES) -> np.ndarray:
    """Bootstrap counts: how often each of n items is drawn, (resamples, n)."""
    return rng.multinomial(n, np.full(n, 1 / n), size=resamples)


def image_draws(rng: np.random.Generator, stimulus_id: Sequence | np.ndarray) -> np.ndarray:
    """Bootstrap counts of rows, (resamples, rows); all rows of an image are drawn together."""
    codes, images = pd.factorize(np.asarray(stimulus_id))
    return draws(rng, len(images))[:, codes]


def resampled_center(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Median over the drawn units, then mean over splits.

    Parameters
    ----------
    values : array of shape (splits, units)
    counts : array of shape (resamples, units)
        How often each unit is drawn; every resample draws as many units as there are.

    Returns
    -------
    array of shape (resamples,)
    """
    n, medians = values.shape[1], []
    for row in values:
        order = np.argsort(row)
        parts = []
        for start in range(0, len(counts), AT_ONCE):
            reached = np.cumsum(counts[start : start + AT_ONCE, order], axis=1)
            middle = [row[order][np.sum(reached <= place, axis=1)] for place in ((n - 1) // 2, n // 2)]
            parts.append(np.mean(middle, axis=0))
        medians.append(np.concatenate(parts))
    return np.mean(medians, axis=0)


def image_scores(P: np.ndarray, Y: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Pearson r of every unit on resampled held-out images of one split.

    Parameters
    ----------
    P, Y : arrays of shape (test, units)
        Predictions and responses.
    counts : array of shape (resamples, test)

    Returns
    -------
    array of shape (resamples, units)
        NaN if a unit or its prediction does not vary in a resample.
    """
    w = counts.astype(float)
    p, y = P - P.mean(axis=0), Y - Y.mean(axis=0)
    p, y = (x / np.maximum(np.sqrt(np.mean(x**2, axis=0)), np.finfo(float).tiny) for x in (p, y))
    total = w.sum(axis=1, keepdims=True)
    wp, wy, wpp, wyy, wpy = np.split(w @ np.hstack([p, y, p**2, y**2, p * y]), 5, axis=1)
    spread = (total * wpp - wp**2) * (total * wyy - wy**2)
    varies = spread > 1e-10 * total**4  # p and y have mean square 1
    return np.where(varies, (total * wpy - wp * wy) / np.sqrt(np.where(varies, spread, 1)), np.nan)


def center(values: np.ndarray) -> np.ndarray:
    """Median over units (last axis), then mean over splits (first axis); NaN if a unit has no score."""
    return np.median(values, axis=-1).mean(axis=0)


def mean_of_splits(medians: np.ndarray) -> np.ndarray:
    """Mean of medians over units, (splits, resamples), over the splits that are defined in a resample.

    A resample can contain a single image of a small test set, or only images to which a unit gives the same response.
    Leaving out such resamples would favor those with many distinct images.
    """
    defined = ~np.isnan(medians)
    count = defined.sum(axis=0)
    return np.where(count > 0, np.sum(medians, axis=0, where=defined) / np.maximum(count, 1), np.nan)


def medians_over(values: np.ndarray, units: np.ndarray) -> np.ndarray:
    """`median_of_defined` of some units, a few resamples at a time.

    Parameters
    ----------
    values : array of shape (resamples, all units)
    units : bool array of shape (all units,)

    Returns
    -------
    array of shape (resamples,)
    """
    starts = range(0, len(values), AT_ONCE)
    return np.concatenate([median_of_defined(values[start : start + AT_ONCE, units]) for start in starts])


def median_of_defined(values: np.ndarray) -> np.ndarray:
    """Median over the last axis of the values that are not NaN; NaN if there are none."""
    medians = np.median(values, axis=-1)
    some = np.isnan(medians) & ~np.isnan(values).all(axis=-1)
    medians[some] = np.nanmedian(values[some], axis=-1)
    return medians


def interval_of(resampled: np.ndarray) -> tuple[float, float]:
    """Interval that contains 95 % of the resamples; NaN if fewer than nine in ten are defined."""
    defined = resampled[~np.isnan(resampled)]
    if len(defined) == 0 or len(defined) < DEFINED * len(resampled):
        return np.nan, np.nan
    low, high = np.quantile(defined, BOUNDS)
    return float(low), float(high)


def with_interval(value: float | np.ndarray, resampled: np.ndarray, over: str) -> dict[str, float]:
    """A value and the interval that contains 95 % of its resamples, as columns of the long table.

    Intervals over "units" are in `low` and `high`, those over "images" in `low_images` and `high_images`.
    """
    ends = {"units": ("low", "high"), "images": ("low_images", "high_images")}[over]
    return {"value": float(value)} | dict(zip(ends, interval_of(resampled), strict=True))
