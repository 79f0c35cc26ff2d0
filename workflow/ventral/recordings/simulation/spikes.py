"""Spike counts of units with known reliability.

A unit's drive z, with mean 0 and variance 1 over images, becomes a rate λ ∝ ln(1 + e^z) with mean 1 over images. The
response to image i in one trial is a count ::

    y ~ Poisson(K λ_i e^{σ ξ − σ²/2})          ξ ~ N(0, 1), drawn for each trial and shared by all units of an area

The variance of a count is K λ_i (1 + γ K λ_i) with γ = e^{σ²} − 1. Its Fano factor is therefore above 1 and grows
with the rate, and units of an area vary together. With V the variance of λ over images, R the number of trials, and
N the variance of counts, averaged over images, the mean over trials has the reliability ::

    ρ = K² V / (K² V + N / R)

ρ is drawn for each unit. γ is chosen so that the shared gain accounts for a quarter of N, but is at most 0.5. The
mean count K follows from ρ and γ, so reliable units fire more.

Source: Goris, Movshon & Simoncelli, "Partitioning neuronal variability", Nature Neuroscience 17:858 (2014).
"""

import numpy as np
import pandas as pd

from ventral.recordings.simulation.contents import standardized

RELIABILITY = (0.5, 0.95)
SHARED = 0.25  # of the variance of counts
LARGEST_GAIN_VARIANCE = 0.5


def firing(drives: np.ndarray, repeats: int, rng: np.random.Generator) -> tuple[np.ndarray, pd.DataFrame]:
    """Expected counts of the units of an area, and what is known of their noise.

    Parameters
    ----------
    drives : array of shape (units, images)
    repeats : int
        Trials per image.
    rng : Generator

    Returns
    -------
    rates : array of shape (units, images)
        K λ_i; 0 for a unit whose drive never varies.
    units : DataFrame
        Columns signal_variance (K² V), noise_variance (N), gain_variance (γ) and true_reliability (ρ).
    """
    rates = np.logaddexp(0, standardized(drives.T).T)
    rates /= rates.mean(axis=1, keepdims=True)
    variance, square = rates.var(axis=1), np.mean(rates**2, axis=1)
    reliability = rng.uniform(*RELIABILITY, len(rates))
    noise = variance * repeats * (1 - reliability) / reliability  # N / K²
    gain = np.minimum(SHARED * noise / square, LARGEST_GAIN_VARIANCE)
    varies = variance > 0
    count = np.where(varies, 1, 0) / np.where(varies, noise - gain * square, 1)
    units = pd.DataFrame(
        {
            "signal_variance": count**2 * variance,
            "noise_variance": count**2 * noise,
            "gain_variance": gain,
            "true_reliability": np.where(varies, reliability, np.nan),
        }
    )
    return rates * count[:, None], units


def spike_counts(rates: np.ndarray, gain: np.ndarray, repeats: int, rng: np.random.Generator) -> np.ndarray:
    """Counts of the units of an area in each trial, (units, images, repeats), float32.

    Parameters
    ----------
    rates : array of shape (units, images)
        Expected counts.
    gain : array of shape (units,)
        Variance γ of the units' gains over trials.
    repeats : int
    rng : Generator
    """
    common = rng.standard_normal((rates.shape[1], repeats))
    spread = np.sqrt(np.log1p(gain))
    counts = np.empty((*rates.shape, repeats), dtype=np.float32)
    for one, rate, deviation in zip(counts, rates, spread, strict=True):
        one[:] = rng.poisson(rate[:, None] * np.exp(deviation * common - deviation**2 / 2))
    return counts
