"""Estimates the reliability of recorded responses over repeated trials, from all images of a recording.

It describes the recording. Scores are divided by the reliability over their own test images instead, which
`ventral.predictivity.reliability` estimates.
"""

import logging
from dataclasses import dataclass, replace

import numpy as np

from ventral.core.errors import Fault
from ventral.recordings.gaps import alike
from ventral.recordings.recording import Recording
from ventral.recordings.signal_to_noise import blocks_of_units
from ventral.statistics.correlation import pearson

FEWEST_REPEATED = 3  # images with two trials or more


def noise_ceiling(trials: np.ndarray, draws: int = 10, seed: int = 0) -> np.ndarray:
    """Split-half reliability of each unit's mean over trials, with the Spearman-Brown formula.

    In every draw, the trials of each image are divided into two halves at random. With r the correlation over images
    between the means of the halves, the reliability of the mean of all trials is ::

        c = 2r / (1 + r)

    averaged over draws. Reliabilities below zero, which arise only from noise, are set to zero, and the log counts
    their units. Images with fewer than two trials of a unit are left out for this unit. Blocks of
    units are read one after another, so that large recordings fit into memory.

    Parameters
    ----------
    trials : array of shape (units, images, repeats)
        NaN where a repeat is missing.
    draws : int
    seed : int

    Returns
    -------
    array of shape (units,)
        NaN where a unit has fewer than three images with two trials, or never varies.

    Raises
    ------
    ValueError
        `trials` does not have three axes.

    Notes
    -----
    Sources: Spearman, "Correlation calculated from faulty data", British Journal of Psychology 3:271 (1910);
    Schrimpf et al., bioRxiv 407007 (2018), who take ten draws.
    """
    trials = np.asarray(trials)
    if trials.ndim != 3:
        raise ValueError(f"Trials need the axes units, images and repeats; their shape is {trials.shape}.")
    blocks = [trials[block] for block in blocks_of_units(trials)]
    repeated = np.any([(np.sum(~np.isnan(block), axis=2) > 1).any(axis=0) for block in blocks], axis=0)  # often few
    ceilings = [_of_block(block[:, repeated].astype(np.float64), draws, seed) for block in blocks]
    return nonnegative(np.concatenate(ceilings), "Halves of the trials")


def _of_block(trials: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Split-half reliability of some units, together for all that have the same trials."""
    ceilings = np.empty(len(trials))
    for group in alike(np.isnan(trials).reshape(len(trials), -1)):
        ceilings[group.units] = _of_halves(trials[group.units], draws, seed)
    return ceilings


def _of_halves(trials: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Split-half reliability of units that have the same trials. The divisions are those of `split_halves`."""
    present = ~np.isnan(trials[0])
    m = present.sum(axis=1, keepdims=True)
    if np.sum(m > 1) < FEWEST_REPEATED:
        return np.full(len(trials), np.nan)
    trials, rng = np.where(present, trials, 0), np.random.default_rng(seed)
    ceilings = []
    for _ in range(draws):
        rank = np.argsort(np.argsort(np.where(present, rng.random(present.shape), np.inf)))
        halves = (rank < m // 2, (m // 2 <= rank) & (rank < m))
        counts = [np.where(m[:, 0] > 1, half.sum(axis=1), np.nan) for half in halves]
        sums = [np.einsum("uir,ir->ui", trials, half.astype(float)) for half in halves]
        first, second = (total / n for total, n in zip(sums, counts, strict=True))
        ceilings.append(spearman_brown(pearson(first, second, axis=1)))
    return np.mean(ceilings, axis=0)


def split_halves(trials: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Divide the trials of each image into two halves at random and average each half.

    All units share the division, so that trials of units that were recorded together stay together, and noise that
    units share within a trial is never in both halves.

    Parameters
    ----------
    trials : array of shape (units, images, repeats)
        NaN where a repeat is missing. An odd trial goes to the second half.
    rng : Generator

    Returns
    -------
    two arrays of shape (units, images)
        NaN where a half has no trial.
    """
    keys = rng.random(trials.shape[1:])
    return _mean_of_half(trials, keys, False), _mean_of_half(trials, keys, True)


@dataclass(frozen=True)
class Half:
    """The means over one half of the trials as responses for `ventral.gram.gram`, which reads some units at a time.

    Attributes
    ----------
    trials : array of shape (units, images, repeats)
    keys : array of shape (images, repeats)
        Random numbers by which the trials of each image are ordered. The first half of them is one half, and the second
        half is the other, as in `split_halves`.
    second : bool
        Whether it is the second half.
    """

    trials: np.ndarray
    keys: np.ndarray
    second: bool
    dtype = np.dtype(np.float64)

    @property
    def shape(self) -> tuple[int, int]:
        """Images and units."""
        return self.trials.shape[1], len(self.trials)

    def __getitem__(self, index: tuple[slice, slice]) -> np.ndarray:
        trials = self.trials[index[1]]
        blocks = [_mean_of_half(trials[block], self.keys, self.second) for block in blocks_of_units(trials)]
        return np.concatenate(blocks).T[index[0]]


def with_ceilings(recording: Recording, seed: int = 0) -> Recording:
    """The recording with `noise_ceiling` in its table of units, where it has trials."""
    if recording.trials is None:
        return recording
    ceilings = noise_ceiling(recording.trials, seed=seed)
    return replace(recording, units=recording.units.assign(noise_ceiling=ceilings))


def reliable(recording: Recording, bound: float) -> Recording:
    """The recording without units whose column `estimated_ceiling` is below a bound or not known.

    Raises
    ------
    Fault
        No unit is left.
    """
    kept = recording.units.estimated_ceiling.to_numpy() >= bound
    if not kept.any():
        raise Fault(f"Recording {recording.name}: no unit has a noise ceiling of {bound} or more; lower `reliability`.")
    trials = None if recording.trials is None else recording.trials[kept]
    units = recording.units[kept].reset_index(drop=True)
    return replace(recording, responses=recording.responses[kept], trials=trials, units=units)


def nonnegative(reliabilities: np.ndarray, what: str) -> np.ndarray:
    """Reliabilities of units, with negative ones set to zero and counted in the log under the name `what`."""
    negative = np.sum(reliabilities < 0)
    if negative:
        logging.warning(
            "%s: the reliability of %d of %d units is estimated below zero and set to 0.",
            what,
            negative,
            len(reliabilities),
        )
    return np.maximum(reliabilities, 0)


def spearman_brown(r: np.ndarray) -> np.ndarray:
    """Reliability of all trials, 2r / (1 + r), from the correlation r of two halves; −1 if r is below −1/3."""
    r = np.maximum(r, -1 / 3)
    return 2 * r / (1 + r)


def _mean_of_half(trials: np.ndarray, keys: np.ndarray, second: bool) -> np.ndarray:
    present = ~np.isnan(trials)
    if (present == present[:1]).all():  # the usual case, in which one order serves all units
        present = present[:1]
    order = np.argsort(np.where(present, keys, np.inf), axis=2)
    counts, rank = present.sum(axis=2, keepdims=True), np.arange(trials.shape[2])
    inside = (counts // 2 <= rank) & (rank < counts) if second else rank < counts // 2
    return _mean(np.take_along_axis(trials, order, axis=2), inside)


def _mean(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    total, count = np.sum(values, axis=2, where=where), where.sum(axis=2)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
