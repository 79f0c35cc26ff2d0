"""Joins the sessions of a large recording into trials of images, without more in memory than is kept.

A session is read once, only at the units that are wanted, and its trials go to their images at once. Beside the result,
one session of these units is in memory.
"""

from collections.abc import Iterable

import numpy as np

from ventral.core.jobs import progress
from ventral.recordings.recording import mean_of_present
from ventral.recordings.signal_to_noise import blocks_of_units

Session = tuple[np.ndarray, np.ndarray]


def join_sessions(
    name: str, sessions: Iterable[Session], total: int, units: int, repeats: np.ndarray, zscore: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Gather the trials of each image over sessions.

    Parameters
    ----------
    name : str
        Name of the recording, for the progress bar.
    sessions : iterable of (values, image)
        Responses of shape (trials, units), and for each trial the index of its image, or −1 for a trial whose image is
        not wanted. Trials are repeats in this order.
    total : int
        Number of sessions.
    units : int
    repeats : array of shape (images,)
        Number of trials of each image in all sessions.
    zscore : bool
        Whether each unit is z-scored over all trials of a session, wanted or not.

    Returns
    -------
    responses : array of shape (units, images), float64
        Means over trials; NaN where there is none.
    trials : array of shape (units, images, repeats), float32
        NaN where an image was shown less often, and where a unit has no data in a session. A unit that has the same
        value in all trials of a session was not recorded in it.
    """
    trials = np.full((units, len(repeats), max(1, repeats.max(initial=0))), np.nan, dtype=np.float32)
    seen = np.zeros(len(repeats), dtype=int)
    bar = progress(total=total * units, unit="voxels", name=f"recording {name}")
    with bar:
        for values, image in sessions:
            values = _of_session(values, zscore)
            for value, one in zip(values, image, strict=True):
                if one >= 0:
                    trials[:, one, seen[one]] = value
                    seen[one] += 1
            bar.update(units)
    responses = np.empty(trials.shape[:2])
    for block in blocks_of_units(trials):
        responses[block] = mean_of_present(trials[block])
    return responses, trials


def _of_session(values: np.ndarray, zscore: bool) -> np.ndarray:
    """Responses of one session as float32, z-scored if wanted, and NaN for units that never vary."""
    values = values.astype(np.float32)
    silent = np.ptp(values, axis=0) == 0
    if zscore:
        center = values.mean(axis=0, dtype=np.float64)
        spread = values.std(axis=0, dtype=np.float64)
        values = ((values - center) / np.where(silent, 1, spread)).astype(np.float32)
    values[:, silent] = np.nan
    return values
