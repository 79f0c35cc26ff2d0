"""Sessions of a large recording that were read before a job was killed, so that the next job need not read them again.

A session is kept in a file of its own, at the voxels that are wanted, until the recording is complete. The file has
checksums, as all HDF5 files of the workflow. Its name is a hash of the place, size and time of the publisher's file and
of the voxels, so that a file that was replaced, or other voxels, are read anew.
"""

import contextlib
import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from ventral.core.errors import Fault
from ventral.core.files import unfinished
from ventral.core.hdf5 import create_hdf5, open_hdf5, write_array
from ventral.core.stamps import hash_of


@contextlib.contextmanager
def kept_until_written(path: str | Path) -> Iterator[Path]:
    """Yield a folder for sessions beside a recording's file; it is removed when the block ends without an error."""
    folder = unfinished(Path(path)).with_suffix("")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def kept(folder: Path | None, source: Path, voxels: np.ndarray, read: Callable[[], np.ndarray]) -> np.ndarray:
    """The values of a session: those that were kept, or else what is read, which is kept then.

    Parameters
    ----------
    folder : path or None
        None if nothing is kept.
    source : path
        The publisher's file.
    voxels : array
        Which values are read from it.
    read : callable

    Returns
    -------
    array of shape (trials, voxels)

    Raises
    ------
    Fault
        The file cannot be written, for example because the disk is full.
    """
    if folder is None or not source.is_file():
        return read()
    key = hashlib.sha256(f"{hash_of([source])} {voxels.shape}".encode() + np.ascontiguousarray(voxels).tobytes())
    path = folder / f"{key.hexdigest()[:16]}.h5"
    with contextlib.suppress(Fault), open_hdf5(path) as file:
        logging.info("%s was read by a job that was killed.", source.name)
        return file["values"][:]
    values = read()
    with create_hdf5(path) as file:
        write_array(file, "values", values)
    return values
