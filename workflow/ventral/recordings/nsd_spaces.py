"""Where responses of the Natural Scenes Dataset lie: voxels of a volume, or vertices of the observer's own surfaces.

Places are numbered over both hemispheres or over the volume: vertices of the left hemisphere before those of the right,
and voxels with x fastest and z slowest. All files are named below the folder of the dataset.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.recordings.kept_sessions import kept
from ventral.recordings.volumes import (
    SURFACES,
    check_volume,
    read_trials,
    read_vertices,
    read_volume,
    shape_of_trials,
)

TRIALS = 750  # of a session
VERSION = "betas_fithrf_GLMdenoise_RR"
HEMISPHERES = ("lh", "rh")
Shapes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Space(ABC):
    """The files of one observer in one space.

    Attributes
    ----------
    folder : path
        That of nsddata and nsddata_betas.
    subject : int
        From 1 to 8.
    """

    folder: Path
    subject: int

    @property
    def observer(self) -> str:
        """The folder of the observer below nsddata or nsddata_betas."""
        return f"ppdata/subj{self.subject:02d}"

    @abstractmethod
    def roi(self, file: str) -> list[str]:
        """The files of areas."""

    @property
    @abstractmethod
    def ncsnr(self) -> list[str]:
        """The files of signal-to-noise ratios."""

    @abstractmethod
    def betas(self, session: int) -> list[str]:
        """The files of a session, counted from 1."""

    @abstractmethod
    def places(self, index: np.ndarray, shapes: Shapes) -> pd.DataFrame:
        """Columns of the table of units that say where the places of these numbers are."""

    @abstractmethod
    def read_session(self, session: int, units: pd.DataFrame, shapes: Shapes, folder: Path | None) -> np.ndarray:
        """The integers of a session, of shape (trials, units); sessions are kept in the folder, if there is one."""

    @abstractmethod
    def check_session(self, session: int, shapes: Shapes) -> None:
        """Raise a Fault if a session is of other places than the areas, or has another number of trials."""

    def read(self, names: list[str]) -> tuple[np.ndarray, Shapes]:
        """One value for each place, and the shapes of the files."""
        parts = [read_volume(Path(self.folder, name)) for name in names]
        return np.concatenate([part.ravel(order="F") for part in parts]), tuple(part.shape for part in parts)


class Volume(Space):
    """Volumes of 1.8 mm."""

    def roi(self, file: str) -> list[str]:
        """The file of areas."""
        return [f"nsddata/{self.observer}/func1pt8mm/roi/{file}.nii.gz"]

    @property
    def ncsnr(self) -> list[str]:
        """The file of signal-to-noise ratios."""
        return [f"nsddata_betas/{self.observer}/func1pt8mm/{VERSION}/ncsnr.nii.gz"]

    def betas(self, session: int) -> list[str]:
        """The file of a session: HDF5, or NIfTI if only that is there."""
        stem = f"nsddata_betas/{self.observer}/func1pt8mm/{VERSION}/betas_session{session:02d}"
        compressed = not Path(self.folder, f"{stem}.hdf5").exists() and Path(self.folder, f"{stem}.nii.gz").exists()
        return [f"{stem}.nii.gz" if compressed else f"{stem}.hdf5"]

    def places(self, index: np.ndarray, shapes: Shapes) -> pd.DataFrame:
        """The columns x, y and z."""
        x, y, z = np.unravel_index(index, shapes[0], order="F")
        return pd.DataFrame({"x": x, "y": y, "z": z})

    def read_session(self, session: int, units: pd.DataFrame, shapes: Shapes, folder: Path | None) -> np.ndarray:
        """The integers of a session at the voxels of the units."""
        self.check_session(session, shapes)
        voxels, path = units[["x", "y", "z"]].to_numpy(), Path(self.folder, *self.betas(session))
        return kept(folder, path, voxels, lambda: read_trials(path, voxels, integers=True))

    def check_session(self, session: int, shapes: Shapes) -> None:
        """Refuse a session of another volume, or with another number of trials."""
        path = Path(self.folder, *self.betas(session))
        shape = shape_of_trials(path)
        check_volume(path, shape[:3], shapes[0])
        check_trials(path, shape[3])


class Surface(Space):
    """The observer's own surfaces, as FreeSurfer reconstructs them."""

    def roi(self, file: str) -> list[str]:
        """The files of areas of both hemispheres."""
        return [f"nsddata/freesurfer/subj{self.subject:02d}/label/{side}.{file}.mgz" for side in HEMISPHERES]

    @property
    def ncsnr(self) -> list[str]:
        """The files of signal-to-noise ratios of both hemispheres."""
        return [f"nsddata_betas/{self.observer}/nativesurface/{VERSION}/{side}.ncsnr.mgh" for side in HEMISPHERES]

    def betas(self, session: int) -> list[str]:
        """The files of a session of both hemispheres."""
        folder = f"nsddata_betas/{self.observer}/nativesurface/{VERSION}"
        return [f"{folder}/{side}.betas_session{session:02d}.hdf5" for side in HEMISPHERES]

    def places(self, index: np.ndarray, shapes: Shapes) -> pd.DataFrame:
        """The columns hemisphere and vertex, counted from 0."""
        left = shapes[0][0]
        vertex = np.where(index < left, index, index - left)
        return pd.DataFrame({"hemisphere": np.array(HEMISPHERES, dtype=object)[1 * (index >= left)], "vertex": vertex})

    def read_session(self, session: int, units: pd.DataFrame, shapes: Shapes, folder: Path | None) -> np.ndarray:
        """The integers of a session at the vertices of the units."""
        self.check_session(session, shapes)
        values = []
        for side, name in zip(HEMISPHERES, self.betas(session), strict=True):
            vertices, path = units.vertex[units.hemisphere == side].to_numpy(), Path(self.folder, name)
            values.append(
                kept(folder, path, vertices, lambda path=path, vertices=vertices: read_vertices(path, vertices))
            )
        return np.concatenate(values, axis=1)

    def check_session(self, session: int, shapes: Shapes) -> None:
        """Refuse a session of other surfaces, or with another number of trials."""
        for name, shape in zip(self.betas(session), shapes, strict=True):
            path = Path(self.folder, name)
            vertices, trials = shape_of_trials(path, SURFACES)
            if vertices != shape[0]:
                raise Fault(
                    f"{path} has {vertices} vertices, and the areas have {shape[0]}; both must be of one observer."
                )
            check_trials(path, trials)


SPACES: dict[str, type[Space]] = {"func1pt8mm": Volume, "nativesurface": Surface}


def check_trials(path: Path, trials: int) -> None:
    """Refuse a session with another number of trials."""
    if trials != TRIALS:
        raise Fault(f"{path} has {trials} trials, not {TRIALS}; copy it again.")
