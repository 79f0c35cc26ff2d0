"""Simulated V1: local contrast energy, partly selective for phase and normalized by the contrast around it.

A unit has a Gabor function g of frequency f and orientation θ, with a Gaussian envelope of standard deviation
0.45/f. L is the luminance, E the mean of |⟨g_k, L⟩| over nine places k that are 0.75/f apart, and C the contrast:
the standard deviation of luminance in a Gaussian window of standard deviation 0.1 sides around the unit. The drive
of the unit is ::

    (E + q · max(0, Re e^{−iφ} ⟨g, L⟩)) / (0.1 + C)

with q between 0 (a complex cell) and 0.5. Frequencies, orientations and places are drawn from continuous ranges. The
baseline `gabor_energy` has fixed frequencies and orientations, averages energy over a fixed grid, has no phases and
does not normalize.

Sources: Adelson & Bergen, JOSA A 2:284 (1985); Heeger, "Normalization of cell responses in cat striate cortex",
Visual Neuroscience 9:181 (1992).
"""

import numpy as np
import pandas as pd

from ventral.models.baselines import LUMINANCE
from ventral.recordings.simulation.light import windows

FREQUENCY = (5.0, 17.0)  # cycles per side; at most a quarter of the points
CENTER = (0.2, 0.8)  # of receptive fields, in sides
ENVELOPE = 0.45  # standard deviation, in wavelengths
REACH = 3.0  # standard deviations beyond which the envelope is cut
PLACES = 9  # over which energy is averaged, on a square grid
STEP = 0.75  # of the grid, in wavelengths
PHASE_SELECTIVITY = (0.0, 0.5)
SURROUND = 0.1  # standard deviation of the window of contrast, in sides
SEMISATURATION = 0.1  # contrast


def v1_units(n: int, side: int, rng: np.random.Generator) -> pd.DataFrame:
    """Tuning of n units for images of this many points along each side; angles are in degrees."""
    highest = min(FREQUENCY[1], side / 4)
    low, high = np.log([min(FREQUENCY[0], highest), highest])
    return pd.DataFrame(
        {
            "frequency": np.exp(rng.uniform(low, high, n)),
            "orientation": rng.uniform(0, 180, n),
            "horizontal": rng.uniform(*CENTER, n),
            "vertical": rng.uniform(*CENTER, n),
            "phase": rng.uniform(0, 360, n),
            "phase_selectivity": rng.uniform(*PHASE_SELECTIVITY, n),
        }
    )


def v1_drives(light: np.ndarray, units: pd.DataFrame) -> np.ndarray:
    """Drives of units of V1.

    Parameters
    ----------
    light : array of shape (images, side, side, 3)
        Colors from 0 to 1.
    units : DataFrame
        Their tuning, from `v1_units`.

    Returns
    -------
    array of shape (units, images)
    """
    luminance = light @ LUMINANCE
    flat = luminance.reshape(len(light), -1)
    around = windows(units.horizontal, units.vertical, SURROUND, light.shape[1]).reshape(len(units), -1).T
    contrast = np.sqrt(np.maximum(flat**2 @ around - (flat @ around) ** 2, 0)).T
    return np.array([energy(luminance, unit) for unit in units.itertuples()]) / (SEMISATURATION + contrast)


def energy(luminance: np.ndarray, unit: tuple) -> np.ndarray:
    """E + q · max(0, Re e^{−iφ} ⟨g, L⟩) of one unit, (images,)."""
    reach = (STEP + REACH * ENVELOPE) / unit.frequency
    points = (np.arange(luminance.shape[1]) + 0.5) / luminance.shape[1]
    columns, rows = (np.abs(points - center) < reach for center in (unit.horizontal, unit.vertical))
    seen = luminance[:, rows][:, :, columns].reshape(len(luminance), -1)
    functions = gabors(unit, points[columns], points[rows]).reshape(PLACES, -1).T
    z = seen @ functions.real + 1j * (seen @ functions.imag)
    in_phase = (np.exp(-1j * np.deg2rad(unit.phase)) * z[:, PLACES // 2]).real
    return np.abs(z).mean(axis=1) + unit.phase_selectivity * np.maximum(in_phase, 0)


def gabors(unit: tuple, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """A unit's Gabor function at nine places, the fifth of which is its own, (9, down, across); each sums to 0."""
    offsets = STEP * np.array([-1, 0, 1])
    x, y = unit.frequency * (across - unit.horizontal), unit.frequency * (down - unit.vertical)  # in wavelengths
    of_x, of_y = (np.exp(-((one - offsets[:, None]) ** 2) / (2 * ENVELOPE**2)) for one in (x, y))
    envelopes = (of_y[:, None, :, None] * of_x[:, None, :]).reshape(PLACES, len(y), len(x))
    envelopes /= envelopes.sum(axis=(1, 2), keepdims=True)
    angle = np.deg2rad(unit.orientation)
    waves = np.exp(2j * np.pi * (np.cos(angle) * x + np.sin(angle) * y[:, None]))
    means = np.tensordot(envelopes, waves, 2)
    return (envelopes * (waves - means[:, None, None])).astype(np.complex64)
