"""The Natural Scenes Dataset: human fMRI at 7 T, up to 10,000 photographs with up to three trials each, per observer.

Files are read where they lie, with the names that the publisher gives them below `folder`. Responses are the single-
trial betas of the version `betas_fithrf_GLMdenoise_RR` in volumes of 1.8 mm (`func1pt8mm`), HDF5 or NIfTI, or on the
surfaces of the observer (`nativesurface`), HDF5 (`ventral.recordings.nsd_spaces`). They are
integers of 16 bits, percent signal change times 300. Voxels without data in a session are zero in it, which counts as
missing. Trials and images are numbered from 1 in `nsd_expdesign.mat` and from 0 in `nsd_stimuli.hdf5`; the id of an
image here, such as nsd-00013, counts from 0. Convention: the 1000 images that all observers were shown are the test
images.

`ncsnr` is the publisher's signal-to-noise ratio, from which `published_ceiling` follows for the images that are
used (`ventral.recordings.signal_to_noise`).

Source: Allen, St-Yves, Wu, … & Kay, "A massive 7T fMRI dataset to bridge cognitive neuroscience and artificial
intelligence", Nature Neuroscience 25:116-126 (2022).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from annotated_types import Ge, Le

from ventral.config.entry import Key, PathText, Pooling, Size, caught
from ventral.core.errors import Fault
from ventral.recordings.archives import resized
from ventral.recordings.nsd_areas import DEFAULT, DESCRIPTION, NAMES, find_area, first_area, unknown_areas
from ventral.recordings.nsd_design import Design, ids_of, pictures, read_design
from ventral.recordings.nsd_spaces import SPACES, TRIALS, VERSION, Shapes, Space
from ventral.recordings.published_files import missing_files, missing_sessions, wrong_choice
from ventral.recordings.recording import Recording
from ventral.recordings.recording_entry import Images, RecordingEntry
from ventral.recordings.sessions import Session, join_sessions
from ventral.recordings.signal_to_noise import ceiling_of, signal_to_noise
from ventral.stimuli.stimulus_entry import StimulusEntry

SESSIONS = (40, 40, 32, 30, 40, 32, 40, 30)  # by observer
SCALE = 300
DESIGN = "nsddata/experiments/nsd/nsd_expdesign.mat"
PICTURES = "nsddata_stimuli/stimuli/nsd/nsd_stimuli.hdf5"
CITATION = (
    "Allen, St-Yves, Wu, Breedlove, Prince, Dowdle, Nau, Caron, Pestilli, Charest, Hutchinson, Naselaris & Kay, A "
    "massive 7T fMRI dataset to bridge cognitive neuroscience and artificial intelligence, Nature Neuroscience 25:116 "
    "(2022), doi:10.1038/s41593-021-00962-x"
)
LICENCE = "the agreement of its publisher; not redistributed"


@dataclass(frozen=True, kw_only=True)
class NSD(RecordingEntry):
    """Human fMRI of the Natural Scenes Dataset (Allen et al. 2022), with its images, from a folder of its files."""

    has_parts: ClassVar[bool] = True
    needs: ClassVar[str] = (
        f"`folder` with {DESIGN}, {PICTURES}, and betas and areas of an observer (volumes of 1.8 mm, or surfaces)"
    )
    species: ClassVar[str | None] = "human"

    kind: Literal["nsd"]
    folder: Annotated[PathText, Key("The folder of nsddata, nsddata_betas and nsddata_stimuli, as published.")]
    subject: Annotated[int, Ge(1), Le(8), Key("The observer, from 1 to 8.")]
    areas: Annotated[list[str], Key(f"{DESCRIPTION} Also nsdgeneral.", uniqueItems=True)] = field(
        default_factory=lambda: [*DEFAULT]
    )
    space: Annotated[
        Literal["func1pt8mm", "nativesurface"],
        Key("Volumes of 1.8 mm, or the observer's own surfaces. Units are voxels or vertices."),
    ] = "func1pt8mm"
    masks: Annotated[
        dict[str, str] | None,
        Key(
            "Areas of your own in volumes: a NIfTI file for each name, of the shape of the betas, above 0 in the area."
        ),
    ] = None
    sessions: Annotated[int, Ge(1), Le(40), Key("Read only that many, from the first; by default all.")] | None = None
    images_: Annotated[
        str | int,
        Key(
            "All, the 1000 that all observers were shown, or that many, in the order in which they were first shown.",
            type=["string", "integer"],
        ),
    ] = "all"
    reliability: Annotated[
        Annotated[float, Ge(0), Le(1)] | None,
        Key("Leave out voxels whose published noise ceiling (share of variance) is lower or not known."),
    ] = None
    zscore: Annotated[
        bool, Key("Whether to z-score each voxel within each session; otherwise, percent signal change.")
    ] = True
    size: Annotated[Size, Key("Pixels along each side.")] = 224
    pooling: Pooling = "none"

    def images(self, name: str) -> Images:
        """The photographs that are used, in the order of their ids, and their table."""
        numbers = self.used_images()
        table = pd.DataFrame({"stimulus_id": ids_of(numbers), "scene": "", "parameter": "", "level": -1, "label": ""})
        return (resized(picture, self.size) for picture in pictures(Path(self.folder, PICTURES), numbers)), table

    def record(self, name: str, stimuli: str | Path) -> Recording:
        """The responses of the voxels in the areas, with their trials."""
        return self.record_resumably(name, stimuli, None)

    def record_resumably(self, name: str, stimuli: str | Path, folder: Path | None) -> Recording:
        """As `record`, with the sessions that have been read kept in a folder."""
        numbers = self.used_images()
        image, repeats = self.trials_of(numbers)
        units, shapes = self.units(repeats)
        sessions = self.read_sessions(units, shapes, image, folder)
        responses, trials = join_sessions(name, sessions, self.last_session, len(units), repeats, self.zscore)
        shared = np.isin(numbers, self.design.shared)
        return Recording(
            name=name,
            responses=responses,
            trials=trials,
            units=units.assign(estimated_ncsnr=signal_to_noise(trials)),
            stimulus_id=ids_of(numbers),
            part=None if shared.all() or not shared.any() else np.where(shared, "test", "train").astype(object),
            simulated=False,
            licence=LICENCE,
            citation=CITATION,
            source=(
                f"Natural Scenes Dataset, observer {self.subject}, {self.last_session} sessions, "
                f"{VERSION}, {self.space}, {'z-scored within sessions' if self.zscore else 'percent signal'}"
            ),
        )

    def problems(self) -> list[str]:
        """Files that are missing, areas that are not known, and sessions that were not recorded."""
        found = unknown_areas(self.areas) + wrong_choice(self.images_, ("all", "shared"))
        if not self.areas and not self.masks:
            found.append("areas: name at least one, or a file under masks.")
        if self.masks and self.space != "func1pt8mm":
            found.append("masks: are volumes; leave them out, or use `space: func1pt8mm`.")
        if (self.sessions or 0) > SESSIONS[self.subject - 1]:
            found.append(f"sessions: observer {self.subject} has {SESSIONS[self.subject - 1]}, not {self.sessions}.")
        found += [f"masks.{name}: there is no file {file!r}." for name, file in self.own if not Path(file).is_file()]
        return found + missing_files(self.folder, self.needed())

    def inspect(self, name: str, stimuli: StimulusEntry | None = None) -> Iterator[str]:
        """Faults of the photographs, the design, the areas and the shapes of all sessions."""
        yield from super().inspect(name, stimuli)
        yield from caught("folder", self.check_shapes)

    def check_shapes(self) -> None:
        """Raise a Fault if areas and sessions are not of the same places, from their headers."""
        _, repeats = self.trials_of(self.used_images())
        _, shapes = self.units(repeats)
        for session in self.numbers:
            self.files_of_space.check_session(session, shapes)

    def needed(self) -> dict[str, str]:
        """What each file of the publisher is for, and which choice would do without it."""
        space, needed = self.files_of_space, {DESIGN: "the order of images.", PICTURES: "the photographs."}
        for file, areas in self.of_files().items():
            needed |= dict.fromkeys(space.roi(file), f"the areas {', '.join(areas)}; leave these out to do without it.")
        if self.reliability is not None:
            needed |= dict.fromkeys(space.ncsnr, "the noise ceilings; leave out `reliability` to do without it.")
        other = ", here or as .nii.gz" if self.space == "func1pt8mm" else ""
        for of_part in zip(*map(space.betas, self.numbers), strict=True):
            needed |= missing_sessions(
                self.folder,
                of_part,
                lambda first: other + (f"; `sessions: {first - 1}` does without" if first > 1 else ""),
            )
        return needed

    def files(self) -> list[Path]:
        """The small files, and the user's own; the publisher's photographs never change."""
        small = [Path(self.folder, name) for name in self.needed() if name != PICTURES and "betas_session" not in name]
        small += [Path(self.folder, name) for name in self.files_of_space.ncsnr if self.reliability is None]
        return [file for file in (*small, *(Path(file) for _, file in self.own)) if file.is_file()]

    def large_files(self) -> list[Path]:
        """The sessions."""
        names = [name for session in self.numbers for name in self.files_of_space.betas(session)]
        return [path for path in (Path(self.folder, name) for name in names) if path.is_file()]

    def shape(self) -> tuple[int, int, int]:
        """Of the units in the areas and the images in the sessions."""
        _, repeats = self.trials_of(self.used_images())
        return len(self.units(repeats)[0]), len(repeats), int(repeats.max())

    @property
    def last_session(self) -> int:
        """The number of sessions that are read."""
        return self.sessions or SESSIONS[self.subject - 1]

    @property
    def numbers(self) -> range:
        """The numbers of the sessions that are read."""
        return range(1, self.last_session + 1)

    @property
    def files_of_space(self) -> Space:
        """The observer's files."""
        return SPACES[self.space](Path(self.folder), self.subject)

    @property
    def own(self) -> list[tuple[str, str]]:
        """Names and files of the user's own areas."""
        return [*(self.masks or {}).items()]

    def of_files(self) -> dict[str, list[str]]:
        """The areas in each file of areas."""
        found: dict[str, list[str]] = {}
        for area in self.areas:
            if area in NAMES:
                found.setdefault(find_area(area)[0], []).append(area)
        return found

    @cached_property
    def design(self) -> Design:
        """What was shown in the sessions that are read."""
        return read_design(Path(self.folder, DESIGN), self.subject, TRIALS * self.last_session)

    def used_images(self) -> np.ndarray:
        """Numbers of the images that are used, counted from 0, in ascending order."""
        shown = pd.unique(self.design.shown)
        if self.images_ == "shared":
            shown = shown[np.isin(shown, self.design.shared)]
        return np.sort(shown if isinstance(self.images_, str) else shown[: self.images_])

    def trials_of(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The index of each trial's image among these, −1 for others, and the number of trials of each image."""
        image = pd.Index(numbers).get_indexer(self.design.shown)
        return image, np.bincount(image[image >= 0], minlength=len(numbers))

    def units(self, repeats: np.ndarray) -> tuple[pd.DataFrame, Shapes]:
        """The table of voxels, sorted by z, y and x, or of vertices, and the shapes of the files of areas."""
        space, inside, shapes = self.files_of_space, {}, {}
        maps = {file: space.read(space.roi(file)) for file in self.of_files()}
        for area in self.areas:
            file, labels = find_area(area)
            inside[area], shapes[area] = np.isin(maps[file][0], labels), maps[file][1]
        for name, file in self.own:
            values, shapes[name] = space.read([str(Path(file).absolute())])
            inside[name] = values > 0
        if len({*shapes.values()}) > 1:
            raise Fault(f"The areas have files of different shapes: {shapes}. All must be of observer {self.subject}.")
        first, of_all = first_area([*inside], inside), next(iter(shapes.values()))
        index = np.flatnonzero(first >= 0)
        units = pd.DataFrame({"area": np.array([*inside], dtype=object)[first[index]]})
        units = units.join(space.places(index, of_all))
        units.insert(1, "animal", f"subj{self.subject:02d}")
        units = self.with_ceilings(units, repeats, index, of_all)
        if units.empty:
            raise Fault(f"No {self.unit} of observer {self.subject} is in {', '.join(inside)} and reliable enough.")
        units.insert(0, "unit", np.arange(len(units)))
        return units, of_all

    @property
    def unit(self) -> str:
        """What a unit is."""
        return "voxel" if self.space == "func1pt8mm" else "vertex"

    def with_ceilings(
        self, units: pd.DataFrame, repeats: np.ndarray, index: np.ndarray, shapes: Shapes
    ) -> pd.DataFrame:
        """The units with their published ceilings, if they are there, and without those that are not reliable."""
        names = self.files_of_space.ncsnr
        if self.reliability is None and not all(Path(self.folder, name).exists() for name in names):
            return units
        ncsnr, of_files = self.files_of_space.read(names)
        if of_files != shapes:
            raise Fault(
                f"{', '.join(names)}: the shapes are {of_files}, but the areas have {shapes}; both of one observer."
            )
        of_units = ncsnr[index].astype(np.float64)
        units = units.assign(ncsnr=of_units, published_ceiling=ceiling_of(of_units, repeats))
        if self.reliability is None:
            return units
        return units[units.published_ceiling >= self.reliability].reset_index(drop=True)

    def read_sessions(
        self, units: pd.DataFrame, shapes: Shapes, image: np.ndarray, folder: Path | None
    ) -> Iterator[Session]:
        """Responses of each session in percent signal change, and the index of each trial's image."""
        for session in self.numbers:
            values = self.files_of_space.read_session(session, units, shapes, folder)
            yield values / np.float32(SCALE), image[TRIALS * (session - 1) : TRIALS * session]
