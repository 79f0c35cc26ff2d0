"""The reliability of the responses that a layer is scored on, which limits the score of a perfect model.

A held-out response is the mean of m_i trials of image i, y_i = f_i + e_i. A score correlates its prediction with y over
the test images of each split. Let s_i² be the variance of the trials of image i. Then the noise in y and the
reliability of the responses are ::

    noise = ⟨s_i² / m_i⟩          means over the test images of a split, then over splits
    c = 1 − noise / ⟨var y⟩        var y within the test images of a split

because the mean of var y is var f + noise. A model that predicts f exactly reaches r = √c. Its r²/c is 1, while its
r/c = 1/√c and (r/c)² = 1/c exceed 1.

If all images have the same number m of trials and there is a single split, c is the intraclass correlation ICC(1, m).
Halves of the trials with the Spearman–Brown formula estimate the same quantity, but need two trials of each image.
Here an image that was shown once takes the pooled variance of the unit's other images.

Source: Shrout & Fleiss, "Intraclass correlations: uses in assessing rater reliability", Psychological Bulletin 86:
420-428 (1979).
"""

from collections.abc import Sequence

import numpy as np

from ventral.predictivity.scored_parts import Part, joined_parts
from ventral.recordings.ceiling import FEWEST_REPEATED, nonnegative
from ventral.recordings.recording import Recording

VALUES_AT_ONCE = 1 << 22  # trials that are in memory as float64
ROUNDING = 1e-20  # of a unit's largest square; a smaller variance is the rounding error of a constant


def scored_ceilings(
    recording: Recording, parts: Sequence[Part], counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """Reliability c of every unit's responses to the test images.

    Parameters
    ----------
    recording : Recording
        Without trials, the column `noise_ceiling` of its table of units is returned.
    parts : sequence of Part
        Units that lack the same images, with splits of the other images.
    counts : array of shape (resamples, images)
        How often each image is drawn.

    Returns
    -------
    c : array of shape (units,)
        NaN if fewer than three images have two trials of the unit, or if the unit does not vary. Negative estimates,
        which come from noise, are set to 0, and the log counts them.
    resampled : array of shape (resamples, units)
        The same on the resampled test images.

    Instead of both, None if the recording has neither trials nor `noise_ceiling`.
    """
    if recording.trials is None:
        if "noise_ceiling" not in recording.units:
            return None
        given = recording.units.noise_ceiling.to_numpy(dtype=float)
        return given, np.broadcast_to(given, (len(counts), len(given)))
    trials, responses = recording.trials, recording.responses
    found = joined_parts(parts, lambda part: _of_part(trials, responses, part, counts[:, part.images]))
    return nonnegative(found["c"], recording.name), found["resampled"]


def _of_part(trials: np.ndarray, responses: np.ndarray, part: Part, counts: np.ndarray) -> dict[str, np.ndarray]:
    """Reliability of the units of a part, some units at a time, and the same on resampled images."""
    at_once = max(1, VALUES_AT_ONCE // max(1, trials[:1].size))
    blocks = [part.units[start : start + at_once] for start in range(0, len(part.units), at_once)]
    of_blocks = []
    for units in blocks:
        repeated = np.sum(np.sum(~np.isnan(trials[units]), axis=2) > 1, axis=1)
        noise = np.where(repeated[:, None] < FEWEST_REPEATED, np.nan, noise_of_means(trials[units]))[:, part.images].T
        Y = responses[np.ix_(units, part.images)].T
        c = reliability(Y, noise, part.splits, np.ones((1, len(part.images))))[0]
        resampled = np.maximum(reliability(Y, noise, part.splits, counts, resampled=True), 0)
        of_blocks.append({"c": c, "resampled": resampled})
    return {name: np.concatenate([block[name] for block in of_blocks], axis=-1) for name in ("c", "resampled")}


def noise_of_means(trials: np.ndarray) -> np.ndarray:
    """Variance of the noise in the mean of each image's trials, s_i² / m_i.

    Parameters
    ----------
    trials : array of shape (units, images, repeats)
        NaN for a missing repeat.

    Returns
    -------
    array of shape (units, images)
        For an image with one trial, s² is pooled over the unit's images with more trials. NaN if there are none.
    """
    trials = np.asarray(trials, dtype=np.float64)
    present = ~np.isnan(trials)
    m = present.sum(axis=2)
    mean = np.sum(trials, axis=2, where=present) / np.maximum(m, 1)
    squares = np.sum((trials - mean[..., None]) ** 2, axis=2, where=present)
    freedom = np.maximum(m - 1, 0)
    total = freedom.sum(axis=1, keepdims=True)
    pooled = np.where(total > 0, squares.sum(axis=1, keepdims=True) / np.maximum(total, 1), np.nan)
    s2 = np.where(m > 1, squares / np.maximum(freedom, 1), pooled)
    return np.where(m > 0, s2 / np.maximum(m, 1), np.nan)


def reliability(
    Y: np.ndarray, noise: np.ndarray, splits: Sequence, counts: np.ndarray, resampled: bool = False
) -> np.ndarray:
    """c = 1 − ⟨noise⟩ / ⟨var y⟩ over the test images of all splits, with each image as often as it is drawn.

    Parameters
    ----------
    Y, noise : arrays of shape (n, units)
    splits : sequence of (train, test)
    counts : array of shape (resamples, n)
    resampled : bool
        Whether the counts come from a bootstrap, which reduces the variance of n images by a further 1 − 1/n.

    Returns
    -------
    array of shape (resamples, units)
        NaN if the responses do not vary.
    """
    total, variance = np.zeros((2, len(counts), Y.shape[1]))
    for test in [test for _, test in splits if len(test) > 1]:
        w = counts[:, test] / np.maximum(counts[:, test].sum(axis=1, keepdims=True), 1)
        y = Y[test] - Y[test].mean(axis=0)
        total += w @ noise[test]
        variance += (w @ y**2 - (w @ y) ** 2) / (1 - 1 / len(test)) ** (2 if resampled else 1)
    varies = variance > ROUNDING * np.max(Y**2, axis=0)
    return np.where(varies, 1 - total / np.where(varies, variance, 1), np.nan)
