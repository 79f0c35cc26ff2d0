"""Means over halves of the trials of an area, from which geometry without their noise is computed.

A response with fewer than two trials has no halves. Both halves then have the same value, which is expected from the
other units (`ventral.recordings.expected_responses`), with a random residual that gives the unit the variance of its
signal: the covariance of its halves.
"""

import logging
from collections.abc import Sequence

import numpy as np

from ventral.core.errors import Fault
from ventral.recordings.ceiling import split_halves
from ventral.recordings.expected_responses import expected
from ventral.recordings.gaps import recorded

Halves = Sequence[tuple[np.ndarray, np.ndarray]]
SPLITS = 10


def response_halves(trials: np.ndarray, rng: np.random.Generator, splits: int = SPLITS) -> Halves:
    """Means over two random halves of the trials, for several ways to divide the trials.

    Parameters
    ----------
    trials : array of shape (units, images, repeats)
        NaN for a missing repeat. Units that lack two trials of more than half of the images are left out.
    rng : Generator
    splits : int
        How often the trials are divided into halves.

    Returns
    -------
    list of two arrays of shape (images, units)
        One pair for each split.

    Raises
    ------
    Fault
        More than half of the units lack two trials of an image.
    """
    trials = np.asarray(trials, dtype=np.float64)
    lacking = np.sum(~np.isnan(trials), axis=2) < 2
    block = recorded(lacking)
    if len(block.images) < lacking.shape[1]:
        raise Fault(
            "Noise can only be removed with two trials or more of every image in half of the units, which "
            f"{lacking.shape[1] - len(block.images)} of {lacking.shape[1]} images do not have."
        )
    if len(block.units) < len(lacking):
        left_out = len(lacking) - len(block.units)
        logging.warning("%d of %d units lack two trials of most images and are left out.", left_out, len(lacking))
    trials, lacking = trials[block.units], lacking[block.units].T
    halves = [tuple(half.T for half in split_halves(trials, rng)) for _ in range(splits)]
    return filled_halves(halves, trials, lacking, rng) if lacking.any() else halves


def filled_halves(halves: Halves, trials: np.ndarray, lacking: np.ndarray, rng: np.random.Generator) -> Halves:
    """The halves with responses in place of those that are lacking, (images, units)."""
    present = [[np.where(lacking, np.nan, half) for half in pair] for pair in halves]
    signal = np.mean([covariance(A, B) for A, B in present], axis=0)
    means = np.where(lacking, np.nan, np.nansum(trials, axis=2).T / np.sum(~np.isnan(trials), axis=2).T.clip(1))
    filled = expected(means, rng, signal)
    logging.warning("%d of %d responses without two trials are filled.", lacking.sum(), lacking.size)
    return [(np.where(lacking, filled, A), np.where(lacking, filled, B)) for A, B in halves]


def covariance(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """The covariance over images of two halves, for each unit, without missing responses."""
    return np.nanmean((A - np.nanmean(A, axis=0)) * (B - np.nanmean(B, axis=0)), axis=0)
