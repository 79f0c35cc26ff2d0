"""Intervals of an area's score: over its units, and over the images on which it is tested.

A score is the median over units of the correlations of each split, averaged over splits. Drawing units anew changes
which scores the median is of; drawing images anew, models as they were fitted, changes the scores. A resample is a
vector of counts, and with w the counts of a split's test images, p the predictions and y the responses ::

    r = (Σw Σwpy − Σwp Σwy) / √((Σw Σwp² − (Σwp)²) (Σw Σwy² − (Σwy)²))

so that all resamples of all units follow from products of two matrices.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

RESAMPLES = 1000
BOUNDS = (0.025, 0.975)
DEFINED = 0.9  # of the resamples: with fewer there is no interval, since those that are defined are no random ones


def draws(rng: np.random.Generator, n: int, resamples: int = RESAMPLES) -> np.ndarray:
    """How often each of n is drawn, (resamples, n)."""
    return rng.multinomial(n, np.full(n, 1 / n), size=resamples)


def image_draws(rng: np.random.Generator, stimulus_id: Sequence) -> np.ndarray:
    """How often each row is drawn, (resamples, rows); all rows of an image together."""
    codes, images = pd.factorize(np.asarray(stimulus_id))
    return draws(rng, len(images))[:, codes]


def resampled_center(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Median over drawn units, then mean over splits.

    Parameters
    ----------
    values : array of shape (splits, units)
    counts : array of shape (resamples, units)
        As often each unit is drawn; every resample draws as many units as there are.

    Returns
    -------
    array of shape (resamples,)
    """
    n, medians = values.shape[1], []
    for row in values:
        order = np.argsort(row)
        reached = np.cumsum(counts[:, order], axis=1)
        middle = [row[order][np.sum(reached <= place, axis=1)] for place in ((n - 1) // 2, n // 2)]
        medians.append(np.mean(middle, axis=0))
    return np.mean(medians, axis=0)


def image_scores(predictions: Sequence[np.ndarray], Y: np.ndarray, splits: Sequence, counts: np.ndarray) -> np.ndarray:
    """Pearson r of every unit on resampled held-out images.

    Parameters
    ----------
    predictions : list of arrays of shape (test, units), one per split
    Y : array of shape (n, units)
    splits : sequence of (train, test)
    counts : array of shape (resamples, n)

    Returns
    -------
    array of shape (splits, resamples, units)
        NaN where a resample leaves a unit or its prediction without variance.
    """
    found = np.empty((len(splits), len(counts), Y.shape[1]))
    for r, P, (_, test) in zip(found, predictions, splits, strict=True):
        w = counts[:, test].astype(float)
        p, y = P - P.mean(axis=0), Y[test] - Y[test].mean(axis=0)
        p, y = (x / np.maximum(np.sqrt(np.mean(x**2, axis=0)), np.finfo(float).tiny) for x in (p, y))
        total = w.sum(axis=1, keepdims=True)
        wp, wy, wpp, wyy, wpy = np.split(w @ np.hstack([p, y, p**2, y**2, p * y]), 5, axis=1)
        spread = (total * wpp - wp**2) * (total * wyy - wy**2)
        varies = spread > 1e-10 * total**4  # both are of mean square 1
        r[:] = np.where(varies, (total * wpy - wp * wy) / np.sqrt(np.where(varies, spread, 1)), np.nan)
    return found


def center(values: np.ndarray) -> np.ndarray:
    """Median over units, the last axis, then mean over splits, the first; NaN where a unit has no score."""
    return np.median(values, axis=-1).mean(axis=0)


def center_of_resamples(values: np.ndarray) -> np.ndarray:
    """The same of scores (splits, resamples, units), over the units and splits that a resample leaves defined.

    A resample can draw a single image of a small test set, or images to which a unit responds alike. To leave such
    resamples out would leave those that draw most images.
    """
    medians = median_of_defined(values)
    defined = ~np.isnan(medians)
    count = defined.sum(axis=0)
    return np.where(count > 0, np.sum(medians, axis=0, where=defined) / np.maximum(count, 1), np.nan)


def median_of_defined(values: np.ndarray) -> np.ndarray:
    """Median over the last axis of what is not NaN; NaN where nothing is."""
    medians = np.median(values, axis=-1)
    some = np.isnan(medians) & ~np.isnan(values).all(axis=-1)
    medians[some] = np.nanmedian(values[some], axis=-1)
    return medians


def interval_of(resampled: np.ndarray) -> tuple[float, float]:
    """What 95 % of the resamples lie between; NaN where fewer than nine in ten are defined."""
    defined = resampled[~np.isnan(resampled)]
    if len(defined) == 0 or len(defined) < DEFINED * len(resampled):
        return np.nan, np.nan
    low, high = np.quantile(defined, BOUNDS)
    return float(low), float(high)


def with_interval(value: float, resampled: np.ndarray, over: str) -> dict[str, float]:
    """A value with what 95 % of its resamples lie between, as the columns of the long table.

    Intervals over units stand in `low` and `high`, those over images in `low_images` and `high_images`.
    """
    ends = {"units": ("low", "high"), "images": ("low_images", "high_images")}[over]
    return {"value": float(value)} | dict(zip(ends, interval_of(resampled), strict=True))
