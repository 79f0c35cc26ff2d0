"""Files that are whole or absent, and sentences instead of tracebacks.

Every file of the workflow is written to a temporary name beside its own and renamed when it is complete,
so that a killed job leaves nothing that looks finished. Every HDF5 file is opened through `open_hdf5`,
which names a truncated or damaged file and says what to delete.
"""

import contextlib
import logging
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pandas as pd


class Fault(ValueError):
    """Something that the person who runs the workflow must mend; its text is a sentence for them."""


@contextlib.contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary path that becomes `path` when the block ends without an error.

    The temporary name keeps the suffix, because writers choose their format by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=path.suffix)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        partial.chmod(0o666 & ~_umask())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def create_hdf5(path: str | Path) -> Iterator[h5py.File]:
    """Open a new HDF5 file that appears under `path` only when the block ends without an error."""
    with whole(path) as partial, h5py.File(partial, "w") as file:
        yield file


@contextlib.contextmanager
def open_hdf5(path: str | Path) -> Iterator[h5py.File]:
    """Open an HDF5 file for reading.

    Raises
    ------
    Fault
        The file is missing, truncated or damaged, when it is opened or when it is read inside the block.
    """
    if not Path(path).exists():
        raise Fault(f"{path} does not exist; run Snakemake to make it.")
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (OSError, KeyError, RuntimeError, UnicodeDecodeError) as error:
        if not _from_hdf5(error):
            raise
        raise Fault(
            f"{path} is truncated or damaged ({_first_line(error)}). Delete it and run the same command again."
        ) from error


def write_frame(group: h5py.Group, frame: pd.DataFrame) -> None:
    """Store a table in an HDF5 group, one dataset per column; text is stored as UTF-8, missing text as ''."""
    group.attrs["columns"] = list(frame.columns)
    for column in frame:
        values = frame[column]
        if pd.api.types.is_numeric_dtype(values):
            data = values.to_numpy()
        else:  # of fixed length, because checksums do not reach text of variable length
            texts = [str(text).encode() for text in values.fillna("")]
            data = np.array(texts, h5py.string_dtype("utf-8", max(map(len, texts)) or 1))
        group.create_dataset(column, data=data, chunks=True, fletcher32=True)


def read_frame(group: h5py.Group) -> pd.DataFrame:
    """Read a table that `write_frame` stored; missing text comes back as ''."""
    columns = {}
    for column in group.attrs["columns"]:
        values = group[column]
        columns[column] = values.asstr()[:].astype(object) if h5py.check_string_dtype(values.dtype) else values[:]
    return pd.DataFrame(columns)


def write_table(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a CSV table; floats keep all their digits."""
    with whole(path) as partial:
        frame.to_csv(partial, index=False)


@contextlib.contextmanager
def logged(path: str | Path) -> Iterator[None]:
    """Send log records and warnings to a file; turn an error into one sentence and exit status 1.

    The traceback goes to the log, the sentence to the log and to the terminal.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=path, filemode="w", level=logging.INFO, format="%(asctime)s %(message)s", force=True)
    logging.captureWarnings(True)
    try:
        yield
    except Exception as error:
        sentence = str(error) if isinstance(error, Fault) else f"{type(error).__name__}: {error}"
        logging.error("%s\n%s", sentence, traceback.format_exc())
        print(f"{sentence}\nThe whole story is in {path}", file=sys.stderr)
        sys.exit(1)
    logging.info("done")


def generator(*names: str | int) -> np.random.Generator:
    """A random generator that depends on these names and numbers only, the same on every machine."""
    return np.random.default_rng([byte for name in names for byte in (*str(name).encode(), 0)])


def _from_hdf5(error: Exception) -> bool:
    """Whether reading the file raised it, and not what is done with the data inside the block."""
    return "h5py" in Path(traceback.extract_tb(error.__traceback__)[-1].filename).parts


def _first_line(error: Exception) -> str:
    return str(error).strip().strip("'\"").splitlines()[0][:200] if str(error).strip() else type(error).__name__


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
