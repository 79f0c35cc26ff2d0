"""Makes any kind of recording."""

from pathlib import Path

from ventral.recordings import macaque_v4, simulated
from ventral.recordings.ceiling import with_ceilings
from ventral.recordings.recording import write_recording


def make(name: str, spec: dict, path: str | Path, stimuli: str | Path) -> None:
    """Make a recording and write it, with each unit's noise ceiling where there are trials.

    Parameters
    ----------
    name : str
        Of the recording.
    spec : dict
        Its configuration: `kind`, and what that kind asks for.
    path : path
        Where to write it.
    stimuli : path
        The stimulus set that the responses belong to; only simulated recordings read it.

    Raises
    ------
    Fault
        A file cannot be fetched, or nothing can be simulated from the stimulus set.
    """
    recording = KINDS[spec["kind"]](name, spec, stimuli)
    write_recording(path, with_ceilings(recording, spec.get("seed", 0)))


KINDS = {
    "macaque_v4": lambda name, spec, stimuli: macaque_v4.record(name, spec),
    "simulated": simulated.record,
}
