"""Simulated areas along a ventral stream whose tuning, noise and reliability are known.

They stand in where no recording is at hand, and they say whether an analysis finds what was put in. Each
area is a population of units that respond to a stimulus set of the study::

    simulated V1    four channels of one place of the Gabor-energy bank, positive weights
    simulated V4    half a wider patch of that bank with weights of both signs, half what IT sees
    simulated IT    what the image shows: half its label, half linear and squared tuning to three scene variables

A unit's drive z over the images, of mean 0 and variance 1, becomes a rate  s = g · ln(1 + e^{1.5 z}), and a
trial is s + ε with Gaussian ε. With S the variance of s over images, N that of ε and R repeats, the trial
mean has the reliability ::

    ρ = S / (S + N / R)

which is drawn for each unit from 0.5 to 0.95 and kept in its units table: the ceiling that an estimate from
the trials should find. √ρ is the largest correlation that a perfect model can reach.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd

from ventral.config.entry import Key, Seed, Several
from ventral.core.errors import Fault
from ventral.core.jobs import progress
from ventral.core.random import generator
from ventral.recordings.recording import Recording
from ventral.recordings.recording_entry import RecordingEntry
from ventral.stimuli import open_images, read_table

KEYS = ("stimulus_id", "scene", "parameter", "level", "label")
FREQUENCIES = (4, 6, 9, 14, 21, 32)
ORIENTATIONS = 8
GRID = 7
PATCH = 3  # cells along each side that a V4 unit sees
CHANNELS_OF_V1 = 4
VARIABLES_OF_IT = 3
GAIN = (1.0, 6.0)  # spikes per 100 ms
RELIABILITY = (0.5, 0.95)
BATCH = 32


@dataclass(frozen=True, kw_only=True)
class Simulated(RecordingEntry):
    """Areas with known tuning, noise and repeats; always labeled simulated."""

    kind: Literal["simulated"]
    stimuli: Annotated[str, Key("The stimulus set that the simulated areas respond to.")]
    units: Annotated[Several, Key("Units per area.")] = 60
    repeats: Annotated[Several, Key("Noisy trials per image.")] = 8
    seed: Seed | None = None

    def record(self, name: str, stimuli: str | Path) -> Recording:
        """Simulate three areas' responses to a stimulus set.

        Raises
        ------
        Fault
            The images are smaller than 16 pixels, or their table has neither labels nor scene variables.
        """
        table, rng = read_table(stimuli), generator(self.seed, name)
        drives = drives_of(stimuli, contents(table, name), self.units, rng)
        rates = rng.uniform(*GAIN, (len(drives), 1)) * np.logaddexp(0, 1.5 * drives)
        reliability = rng.uniform(*RELIABILITY, len(drives))
        signal = rates.var(axis=1)
        noise = signal * self.repeats * (1 - reliability) / reliability
        trials = rng.standard_normal((*rates.shape, self.repeats), dtype=np.float32)
        trials = rates[..., None].astype(np.float32) + np.sqrt(noise).astype(np.float32)[:, None, None] * trials
        units = pd.DataFrame(
            {
                "unit": np.arange(len(drives)),
                "area": np.repeat(["simulated V1", "simulated V4", "simulated IT"], self.units),
                "animal": "simulated",
                "signal_variance": signal,
                "noise_variance": noise,
                "true_reliability": np.where(signal > 0, reliability, np.nan),
            }
        )
        return Recording(
            name=name,
            responses=trials.mean(axis=2, dtype=np.float64),
            trials=trials,
            units=units,
            stimulus_id=table.stimulus_id.to_numpy(),
            simulated=True,
            licence="none needed: simulated",
            citation="none: simulated responses, not a measurement",
            source=f"simulated areas responding to the stimulus set {self.stimuli}, seed {self.seed}",
        )


def drives_of(stimuli: str | Path, shown: list[np.ndarray], n: int, rng: np.random.Generator) -> np.ndarray:
    """Drives (3 n, images) of n units of each area."""
    energy = energy_channels(stimuli)
    return np.concatenate([v1_drives(energy, n, rng), v4_drives(energy, shown, n, rng), it_drives(shown, n, rng)])


def energy_channels(stimuli: str | Path) -> np.ndarray:
    """The Gabor-energy bank's responses, (images, channels, rows, columns), each with mean 0 and variance 1."""
    from ventral.models.baselines import gabor_energy  # imports SciPy; the configuration is checked without it

    with open_images(stimuli) as images:
        n, side = len(images), min(images.shape[1:3])
        if side < 4 * FREQUENCIES[0]:
            raise Fault(f"{stimuli}: simulated areas need images of {4 * FREQUENCIES[0]} pixels or more, not {side}.")
        frequencies = [f for f in FREQUENCIES if 4 * f <= side] or FREQUENCIES[:1]
        bank = gabor_energy(frequencies, ORIENTATIONS, GRID)
        batches = []
        with progress(total=n, unit="image", name="simulated areas") as bar:
            for start in range(0, n, BATCH):
                found = bank(images[start : start + BATCH])
                batches.append(np.stack([found[f"cycles_{f:g}"] for f in frequencies], axis=1))
                bar.update(len(batches[-1]))
    return standardized(np.concatenate(batches)).reshape(n, -1, GRID, GRID)


def contents(table: pd.DataFrame, name: str) -> list[np.ndarray]:
    """What the table says of each image: labels (images, labels), and scene variables (images, variables).

    Integer columns are the numbers of things (a category, an exemplar's seed), not quantities, and tune nothing.

    Raises
    ------
    Fault
        There is no label and no scene variable that varies.
    """
    labels = pd.get_dummies(table.label).to_numpy(float)
    variables = table.drop(columns=list(KEYS)).select_dtypes("floating").to_numpy()
    shown = [values[:, np.ptp(values, axis=0) > 0] for values in (labels, variables)]
    if not any(values.shape[1] for values in shown):
        raise Fault(
            f"Recording {name}: its stimulus set has neither labels nor scene variables, so nothing can tune the "
            "simulated IT. Simulate on rendered scenes, or on images in class folders."
        )
    return [standardized(values) for values in shown]


def v1_drives(energy: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Drives (n, images) of few channels of one place."""
    drives = []
    for row, column in rng.integers(GRID, size=(n, 2)):
        weights = np.zeros(energy.shape[1])
        weights[rng.permutation(len(weights))[:CHANNELS_OF_V1]] = rng.exponential(size=CHANNELS_OF_V1)
        drives.append(energy[:, :, row, column] @ weights)
    return standardized(np.array(drives).T).T


def v4_drives(energy: np.ndarray, shown: list[np.ndarray], n: int, rng: np.random.Generator) -> np.ndarray:
    """Drives (n, images) of a patch of the bank and of what the image shows, in equal parts."""
    drives = []
    for row, column in rng.integers(GRID - PATCH + 1, size=(n, 2)):
        patch = energy[:, :, row : row + PATCH, column : column + PATCH].mean(axis=(2, 3))
        drives.append(patch @ rng.standard_normal(patch.shape[1]))
    return standardized(standardized(np.array(drives).T) + it_drives(shown, n, rng).T).T


def it_drives(shown: list[np.ndarray], n: int, rng: np.random.Generator) -> np.ndarray:
    """Drives (n, images) of every label, and of a few scene variables and their squares, in equal parts."""
    labels, variables = shown
    by_label = labels @ rng.standard_normal((labels.shape[1], n))
    by_variable = np.zeros_like(by_label)
    for unit in range(n):
        tuned = variables[:, rng.permutation(variables.shape[1])[:VARIABLES_OF_IT]]
        by_variable[:, unit] = np.hstack([tuned, tuned**2]) @ rng.standard_normal(2 * tuned.shape[1])
    return standardized(standardized(by_label) + standardized(by_variable)).T


def standardized(values: np.ndarray) -> np.ndarray:
    """Mean 0 and variance 1 over the first axis; what never varies becomes 0."""
    centered = values - values.mean(axis=0)
    spread = centered.std(axis=0)
    return centered / np.where(spread > 1e-9 * np.abs(values).max(axis=0), spread, np.inf)
