"""The training data of the Algonauts Project 2023: the Natural Scenes Dataset on the cortical surface.

Responses are float32 of shape (images, vertices), one file per hemisphere, z-scored within each session and averaged
over repeats, so that no noise ceiling can be estimated from them. The rows are the pictures in the order of their
names, such as train-0001_nsd-00013.png: the first number counts from 1, the second is the number of the image in the
Natural Scenes Dataset, counted from 0. The publisher keeps the responses to the test images, so there is one part. The
files `mapping_*.npy` are pickles and are not read; the names of areas are known here.

Sources: Gifford, Lahner, Saba-Sadiya, … & Cichy, "The Algonauts Project 2023 challenge", arXiv:2301.03198 (2023); the
publisher's code, github.com/gifale95/algonauts_2023.
"""

import re
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
from ventral.core.jobs import progress
from ventral.core.names import listed
from ventral.recordings.archives import resized
from ventral.recordings.nsd_areas import DEFAULT, DESCRIPTION, FILES, NAMES, find_area, first_area, unknown_areas
from ventral.recordings.published_files import missing_files, read_npy, wrong_choice
from ventral.recordings.recording import Recording
from ventral.recordings.recording_entry import Images, RecordingEntry
from ventral.stimuli.stimulus_entry import StimulusEntry

HEMISPHERES = ("lh", "rh")
PICTURE = re.compile(r"train-(\d+)_nsd-(\d+)\.png")
ROWS_AT_ONCE = 500
OFFERED = tuple(name for name in NAMES if name not in FILES["nsdgeneral"])
CITATION = (
    "Gifford, Lahner, Saba-Sadiya, Vilas, Lascelles, Oliva, Kay, Roig & Cichy, The Algonauts Project 2023 challenge: "
    "how the human brain makes sense of natural scenes, arXiv:2301.03198 (2023); data of Allen et al. (2022), "
    "doi:10.1038/s41593-021-00962-x"
)


@dataclass(frozen=True, kw_only=True)
class Algonauts2023(RecordingEntry):
    """Human fMRI of the Algonauts Project 2023 (training data), with its images, from a folder of its files."""

    needs: ClassVar[str] = "`folder` with subj01 and so on, with training_split and roi_masks"
    species: ClassVar[str | None] = "human"

    kind: Literal["algonauts2023"]
    folder: Annotated[PathText, Key("The folder of subj01, subj02, …, as published.")]
    subject: Annotated[int, Ge(1), Le(8), Key("The observer, from 1 to 8.")]
    areas: Annotated[list[str], MinLen(1), Key(DESCRIPTION, uniqueItems=True)] = field(
        default_factory=lambda: [*DEFAULT]
    )
    images_: Annotated[
        str | int, Key("All, or that many, in the order of their names.", type=["string", "integer"])
    ] = "all"
    size: Annotated[Size, Key("Pixels along each side.")] = 224
    pooling: Pooling = "none"

    def images(self, name: str) -> Images:
        """The training images and their table."""
        from ventral.stimuli.rgb import open_picture

        table = pd.DataFrame({"stimulus_id": self.ids, "scene": "", "parameter": "", "level": -1, "label": ""})
        return (resized(np.asarray(open_picture(path)), self.size) for path in self.pictures), table

    def record(self, name: str, stimuli: str | Path) -> Recording:
        """The responses of the vertices in the areas, both hemispheres."""
        parts = [self.of_hemisphere(hemisphere) for hemisphere in HEMISPHERES]
        units = pd.concat([units for units, _ in parts], ignore_index=True)
        if units.empty:
            raise Fault(f"No vertex of observer {self.subject} is in {', '.join(self.areas)}.")
        units.insert(0, "unit", np.arange(len(units)))
        return Recording(
            name=name,
            responses=np.concatenate([self.at_vertices(name, responses, units.vertex) for units, responses in parts]),
            trials=None,
            units=units,
            stimulus_id=self.ids,
            simulated=False,
            licence="that of the Natural Scenes Dataset; not redistributed",
            citation=CITATION,
            source=f"Algonauts Project 2023, observer {self.subject}, training data, z-scored within sessions",
        )

    def problems(self) -> list[str]:
        """Files that are missing, and areas that are not known."""
        unknown = unknown_areas(self.areas, OFFERED)
        return wrong_choice(self.images_, ("all",)) + (unknown or missing_files(self.folder, self.needed()))

    def inspect(self, name: str, stimuli: StimulusEntry | None = None) -> Iterator[str]:
        """Faults of the pictures, and whether responses, pictures and areas fit each other."""
        faults = [*super().inspect(name, stimuli)]
        faults += [fault for one in HEMISPHERES for fault in caught("folder", self.of_hemisphere, one)]
        yield from dict.fromkeys(faults)

    def needed(self) -> dict[str, str]:
        """What each file of the publisher is for, and which choice would do without it."""
        needed = {self.training("training_images"): "the folder of pictures."}
        for hemisphere in HEMISPHERES:
            needed[self.responses_of(hemisphere)] = "the responses."
            for area in self.areas:
                needed[self.roi(hemisphere, area)] = f"where {area} is; leave it out of `areas` to do without it."
        return needed

    def files(self) -> list[Path]:
        """The files of areas; the publisher's pictures never change."""
        named = {self.roi(hemisphere, area) for hemisphere in HEMISPHERES for area in self.areas}
        return [path for path in (Path(self.folder, file) for file in sorted(named)) if path.is_file()]

    def large_files(self) -> list[Path]:
        """The responses."""
        paths = [Path(self.folder, self.responses_of(hemisphere)) for hemisphere in HEMISPHERES]
        return [path for path in paths if path.is_file()]

    def training(self, name: str) -> str:
        """A file or folder of the observer's training data."""
        return f"subj{self.subject:02d}/training_split/{name}"

    def responses_of(self, hemisphere: str) -> str:
        """The file of responses of one hemisphere."""
        return self.training(f"training_fmri/{hemisphere}_training_fmri.npy")

    def roi(self, hemisphere: str, area: str) -> str:
        """The file that says where an area is in one hemisphere."""
        return f"subj{self.subject:02d}/roi_masks/{hemisphere}.{find_area(area)[0]}_challenge_space.npy"

    @cached_property
    def every_picture(self) -> list[Path]:
        """All pictures, in the order of the rows of responses."""
        folder = Path(self.folder, self.training("training_images"))
        found = {path: PICTURE.fullmatch(path.name) for path in folder.glob("*.png")}
        strange = sorted(path.name for path, match in found.items() if not match)
        if strange:
            raise Fault(f"{folder} holds other pictures than train-0001_nsd-00013.png, …: {listed(strange)}.")
        ordered = sorted(found, key=lambda path: int(found[path][1]))
        if [int(found[path][1]) for path in ordered] != [*range(1, len(ordered) + 1)]:
            raise Fault(f"{folder} lacks pictures: their numbers must be 1, 2, … without gaps. Unpack it again.")
        return ordered

    @property
    def pictures(self) -> list[Path]:
        """The pictures that are used."""
        return self.every_picture if self.images_ == "all" else self.every_picture[: self.images_]

    @property
    def ids(self) -> np.ndarray:
        """Ids of the images that are used: their numbers in the Natural Scenes Dataset, such as nsd-00013."""
        return np.array([f"nsd-{PICTURE.fullmatch(path.name)[2]}" for path in self.pictures], dtype=object)

    def of_hemisphere(self, hemisphere: str) -> tuple[pd.DataFrame, np.ndarray]:
        """The table of the vertices in the areas, and the responses of all vertices, which are read when needed."""
        path = Path(self.folder, self.responses_of(hemisphere))
        responses = read_npy(path, ("images", "vertices"), "responses", mmap=True)
        if len(responses) != len(self.every_picture):
            raise Fault(f"{path} has {len(responses)} rows for {len(self.every_picture)} pictures. Unpack it again.")
        inside = {}
        for area in self.areas:
            roi = Path(self.folder, self.roi(hemisphere, area))
            labels = read_npy(roi, ("vertices",), "one integer for each vertex")
            if len(labels) != responses.shape[1]:
                raise Fault(
                    f"{roi} has {len(labels)} vertices, and {path.name} has {responses.shape[1]}. Use the file that "
                    f"ends with _challenge_space.npy, of observer {self.subject}."
                )
            inside[area] = np.isin(labels, find_area(area)[1])
        first = first_area(self.areas, inside)
        vertices = np.flatnonzero(first >= 0)
        area = np.array(self.areas, dtype=object)[first[vertices]]
        units = pd.DataFrame(
            {"area": area, "animal": f"subj{self.subject:02d}", "hemisphere": hemisphere, "vertex": vertices}
        )
        return units, responses

    def at_vertices(self, name: str, responses: np.ndarray, vertices: pd.Series) -> np.ndarray:
        """Responses of some vertices, float64 of shape (vertices, images), a few hundred images after another."""
        found, n = np.empty((len(vertices), len(self.pictures))), len(self.pictures)
        with progress(total=n, unit="images", name=f"recording {name}") as bar:
            for first in range(0, n, ROWS_AT_ONCE):
                block = slice(first, min(n, first + ROWS_AT_ONCE))
                found[:, block] = responses[block][:, vertices].T
                bar.update(block.stop - first)
        return found
