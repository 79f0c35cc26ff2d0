"""Macaque V1, V4 and IT: multi-unit activity of two animals, 22,248 + 100 photographs of the THINGS database.

The folder is the one of the publisher (gin.g-node.org/paolo_papale/TVSD). Two files of an animal are read, both MATLAB
7.3. `THINGS_normMUA.mat` holds `train_MUA`, one response of each of 1,024 electrodes to each of 22,248 images;
`test_MUA_reps`, 30 responses to each of 100 others; and `reliab`, the correlation over these images of every two
repeats. Responses are normalized and averaged over a window in time. `_logs/things_imgs.mat` names the images in the
same order. The electrodes are already in the order of their arrays, which is not the same in both animals: IT comes
before V4 in F.

Source: Papale, Wang, Self & Roelfsema, "An extensive dataset of spiking activity to reveal the syntax of the ventral
stream", Neuron 113:539 (2025).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import h5py
import numpy as np
import pandas as pd
from annotated_types import Ge, Le, MinLen

from ventral.config.entry import Key, PathText, Pooling, Size, caught
from ventral.core.errors import Fault
from ventral.recordings.published_files import missing_files
from ventral.recordings.published_hdf5 import open_published, require_axes
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

ELECTRODES = 1024
AREAS = {  # electrodes from 0, the last one excluded
    "F": {"V1": (0, 512), "IT": (512, 832), "V4": (832, 1024)},
    "N": {"V1": (0, 512), "V4": (512, 768), "IT": (768, 1024)},
}
RESPONSES, LISTS = "THINGS_normMUA.mat", "_logs/things_imgs.mat"
MATLAB = "a MATLAB 7.3 file"
ROWS_AT_ONCE = 2048
CITATION = (
    "Papale, Wang, Self & Roelfsema, An extensive dataset of spiking activity to reveal the syntax of the ventral "
    "stream, Neuron 113:539 (2025), doi:10.1016/j.neuron.2024.12.003"
)


@dataclass(frozen=True, kw_only=True)
class Tvsd(RecordingEntry):
    """Macaque V1, V4 and IT of one animal, THINGS pictures (Papale et al. 2025), from a folder of its files."""

    has_parts: ClassVar[bool] = True
    needs: ClassVar[str] = (
        f"`folder` with monkey…/{RESPONSES} and monkey…/{LISTS}, and `pictures`, object_images of the THINGS database"
    )
    species: ClassVar[str | None] = "macaque"

    kind: Literal["tvsd"]
    folder: Annotated[PathText, Key("The folder that holds monkeyF and monkeyN, as published.")]
    animal: Literal["F", "N"]
    pictures: PictureFolder
    areas: Annotated[list[Literal["V1", "V4", "IT"]] | None, MinLen(1), Key("By default all.", uniqueItems=True)] = None
    reliability: Annotated[
        Annotated[float, Ge(-1), Le(1)] | None,
        Key("Leave out electrodes whose mean correlation between repeats (`reliab`) is lower or not known."),
    ] = None
    images_: Chosen = "all"
    size: Annotated[Size, Key("Pixels along each side.")] = 224
    pooling: Pooling = "none"

    def images(self, name: str) -> Images:
        """The chosen images and their table."""
        return show_pictures(self.pictures, [*self.shown().name], self.size)

    def record(self, name: str, stimuli: str | Path) -> Recording:
        """The responses of the chosen electrodes, with 30 trials of each test image and one of each other."""
        shown, path = self.shown(), self.path(RESPONSES)
        with open_published(path, MATLAB) as file:
            units = self.units(name, file)
            responses, trials = responses_of(path, file, units.unit.to_numpy(), shown)
        return Recording(
            name=name,
            responses=responses,
            trials=trials,
            units=units,
            stimulus_id=shown.name.to_numpy(dtype=object),
            part=shown.part.to_numpy(dtype=object),
            simulated=False,
            licence="CC BY 4.0",
            citation=CITATION,
            source=f"TVSD, monkey {self.animal}, normalized multi-unit activity, gin.g-node.org/paolo_papale/TVSD",
        )

    def problems(self) -> list[str]:
        """Files and folders that are missing."""
        animal = f"monkey{self.animal}"
        other = f"animal: {'N' if self.animal == 'F' else 'F'} would do without it."
        needed = {
            f"{animal}/{RESPONSES}": f"the responses (THINGS_MUA_trials.mat is not needed); {other}",
            f"{animal}/{LISTS}": f"the names of the images; {other}",
        }
        return missing_files(self.folder, needed) + missing_pictures(self.pictures)

    def inspect(self, name: str, stimuli: StimulusEntry | None = None) -> Iterator[str]:
        """Faults of the list of images, of the table of electrodes, and missing pictures."""
        faults = [*super().inspect(name)] or [*caught("folder", self.electrodes, name)]
        yield from faults or absent_pictures(self.pictures, [*self.shown().name])

    def electrodes(self, name: str) -> pd.DataFrame:
        """The table of the chosen electrodes."""
        with open_published(self.path(RESPONSES), MATLAB) as file:
            return self.units(name, file)

    def files(self) -> list[Path]:
        """Both files of the animal."""
        return [path for path in map(self.path, (RESPONSES, LISTS)) if path.is_file()]

    def path(self, name: str) -> Path:
        """A file of the animal."""
        return Path(self.folder, f"monkey{self.animal}", name)

    def shown(self) -> pd.DataFrame:
        """The chosen images: `name`, `part`, and the `row` of its responses."""
        path = self.path(LISTS)
        with open_published(path, MATLAB) as file:
            names = {part: names_of(path, file, part) for part in ("train", "test")}
        rows = {"train": evenly_spaced(len(names["train"]), self.images_), "test": np.arange(len(names["test"]))}
        parts = [pd.DataFrame({"name": names[part][rows[part]], "part": part, "row": rows[part]}) for part in rows]
        return pd.concat([part for part in parts if len(part)], ignore_index=True)

    def units(self, name: str, file: h5py.File) -> pd.DataFrame:
        """The chosen electrodes, from 0, with their published reliability, and oracle and largest SNR if there are any.

        Raises
        ------
        Fault
            No electrode of the areas is reliable enough.
        """
        path = self.path(RESPONSES)
        require_axes(path, file["reliab"], {"pairs of repeats": None, "electrodes": ELECTRODES})
        units = pd.DataFrame({"unit": np.arange(ELECTRODES), "area": "", "animal": f"monkey {self.animal}"})
        for area, (first, after) in AREAS[self.animal].items():
            units.loc[first : after - 1, "area"] = area
        units["reliability"] = mean_of_present(file["reliab"][()].T)
        for key, column in {"oracle": "oracle", "SNR_max": "snr"}.items():
            if key in file and file[key].size == ELECTRODES:
                units[column] = file[key][()].ravel()
        kept = units.area.isin(self.areas or [*AREAS[self.animal]])
        if self.reliability is not None:
            kept &= units.reliability >= self.reliability
        if not kept.any():
            raise Fault(f"Recording {name}: no electrode has a reliability of {self.reliability} or more; lower it.")
        return units[kept].reset_index(drop=True)


def names_of(path: Path, file: h5py.File, part: str) -> np.ndarray:
    """Names of the images of a part, with "/"; the file holds references to their characters in UTF-16.

    Raises
    ------
    Fault
        A name is empty, or two images have one name.
    """
    references = file[f"{part}_imgs"]["things_path"][()].ravel()
    characters = [np.asarray(file[one][()], dtype="<u2").tobytes() for one in references]
    names = pd.Series([one.decode("utf-16-le").replace("\\", "/").strip("\0 ") for one in characters], dtype=object)
    if (names == "").any() or names.duplicated().any():
        raise Fault(f"{path}: names of {part} images are empty or repeated. Use the publisher's file.")
    return names.to_numpy()


def responses_of(
    path: Path, file: h5py.File, electrodes: np.ndarray, shown: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Means over trials and trials of the chosen electrodes and images.

    Returns
    -------
    responses : array of shape (electrodes, images), float64
    trials : array of shape (electrodes, images, repeats), float32
        NaN where an image has fewer trials.

    Raises
    ------
    Fault
        The arrays do not fit the list of images.
    """
    train, test = file["train_MUA"], file["test_MUA_reps"]
    is_test = (shown.part == "test").to_numpy()
    require_axes(path, test, {"repeats": None, "test images": int(is_test.sum()), "electrodes": ELECTRODES})
    require_axes(path, train, {"training images": None, "electrodes": ELECTRODES})
    rows = shown.row.to_numpy()[~is_test]
    if len(rows) and rows[-1] >= len(train):
        raise Fault(f"{path} has responses to {len(train)} training images, and {LISTS} names more. Use one release.")
    responses = np.empty((len(electrodes), len(shown)))
    trials = np.full((*responses.shape, len(test)), np.nan, dtype=np.float32)
    repeated = test[:][..., electrodes].transpose(2, 1, 0)
    responses[:, is_test], trials[:, is_test] = mean_of_present(repeated), repeated
    for start in range(0, len(rows), ROWS_AT_ONCE):
        block = rows[start : start + ROWS_AT_ONCE]
        once = train[block[0] : block[-1] + 1][block - block[0]]
        responses[:, start : start + len(block)] = once[:, electrodes].T
    trials[:, ~is_test, 0] = responses[:, ~is_test]
    return responses, trials
