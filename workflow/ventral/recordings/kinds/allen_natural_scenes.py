"""Mouse visual cortex: calcium imaging of the Allen Brain Observatory, 118 natural scenes.

The folder is the one into which AllenSDK downloads: `ophys_experiment_data/EXPERIMENT.nwb` (NWB 1.0) for each
experiment, which is one session in one area of one mouse. A presentation has a scene from 0 to 117, or −1 for a blank
screen, and the frames of the microscope at which it begins and ends. The response of a cell is its ΔF/F, averaged over
twice the duration of a presentation from its onset, which is the window of AllenSDK
(`brain_observatory.stimulus_analysis` and `natural_scenes`). AllenSDK also divides fluorescence by its mean before the
onset, which is not done here, because ΔF/F has a baseline.

Source: de Vries, Lecoq, Buice, … & Koch, "A large-scale standardized physiological survey reveals functional
organization of the mouse visual cortex", Nature Neuroscience 23:138 (2020).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import h5py
import numpy as np
import pandas as pd
from annotated_types import Ge, Le, MinLen

from ventral.config.entry import Count, Key, PathText, Pooling, Size, caught
from ventral.core.errors import Fault
from ventral.core.jobs import progress
from ventral.core.names import listed
from ventral.recordings.ceiling import reliable
from ventral.recordings.published_files import missing_files
from ventral.recordings.published_hdf5 import open_published, require_axes
from ventral.recordings.recording import Recording, by_image
from ventral.recordings.recording_entry import Images, RecordingEntry
from ventral.recordings.signal_to_noise import ceiling_of, signal_to_noise
from ventral.stimuli.stimulus_entry import StimulusEntry

PIPELINE = "processing/brain_observatory_pipeline"
TRACES = f"{PIPELINE}/DfOverF/imaging_plane_1/data"
CELLS = f"{PIPELINE}/ImageSegmentation/cell_specimen_ids"
AREA = "general/optophysiology/imaging_plane_1/location"
SHOWN = "stimulus/presentation/natural_scenes_stimulus"
SCENES = "stimulus/templates/natural_scenes_image_stack/data"
BLANK = -1
NWB = "an NWB 1.0 file"
CITATION = (
    "de Vries, Lecoq, Buice et al., A large-scale standardized physiological survey reveals functional organization of "
    "the mouse visual cortex, Nature Neuroscience 23:138 (2020), doi:10.1038/s41593-019-0550-9"
)


@dataclass(frozen=True, kw_only=True)
class AllenNaturalScenes(RecordingEntry):
    """Mouse visual cortex, 118 natural scenes (Allen Brain Observatory), from a folder of its files."""

    needs: ClassVar[str] = "`folder` with ophys_experiment_data/….nwb of each experiment, as AllenSDK downloads them"
    species: ClassVar[str | None] = "mouse"

    kind: Literal["allen_natural_scenes"]
    folder: Annotated[PathText, Key("The folder that holds ophys_experiment_data, as AllenSDK makes it.")]
    experiments: Annotated[
        list[Count],
        MinLen(1),
        Key("Numbers of experiments that showed natural scenes, such as 501559087.", uniqueItems=True),
    ]
    areas: Annotated[
        list[str] | None,
        MinLen(1),
        Key("Only cells of experiments in these areas, such as VISp; by default all.", uniqueItems=True),
    ] = None
    reliability: Annotated[
        Annotated[float, Ge(0), Le(1)] | None,
        Key("Leave out cells whose noise ceiling (share of variance), estimated from repeats, is lower or not known."),
    ] = None
    size: Annotated[Size, Key("Pixels along each side of the central square of the scenes.")] = 224
    pooling: Pooling = "none"

    def images(self, name: str) -> Images:
        """The scenes and their table."""
        from PIL import Image

        from ventral.stimuli.images import squared

        with open_published(self.paths()[0], NWB) as file:
            scenes = scenes_of(self.paths()[0], file)
        table = {"stimulus_id": ids_of(len(scenes)), "scene": "", "parameter": "", "level": -1, "label": ""}
        pictures = (squared(Image.fromarray(scene).convert("RGB"), self.size) for scene in scenes)
        return pictures, pd.DataFrame(table)

    def record(self, name: str, stimuli: str | Path) -> Recording:
        """The responses of the cells of all experiments, with their trials.

        Raises
        ------
        Fault
            A file cannot be read, two experiments showed different scenes, or no cell is left.
        """
        paths, values, units, scenes = self.paths(), [], [], None
        for path in progress(paths, total=len(paths), unit="experiments", name=f"recordings {name}"):
            with open_published(path, NWB) as file:
                shown = scenes_of(path, file)
                scenes = shown if scenes is None else scenes
                if not np.array_equal(scenes, shown):
                    raise Fault(f"{path} has other scenes than {paths[0]}; make a recording of each.")
                cells = cells_of(path, file)
                if self.areas is None or cells.area[0] in self.areas:
                    values.append(trials_of(path, file, len(scenes)))
                    units.append(cells)
        self.require_area(name, len(units))
        repeats = max(trials.shape[2] for trials in values)
        trials = np.concatenate([padded(one, repeats) for one in values])
        responses, trials, ids = by_image(trials.reshape(len(trials), -1), np.repeat(ids_of(len(scenes)), repeats))
        recording = Recording(
            name=name,
            responses=responses,
            trials=trials,
            units=with_estimates(pd.concat(units, ignore_index=True), trials),
            stimulus_id=ids,
            simulated=False,
            licence="terms of use of the Allen Institute; not redistributed",
            citation=CITATION,
            source=f"Allen Brain Observatory, experiments {', '.join(map(str, self.experiments))}, ΔF/F",
        )
        return recording if self.reliability is None else reliable(recording, self.reliability)

    def problems(self) -> list[str]:
        """Files that are missing."""
        what = "one session; the other experiments would do without it."
        return missing_files(self.folder, {str(path.relative_to(self.folder)): what for path in self.paths()})

    def inspect(self, name: str, stimuli: StimulusEntry | None = None) -> Iterator[str]:
        """Faults of the scenes and the cells of every experiment, and whether one is in the areas."""
        yield from [*super().inspect(name, stimuli)] or caught("folder", self.check_experiments, name)

    def check_experiments(self, name: str) -> None:
        """Raise a Fault if an experiment showed no natural scenes, cells and traces do not fit, or none is chosen."""
        inside = 0
        for path in self.paths():
            with open_published(path, NWB) as file:
                require_scenes(path, file)
                area = cells_of(path, file).area[0]
                inside += self.areas is None or area in self.areas
        self.require_area(name, inside)

    def require_area(self, name: str, experiments: int) -> None:
        """Raise a Fault unless some experiments are in the areas."""
        if not experiments:
            raise Fault(f"Recording {name}: no experiment is in {listed(self.areas or ())}.")

    def files(self) -> list[Path]:
        """The files of the experiments."""
        return [path for path in self.paths() if path.is_file()]

    def paths(self) -> list[Path]:
        """The file of each experiment."""
        return [Path(self.folder, "ophys_experiment_data", f"{number}.nwb") for number in self.experiments]


def ids_of(scenes: int) -> np.ndarray:
    return np.array([f"scene/{scene:03d}" for scene in range(scenes)], dtype=object)


def require_scenes(path: Path, file: h5py.File) -> None:
    """Refuse a file without natural scenes."""
    if SHOWN not in file or SCENES not in file:
        raise Fault(f"{path} has no natural scenes; only sessions of the type three_session_B showed them.")
    require_axes(path, file[SCENES], {"scenes": None, "height": None, "width": None})


def scenes_of(path: Path, file: h5py.File) -> np.ndarray:
    """The scenes, uint8 of shape (scenes, height, width); the file holds their gray levels as other numbers.

    Raises
    ------
    Fault
        The session showed no natural scenes, or gray levels are not whole numbers from 0 to 255.
    """
    require_scenes(path, file)
    levels = file[SCENES][()]
    scenes = np.clip(levels, 0, 255).astype(np.uint8)
    if not np.array_equal(scenes, levels):
        raise Fault(f"{path}: gray levels of {SCENES} are not whole numbers from 0 to 255. Use the publisher's file.")
    return scenes


def trials_of(path: Path, file: h5py.File, scenes: int) -> np.ndarray:
    """The response to each presentation of each scene, of shape (cells, scenes, repeats); NaN for a missing repeat.

    Raises
    ------
    Fault
        Presentations do not fit each other, the scenes or the traces.
    """
    shown = file[f"{SHOWN}/data"][()].ravel().astype(int)
    require_axes(path, file[f"{SHOWN}/frame_duration"], {"presentations": len(shown), "begin and end": None})
    start, end = file[f"{SHOWN}/frame_duration"][:, :2].astype(int).T
    require_axes(path, file[TRACES], {"cells": None, "frames": None})
    traces = file[TRACES][()]
    length = 2 * int(end[1] - start[1])
    if shown.min() < BLANK or shown.max() >= scenes or length <= 0 or start.max() + length > traces.shape[1]:
        raise Fault(f"{path}: presentations of natural scenes do not fit its {scenes} scenes or its traces.")
    kept = np.flatnonzero(shown != BLANK)
    repeat = pd.Series(shown[kept]).groupby(shown[kept]).cumcount().to_numpy()
    trials = np.full((len(traces), scenes, repeat.max() + 1), np.nan)
    for presentation, place in zip(kept, repeat, strict=True):
        first = start[presentation]
        trials[:, shown[presentation], place] = traces[:, first : first + length].mean(axis=1, dtype=np.float64)
    return trials


def cells_of(path: Path, file: h5py.File) -> pd.DataFrame:
    """The cells of an experiment, in the order of their traces."""
    cells, area = file[CELLS][()], file[AREA][()]
    if len(cells) != len(file[TRACES]):
        raise Fault(f"{path} names {len(cells)} cells and has {len(file[TRACES])} traces. Use the publisher's file.")
    area = area.decode() if isinstance(area, bytes) else str(area)
    return pd.DataFrame({"unit": cells, "area": area, "animal": f"mouse of experiment {path.stem}"})


def with_estimates(cells: pd.DataFrame, trials: np.ndarray | None) -> pd.DataFrame:
    """The cells with the noise ceilings that follow from the repeats of all scenes, if scenes were repeated."""
    if trials is None:
        return cells.assign(estimated_ceiling=np.nan)
    ncsnr = signal_to_noise(trials)
    repeats = np.sum(~np.isnan(trials), axis=2)
    ceilings = [ceiling_of(one, m[m > 0]) for one, m in zip(ncsnr, repeats, strict=True)]
    return cells.assign(estimated_ncsnr=ncsnr, estimated_ceiling=ceilings)


def padded(trials: np.ndarray, repeats: int) -> np.ndarray:
    """Trials with NaN up to that many repeats."""
    return np.pad(trials, ((0, 0), (0, 0), (0, repeats - trials.shape[2])), constant_values=np.nan)
