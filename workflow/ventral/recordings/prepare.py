"""Makes any kind of recording."""

from pathlib import Path

from ventral.recordings.ceiling import with_ceilings
from ventral.recordings.choices import Behavior, write_behavior
from ventral.recordings.distances import Distances, write_distances
from ventral.recordings.kept_sessions import kept_until_written
from ventral.recordings.kinds import recording_entry
from ventral.recordings.recording import write_recording


def make(name: str, spec: dict, path: str | Path, stimuli: str | Path | None) -> None:
    """Make a recording and write it, with each unit's noise ceiling if there are trials.

    If the job is killed, the next one reads the sessions of a large recording from where they were kept.

    Parameters
    ----------
    name : str
        Name of the recording.
    spec : dict
        Its configuration: `kind` and the keys of this kind.
    path : path
        The file to write.
    stimuli : path or None
        The stimulus set that the responses belong to; simulated recordings and the user's own read it. None if they
        have no pictures.

    Raises
    ------
    Fault
        A file cannot be fetched or read, its images are unknown, or nothing can be simulated from the stimulus set.
    """
    with kept_until_written(path) as folder:
        recording = recording_entry(spec).record_resumably(name, stimuli, folder)
        if isinstance(recording, Behavior):
            write_behavior(path, recording)
        elif isinstance(recording, Distances):
            write_distances(path, recording)
        else:
            write_recording(path, with_ceilings(recording, spec.get("seed", 0)))
