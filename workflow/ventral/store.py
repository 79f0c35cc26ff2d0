"""Writes files that appear complete or not at all, checks them when they are read, and logs jobs.

Every file of the workflow is written under a temporary name in the same folder and renamed when it is complete, so a
killed job leaves nothing that looks finished. HDF5 files contain checksums of all their bytes (`ventral.checksums`),
and each table has a checksum file beside it, so damaged files are refused. If the disk is full, the message names the
file that was being written.
"""

import contextlib
import hashlib
import io
import logging
import os
import re
import sys
import tempfile
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np

from ventral.cells import unquoted, write_csv
from ventral.checksums import Checked, Damaged, Draft, NewFile, read_hdf5
from ventral.faults import Fault, not_written, of_full_disk
from ventral.stale_lock import at_work

if TYPE_CHECKING:
    import pandas as pd  # takes half a second, which jobs without tables need not spend

LONGEST_NAME = 255  # bytes
PARTIAL = re.compile(r"\.ventral-.*\.[a-z0-9_]{8}(\.[^.]*)?")  # the names that `whole` gives to temporary files
AGAIN = "Delete it and run the same command again."


@contextlib.contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path, which is renamed to `path` when the block ends without an error.

    The temporary name keeps the suffix, because some writers choose their format by it.

    Raises
    ------
    Fault
        The disk is full.
    """
    path, partial = Path(path), None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = _temporary(path)
        yield partial
        partial.chmod(0o666 & ~_umask())
        partial.replace(path)
    except Exception as error:
        full = None if isinstance(error, Fault) else of_full_disk(error)
        if full is None or _is_elsewhere(full, path):
            raise
        raise not_written(path, full, partial=partial) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def remove_partial(folder: str | Path) -> None:
    """Remove the temporary files that killed writers left in a folder and its subfolders.

    Call it only while nothing writes to the folder.
    """
    for place, _, names in os.walk(folder):
        for name in filter(PARTIAL.fullmatch, names):
            Path(place, name).unlink(missing_ok=True)


@contextlib.contextmanager
def create_hdf5(path: str | Path) -> Iterator[NewFile]:
    """Open a new HDF5 file, which appears under `path` with its checksums when the block ends without an error.

    Raises
    ------
    Fault
        The file cannot be written, for example because the disk is full.
    """
    with whole(path) as partial, contextlib.closing(Draft(partial)) as draft:
        try:
            with NewFile(draft, path) as file:
                yield file
            draft.finish()
        except Exception as error:
            if draft.error is None:
                raise
            raise not_written(path, draft.error, max(draft.size, draft.needed), partial) from error


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
    for column in frame:
        values = frame[column]
        if is_numeric_dtype(values):
            write_array(group, column, values.to_numpy())
        else:
            write_texts(group, column, values.fillna(""))


def read_frame(group: h5py.Group) -> "pd.DataFrame":
    """Read a table that `write_frame` stored; missing texts are ''."""
    import pandas as pd

    columns = {}
    for column in group.attrs["columns"]:
        is_text = h5py.check_string_dtype(group[column].dtype)
        columns[column] = read_texts(group, column) if is_text else group[column][:]
    return pd.DataFrame(columns)


def write_table(frame: "pd.DataFrame", path: str | Path) -> None:
    """Write a table and its checksum file; floats keep all their digits.

    The format is Parquet if the suffix is .parquet, and CSV otherwise. In CSV tables, texts that a spreadsheet would
    read as formulas are quoted (see `ventral.cells`). The checksum file beside the table contains the number of rows
    and the SHA-256; `read_table` and `sha256sum --check` read it.
    """
    path = Path(path)
    with whole(path) as partial:
        if path.suffix == ".parquet":
            frame.to_parquet(partial, index=False, write_page_checksum=True)
        else:
            write_csv(frame, partial)
        digest = hashlib.sha256(partial.read_bytes()).hexdigest()
    with whole(checksum_beside(path)) as partial:
        partial.write_text(f"# rows {len(frame)}\n{digest}  {path.name}\n")


def read_table(path: str | Path, text: Iterable[str] = ()) -> "pd.DataFrame":
    """Read a table that `write_table` wrote, and check that it is unchanged.

    Parameters
    ----------
    path : path
    text : names
        Columns of a CSV table that are read as text even if they look like numbers.

    Raises
    ------
    Fault
        The table or its checksum file is missing, or the table has changed since it was written.
    """
    path = Path(path)
    rows, digest = _expected(path)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise Fault(f"{path} is truncated or damaged ({_lost(content, path, rows)}). {AGAIN}")
    return _parsed(content, path, text)


def checksum_beside(path: str | Path) -> Path:
    """The path of a table's checksum file."""
    path = Path(path)
    return path.with_name(f".{path.name}.sha256")


@contextlib.contextmanager
def logged(path: str | Path) -> Iterator[None]:
    """Send log records and warnings to a file; turn an error into one sentence and exit status 1.

    The sentence goes to the log and to the terminal, the traceback to the log. If the log cannot be written, for
    example on a full disk, the job continues, and a traceback goes to the terminal.
    """
    with at_work(str(path)):
        log = _Log(path)
        logging.basicConfig(handlers=[log.handler], level=logging.INFO, format="%(asctime)s %(message)s", force=True)
        logging.captureWarnings(True)
        try:
            yield
        except Exception as error:
            sentence = _sentence(error)
            details = traceback.format_exc()
            logging.error("%s\n%s", sentence, details)
            with contextlib.suppress(OSError):  # standard error may be a file on the same disk
                print(f"{sentence}\n{log.place(details)}", file=sys.stderr, flush=True)
            sys.exit(1)
        logging.info("done")


@contextlib.contextmanager
def of_layer(model: str, layer: str) -> Iterator[None]:
    """Name a layer in the log before what is logged about it, and in an error that is raised inside the block.

    Raises
    ------
    Fault
        In place of any other error.
    """
    logging.info("Layer %s of %s", layer, model)
    with _faults_of(f"The layer {layer} of {model}"):
        yield


@contextlib.contextmanager
def of_stimuli(stimuli: str) -> Iterator[None]:
    """Name a stimulus set in the log before what is logged about it, and in an error that is raised inside the block.

    Raises
    ------
    Fault
        In place of any other error.
    """
    logging.info("Stimuli %s", stimuli)
    with _faults_of(f"Stimuli {stimuli}"):
        yield


@contextlib.contextmanager
def _faults_of(subject: str) -> Iterator[None]:
    """Turn any error of the block into a Fault that begins with what it is about."""
    try:
        yield
    except Exception as error:
        raise Fault(f"{subject}: {_sentence(error)}") from error


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, Fault) else f"{type(error).__name__}: {error}"


class _Log:
    """The log of a job, which may be on a full disk or in a folder that is not writable."""

    def __init__(self, path: str | Path) -> None:
        self.path, self.problem = path, ""
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            self.handler: logging.Handler = logging.FileHandler(path, mode="w", encoding="utf-8")
        except OSError as error:
            self.problem, self.handler = str(error), logging.NullHandler()
        self.handler.handleError = self.note

    def note(self, record: logging.LogRecord) -> None:
        """Remember the error of the write that has just failed."""
        self.problem = str(sys.exception())

    def place(self, details: str) -> str:
        """Where to find the traceback; the traceback itself if the log could not be written."""
        if self.problem:
            return f"The log {self.path} is incomplete ({self.problem}).\n{details}"
        return f"Full traceback: {self.path}"


def generator(*names: str | int) -> np.random.Generator:
    """A random generator seeded from these names and numbers only, the same on every machine."""
    return np.random.default_rng([byte for name in names for byte in (*str(name).encode(), 0)])


def _temporary(path: Path) -> Path:
    """Create an empty file in the folder of `path`, with its suffix and as much of its name as fits."""
    room = LONGEST_NAME - len(os.fsencode(f".ventral-.12345678{path.suffix}"))
    stem = os.fsdecode(os.fsencode(path.stem)[:room])
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".ventral-{stem}.", suffix=path.suffix)
    os.close(handle)
    return Path(name)


def _is_elsewhere(error: OSError, path: Path) -> bool:
    """Whether the error is about a file that is neither in the folder of `path` nor one of the folders above."""
    place = Path(error.filename) if isinstance(error.filename, str | Path) else path
    return place.parent != path.parent and place not in path.parents


def _parsed(content: bytes, path: Path, text: Iterable[str] = ()) -> "pd.DataFrame":
    import pandas as pd

    if path.suffix == ".parquet":
        return pd.read_parquet(io.BytesIO(content))
    types = dict.fromkeys(text, str)
    return unquoted(pd.read_csv(io.BytesIO(content), keep_default_na=False, na_values=[""], dtype=types))


def _expected(path: Path) -> tuple[int, str]:
    """The number of rows and the SHA-256 in the checksum file of a table."""
    beside = checksum_beside(path)
    if not path.exists():
        raise Fault(f"{path} does not exist; run Snakemake to make it.")
    if not beside.exists():
        raise Fault(f"{path} cannot be checked, because {beside.name} is not beside it. {AGAIN}")
    said = re.fullmatch(rb"# rows (\d+)\n([0-9a-f]{64})  .*\n", beside.read_bytes())
    if not said:
        raise Fault(f"{path} cannot be checked, because {beside.name} is damaged. {AGAIN}")
    return int(said[1]), said[2].decode()


def _lost(content: bytes, path: Path, rows: int) -> str:
    """What is wrong with a table that has changed since it was written."""
    try:
        found = len(_parsed(content, path))
    except (ValueError, OSError):  # the errors of pandas and pyarrow
        return f"its {rows} rows cannot be read"
    return f"{found} of {rows} rows are there" if found != rows else f"its {rows} rows are not as they were written"


def _is_of_hdf5(error: Exception) -> bool:
    """Whether the error was raised by reading the file, and not by the code in the `with` block."""
    kinds = (OSError, KeyError, RuntimeError, UnicodeDecodeError)
    raised_in = Path(traceback.extract_tb(error.__traceback__)[-1].filename)
    return isinstance(error, Damaged) or (isinstance(error, kinds) and "h5py" in raised_in.parts)


def _first_line(error: Exception) -> str:
    return str(error).strip().strip("'\"").splitlines()[0][:200] if str(error).strip() else type(error).__name__


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
