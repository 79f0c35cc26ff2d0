"""Curvature of clips in recorded areas, without the noise of trials.

Noise moves the angle between successive steps d_t towards 120 degrees. Products of steps of which one is from one half
of the trials and the other from the other half, ⟨d_s, d_t⟩ = (a_s · b_t + b_s · a_t) / 2, hold no noise on average. Nor
do squared lengths ⟨d_t, d_t⟩, which can then be negative and count as zero. Single angles would be too noisy, so
products are summed over all steps of all clips::

    cos θ = Σ ⟨d_t, d_{t+1}⟩ / Σ √(⟨d_t, d_t⟩ ⟨d_{t+1}, d_{t+1}⟩)

θ is the angle of the mean cosine, in which long steps count more. It is the curvature if all angles are equal. Noise
alone has no curvature: Σ ⟨d_t, d_t⟩ must be above 0, by its 95 % interval over clips.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ventral.geometry.cross_validated import CrossValidatedGram
from ventral.geometry.straightening import CURVATURE, motions_of
from ventral.metrics import Method
from ventral.statistics.intervals import jackknife_interval, within

FEWEST_CLIPS = 4
METHOD = Method(
    "Straightening without noise",
    "The angle between successive changes of the responses of an area to a clip, from products across halves of the "
    "trials, which exclude their noise: the angle of the mean cosine over all changes, weighted by their lengths. "
    "Intervals leave out one clip at a time.",
    "Curvature after Hénaff, Goris & Simoncelli, Nat Neurosci 22:984 (2019); cross-validation after Walther et al., "
    "NeuroImage 137:188 (2016); both together, Ventral’s own.",
    ("henaff2019", "walther2016"),
)
METRICS = (
    replace(
        CURVATURE,
        name="curvature_crossed",
        label="curvature without noise",
        text="Angle of the mean cosine between successive changes of the responses of a recorded area to a clip, from "
        "inner products across halves of the trials: 0 if the path is straight.",
        method=METHOD,
        control="",
    ),
)


def curvature_rows_cv(grams: Sequence[CrossValidatedGram], table: pd.DataFrame) -> list[dict[str, object]]:
    """Curvature of each motion of a stimulus table without the noise of trials.

    Parameters
    ----------
    grams : sequence of CrossValidatedGram
        One for each split of the trials.
    table : DataFrame
        The stimulus table of the images, in the same order.

    Returns
    -------
    list of dict
        metric, parameter, value, low, high (degrees), and n, the number of clips. No rows of motions with fewer than
        four clips. A value is NaN if steps are not longer than noise (`pooled_curvature`).
    """
    rows = []
    for name, frames in motions_of(table).items():
        if len(frames) < FEWEST_CLIPS:
            continue
        row = {"metric": "curvature_crossed", "parameter": name, "n": len(frames)}
        rows.append(row | pooled_curvature(unbiased_products(grams, frames)))
    return rows


def unbiased_products(grams: Sequence[CrossValidatedGram], frames: np.ndarray) -> np.ndarray:
    """Inner products of the responses to the frames of each clip, (N, T, T), of images (N, T), as mean over splits."""
    return np.mean([[gram.symmetric[np.ix_(clip, clip)] for clip in frames] for gram in grams], axis=0)


def pooled_curvature(products: np.ndarray) -> dict[str, float]:
    """The angle of the mean cosine in degrees with its 95 % interval over clips.

    Parameters
    ----------
    products : array of shape (N, T, T)
        Unbiased inner products of the responses to the frames of each clip.

    Returns
    -------
    dict
        `value`, `low`, `high`. All are NaN if the sum of squared lengths of steps is not above 0, by the lower limit of
        its 95 % interval over clips. The interval is NaN if all cosines in it are beyond ±1.
    """
    steps = np.diff(np.diff(products, axis=1), axis=2)
    squares = np.diagonal(steps, axis1=1, axis2=2)
    lengths = np.sqrt(np.clip(squares, 0, None))
    along = np.diagonal(steps, 1, axis1=1, axis2=2).sum(axis=1)
    most = np.sum(lengths[:, :-1] * lengths[:, 1:], axis=1)
    rest = most.sum() - most
    total = squares.sum()
    least, _ = jackknife_interval(total, (total - squares.sum(axis=1)) * len(squares) / (len(squares) - 1))
    if least <= 0 or not (rest > 0).all():
        return dict.fromkeys(("value", "low", "high"), np.nan)
    cosine = along.sum() / most.sum()
    ends = within(*jackknife_interval(cosine, (along.sum() - along) / rest), -1, 1)
    value, high, low = (float(np.degrees(np.arccos(np.clip(one, -1, 1)))) for one in (cosine, *ends))
    return {"value": value, "low": low, "high": high}
