"""BOLD5000, release 2: human fMRI of four observers, some 4,900 photographs, most of them shown once.

`CSI1_imgnames.txt` names the picture of each trial; a picture was shown from one to five times, so trials have gaps.
The betas are those of the version `TYPED-FITHRF-GLMDENOISE-RR`, percent signal change. They are read from one of two
forms. `arrays` are `CSI1_GLMbetas-…_allses_LHEarlyVis.npy`, of shape (trials, voxels), one per area and hemisphere, all
sessions in one. `volumes` are `CSI1_GLMbetas-…_ses-01.nii.gz`, of shape (x, y, z, trials), one per session, with the
areas' masks `sub-CSI1_mask-LHEarlyVis.nii.gz` (OpenNeuro ds001499, derivatives/spm). The publisher recommends that each
voxel is z-scored within each session, which only `volumes` allow, because arrays do not say where sessions begin.

Sources: Chang, Pyles, Marcus, Gupta, Tarr & Aminoff, "BOLD5000, a public fMRI dataset while viewing 5000 visual
images", Scientific Data 6:49 (2019); the publisher's notes, github.com/BOLD5000-dataset/BOLD5000.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from annotated_types import Ge, Le, MinLen

from ventral.config.entry import Key, PathText, Pooling, Size, caught
from ventral.core.errors import Fault
from ventral.core.names import listed
from ventral.recordings.archives import resized
from ventral.recordings.ceiling import reliable
from ventral.recordings.nsd_areas import first_area
from ventral.recordings.published_files import missing_files, missing_sessions, read_npy, wrong_choice
from ventral.recordings.recording import Recording
from ventral.recordings.recording_entry import Images, RecordingEntry
from ventral.recordings.sessions import Session, join_sessions
from ventral.recordings.signal_to_noise import ceiling_of, signal_to_noise
from ventral.recordings.volumes import check_volume, read_trials, read_volume, shape_of_trials
from ventral.stimuli.stimulus_entry import StimulusEntry

SESSIONS = (15, 15, 15, 9)  # by observer
AREAS = ("EarlyVis", "LOC", "OPA", "PPA", "RSC")
HEMISPHERES = ("LH", "RH")
VERSION = "GLMbetas-TYPED-FITHRF-GLMDENOISE-RR"
PICTURES = "BOLD5000_Stimuli/Scene_Stimuli/Presented_Stimuli"
ARRAYS = "BOLD5000_GLMsingle_ROI_betas/py"
OTHER_NAMES = {"LHLOC": "LHLO", "RHLOC": "RHLO", "RHRSC": "RHRRSC"}  # of some masks
CITATION = (
    "Chang, Pyles, Marcus, Gupta, Tarr & Aminoff, BOLD5000, a public fMRI dataset while viewing 5000 visual images, "
    "Scientific Data 6:49 (2019), doi:10.1038/s41597-019-0052-3"
)


@dataclass(frozen=True, kw_only=True)
class BOLD5000(RecordingEntry):
    """Human fMRI of BOLD5000, release 2 (Chang et al. 2019), with its images, from a folder of its files."""

    needs: ClassVar[str] = f"`folder` with CSI1_imgnames.txt, {PICTURES}, and betas (.npy or .nii.gz)"
    species: ClassVar[str | None] = "human"

    kind: Literal["bold5000"]
    folder: Annotated[PathText, Key(f"The folder of CSI1_imgnames.txt, {PICTURES} and the betas.")]
    subject: Annotated[int, Ge(1), Le(4), Key("The observer, from 1 to 4.")]
    areas: Annotated[list[Literal["EarlyVis", "LOC", "OPA", "PPA", "RSC"]], MinLen(1), Key(uniqueItems=True)] = field(
        default_factory=lambda: [*AREAS]
    )
    form: Annotated[
        Literal["arrays", "volumes"],
        Key(f"arrays: the areas' .npy files in {ARRAYS}; volumes: one .nii.gz per session, and masks in sub-CSI1."),
    ] = "arrays"
    zscore: Annotated[
        bool, Key("For volumes: whether to z-score each voxel within each session; otherwise, percent signal change.")
    ] = True
    images_: Annotated[
        str | int,
        Key(
            "All, those shown more than once, or that many, in the order in which they were first shown.",
            type=["string", "integer"],
        ),
    ] = "all"
    reliability: Annotated[
        Annotated[float, Ge(0), Le(1)] | None,
        Key("Leave out voxels whose noise ceiling (share of variance), estimated from repeats, is lower or not known."),
    ] = None
    size: Annotated[Size, Key("Pixels along each side.")] = 224
    pooling: Pooling = "none"

    def images(self, name: str) -> Images:
        """The photographs that are used, in the order in which they were first shown, and their table."""
        from ventral.stimuli.rgb import open_picture

        used, where = self.used, self.where
        absent = [one for one in used if one not in where]
        if absent:
            raise Fault(f"{Path(self.folder, PICTURES)} lacks {len(absent)} pictures: {listed(absent)}.")
        table = pd.DataFrame({"stimulus_id": used, "scene": "", "parameter": "", "level": -1, "label": ""})
        return (resized(np.asarray(open_picture(where[one])), self.size) for one in used), table

    def record(self, name: str, stimuli: str | Path) -> Recording:
        """The responses of the voxels in the areas, with their trials."""
        image = pd.Index(self.used).get_indexer(self.shown)
        repeats = np.bincount(image[image >= 0], minlength=len(self.used))
        units, sessions = self.units(image)
        total, zscore = (1, False) if self.form == "arrays" else (SESSIONS[self.subject - 1], self.zscore)
        units.insert(0, "unit", np.arange(len(units)))
        units.insert(2, "animal", f"CSI{self.subject}")
        responses, trials = join_sessions(name, sessions, total, len(units), repeats, zscore)
        ncsnr = signal_to_noise(trials)
        recording = Recording(
            name=name,
            responses=responses,
            trials=trials if repeats.max() > 1 else None,
            units=units.assign(estimated_ncsnr=ncsnr, estimated_ceiling=ceiling_of(ncsnr, repeats)),
            stimulus_id=self.used,
            simulated=False,
            licence="CC0",
            citation=CITATION,
            source=(
                f"BOLD5000 release 2, observer {self.subject}, {VERSION.removeprefix('GLMbetas-')}, "
                f"{'z-scored within sessions' if zscore else 'percent signal change'}"
            ),
        )
        return recording if self.reliability is None else reliable(recording, self.reliability)

    def problems(self) -> list[str]:
        """Files that are missing."""
        return wrong_choice(self.images_, ("all", "repeated")) + missing_files(self.folder, self.needed())

    def inspect(self, name: str, stimuli: StimulusEntry | None = None) -> Iterator[str]:
        """Faults of the photographs and of their names, and whether betas and names fit each other."""
        yield from super().inspect(name, stimuli)
        yield from caught("folder", lambda: self.units(np.zeros(len(self.shown), dtype=int)))

    def needed(self) -> dict[str, str]:
        """What each file of the publisher is for, and which choice would do without it."""
        needed = {PICTURES: "the folder of pictures.", self.names: "the picture of each trial."}
        for region in self.regions:
            aside = f"{region} of the observer; leave {region[2:]} out of `areas` to do without it."
            needed[self.array(region) if self.form == "arrays" else self.mask(region)] = aside
        if self.form == "arrays":
            return needed
        sessions = [*map(self.session, range(1, 1 + SESSIONS[self.subject - 1]))]
        return needed | missing_sessions(self.folder, sessions, lambda _: "; `form: arrays` does without")

    def files(self) -> list[Path]:
        """The names of the pictures, and masks; the publisher's pictures never change."""
        masks = [self.mask(region) for region in self.regions] if self.form == "volumes" else []
        return [path for path in (Path(self.folder, file) for file in (self.names, *masks)) if path.is_file()]

    def large_files(self) -> list[Path]:
        """The betas."""
        sessions = map(self.session, range(1, 1 + SESSIONS[self.subject - 1]))
        betas = map(self.array, self.regions) if self.form == "arrays" else sessions
        return [path for path in (Path(self.folder, file) for file in betas) if path.is_file()]

    @property
    def regions(self) -> list[str]:
        """Areas in both hemispheres, such as LHEarlyVis."""
        return [f"{hemisphere}{area}" for area in self.areas for hemisphere in HEMISPHERES]

    @property
    def names(self) -> str:
        """The file that names the picture of each trial."""
        return self.there(
            f"CSI{self.subject}_imgnames.txt", f"BOLD5000_Stimuli/Stimuli_Presentation_Lists/CSI{self.subject}"
        )

    def array(self, region: str) -> str:
        """The file of an area's betas in one hemisphere."""
        return self.there(f"CSI{self.subject}_{VERSION}_allses_{region}.npy", ARRAYS)

    def mask(self, region: str) -> str:
        """The mask of an area in one hemisphere; some have other names."""
        stem = f"sub-CSI{self.subject}/sub-CSI{self.subject}_mask-"
        other = f"{stem}{OTHER_NAMES.get(region, region)}.nii.gz"
        return other if Path(self.folder, other).is_file() else f"{stem}{region}.nii.gz"

    def session(self, session: int) -> str:
        """The file of a session, counted from 1."""
        return f"CSI{self.subject}_{VERSION}_ses-{session:02d}.nii.gz"

    def there(self, name: str, folder: str) -> str:
        """The file of this name in a folder of the publisher's, or directly in the user's folder if it is there."""
        return name if Path(self.folder, name).is_file() else f"{folder}/{name}"

    @cached_property
    def shown(self) -> np.ndarray:
        """The name of the picture of each trial."""
        path = Path(self.folder, self.names)
        try:
            lines = path.read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError) as error:
            raise Fault(f"{path} cannot be read as a list of pictures ({error}); copy it again.") from error
        return np.array([line.rpartition("/")[2] for line in lines], dtype=object)

    @cached_property
    def used(self) -> np.ndarray:
        """Names of the pictures that are used, in the order in which they were first shown."""
        names, count = pd.unique(self.shown), pd.Series(self.shown).value_counts()
        if self.images_ == "repeated":
            return names[count[names].to_numpy() > 1]
        return names if self.images_ == "all" else names[: self.images_]

    @cached_property
    def where(self) -> dict[str, Path]:
        """The file of each picture."""
        return {path.name: path for path in sorted(Path(self.folder, PICTURES).rglob("*.*"))}

    def units(self, image: np.ndarray) -> tuple[pd.DataFrame, Iterator[Session]]:
        """The table of voxels, and sessions that are read when they are needed, with the image of each trial."""
        return self.arrays(image) if self.form == "arrays" else self.volumes(image)

    def arrays(self, image: np.ndarray) -> tuple[pd.DataFrame, Iterator[Session]]:
        """The table of voxels, and all trials as one session, from the arrays of areas."""
        found = {}
        for region in self.regions:
            path = Path(self.folder, self.array(region))
            found[region] = read_npy(path, ("trials", "voxels"), "responses", mmap=True)
            if len(found[region]) != len(image):
                raise Fault(f"{path} has {len(found[region])} trials, but {self.names} names {len(image)} pictures.")
        sizes = [values.shape[1] for values in found.values()]
        regions = np.repeat(np.array([*found], dtype=object), sizes)
        units = pd.DataFrame({"area": [one[2:] for one in regions], "hemisphere": [one[:2] for one in regions]})
        return units, ((np.concatenate([*found.values()], axis=1), image) for _ in range(1))

    def volumes(self, image: np.ndarray) -> tuple[pd.DataFrame, Iterator[Session]]:
        """The table of voxels, and the trials of each session, from the volumes of sessions."""
        masks = {region: read_volume(Path(self.folder, self.mask(region))) > 0 for region in self.regions}
        paths = [Path(self.folder, self.session(one + 1)) for one in range(SESSIONS[self.subject - 1])]
        shapes = [shape_of_trials(path) for path in paths]
        counts = [shape[3] for shape in shapes]
        if sum(counts) != len(image):
            raise Fault(f"The sessions have {sum(counts)} trials, but {self.names} names {len(image)} pictures.")
        for path, shape in zip(paths, shapes, strict=True):
            for region, mask in masks.items():
                check_volume(path, shape[:3], mask.shape, self.mask(region))
        first = first_area(self.regions, masks)
        z, y, x = np.nonzero(first.T >= 0)
        regions = np.array(self.regions, dtype=object)[first[x, y, z]]
        units = pd.DataFrame(
            {"area": [one[2:] for one in regions], "hemisphere": [one[:2] for one in regions], "x": x, "y": y, "z": z}
        )
        places = units[["x", "y", "z"]].to_numpy()
        of_sessions = np.split(image, np.cumsum(counts)[:-1])
        read = (read_trials(path, places) for path in paths)
        return units, zip(read, of_sessions, strict=True)
