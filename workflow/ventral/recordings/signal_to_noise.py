"""How much of the variance of single trials is signal, from images that were shown unequally often.

With z-scored or other responses of a unit, let image i have m_i trials with the variance s_i² (divided by m_i − 1).
Then ::

    v²    = Σ (m_i − 1) s_i² / Σ (m_i − 1)        variance of the noise of one trial, over images with several trials
    u²    = max(0, var − v²)                      variance of the signal; var is that of all trials
    ncsnr = u / v                                 signal-to-noise ratio
    NC    = ncsnr² / (ncsnr² + ⟨1 / m_i⟩)         share of the variance of means over trials that is signal

With three trials of each image, v² is the mean of s_i², as the publishers of the Natural Scenes Dataset define it. They
take only images with three trials, and var = 1 because responses are z-scored. ⟨1 / m_i⟩ is their weight of mixed
repeats, (r₃ / 3 + r₂ / 2 + r₁) / (r₃ + r₂ + r₁). A model that predicts the signal reaches r = √NC.

Source: Allen, St-Yves, Wu, … & Kay, "A massive 7T fMRI dataset to bridge cognitive neuroscience and artificial
intelligence", Nature Neuroscience 25:116-126 (2022).
"""

from collections.abc import Iterator

import numpy as np

BYTES_AT_ONCE = 1 << 26


def signal_to_noise(trials: np.ndarray) -> np.ndarray:
    """The signal-to-noise ratio of each unit, from all images with two trials or more.

    Parameters
    ----------
    trials : array of shape (units, images, repeats)
        NaN where a repeat is missing. Blocks of units are converted to float64 one after another.

    Returns
    -------
    array of shape (units,), float64
        NaN where no image has two trials of the unit, or the trials do not vary.
    """
    return np.concatenate([_ratio(trials[block].astype(np.float64)) for block in blocks_of_units(trials)])


def ceiling_of(ncsnr: np.ndarray, repeats: np.ndarray) -> np.ndarray:
    """The share NC of the variance of means over trials that is signal.

    Parameters
    ----------
    ncsnr : array of shape (units,)
    repeats : array of shape (images,)
        Number of trials of each image, 1 or more.

    Returns
    -------
    array of shape (units,)
        From 0 to 1; NaN where the ratio is NaN.
    """
    square = np.asarray(ncsnr, dtype=np.float64) ** 2
    return square / (square + np.mean(1 / np.asarray(repeats)))


def blocks_of_units(trials: np.ndarray) -> Iterator[slice]:
    """Slices of units whose trials take 64 MiB as float64, at least one unit each."""
    step = max(1, BYTES_AT_ONCE // max(1, 8 * trials[0].size)) if len(trials) else 1
    return (slice(first, first + step) for first in range(0, max(1, len(trials)), step))


def _ratio(trials: np.ndarray) -> np.ndarray:
    present = ~np.isnan(trials)
    m = present.sum(axis=2)
    mean = np.sum(trials, axis=2, where=present) / np.maximum(m, 1)
    squares = np.sum((trials - mean[..., None]) ** 2, axis=(1, 2), where=present)
    freedom = np.maximum(m - 1, 0).sum(axis=1)
    noise = squares / np.maximum(freedom, 1)
    count = np.maximum(m.sum(axis=1), 1)
    center = np.sum(trials, axis=(1, 2), where=present) / count
    total = np.sum((trials - center[:, None, None]) ** 2, axis=(1, 2), where=present) / count
    known = (freedom > 0) & (noise > 0)
    return np.where(known, np.sqrt(np.maximum(0, total - noise) / np.where(known, noise, 1)), np.nan)
