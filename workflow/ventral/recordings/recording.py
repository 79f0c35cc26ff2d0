"""One recording: responses of units to images, and what is known of both."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.store import (
    Fault,
    create_hdf5,
    open_hdf5,
    read_frame,
    read_texts,
    write_array,
    write_frame,
    write_texts,
)

PARTS = ("train", "test")
LONGEST_AREA = 100  # characters of a name that figures have room for
AGREE = 1e-3  # numbers in half precision are rounded to half of it


@dataclass(frozen=True)
class Recording:
    """Responses of units to images.

    Attributes
    ----------
    name : str
    responses : array of shape (units, images), float64
        Means over trials.
    trials : array of shape (units, images, repeats) or None
        NaN where a repeat is missing.
    units : DataFrame of one row per unit
        `unit`, `area`, `animal`, `noise_ceiling` where there are trials, and what else is known of a unit.
    stimulus_id : array of shape (images,)
        Joins the images' stimulus set.
    simulated : bool
    licence, citation, source : str
        Of the data, one line each.
    dropped_units : int
        Units that never vary, or have no response to some image, taken out.
    part : array of shape (images,) or None
        Which images the data set gives for training and which for testing, "train" or "test".

    Raises
    ------
    ValueError
        The shapes do not fit each other.
    Fault
        A response is infinite, or a part is neither "train" nor "test".
    """

    name: str
    responses: np.ndarray
    trials: np.ndarray | None
    units: pd.DataFrame = field(repr=False)
    stimulus_id: np.ndarray = field(repr=False)
    simulated: bool
    licence: str
    citation: str
    source: str
    dropped_units: int = 0
    part: np.ndarray | None = field(default=None, repr=False)

    def __post_init__(self):
        shape = (len(self.units), len(self.stimulus_id))
        if self.responses.shape != shape or (self.trials is not None and self.trials.shape[:2] != shape):
            raise ValueError(
                f"Recording {self.name}: {shape[0]} units and {shape[1]} images do not fit responses of shape "
                f"{self.responses.shape} and trials of shape {None if self.trials is None else self.trials.shape}."
            )
        infinite = np.isinf(self.responses).any(axis=1)
        if self.trials is not None:
            infinite |= np.isinf(self.trials).any(axis=(1, 2))
        if infinite.any():
            named = ", ".join(map(str, self.units.unit[infinite][:5]))
            raise Fault(
                f"Recording {self.name}: responses are infinite in the units {named}. Correct them or leave them out."
            )
        for area in map(str, self.units["area"].unique() if "area" in self.units else ()):
            if len(area) > LONGEST_AREA:
                raise Fault(
                    f"Recording {self.name}: the area {area[:40]!r}… has a name of {len(area)} characters; figures "
                    f"have room for {LONGEST_AREA}. Shorten it."
                )
        if self.part is not None and (strange := sorted({*self.part} - {*PARTS})):
            raise Fault(f"Recording {self.name}: a part of its images is {strange[0]!r}, not 'train' or 'test'.")


def write_recording(path: str | Path, recording: Recording) -> None:
    """Store a recording; units without a response to every image, or with the same to all, are dropped and counted.

    Raises
    ------
    Fault
        No unit is left.
    """
    recording = without_useless_units(recording)
    with create_hdf5(path) as file:
        write_array(file, "responses", recording.responses)
        if recording.trials is not None:
            write_array(file, "trials", recording.trials.astype(np.float32))
        write_texts(file, "stimulus_id", recording.stimulus_id)
        if recording.part is not None:
            write_texts(file, "part", recording.part)
        write_frame(file.create_group("units"), recording.units)
        attributes = ("simulated", "source", "licence", "citation", "dropped_units")
        file.attrs.update({name: getattr(recording, name) for name in attributes})


def read_recording(path: str | Path) -> Recording:
    """Read a recording; its name is the file's.

    Raises
    ------
    Fault
        The file is missing, truncated or damaged, or no recording.
    """
    with open_hdf5(path) as file:
        absent = {"responses", "units", "stimulus_id"} - set(file)
        if absent:
            raise Fault(
                f"{path} is not a recording: it has no {' and no '.join(sorted(absent))}. "
                "Delete it and run the same command again."
            )
        return Recording(
            name=Path(path).stem,
            responses=file["responses"][:],
            trials=file["trials"][:] if "trials" in file else None,
            units=read_frame(file["units"]),
            stimulus_id=read_texts(file, "stimulus_id"),
            simulated=bool(file.attrs["simulated"]),
            licence=file.attrs["licence"],
            citation=file.attrs["citation"],
            source=file.attrs["source"],
            dropped_units=int(file.attrs["dropped_units"]),
            part=read_texts(file, "part") if "part" in file else None,
        )


def by_image(values: np.ndarray, stimulus_id: np.ndarray) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Gather presentations of the same image as its trials.

    Parameters
    ----------
    values : array of shape (units, presentations)
        NaN where a unit was not recorded.
    stimulus_id : array of shape (presentations,)

    Returns
    -------
    responses : array of shape (units, images), float64
        Means over trials; NaN where there is none.
    trials : array of shape (units, images, repeats), float32, or None
        In the order of presentation; NaN where a repeat is missing. None where every image was shown once.
    stimulus_id : array of shape (images,)
        In the order in which images first appear.
    """
    values = np.asarray(values, dtype=np.float64)
    codes, images = pd.factorize(np.asarray(stimulus_id, dtype=object))
    repeat = pd.Series(codes).groupby(codes).cumcount().to_numpy()
    trials = np.full((len(values), len(images), repeat.max(initial=0) + 1), np.nan)
    trials[:, codes, repeat] = values
    shown_again = trials.shape[2] > 1
    return mean_of_present(trials), trials.astype(np.float32) if shown_again else None, np.asarray(images)


def gathered(recording: Recording, images: np.ndarray) -> tuple[Recording, np.ndarray]:
    """The recording with one column per image, where an image was shown under several ids.

    Parameters
    ----------
    recording : Recording
    images : array of shape (images,)
        What each column shows; equal for equal images.

    Returns
    -------
    recording : Recording
        Responses are means over all trials of an image, or without trials over its columns.
    first : integer array
        The first column of each image, whose id it keeps.
    """
    codes, _ = pd.factorize(np.asarray(images, dtype=object))
    first = np.unique(codes, return_index=True)[1]
    if len(first) == len(codes):
        return recording, first
    responses, trials = by_image(recording.responses, codes)[0], None
    if recording.trials is not None:
        units, _, repeats = recording.trials.shape
        means, trials, _ = by_image(recording.trials.reshape(units, -1), np.repeat(codes, repeats))
        responses = np.where(np.isnan(means), responses, means)
    part = None if recording.part is None else recording.part[first]
    ids = recording.stimulus_id[first]
    return replace(recording, responses=responses, trials=trials, stimulus_id=ids, part=part), first


def means_of_trials(
    what: str, of_trials: np.ndarray, given: np.ndarray, units: Sequence, stimulus_id: np.ndarray
) -> np.ndarray:
    """Means over trials, completed by means that were given where there is no trial; both must agree elsewhere.

    Parameters
    ----------
    what : str
        Names the files, for the message.
    of_trials, given : arrays of shape (units, images)
        NaN where there is nothing.
    units, stimulus_id : names of the rows and columns

    Raises
    ------
    Fault
        They differ by more than a thousandth of the response and of the unit's range: by more than rounding does.
    """
    both = ~np.isnan(of_trials) & ~np.isnan(given)
    finite = both & np.isfinite(given)  # one infinite value must not excuse all others of its unit
    low, high = np.min(given, 1, where=finite, initial=np.inf), np.max(given, 1, where=finite, initial=-np.inf)
    span = np.where(finite.any(axis=1), high - low, 0)[:, None]
    with np.errstate(invalid="ignore"):  # infinity less infinity
        near = finite & (np.abs(of_trials - given) <= AGREE * (np.abs(given) + span))
    off = both & ~near & (of_trials != given)
    if off.any():
        unit, image = np.argwhere(off)[0]
        raise Fault(
            f"{what}: the means over trials are not the responses in {off.any(axis=1).sum()} of {len(off)} units and "
            f"{off.any(axis=0).sum()} of {off.shape[1]} images, first in unit {list(units)[unit]} for the image "
            f"{stimulus_id[image]}: {of_trials[unit, image]:.6g} against {given[unit, image]:.6g}. Both must be of the "
            "same session, units and images in the same order; correct one, or leave one out."
        )
    return np.where(np.isnan(of_trials), given, of_trials)


def mean_of_present(values: np.ndarray) -> np.ndarray:
    """Mean over the last axis of what is not NaN, float64; NaN where nothing is there."""
    present = ~np.isnan(values)
    count = present.sum(axis=-1)
    total = np.sum(values, axis=-1, where=present, dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def without_useless_units(recording: Recording) -> Recording:
    """The recording less the units that nothing can be learnt from, counted in the log by why they are.

    Raises
    ------
    Fault
        No unit is left.
    """
    whole = ~np.isnan(recording.responses).any(axis=1)
    varies = np.ptp(recording.responses, axis=1) > 0  # false of a unit with missing responses
    kept = whole & varies
    if kept.all():
        return recording
    if not kept.any():
        raise Fault(
            f"Recording {recording.name}: no unit's response varies between images and is there for each of them; "
            "nothing can be predicted."
        )
    for units, what in ((~whole, "have no response to some image"), (whole & ~varies, "never vary")):
        if units.any():
            logging.warning("%s: %d of %d units %s and are dropped.", recording.name, units.sum(), len(units), what)
    return replace(
        recording,
        responses=recording.responses[kept],
        trials=None if recording.trials is None else recording.trials[kept],
        units=recording.units[kept].reset_index(drop=True),
        dropped_units=recording.dropped_units + int(np.sum(~kept)),
    )
