"""Human fMRI: one observer's responses to 1870 gray photographs.

The file is the one of Neuromatch Academy (osf.io/ymnjv): `stimuli` and `stimuli_test`, gray images of shape
(1750, 128, 128) and (120, 128, 128); `responses` and `responses_test`, one row per image and one column per voxel,
z-scored and averaged over repeats; `roi`, each voxel's area as an index into `roi_names`. The publisher states no
checksum, so users give one or put the file into the folder of fetched files. Both parts form one recording, which keeps
the part of each image; the 120 images were shown more often than the 1750. Gray levels are stretched so that the
darkest level of all images becomes 0 and the lightest 255.

Source: Kay, Naselaris, Prenger & Gallant, "Identifying natural images from human brain activity", Nature 452:352
(2008).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd

from ventral.config.entry import Digest, Key, Pooling, Size
from ventral.core.arrays import read_arrays, text
from ventral.core.errors import Fault
from ventral.recordings.archives import resized
from ventral.recordings.recording import Recording
from ventral.recordings.recording_entry import Images, RecordingEntry
from ventral.recordings.registry import Source, data_folder, fetch, unchecked_files

FILE = "kay_images.npz"
URL = "https://osf.io/ymnjv/download"
CITATION = (
    "Kay, Naselaris, Prenger & Gallant, Identifying natural images from human brain activity, "
    "Nature 452:352 (2008), doi:10.1038/nature06713"
)
PARTS = {"train": ("stimuli", "responses"), "test": ("stimuli_test", "responses_test")}


@dataclass(frozen=True, kw_only=True)
class Kay2008(RecordingEntry):
    """Human fMRI of one observer, 1870 gray photographs (Kay et al. 2008), with its images."""

    has_parts: ClassVar[bool] = True
    needs: ClassVar[str] = f"{FILE} in VENTRAL_DATA, or its SHA-256, with which it is fetched"
    species: ClassVar[str | None] = "human"

    kind: Literal["kay2008"]
    sha256: Annotated[
        Digest | None,
        Key("SHA-256 of kay_images.npz (osf.io/ymnjv). A file that is already in VENTRAL_DATA needs none."),
    ] = None
    size: Annotated[Size, Key("Pixels along each side.")] = 128
    pooling: Pooling = "none"

    def images(self, name: str) -> Images:
        """The images that were shown and their table."""
        shown = [arrays["stimuli"] for arrays in read(self.source()).values()]
        low, high = min(part.min() for part in shown), max(part.max() for part in shown)
        table = pd.DataFrame({"stimulus_id": ids_of(shown), "scene": "", "parameter": "", "level": -1, "label": ""})
        gray = (255 * (image.astype(np.float64) - low) / (high - low) for part in shown for image in part)
        images = (np.repeat(image.round().astype(np.uint8)[..., None], 3, axis=2) for image in gray)
        return (resized(image, self.size) for image in images), table

    def record(self, name: str, stimuli: str | Path) -> Recording:
        """The responses of all voxels that lie in a named area."""
        parts = read(self.source())
        responses = np.concatenate([arrays["responses"] for arrays in parts.values()]).T.astype(np.float64)
        roi, names = (
            parts["train"]["roi"].ravel().astype(int),
            text(parts["train"]["roi_names"], f"{FILE}: 'roi_names'"),
        )
        if len(roi) != len(responses) or roi.min() < 0 or roi.max() >= len(names):
            raise Fault(
                f"{FILE}: {len(roi)} entries of 'roi' do not fit {len(responses)} voxels and {len(names)} names."
            )
        return Recording(
            name=name,
            responses=responses,
            trials=None,
            units=pd.DataFrame({"unit": np.arange(len(responses)), "area": names[roi], "animal": "human"}),
            stimulus_id=ids_of([arrays["stimuli"] for arrays in parts.values()]),
            part=np.repeat(list(parts), [len(arrays["stimuli"]) for arrays in parts.values()]).astype(object),
            simulated=False,
            licence="none stated with the file; not redistributed",
            citation=CITATION,
            source=f"human fMRI, {FILE}, {URL.removesuffix('/download')}",
        )

    def problems(self) -> list[str]:
        """The fault of a file that has no checksum and is not in the folder."""
        if self.sha256 or (data_folder() / FILE).is_file():
            return []
        return [f"sha256: give the checksum of {FILE} ({URL}), or put the file into {data_folder()}."]

    def files(self) -> list[Path]:
        """The file, if it is in the folder and has no checksum."""
        return unchecked_files({FILE: self.source()})

    def fetched(self) -> dict[str, Source]:
        """The file."""
        return {FILE: self.source()}

    def source(self) -> Source:
        """Where the file comes from, with its checksum if the user gives one."""
        return Source(URL, f"sha256:{self.sha256}" if self.sha256 else None)


def read(source: Source) -> dict[str, dict[str, np.ndarray]]:
    """The arrays of both parts of the file."""
    path = fetch(FILE, {FILE: source})
    arrays = read_arrays(path, (*(name for part in PARTS.values() for name in part), "roi", "roi_names"))
    try:
        found = {
            part: {key: arrays[name] for key, name in zip(("stimuli", "responses"), names, strict=True)}
            | {"roi": arrays["roi"], "roi_names": arrays["roi_names"]}
            for part, names in PARTS.items()
        }
    except KeyError as error:
        raise Fault(
            f"{path} cannot be read as the file of Kay et al. (it has no {error}); replace the file."
        ) from error
    for part, arrays in found.items():
        if arrays["stimuli"].ndim != 3 or len(arrays["stimuli"]) != len(arrays["responses"]):
            shapes = " and ".join(str(arrays[key].shape) for key in ("stimuli", "responses"))
            raise Fault(f"{path}: images and responses of the {part} part do not fit each other: {shapes}.")
    return found


def ids_of(shown: list[np.ndarray]) -> np.ndarray:
    ids = [f"{part}/{i:04d}" for part, images in zip(PARTS, shown, strict=True) for i in range(len(images))]
    return np.array(ids, dtype=object)
