"""HDF5 files that take hours to write: if their writer is killed, the next one continues where it stopped.

The unfinished file has a fixed name beside the final one, and a mark beside it says how much of it is complete. HDF5
cannot open a file again whose writer was killed. All datasets are therefore laid out before anything is written into
them, by the same calls in the same order, so that HDF5 puts them at the same places. The next writer lays the file out
again, over the old one, and finds what is already there. Datasets of `lay_out` have no filters and are given their
place when they are created.
"""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py

from ventral.core.checksums import Draft, NewFile
from ventral.core.errors import Fault
from ventral.core.files import finish, mark_of, unfinished, whole
from ventral.core.hdf5 import filled
from ventral.core.locks import take_lock

EVERY = 30.0  # seconds between marks


class Mark:
    """How much of an unfinished file is complete.

    Parameters
    ----------
    path : path
        Of the mark.
    file : NewFile
    draft : Draft
    digest : str
        Of everything that determines the content of the file.

    Attributes
    ----------
    state : dict
        What the killed writer saved last; empty if there is none, or if it wrote another content.
    """

    def __init__(self, path: Path, file: NewFile, draft: Draft, state: dict[str, Any], digest: str) -> None:
        self.state, self._path, self._file, self._draft, self._digest = state, path, file, draft, digest
        self._saved = time.monotonic()

    def save_if_due(self, state: Callable[[], dict[str, Any]]) -> None:
        """Save a state, unless the last one is recent, once all that was written before is on the disk."""
        if time.monotonic() - self._saved < EVERY:
            return
        self._file.flush()
        self._file.check()
        os.fsync(self._draft.fileno())
        with whole(self._path) as partial:
            partial.write_text(json.dumps({"digest": self._digest} | state()))
        self._saved = time.monotonic()


@contextlib.contextmanager
def continued_hdf5(path: str | Path, digest: str) -> Iterator[tuple[NewFile, Mark]]:
    """Open a new HDF5 file, or the one that a killed writer left; it appears under `path` when the block ends.

    If the block ends with an error, the unfinished file stays if it has a mark.

    Parameters
    ----------
    path : path
    digest : str
        Of everything that determines the content of the file. An unfinished file with another digest is discarded.

    Raises
    ------
    Fault
        The file cannot be written, or another process is writing it.
    """
    path = Path(path)
    partial, mark = unfinished(path), mark_of(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(Draft(partial, continued=True)) as draft:
        if not take_lock(draft.fileno()):
            raise Fault(f"Another process is writing {path}; wait until it has ended.")
        state = _saved_state(mark, digest)
        if not state:
            mark.unlink(missing_ok=True)
            draft.truncate(0)
        try:
            with filled(draft, path) as file:
                yield file, Mark(mark, file, draft, state, digest)
            finish(partial, path)
            mark.unlink(missing_ok=True)
        finally:
            if not mark.exists():
                partial.unlink(missing_ok=True)


def lay_out(file: NewFile, name: str, shape: tuple[int, int], dtype: str, chunks: tuple[int, int]) -> h5py.Dataset:
    """A dataset whose place in the file is fixed now and whose values are written later, chunk by chunk."""
    layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    layout.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    layout.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    return file.create_dataset(name, shape, dtype, chunks=chunks, dcpl=layout, fill_time="never")


def _saved_state(mark: Path, digest: str) -> dict[str, Any]:
    """What a killed writer of the same content saved; empty if there is none."""
    try:
        state = json.loads(mark.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return state if isinstance(state, dict) and state.pop("digest", None) == digest else {}
