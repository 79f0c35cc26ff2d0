"""Reads and writes the HDF5 files of the workflow, which contain checksums of all their bytes.

Arrays, texts and tables are stored so that a damaged file is refused when it is read (`ventral.core.checksums`).
"""

import contextlib
import hashlib
import traceback
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np

from ventral.core.checksums import Checked, Damaged, Draft, NewFile, read_hdf5
from ventral.core.errors import AGAIN, Fault, not_written
from ventral.core.files import whole

if TYPE_CHECKING:
    import pandas as pd  # takes half a second, which jobs without tables need not spend


BYTES_AT_ONCE = 1 << 24


@contextlib.contextmanager
def create_hdf5(path: str | Path) -> Iterator[NewFile]:
    """Open a new HDF5 file, which appears under `path` with its checksums when the block ends without an error.

    Raises
    ------
    Fault
        The file cannot be written, for example because the disk is full.
    """
    with whole(path) as partial, contextlib.closing(Draft(partial)) as draft, filled(draft, path) as file:
        yield file


@contextlib.contextmanager
def filled(draft: Draft, path: str | Path) -> Iterator[NewFile]:
    """Open a draft as an HDF5 file, and add its checksums when the block ends without an error.

    Parameters
    ----------
    draft : Draft
    path : path
        The final path of the file, for messages.

    Raises
    ------
    Fault
        The file cannot be written.
    """
    try:
        with NewFile(draft, path) as file:
            yield file
        draft.finish()
    except Exception as error:
        if draft.error is None:
            raise
        raise not_written(path, draft.error, max(draft.size, draft.needed), draft.path) from error


@contextlib.contextmanager
def open_hdf5(path: str | Path) -> Iterator[h5py.File]:
    """Open an HDF5 file of the workflow for reading; every byte is checked before it is used.

    Files of earlier versions lack these checksums and are protected by HDF5's own only.

    Raises
    ------
    Fault
        The file is missing, truncated or damaged, when it is opened or when it is read inside the block.
    """
    if not Path(path).exists():
        raise Fault(f"{path} does not exist; run Snakemake to make it.")
    content = None
    try:
        with contextlib.closing(Checked(path)) as content, read_hdf5(content) as file:
            yield file
        if content.damage:  # h5py sometimes treats what it cannot read as absent
            raise Damaged(content.damage)
    except Exception as error:
        said = getattr(content, "damage", "") or (_first_line(error) if _is_of_hdf5(error) else "")
        if not said:
            raise
        raise Fault(f"{path} is truncated or damaged ({said}). {AGAIN}") from error


def write_array(group: h5py.Group, name: str, data: np.ndarray) -> h5py.Dataset:
    """Store an array of one or more dimensions in chunks with checksums."""
    data = np.asarray(data)
    return group.create_dataset(name, data=data, chunks=True if data.size else None, fletcher32=bool(data.size))


def write_texts(group: h5py.Group, name: str, texts: Iterable[str]) -> h5py.Dataset:
    """Store texts as UTF-8 of fixed length, because HDF5's checksums do not cover texts of variable length."""
    encoded = [str(text).encode() for text in texts]
    length = max(map(len, encoded), default=0) or 1
    return write_array(group, name, np.array(encoded, h5py.string_dtype("utf-8", length)))


def read_texts(group: h5py.Group, name: str) -> np.ndarray:
    """Read texts, an object array of shape (n,)."""
    return group[name].asstr()[:].astype(object)


def write_frame(group: h5py.Group, frame: "pd.DataFrame") -> None:
    """Store a table in an HDF5 group, one dataset per column; texts are UTF-8, and missing texts are ''."""
    from pandas.api.types import is_numeric_dtype

    group.attrs["columns"] = list(frame.columns)
    for column, values in frame.items():
        if is_numeric_dtype(values):
            write_array(group, str(column), values.to_numpy())
        else:
            write_texts(group, str(column), values.fillna(""))


def read_frame(group: h5py.Group) -> "pd.DataFrame":
    """Read a table that `write_frame` stored; missing texts are ''."""
    import pandas as pd

    columns = {}
    for column in group.attrs["columns"]:
        is_text = h5py.check_string_dtype(group[column].dtype)
        columns[column] = read_texts(group, column) if is_text else group[column][:]
    return pd.DataFrame(columns)


def content_digest(path: str | Path, without: Collection[str] = ()) -> str:
    """SHA-256 of the names, types and contents of all datasets in a file.

    It is the same for all files with the same content, whatever their attributes. Datasets have one axis or more.

    Parameters
    ----------
    path : path
    without : names
        Datasets and groups at the top of the file that do not count.

    Raises
    ------
    Fault
        The file is missing or damaged.
    """
    digest, names = hashlib.sha256(), []
    with open_hdf5(path) as file:
        file.visititems(lambda name, node: names.append(name) if isinstance(node, h5py.Dataset) else None)
        for name in sorted(name for name in names if name.partition("/")[0] not in without):
            dataset = file[name]
            digest.update(f"{name} {dataset.dtype.str} {dataset.shape}\n".encode())
            rows = max(1, BYTES_AT_ONCE // max(1, dataset.nbytes // max(1, len(dataset))))
            for start in range(0, len(dataset), rows):
                digest.update(dataset[start : start + rows].tobytes())
    return digest.hexdigest()


def _is_of_hdf5(error: Exception) -> bool:
    """Whether the error was raised by reading the file, and not by the code in the `with` block."""
    kinds = (OSError, KeyError, RuntimeError, UnicodeDecodeError)
    raised_in = Path(traceback.extract_tb(error.__traceback__)[-1].filename)
    return isinstance(error, Damaged) or (isinstance(error, kinds) and "h5py" in raised_in.parts)


def _first_line(error: Exception) -> str:
    return str(error).strip().strip("'\"").splitlines()[0][:200] if str(error).strip() else type(error).__name__
