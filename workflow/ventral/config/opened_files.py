"""Finds faults by opening the files that a study uses. `ventral check` does so; jobs open files when they need them."""

from collections.abc import Collection, Iterator, Mapping

from ventral.recordings.kinds import recording_entry
from ventral.recordings.registry import absent, data_folder
from ventral.stimuli.kinds import stimulus_entry
from ventral.stimuli.picture_faults import picture_faults
from ventral.training.training_data import TrainingData

Entries = Mapping[str, dict]


def file_faults(stimuli: Entries, networks: Entries, recordings: Entries, known: Collection[str]) -> Iterator[str]:
    """Faults of the content of files, as `path of the key: sentence`.

    Parameters
    ----------
    stimuli, networks, recordings : mappings of dict
        Entries that the schema allows, by name.
    known : collection of str
        Faults that are known already; the files of entries that have one are not opened.
    """
    stimuli, networks, recordings = (
        {name: spec for name, spec in entries.items() if not is_faulty(f"{section}.{name}", known)}
        for section, entries in (("stimuli", stimuli), ("networks", networks), ("recordings", recordings))
    )
    for name, spec in stimuli.items():
        yield from (f"stimuli.{name}.{fault}" for fault in stimulus_entry(spec).inspect())
    for name, data in {str(spec["data"]): (name, spec["data"]) for name, spec in networks.items()}.values():
        yield from (f"networks.{name}.data: {fault}" for fault in picture_faults(TrainingData.of(data).files()))
    for name, spec in recordings.items():
        shown = stimuli.get(spec.get("stimuli"))
        faults = recording_entry(spec).inspect(name, stimulus_entry(shown) if shown else None)
        yield from (f"recordings.{name}.{fault}" for fault in faults)


def is_faulty(path: str, faults: Collection[str]) -> bool:
    """Whether an entry, or a key inside it, has a fault."""
    return any(fault.startswith((f"{path}.", f"{path}:")) for fault in faults)


def downloads(recordings: Entries) -> list[str]:
    """A sentence for each recording whose files are still to be fetched."""
    missing = {name: absent(recording_entry(spec).fetched()) for name, spec in recordings.items()}
    return [
        f"recordings.{name}: {', '.join(files)} will be fetched into {data_folder()}."
        for name, files in missing.items()
        if files
    ]
