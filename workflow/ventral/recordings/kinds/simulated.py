"""Simulated areas along a ventral stream whose tuning, noise and reliability are known.

They are used where no recording is at hand, and show whether an analysis finds what was put in. Each area is a
population of units that respond to a stimulus set of the study::

    simulated V1    local contrast energy, partly selective for phase                ventral.recordings.simulation.v1
    simulated V4    curvature of contours, hue, and tilt and place of the object     ventral.recordings.simulation.v4
    simulated IT    category and exemplar, tolerant to pose, place, size and light   ventral.recordings.simulation.it

Trials are spike counts (`ventral.recordings.simulation.spikes`). The reliability ρ of a unit's mean over trials is
drawn from 0.5 to 0.95 and kept in the table of units, so estimates of noise ceilings can be compared with it; √ρ is
the largest correlation that a perfect model can reach. The table also contains the tuning of each unit. Columns that
apply to other areas only are NaN or empty.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd

from ventral.config.entry import Key, Seed, Several
from ventral.core.random import generator
from ventral.recordings.recording import Recording
from ventral.recordings.recording_entry import RecordingEntry
from ventral.stimuli.stimulus_entry import StimulusEntry


@dataclass(frozen=True, kw_only=True)
class Simulated(RecordingEntry):
    """Areas with known tuning, noise and repeats; always labeled simulated."""

    needs: ClassVar[str] = "nothing"

    kind: Literal["simulated"]
    stimuli: Annotated[str, Key("The stimulus set that the simulated areas respond to.")]
    units: Annotated[Several, Key("Units per area.")] = 60
    repeats: Annotated[Several, Key("Noisy trials per image.")] = 8
    seed: Seed | None = None

    def problems_with(self, stimuli: StimulusEntry) -> list[str]:
        """A set without labels and without scene variables."""
        if stimuli.labeled():
            return []
        return [
            f"stimuli: the images of {self.stimuli!r} have neither labels nor scene variables, so nothing can tune the "
            "simulated V4 and IT; name rendered scenes, or images in class folders."
        ]

    def record(self, name: str, stimuli: str | Path) -> Recording:
        """Simulate three areas' responses to a stimulus set.

        Raises
        ------
        Fault
            The images are smaller than 16 pixels, or their table has neither labels nor scene variables.
        """
        from ventral.recordings.simulation.spikes import firing, spike_counts
        from ventral.stimuli import read_table

        table = read_table(stimuli)
        trials, units = [], []
        for area, (drives, tuning) in self.areas(name, table, stimuli).items():
            rng = generator(self.seed, name, area, "spikes")
            rates, noise = firing(drives, self.repeats, rng)
            trials.append(spike_counts(rates, noise.gain_variance.to_numpy(), self.repeats, rng))
            about = pd.DataFrame({"area": f"simulated {area}", "animal": "simulated"}, index=noise.index)
            units.append(pd.concat([about, noise, tuning], axis=1))
        units, trials = pd.concat(units, ignore_index=True), np.concatenate(trials)
        units.insert(0, "unit", np.arange(len(units)))
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

    def areas(self, name: str, table: pd.DataFrame, stimuli: str | Path) -> dict[str, tuple[np.ndarray, pd.DataFrame]]:
        """Drives (units, images) and tuning (a row per unit) of each area."""
        from ventral.recordings.simulation.contents import contents_of
        from ventral.recordings.simulation.it import it_drives
        from ventral.recordings.simulation.light import light_of, side_of
        from ventral.recordings.simulation.v1 import v1_drives, v1_units
        from ventral.recordings.simulation.v4 import v4_channels, v4_drives, v4_units

        contents, side = contents_of(table, name), side_of(stimuli)
        of_v1, of_v4, of_it = (generator(self.seed, name, area) for area in ("V1", "V4", "IT"))
        v1 = v1_units(self.units, side, of_v1)
        v4, gains = v4_units(self.units, contents, of_v4)
        responses, channels = [], []
        for light in light_of(stimuli, side):
            responses.append(v1_drives(light, v1))
            channels.append(v4_channels(light, v4))
        return {
            "V1": (np.concatenate(responses, axis=1), v1),
            "V4": (v4_drives(np.concatenate(channels, axis=1), contents, v4, gains), v4),
            "IT": it_drives(contents, self.units, of_it),
        }
