"""One recording: responses of units to images, and what is known of both."""

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.store import Fault, create_hdf5, open_hdf5, read_frame, write_frame


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
        Units that never vary, taken out.
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

    def __post_init__(self):
        shape = (len(self.units), len(self.stimulus_id))
        if self.responses.shape != shape or (self.trials is not None and self.trials.shape[:2] != shape):
            raise ValueError(
                f"Recording {self.name}: {shape[0]} units and {shape[1]} images do not fit responses of shape "
                f"{self.responses.shape} and trials of shape {None if self.trials is None else self.trials.shape}."
            )


def write_recording(path: str | Path, recording: Recording) -> None:
    """Store a recording; units that give every image the same response are dropped, counted and logged.

    Raises
    ------
    Fault
        A response is not finite, or no unit is left.
    """
    if not np.isfinite(recording.responses).all():
        units = recording.units.unit[~np.isfinite(recording.responses).all(axis=1)]
        raise Fault(
            f"Recording {recording.name}: responses are missing or infinite in the units "
            f"{', '.join(map(str, units[:5]))}. Every unit needs a response to every image."
        )
    recording = without_constant_units(recording)
    with create_hdf5(path) as file:
        file.create_dataset("responses", data=recording.responses, chunks=True, fletcher32=True)
        if recording.trials is not None:
            trials = recording.trials.astype(np.float32)
            file.create_dataset("trials", data=trials, chunks=True, fletcher32=True)
        file["stimulus_id"] = np.asarray(recording.stimulus_id, dtype=object)
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
                f"{path} is no recording: it has no {' and no '.join(sorted(absent))}. "
                "Delete it and run the same command again."
            )
        return Recording(
            name=Path(path).stem,
            responses=file["responses"][:],
            trials=file["trials"][:] if "trials" in file else None,
            units=read_frame(file["units"]),
            stimulus_id=file["stimulus_id"].asstr()[:],
            simulated=bool(file.attrs["simulated"]),
            licence=file.attrs["licence"],
            citation=file.attrs["citation"],
            source=file.attrs["source"],
            dropped_units=int(file.attrs["dropped_units"]),
        )


def matched(wanted: np.ndarray, available: np.ndarray, who: str, where: str) -> np.ndarray:
    """Positions of the wanted images among the available ones; every image must have its partner.

    Raises
    ------
    Fault
        Images without a partner on either side, the first few by name.
    """
    for ids, others, has, lacks in ((wanted, available, who, where), (available, wanted, where, who)):
        alone = pd.unique(np.asarray(ids, dtype=object)[~np.isin(ids, others)])
        if len(alone):
            raise Fault(
                f"{len(alone)} images of {has} are unknown to {lacks}: {', '.join(map(str, alone[:5]))}"
                f"{', …' if len(alone) > 5 else ''}. Make both from the same stimulus set."
            )
    return pd.Index(available).get_indexer(wanted)


def without_constant_units(recording: Recording) -> Recording:
    """The recording less the units whose response is the same to every image."""
    varies = np.ptp(recording.responses, axis=1) > 0
    if varies.all():
        return recording
    if not varies.any():
        raise Fault(f"Recording {recording.name}: no unit's response varies between images; nothing can be predicted.")
    dropped = int(np.sum(~varies))
    logging.warning("%s: %d of %d units never vary and are dropped.", recording.name, dropped, len(varies))
    return replace(
        recording,
        responses=recording.responses[varies],
        trials=None if recording.trials is None else recording.trials[varies],
        units=recording.units[varies].reset_index(drop=True),
        dropped_units=recording.dropped_units + dropped,
    )
