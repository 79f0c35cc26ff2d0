"""A recording: responses of units to images, its provenance, and its file."""

import logging
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.core.checksums import NewFile
from ventral.core.errors import Fault
from ventral.core.hdf5 import create_hdf5, open_hdf5, read_frame, read_texts, write_array, write_frame, write_texts
from ventral.recordings.signal_to_noise import blocks_of_units

PARTS = ("train", "test")
OF_IMAGES = ("part", "group")
LONGEST_AREA = 100  # characters that fit into figures


@dataclass(frozen=True)
class Recording:
    """Responses of units to images.

    Attributes
    ----------
    name : str
    responses : array of shape (units, images), float64
        Means over trials; NaN where a unit has no response to an image.
    trials : array of shape (units, images, repeats) or None
        NaN where a repeat is missing.
    units : DataFrame of one row per unit
        `unit`, `area`, `animal`, `noise_ceiling` where there are trials, and further properties of a unit.
    stimulus_id : array of shape (images,)
        Ids of the images, as in their stimulus set.
    simulated : bool
    licence, citation, source : str
        License, citation and source of the data, one line each.
    dropped_units : int
        Number of units that were removed because they never vary or have no response.
    part : array of shape (images,) or None
        "train" or "test", for data sets that assign images to training and testing.
    group : array of shape (images,) or None
        Equal texts for images that must be on the same side of every split.

    Raises
    ------
    ValueError
        The shapes do not fit each other.
    Fault
        A response is infinite, the name of an area is too long for figures, or a part is neither "train" nor "test".
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
    group: np.ndarray | None = field(default=None, repr=False)

    def __post_init__(self):
        shape = (len(self.units), len(self.stimulus_id))
        if self.responses.shape != shape or (self.trials is not None and self.trials.shape[:2] != shape):
            raise ValueError(
                f"Recording {self.name}: {shape[0]} units and {shape[1]} images do not fit responses of shape "
                f"{self.responses.shape} and trials of shape {None if self.trials is None else self.trials.shape}."
            )
        infinite = np.isinf(self.responses).any(axis=1)
        if self.trials is not None:
            blocks = [np.isinf(self.trials[block]).any(axis=(1, 2)) for block in blocks_of_units(self.trials)]
            infinite |= np.concatenate(blocks)
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
    """Store a recording. Units that never vary are dropped and counted; missing responses are kept and counted.

    Parameters
    ----------
    path : path
    recording : Recording

    Raises
    ------
    Fault
        No unit is left.
    """
    kept = units_that_vary(recording)
    counts = count_gaps(recording, kept) | {"dropped_units": recording.dropped_units + int(np.sum(~kept))}
    with create_hdf5(path) as file:
        write_rows(file, "responses", recording.responses, kept)
        if recording.trials is not None:
            write_rows(file, "trials", recording.trials.astype(np.float32, copy=False), kept)
        write_texts(file, "stimulus_id", recording.stimulus_id)
        for key in OF_IMAGES:
            if getattr(recording, key) is not None:
                write_texts(file, key, getattr(recording, key))
        write_frame(file.create_group("units"), recording.units[kept].reset_index(drop=True))
        attributes = ("simulated", "source", "licence", "citation")
        file.attrs.update({name: getattr(recording, name) for name in attributes} | counts)


def read_recording(path: str | Path) -> Recording:
    """Read a recording; it has the name of the file.

    Parameters
    ----------
    path : path

    Returns
    -------
    Recording

    Raises
    ------
    Fault
        The file is missing, truncated, damaged or not a recording.
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
            **{key: read_texts(file, key) for key in OF_IMAGES if key in file},
        )


def units_that_vary(recording: Recording) -> np.ndarray:
    """Whether each unit varies between the images to which it has responses; the log counts those that do not.

    Raises
    ------
    Fault
        No unit varies.
    """
    low = np.fmin.reduce(recording.responses, axis=1)  # NaN without any response
    varies = np.fmax.reduce(recording.responses, axis=1) > low
    if not varies.any():
        raise Fault(
            f"Recording {recording.name}: no unit has responses that vary between images, so nothing can be predicted. "
            f"Check its file, or leave the recording out."
        )
    for units, what in ((np.isnan(low), "have no response"), (~np.isnan(low) & ~varies, "never vary")):
        if units.any():
            logging.warning("%s: %d of %d units %s and are dropped.", recording.name, units.sum(), len(units), what)
    return varies


def count_gaps(recording: Recording, kept: np.ndarray) -> dict[str, int]:
    """How many responses of the kept units are missing, and how many units and images lack some; the log tells it."""
    missing = np.isnan(recording.responses)
    missing[~kept] = False
    units, images = missing.any(axis=1), missing.any(axis=0)
    if units.any():
        logging.warning(
            "%s: %d responses are missing, in %d of %d units and %d of %d images, which are kept.",
            *(recording.name, missing.sum(), units.sum(), kept.sum(), images.sum(), images.size),
        )
    return {
        "missing_responses": int(missing.sum()),
        "units_with_gaps": int(units.sum()),
        "images_with_gaps": int(images.sum()),
    }


def write_rows(file: NewFile, name: str, values: np.ndarray, kept: np.ndarray) -> None:
    """Store the kept rows of an array without a copy of all of them."""
    if kept.all():
        write_array(file, name, values)
        return
    shape, rows = (int(kept.sum()), *values.shape[1:]), np.flatnonzero(kept)
    data = file.create_dataset(name, shape, values.dtype, chunks=True, fletcher32=True)
    step = data.chunks[0]
    for first in range(0, len(rows), step):
        data[first : first + step] = values[rows[first : first + step]]


def by_image(values: np.ndarray, stimulus_id: np.ndarray) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Gather the presentations of each image as its trials.

    Parameters
    ----------
    values : array of shape (units, presentations)
        NaN where a unit was not recorded.
    stimulus_id : array of shape (presentations,)

    Returns
    -------
    responses : array of shape (units, images), float64
        Means over trials; NaN where there is no trial.
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


def mean_of_present(values: np.ndarray) -> np.ndarray:
    """Mean over the values of the last axis that are not NaN, float64; NaN if there are none."""
    present = ~np.isnan(values)
    count = present.sum(axis=-1)
    total = np.sum(values, axis=-1, where=present, dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
