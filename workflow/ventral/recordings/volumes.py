"""Reads brain volumes: NIfTI files, and HDF5 files of trials, at the voxels that are wanted.

A voxel is given by its place (x, y, z) in a NIfTI file as nibabel reads it. HDF5 files that MATLAB wrote have the axes
in reverse, (trials, z, y, x).
"""

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from ventral.core.arrays import UNREADABLE
from ventral.core.errors import Fault, said
from ventral.core.formats import require_format

VOXELS_AT_ONCE = 1 << 25  # of a compressed NIfTI file
VERTICES_AT_ONCE = 1 << 14
VOLUMES = ("trials", "z", "y", "x")
SURFACES = ("trials", "vertices")


def read_volume(path: Path) -> np.ndarray:
    """A volume of shape (x, y, z).

    Raises
    ------
    Fault
        The file is missing, cannot be read, or holds something other than one volume.
    """
    image = _open_nifti(path)
    if len([size for size in image.shape if size > 1]) > 3:
        raise Fault(f"{path} must hold one volume; its shape is {image.shape}.")
    return _read(path, lambda: np.asarray(image.dataobj).reshape(image.shape[:3]))


def shape_of_trials(path: Path, axes: tuple[str, ...] = VOLUMES) -> tuple[int, ...]:
    """The shape (x, y, z, trials) or (vertices, trials) of a file of trials, from its header alone.

    Parameters
    ----------
    path : path
    axes : tuple of str
        Those of an HDF5 file, in reverse order.

    Raises
    ------
    Fault
        The file is missing, cannot be read, or has other axes.
    """
    if path.suffix == ".hdf5":
        with _open_hdf5(path) as file:
            return _betas(path, file, axes).shape[::-1]
    return _open_trials(path).shape


def read_trials(path: Path, voxels: np.ndarray, integers: bool = False) -> np.ndarray:
    """Trials at the wanted voxels.

    Parameters
    ----------
    path : path
        HDF5 (`betas`, of shape (trials, z, y, x)) if it ends with .hdf5, or else NIfTI of shape (x, y, z, trials).
    voxels : integer array of shape (voxels, 3)
        Their places (x, y, z).
    integers : bool
        Whether the file must hold integers of 16 bits.

    Returns
    -------
    array of shape (trials, voxels)

    Raises
    ------
    Fault
        The file is missing, cannot be read, has other axes, or does not hold integers of 16 bits although it must.
    """
    return (_from_hdf5 if path.suffix == ".hdf5" else _from_nifti)(path, voxels, integers)


def read_vertices(path: Path, vertices: np.ndarray) -> np.ndarray:
    """Trials at the wanted vertices of one hemisphere.

    Parameters
    ----------
    path : path
        HDF5 (`betas`, of shape (trials, vertices)).
    vertices : integer array of shape (vertices,)
        Ascending, from 0.

    Returns
    -------
    int16 array of shape (trials, vertices)

    Raises
    ------
    Fault
        The file is missing, cannot be read, has other axes, or does not hold integers of 16 bits.
    """
    with _open_hdf5(path) as file:
        betas = _betas(path, file, SURFACES)
        _check_type(path, betas.dtype, integers=True)

        def pieces() -> list[np.ndarray]:
            found = [betas[:, :0]]
            for start in range(0, betas.shape[1], VERTICES_AT_ONCE):
                first, after = np.searchsorted(vertices, (start, start + VERTICES_AT_ONCE))
                if first < after:
                    block = betas[:, start : start + VERTICES_AT_ONCE]
                    found.append(block[:, vertices[first:after] - start])
            return found

        return np.concatenate(_read(path, pieces), axis=1)


def check_volume(path: Path, shape: tuple[int, ...], volume: tuple[int, ...], areas: str = "the areas") -> None:
    """Refuse a file of another volume (x, y, z) than the areas."""
    if tuple(shape) != tuple(volume):
        aside = " Its axes may be reversed." if tuple(shape) == tuple(volume[::-1]) else ""
        raise Fault(f"{path} has volumes (x, y, z) of shape {tuple(shape)}, and {areas} {tuple(volume)}.{aside}")


def _from_hdf5(path: Path, voxels: np.ndarray, integers: bool) -> np.ndarray:
    with _open_hdf5(path) as file:
        betas = _betas(path, file, VOLUMES)
        _check_type(path, betas.dtype, integers)
        values = np.empty((len(betas), len(voxels)), dtype=betas.dtype)

        def fill() -> np.ndarray:
            for first, last in runs(voxels):
                x, y, z = voxels[first]
                values[:, first:last] = betas[:, z, y, x : x + last - first]
            return values

        return _read(path, fill)


def _from_nifti(path: Path, voxels: np.ndarray, integers: bool) -> np.ndarray:
    image = _open_trials(path)
    _check_type(path, image.get_data_dtype(), integers)
    step = max(1, VOXELS_AT_ONCE // int(np.prod(image.shape[:3])))
    x, y, z = voxels.T

    def pieces() -> list[np.ndarray]:
        starts = range(0, image.shape[3], step)
        return [np.asarray(image.dataobj[..., start : start + step])[x, y, z].T for start in starts]

    return np.concatenate(_read(path, pieces))


def runs(voxels: np.ndarray) -> Iterator[tuple[int, int]]:
    """First and last + 1 of voxels that are neighbors along x and follow each other, for each such run."""
    follows = (np.diff(voxels, axis=0) == (1, 0, 0)).all(axis=1)
    starts = np.flatnonzero(np.concatenate([[True], ~follows])) if len(voxels) else np.array([], dtype=int)
    return zip(starts.tolist(), [*starts[1:].tolist(), len(voxels)], strict=True)


def _check_type(path: Path, dtype: np.dtype, integers: bool) -> None:
    if integers and dtype != np.int16:
        raise Fault(
            f"{path} holds {dtype}, but the publisher's files hold int16, percent signal change times 300. Responses "
            "in it may be scaled in another way; use the publisher's file."
        )


def _open_trials(path: Path):
    image = _open_nifti(path)
    if len(image.shape) != 4:
        raise Fault(f"{path} must hold trials, of shape (x, y, z, trials); its shape is {image.shape}.")
    return image


def _betas(path: Path, file: h5py.File, axes: tuple[str, ...]) -> h5py.Dataset:
    betas = file.get("betas")
    if not isinstance(betas, h5py.Dataset) or betas.ndim != len(axes):
        there = ", ".join(file) or "nothing"
        raise Fault(f"{path} has no array 'betas' of shape ({', '.join(axes)}); it has {there}.")
    return betas


def _open_hdf5(path: Path) -> h5py.File:
    require_format(path, ("HDF5",), "an HDF5 file")
    return _read(path, lambda: h5py.File(path, "r"))


def _open_nifti(path: Path):
    require_format(path, ("gzip",), "a NIfTI file (.nii or .nii.gz)")
    import nibabel  # takes half a second, and few jobs need it

    try:
        return nibabel.load(path, keep_file_open=True)  # a compressed file is then read once, from first to last trial
    except (nibabel.filebasedimages.ImageFileError, *UNREADABLE) as error:
        raise Fault(f"{path} cannot be read as a NIfTI file ({said(error)}); copy it again.") from error


def _read(path: Path, read):
    try:
        return read()
    except UNREADABLE as error:
        raise Fault(f"{path} cannot be read ({said(error)}); it may be incomplete. Copy it again.") from error
