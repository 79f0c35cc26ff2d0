"""HDF5 files as publishers write them, also MATLAB 7.3 and NWB 1.0; nothing inside them is run."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import h5py

from ventral.core.arrays import UNREADABLE
from ventral.core.errors import Fault, said
from ventral.core.formats import require_format


@contextlib.contextmanager
def open_published(path: str | Path, what: str) -> Iterator[h5py.File]:
    """Open an HDF5 file for reading.

    Parameters
    ----------
    path : path
    what : str
        What the file should be, for messages, such as "a MATLAB 7.3 file".

    Raises
    ------
    Fault
        The file is missing, has another format, is damaged, or lacks what is read inside the block.
    """
    require_format(path, ("HDF5",), what)
    try:
        with h5py.File(path, "r") as file:
            yield file
    except Fault:
        raise
    except UNREADABLE as error:
        raise Fault(f"{path} cannot be read as {what} ({said(error)}). Use the publisher's file.") from error


def require_axes(path: str | Path, data: h5py.Dataset, axes: Mapping[str, int | None]) -> None:
    """Refuse an array that does not hold numbers or has other axes.

    Parameters
    ----------
    path : path
        Of the file, for the message.
    data : Dataset
    axes : mapping of int or None
        Lengths of the axes by their names; None for an axis of any length.

    Raises
    ------
    Fault
        The array has another shape or type.
    """
    fits = len(data.shape) == len(axes) and data.dtype.kind in "fiu"
    if fits and all(want in (None, have) for want, have in zip(axes.values(), data.shape, strict=True)):
        return
    wanted = ", ".join(name if n is None else f"{n} {name}" for name, n in axes.items())
    raise Fault(
        f"{path}: {data.name.strip('/')!r} must be numbers of shape ({wanted}); it is {data.dtype} {data.shape}. Use "
        "the publisher's file."
    )
