"""Hashes of the states of files, so that results are made again when a file that they depend on changes."""

import functools
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

LISTS = (".csv", ".txt")
SMALL = 2**20  # bytes; smaller files are compared by content, so a copy or a checkout changes nothing
SMALL_LISTING = 2**26  # bytes of all files of a folder together


def hash_of(files: Iterable[str | Path]) -> str | None:
    """Hash of the names and the states of files, in any order; None if there are no files.

    Parameters
    ----------
    files : paths
        Files that exist.
    """
    states = sorted({(os.path.relpath(file), state_of(file)) for file in files})
    return hashlib.sha256(repr(states).encode()).hexdigest()[:16] if states else None


def listing_hash(files: Iterable[Path]) -> str | None:
    """Hash of the names and the states of up to millions of files, in this order; None if there are no files.

    Files are compared by content if they have at most 64 MiB together, and otherwise by size and time. Lists (.csv and
    .txt) are always compared by content, because people and version control rewrite them.
    """
    entries = [(file, *_size_and_times(file)) for file in files]
    small = sum(size for _, size, *_ in entries) <= SMALL_LISTING
    digest = hashlib.sha256()
    for number, (file, size, modified, changed) in enumerate(entries):
        compared = small or file.suffix.lower() in LISTS
        state = (_content(os.path.abspath(file), size, modified, changed),) if compared else (size, modified)
        digest.update(f"{', ' if number else '['}{(str(file), *state)!r}".encode())
    digest.update(b"]")  # that of the text of a list, which would need as much memory as the list
    return digest.hexdigest()[:16] if entries else None


def state_of(file: str | Path) -> str:
    """Hash of the content of a small file or of a Python file; size and time of a larger one."""
    size, modified, changed = _size_and_times(file)
    if size > SMALL and not str(file).endswith(".py"):
        return f"{size} {modified}"
    return _content(os.path.abspath(file), size, modified, changed)


def _size_and_times(file: str | Path) -> tuple[int, int, int]:
    """Size of a file in bytes, and the times in ns at which its content and its metadata last changed."""
    state = os.stat(file)
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns


@functools.cache
def _content(file: str, size: int, modified: int, changed: int) -> str:
    """Hash of the content of a file, which is read again if its size or one of its times has changed."""
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()
