"""Faults of the section `predictivity` that its schema cannot express."""

from collections.abc import Collection, Iterator, Mapping

from ventral.config.schema import LARGEST
from ventral.core.names import did_you_mean
from ventral.recordings.kinds import recording_entry

LARGEST_RANDOM_STATE = 2**32 - 1  # the largest that scikit-learn takes


def split_faults(splits: Mapping, recordings: Mapping[str, Mapping]) -> Iterator[str]:
    """Check the seed of Brain-Score's splits, which scikit-learn draws, and that fixed splits are known.

    Parameters
    ----------
    splits : mapping
        The entry `predictivity.splits`.
    recordings : mapping
        Sound entries of recordings, by name.
    """
    seed = splits.get("seed")
    if splits.get("kind") == "brainscore" and isinstance(seed, int) and LARGEST_RANDOM_STATE < seed <= LARGEST:
        yield f"predictivity.splits.seed: {seed} is more than {LARGEST_RANDOM_STATE}, the largest for brainscore."
    for name, entry in ((name, recording_entry(spec)) for name, spec in recordings.items()):
        if splits.get("kind") == "fixed" and entry.holds == "units" and not entry.has_parts:
            yield (
                f"predictivity.splits.kind: fixed takes the parts that a data set comes with, and the recording {name} "
                "has none; use kfold or brainscore."
            )


def component_faults(
    other: str, stimuli: Mapping[str, Mapping], recordings: Mapping[str, Mapping], training: Collection[str]
) -> Iterator[str]:
    """Check the set whose components predict recordings.

    Parameters
    ----------
    other : str
        The value of `predictivity.components_from`.
    stimuli, recordings : mapping
        Entries by name; those of recordings are sound.
    training : collection of str
        Stimulus sets that networks are trained on.
    """
    key = "predictivity.components_from"
    brought = {name: spec for name, spec in recordings.items() if "stimuli" not in spec}
    sets = stimuli | {name: spec for name, spec in brought.items() if recording_entry(spec).has_pictures}
    if other not in sets:
        yield f"{key}: there is no stimulus set {other!r}{did_you_mean(other, sets)}."
        return
    if other in training:
        yield f"{key}: networks are trained on {other!r}, so no layer is shown it; name another set."
        return
    of_units = {name: spec for name, spec in recordings.items() if recording_entry(spec).holds == "units"}
    shown = {name: spec.get("stimuli", name) for name, spec in of_units.items() if spec.get("stimuli", name) != other}
    if not shown:
        yield f"{key}: the study has no units that were shown other images than those of {other!r}; name another set."
    for name, own in shown.items():
        pooling = [sets.get(one, {}).get("pooling") for one in (own, other)]
        if None not in pooling and len({*pooling}) > 1:
            yield (
                f"{key}: the responses to {other!r} have `pooling: {pooling[1]}` and those to the images of the "
                f"recording {name} `pooling: {pooling[0]}`, so they have no components in common; use one for both."
            )
