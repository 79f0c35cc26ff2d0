"""Joins the columns of one image, and compares the means of its trials with given means."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.recordings.recording import OF_IMAGES, Recording, by_image

AGREE = 1e-3  # largest relative difference of equal means; half precision rounds by half of it


def gathered(recording: Recording, images: np.ndarray) -> tuple[Recording, np.ndarray]:
    """The recording with one column per image, although an image may have several ids.

    Parameters
    ----------
    recording : Recording
    images : array of shape (images,)
        What each column shows; equal for equal images.

    Returns
    -------
    recording : Recording
        Responses are means over all trials of an image or, in a recording without trials, over its columns.
    first : integer array
        The first column of each image, whose id it keeps.
    """
    codes, _ = pd.factorize(np.asarray(images, dtype=object))
    first = np.unique(codes, return_index=True)[1]
    if len(first) == len(codes):
        return recording, first
    responses, trials = by_image(recording.responses, codes)[0], None
    if recording.trials is not None:
        units, _, repeats = recording.trials.shape
        means, trials, _ = by_image(recording.trials.reshape(units, -1), np.repeat(codes, repeats))
        responses = np.where(np.isnan(means), responses, means)
    given = {key: values[first] for key in OF_IMAGES if (values := getattr(recording, key)) is not None}
    ids = recording.stimulus_id[first]
    return replace(recording, responses=responses, trials=trials, stimulus_id=ids, **given), first


def means_of_trials(
    what: str, of_trials: np.ndarray, given: np.ndarray, units: Sequence, stimulus_id: np.ndarray
) -> np.ndarray:
    """Means over trials, or the given means where there is no trial; where there are both, they must agree.

    Parameters
    ----------
    what : str
        The files, for the message.
    of_trials, given : arrays of shape (units, images)
        NaN where a value is missing.
    units, stimulus_id : sequences of shape (units,) and (images,)
        Names of the rows and columns, for the message.

    Returns
    -------
    array of shape (units, images)

    Raises
    ------
    Fault
        The means differ by more than a thousandth of the response plus the unit's range, which is more than rounding.
    """
    both = ~np.isnan(of_trials) & ~np.isnan(given)
    finite = both & np.isfinite(given)  # one infinite value must not hide the others of its unit
    low, high = np.min(given, 1, where=finite, initial=np.inf), np.max(given, 1, where=finite, initial=-np.inf)
    span = np.where(finite.any(axis=1), high - low, 0)[:, None]
    with np.errstate(invalid="ignore"):  # infinity minus infinity
        near = finite & (np.abs(of_trials - given) <= AGREE * (np.abs(given) + span))
    off = both & ~near & (of_trials != given)
    if off.any():
        unit, image = np.argwhere(off)[0]
        raise Fault(
            f"{what}: the means over trials are not the responses in {off.any(axis=1).sum()} of {len(off)} units and "
            f"{off.any(axis=0).sum()} of {off.shape[1]} images, first in unit {list(units)[unit]} for the image "
            f"{stimulus_id[image]}: {of_trials[unit, image]:.6g} against {given[unit, image]:.6g}. Both must be of the "
            "same session, units and images in the same order; correct one, or leave one out."
        )
    return np.where(np.isnan(of_trials), given, of_trials)
