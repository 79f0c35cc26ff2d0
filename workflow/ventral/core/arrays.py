"""Reads named arrays from the .npz and .h5 files of users.

These files were written by other programs, so everything about them is checked, and no code inside them is run.
Messages never ask users to delete their own files.
"""

import contextlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile

import h5py
import numpy as np
import pandas as pd

from ventral.core.errors import Fault, said
from ventral.core.formats import require_format
from ventral.core.object_arrays import load_objects

UNREADABLE = (
    *(OSError, ValueError, TypeError, KeyError, IndexError, EOFError, RuntimeError, NotImplementedError, MemoryError),
    *(SyntaxError, BadZipFile, zlib.error),
)


def read_arrays(path: str | Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Read the named arrays, as far as the file contains them.

    Parameters
    ----------
    path : path
        An .npz file, or an HDF5 file of any other suffix.
    names : texts

    Returns
    -------
    dict of arrays
        By name. Arrays of Python objects, as which pandas stores texts, contain texts, bytes, numbers and None.

    Raises
    ------
    Fault
        The file cannot be read, or an array of objects contains something other than texts and numbers.
    """
    with _opened(path) as file:
        return {name: file.read(name) for name in names if name in file.names}


def array_shapes(path: str | Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """As `read_arrays`, but the arrays have only the right shape and type, no content, and take no memory.

    Raises
    ------
    Fault
        The file cannot be read.
    """
    with _opened(path) as file:
        headers = {name: file.header(name) for name in names if name in file.names}
        return {name: np.broadcast_to(np.empty((), dtype), shape) for name, (shape, dtype) in headers.items()}


def array_names(path: str | Path) -> list[str]:
    """The names of all arrays at the top level of a file.

    Raises
    ------
    Fault
        The file cannot be read.
    """
    with _opened(path) as file:
        return file.names


def text(values, what: str) -> np.ndarray:
    """Convert texts or numbers to an object array of texts.

    Integers have no decimal point, whatever their type, so that the id 7 is the same from every program. Characters
    along a second axis, as older formats store texts, are joined.

    Parameters
    ----------
    values : array of shape (n,), (n, 1) or (1, n), or of single characters and shape (n, characters)
    what : str
        The file and the array, for messages.

    Returns
    -------
    object array of shape (n,)

    Raises
    ------
    Fault
        A value is missing, or is neither UTF-8 text nor a number; or the array has further axes.
    """
    values = np.asarray(values)
    if values.dtype in (np.dtype("S1"), np.dtype("U1")) and values.ndim == 2 and len(values) > 1:
        values = np.ascontiguousarray(values).view(f"{values.dtype.kind}{values.shape[1]}")
    if values.ndim > 1 and max(values.shape) < values.size:
        raise Fault(f"{what} must have one axis with one text or number for each entry; its shape is {values.shape}.")
    return np.array([_as_text(value, what, i) for i, value in enumerate(values.ravel().tolist())], dtype=object)


def _as_text(value, what: str, place: int) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bytes):
        try:
            return value.rstrip(b"\0").decode()
        except UnicodeDecodeError as error:
            raise Fault(f"{what} is not text in UTF-8 at place {place}; write it again as such.") from error
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if not isinstance(value, (str, int, float)) and not pd.api.types.is_scalar(value):
        raise Fault(f"{what} must hold texts or numbers; at place {place} it holds a {type(value).__name__}.")
    if pd.isna(value):
        raise Fault(f"{what} has no value at place {place}, counted from 0; write one, or leave this entry out.")
    try:
        return str(value).encode().decode()
    except UnicodeEncodeError as error:
        raise Fault(f"{what} holds half a character at place {place}; write it again as UTF-8.") from error


@contextlib.contextmanager
def _opened(path: str | Path) -> Iterator["_Npz | _HDF5"]:
    npz = Path(path).suffix.lower() == ".npz"
    what = "an .npz file of NumPy" if npz else "an HDF5 file"
    require_format(path, ("zip",) if npz else ("HDF5",), what)
    try:
        with np.load(path) if npz else h5py.File(path, "r") as file:
            yield _Npz(file) if npz else _HDF5(file)
    except Fault:
        raise
    except UNREADABLE as error:
        again = "write it again with numpy.savez" if npz else "write it again"
        raise Fault(f"{path} cannot be read as {what} ({said(error)}); {again}, or copy it again.") from error


class _Npz:
    """The arrays in an open .npz file."""

    def __init__(self, archive: np.lib.npyio.NpzFile):
        self.archive = archive
        self.names = [name.removesuffix(".npy") for name in archive.zip.namelist() if name.endswith(".npy")]

    def header(self, name: str) -> tuple[tuple[int, ...], np.dtype]:
        with self.archive.zip.open(f"{name}.npy") as stream:
            return _npy_header(stream)

    def read(self, name: str) -> np.ndarray:
        if self.header(name)[1].kind != "O":
            return self.archive[name]
        with self.archive.zip.open(f"{name}.npy") as stream:
            _npy_header(stream)
            try:
                return load_objects(stream)
            except ValueError as error:
                raise Fault(
                    f"{self.archive.zip.filename}: {name!r} is an array of Python objects that cannot be read "
                    f"({error}); write texts with .astype(str) and numbers with .astype(float)."
                ) from error


class _HDF5:
    """The datasets at the top level of an open HDF5 file."""

    def __init__(self, file: h5py.File):
        self.file = file
        self.names = [name for name in file if isinstance(file.get(name), h5py.Dataset)]

    def header(self, name: str) -> tuple[tuple[int, ...], np.dtype]:
        return self.file[name].shape or (), self.file[name].dtype

    def read(self, name: str) -> np.ndarray:
        return np.asarray(self.file[name][()])


def _npy_header(stream) -> tuple[tuple[int, ...], np.dtype]:
    first = np.lib.format.read_magic(stream) == (1, 0)
    read = np.lib.format.read_array_header_1_0 if first else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream)
    return shape, dtype
