"""Choices of observers: which of two objects an image showed.

In a trial of a match-to-sample experiment, an image of one object is shown, and then that object and a distractor are
offered. There are no units; a recording of behavior is its table of trials.
"""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ventral.core.errors import Fault
from ventral.core.hdf5 import create_hdf5, open_hdf5, read_frame, write_frame
from ventral.recordings.netcdf import read_coordinates

TRIAL = ("stimulus_id", "sample", "distractor", "choice")
COORDINATES = {"sample_obj": "sample", "dist_obj": "distractor", "choice": "choice"}
ATTRIBUTES = ("simulated", "source", "licence", "citation")


@dataclass(frozen=True)
class Behavior:
    """The trials of a match-to-sample experiment.

    Attributes
    ----------
    name : str
    trials : DataFrame of one row per trial
        `stimulus_id` (as in the stimulus set), `sample` (the object shown), `distractor` and `choice` (one of the two).
    simulated : bool
    licence, citation, source : str
        License, citation and source of the data, one line each.

    Raises
    ------
    Fault
        There are no trials, a choice was not offered, an object is its own distractor, an image has two objects, or a
        distractor is the object of no image.
    """

    name: str
    trials: pd.DataFrame = field(repr=False)
    simulated: bool
    licence: str
    citation: str
    source: str

    def __post_init__(self):
        trials = self.trials
        if trials.empty:
            raise Fault(f"Recording {self.name}: there are no trials.")
        odd = trials[~((trials.choice == trials["sample"]) | (trials.choice == trials.distractor))]
        if len(odd):
            first = odd.iloc[0]
            raise Fault(
                f"Recording {self.name}: in {len(odd)} of {len(trials)} trials the choice was not offered, first "
                f"{first.choice!r}, where {first['sample']!r} and {first.distractor!r} were offered."
            )
        same = trials.stimulus_id[trials["sample"] == trials.distractor]
        if len(same):
            raise Fault(
                f"Recording {self.name}: in {len(same)} trials the object is its own distractor, first for the image "
                f"{same.iloc[0]}."
            )
        objects = trials.groupby("stimulus_id")["sample"].nunique()
        if (objects > 1).any():
            listed = ", ".join(map(str, objects.index[objects > 1][:5]))
            raise Fault(f"Recording {self.name}: {(objects > 1).sum()} images have two objects: {listed}.")
        strangers = sorted({*trials.distractor} - {*trials["sample"]})
        if strangers:
            raise Fault(
                f"Recording {self.name}: the distractors {', '.join(strangers[:5])} are shown in no image, so no "
                "read-out can learn them."
            )

    @property
    def objects(self) -> pd.Series:
        """The object that each image shows, by stimulus id, in the order in which images first appear."""
        return self.trials.drop_duplicates("stimulus_id").set_index("stimulus_id")["sample"]


def write_behavior(path: str | Path, behavior: Behavior) -> None:
    """Store the trials; the file appears complete or not at all."""
    with create_hdf5(path) as file:
        write_frame(file.create_group("trials"), behavior.trials[list(TRIAL)])
        file.attrs.update({name: getattr(behavior, name) for name in ATTRIBUTES})


def read_behavior(path: str | Path) -> Behavior:
    """Read trials; the recording has the name of the file.

    Raises
    ------
    Fault
        The file is missing, truncated or damaged, or holds no trials.
    """
    with open_hdf5(path) as file:
        if not is_behavior(file):
            raise Fault(f"{path} holds no table of trials. Delete it and run the same command again.")
        about = {name: file.attrs[name] for name in ATTRIBUTES}
        about["simulated"] = bool(about["simulated"])
        return Behavior(name=Path(path).stem, trials=read_frame(file["trials"]), **about)


def is_behavior(file) -> bool:
    """Whether an open file of a recording holds choices, not responses of units."""
    return "trials" in file and "columns" in file["trials"].attrs


def read_trials(path: str | Path) -> pd.DataFrame:
    """Read the trials of a match-to-sample experiment from a netCDF-4 assembly.

    Parameters
    ----------
    path : path
        One array with the dimension presentation and, along it, the coordinates stimulus_id (or image_id),
        sample_obj, dist_obj and choice.

    Returns
    -------
    DataFrame of one row per trial
        `stimulus_id`, `sample`, `distractor` and `choice`.

    Raises
    ------
    Fault
        The file cannot be read, or lacks a coordinate.
    """
    return read_coordinates(path, tuple(COORDINATES)).rename(columns=COORDINATES)
