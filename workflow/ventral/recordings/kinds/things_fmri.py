"""Human fMRI: three observers, 8,640 + 100 photographs of the THINGS database.

The folder is `betas_csv` of the publisher. Of an observer, `sub-01_ResponseData.h5` is a table that pandas wrote, one
row per voxel, with a column `voxel_id` and one column per trial; `sub-01_StimulusMetadata.csv` names the image of each
trial, in the same order; and `sub-01_VoxelMetadata.csv` has one column per area, 1 inside, and each voxel's noise
ceilings in percent of variance. 8,640 images were shown once and 100 twelve times. Only the rows of chosen voxels are
read. No library that unpickles is used, because the names of columns of this file may be pickled.

Source: Hebart, Contier, Teichmann, Rockter, Zheng, Kidder, Corriveau, Vaziri-Pashkam & Baker, "THINGS-data, a
multimodal collection of large-scale datasets for investigating object representations in human brain and behavior",
eLife 12:e82580 (2023).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from annotated_types import Ge, Le, MinLen

from ventral.config.entry import Key, PathText, Pooling, Size, caught
from ventral.core.errors import Fault, said
from ventral.core.jobs import progress
from ventral.core.names import did_you_mean
from ventral.recordings.pandas_frame import Frame
from ventral.recordings.published_files import missing_files
from ventral.recordings.published_hdf5 import open_published
from ventral.recordings.recording import Recording, mean_of_present
from ventral.recordings.recording_entry import Images, RecordingEntry
from ventral.recordings.things_pictures import (
    Chosen,
    PictureFolder,
    absent_pictures,
    evenly_spaced,
    missing_pictures,
    show_pictures,
)
from ventral.stimuli.stimulus_entry import StimulusEntry

DEFAULT = ("V1", "V2", "V3", "hV4", "IT")
FILES = {
    "ResponseData.h5": "the responses to single trials, of the table format; another subject would do without it.",
    "StimulusMetadata.csv": "the image of each trial; another subject would do without it.",
    "VoxelMetadata.csv": "the areas and noise ceilings of voxels; another subject would do without it.",
}
PANDAS = "an HDF5 file that pandas wrote"
CEILINGS = ("nc_testset", "nc_singletrial")
CITATION = (
    "Hebart, Contier, Teichmann, Rockter, Zheng, Kidder, Corriveau, Vaziri-Pashkam & Baker, THINGS-data, a multimodal "
    "collection of large-scale datasets for investigating object representations in human brain and behavior, eLife "
    "12:e82580 (2023), doi:10.7554/eLife.82580"
)


@dataclass(frozen=True, kw_only=True)
class ThingsFmri(RecordingEntry):
    """Human fMRI of one observer, THINGS pictures (Hebart et al. 2023), from a folder of its files."""

    has_parts: ClassVar[bool] = True
    needs: ClassVar[str] = (
        f"`folder` with {', '.join(f'sub-…_{end}' for end in FILES)}, and `pictures`, object_images of the THINGS "
        "database"
    )
    species: ClassVar[str | None] = "human"

    kind: Literal["things_fmri"]
    folder: Annotated[PathText, Key("The folder betas_csv, as published.")]
    subject: Annotated[int, Ge(1), Le(3)]
    pictures: PictureFolder
    areas: Annotated[
        list[str] | None,
        MinLen(1),
        Key(
            "Columns of VoxelMetadata.csv, without line breaks; FFA stands for lFFA and rFFA. A voxel of several areas "
            f"belongs to the first. By default {', '.join(DEFAULT)}.",
            uniqueItems=True,
        ),
    ] = None
    reliability: Annotated[
        Annotated[float, Ge(0), Le(1)] | None,
        Key("Leave out voxels whose published noise ceiling (nc_testset / 100, share of variance) is lower."),
    ] = None
    zscore: Annotated[
        bool, Key("Whether to z-score each voxel within each session; otherwise, the publisher's responses.")
    ] = False
    images_: Chosen = "all"
    size: Annotated[Size, Key("Pixels along each side.")] = 224
    pooling: Pooling = "none"

    def images(self, name: str) -> Images:
        """The chosen images and their table."""
        return show_pictures(self.pictures, [*self.shown(self.trials()).index], self.size)

    def record(self, name: str, stimuli: str | Path) -> Recording:
        """The responses of the chosen voxels, with twelve trials of each test image and one of each other."""
        table, voxels = self.trials(), self.voxels()
        units, part, path = self.units(name, voxels), self.shown(table), self.path("ResponseData.h5")
        with open_published(path, PANDAS) as file:
            frame = Frame(path, file, voxels.voxel_id.to_numpy(), len(table))
            rows = progress(frame.rows(units.index), total=len(units), unit="voxels", name=f"recordings {name}")
            if self.zscore:
                rows = (zscored(values, table.session.to_numpy()) for values in rows)
            responses, trials = by_image_of(rows, table.image, part.index, len(units))
        return Recording(
            name=name,
            responses=responses,
            trials=trials,
            units=units.reset_index(drop=True),
            stimulus_id=part.index.to_numpy(dtype=object),
            part=part.to_numpy(dtype=object),
            simulated=False,
            licence="CC0",
            citation=CITATION,
            source=(
                f"THINGS-fMRI, subject {self.subject}, responses to single trials, table format"
                f"{', z-scored within sessions' if self.zscore else ''}"
            ),
        )

    def problems(self) -> list[str]:
        """Files and folders that are missing, and unknown areas."""
        absent = missing_files(self.folder, {self.path(end).name: what for end, what in FILES.items()})
        if not absent and self.areas:
            try:
                known = [without_breaks(column) for column in pd.read_csv(self.path("VoxelMetadata.csv"), nrows=0)]
            except (OSError, ValueError) as error:
                return [f"folder: {self.path('VoxelMetadata.csv')} cannot be read as a table ({said(error)})."]
            unknown = [area for area in self.areas if not columns_of(area, known)]
            absent = [f"areas: there is no column {area!r}{did_you_mean(area, known)}." for area in unknown]
        return absent + missing_pictures(self.pictures)

    def inspect(self, name: str, stimuli: StimulusEntry | None = None) -> Iterator[str]:
        """Faults of the three tables, and missing pictures."""
        faults = [*super().inspect(name)] or [*caught("folder", self.check_responses, name)]
        yield from faults or absent_pictures(self.pictures, [*self.shown(self.trials()).index])

    def check_responses(self, name: str) -> None:
        """Raise a Fault if the responses do not fit the tables, or no voxel is chosen."""
        voxels, path = self.voxels(), self.path("ResponseData.h5")
        self.units(name, voxels)
        with open_published(path, PANDAS) as file:
            Frame(path, file, voxels.voxel_id.to_numpy(), len(self.trials()))

    def files(self) -> list[Path]:
        """The three files of the observer."""
        return [path for path in map(self.path, FILES) if path.is_file()]

    def shape(self) -> tuple[int, int, int]:
        """Of the chosen voxels and images, and the trials of a test image."""
        trials = self.trials()
        shown = self.shown(trials).index
        repeats = trials.image[trials.image.isin(shown)].value_counts().max()
        return len(self.units("", self.voxels())), len(shown), int(repeats)

    def path(self, end: str) -> Path:
        """A file of the observer."""
        return Path(self.folder, f"sub-{self.subject:02d}_{end}")

    def trials(self) -> pd.DataFrame:
        """The `session`, `image` and `part` of each trial; no image for trials that are not of one of the parts."""
        sessions = ["session"] if self.zscore else []
        table = read_table_of(self.path("StimulusMetadata.csv"), ["trial_type", "stimulus", *sessions])
        concept = table["concept"] if "concept" in table else table.stimulus.str.rpartition("_")[0]
        image = (concept + "/" + table.stimulus).where(table.trial_type.isin(["train", "test"]))
        return pd.DataFrame({"image": image, "part": table.trial_type} | {key: table[key] for key in sessions})

    def shown(self, trials: pd.DataFrame) -> pd.Series:
        """The part of each chosen image, with the images as its index, sorted in each part."""
        part = trials.dropna(subset="image").drop_duplicates("image").set_index("image").part.sort_index()
        once, repeated = part[part == "train"], part[part == "test"]
        return pd.concat([once.iloc[evenly_spaced(len(once), self.images_)], repeated])

    def voxels(self) -> pd.DataFrame:
        """The table of all voxels, with the columns that are needed."""
        wanted = {column for area in self.areas or DEFAULT for column in (area, f"l{area}", f"r{area}")}
        path, needed = self.path("VoxelMetadata.csv"), ("voxel_id", *CEILINGS)
        return read_table_of(path, needed, lambda column: without_breaks(column) in {*wanted, *needed})

    def units(self, name: str, voxels: pd.DataFrame) -> pd.DataFrame:
        """The chosen voxels, with their rows in the table as the index.

        Raises
        ------
        Fault
            No voxel of the areas is reliable enough.
        """
        area = pd.Series("", index=voxels.index, dtype=object)
        for one in self.areas or DEFAULT:
            inside = (voxels[columns_of(one, voxels)] == 1).any(axis=1)
            area = area.mask(inside & (area == ""), one)
        kept = area != ""
        if self.reliability is not None:
            kept &= voxels.nc_testset >= 100 * self.reliability
        if not kept.any():
            raise Fault(
                f"Recording {name}: no voxel of its areas has a ceiling of {self.reliability} or more; lower it."
            )
        about = pd.DataFrame({"unit": voxels.voxel_id, "area": area, "animal": f"human sub-{self.subject:02d}"})
        return about.join(voxels[[*CEILINGS]])[kept]


def read_table_of(path: Path, needed, usecols=None) -> pd.DataFrame:
    """A .csv file that has the needed columns; line breaks in the names of columns are removed."""
    try:
        table = pd.read_csv(path, usecols=usecols).rename(columns=without_breaks)
    except (OSError, ValueError) as error:
        raise Fault(f"{path} cannot be read as a table ({said(error)}). Use the publisher's file.") from error
    absent = [column for column in needed if column not in table]
    if absent:
        raise Fault(f"{path} lacks the columns {', '.join(absent)}. Use the publisher's file.")
    return table


def without_breaks(column: str) -> str:
    """The name of a column without spaces and line breaks, which two names of the publisher hold."""
    return "".join(column.split())


def columns_of(area: str, known) -> list[str]:
    """The columns of an area: its own, or those of both hemispheres; none if it is unknown."""
    return [area] if area in known else [side for side in (f"l{area}", f"r{area}") if side in known]


def zscored(values: np.ndarray, session: np.ndarray) -> np.ndarray:
    """The responses of a voxel, z-scored over the trials of each session; NaN in a session in which it never varies."""
    of_sessions = pd.Series(values, dtype=np.float64).groupby(session)
    spread = of_sessions.transform("std", ddof=0)
    return ((values - of_sessions.transform("mean")) / spread.where(spread > 0)).to_numpy()


def by_image_of(rows, shown: pd.Series, images: pd.Index, units: int) -> tuple[np.ndarray, np.ndarray]:
    """Means over trials, float64 (units, images), and trials, float32 (units, images, repeats), one unit at a time.

    Parameters
    ----------
    rows : iterable of arrays of shape (trials,)
        The responses of each unit.
    shown : Series of shape (trials,)
        The image of each trial.
    images : Index
        The images to keep.
    units : int
    """
    place = images.get_indexer(shown)
    kept = np.flatnonzero(place >= 0)
    repeat = shown.iloc[kept].groupby(shown.iloc[kept]).cumcount().to_numpy()
    grid = np.full((len(images), repeat.max(initial=0) + 1), np.nan)
    responses, trials = np.empty((units, len(images))), np.empty((units, *grid.shape), dtype=np.float32)
    for unit, values in enumerate(rows):
        grid[place[kept], repeat] = values[kept]
        responses[unit], trials[unit] = mean_of_present(grid), grid
    return responses, trials
