"""What tells one state of a file from another, so that results are made again when a file they come from changes."""

import functools
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

LISTS = (".csv", ".txt")
SMALL = 2**20  # bytes; smaller files count by their content, so that a copy or a checkout changes nothing
SMALL_LISTING = 2**26  # bytes of all files together


def hash_of(files: Iterable[str | Path]) -> str | None:
    """Hash of the names and the states of files; None where there are none.

    Parameters
    ----------
    files : paths
        They must exist. Their order does not count.
    """
    states = sorted({(os.path.relpath(file), state_of(file)) for file in files})
    return hashlib.sha256(repr(states).encode()).hexdigest()[:16] if states else None


def listing_hash(files: Iterable[Path]) -> str | None:
    """Hash of the names and the states of files that may be a million, in their order; None where there are none.

    The files count by their content where they hold no more than 64 MiB together, and else by their sizes and times.
    Lists always count by their content, because people and version control write them anew.
    """
    found = [(file, *_size_and_times(file)) for file in files]
    small = sum(size for _, size, *_ in found) <= SMALL_LISTING
    listing = [
        (str(file), _content(os.path.abspath(file), size, modified, changed))
        if small or file.suffix.lower() in LISTS
        else (str(file), size, modified)
        for file, size, modified, changed in found
    ]
    return hashlib.sha256(repr(listing).encode()).hexdigest()[:16] if listing else None


def state_of(file: str | Path) -> str:
    """The content of a small file or of a Python file, as a hash; the size and the time of a larger one."""
    size, modified, changed = _size_and_times(file)
    if size > SMALL and not str(file).endswith(".py"):
        return f"{size} {modified}"
    return _content(os.path.abspath(file), size, modified, changed)


def _size_and_times(file: str | Path) -> tuple[int, int, int]:
    """Bytes of a file, and when its content and anything about it were last changed."""
    state = os.stat(file)
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns


@functools.cache
def _content(file: str, size: int, modified: int, changed: int) -> str:
    """Hash of what a file holds; the file is read again when its size or one of its times has changed."""
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()
