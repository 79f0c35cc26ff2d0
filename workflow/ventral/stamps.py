"""What tells one state of a file from another, so that results are made again when a file they come from changes."""

import functools
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

LISTS = (".csv", ".txt")
SMALL = 2**20  # bytes; smaller files count by their content, so that a copy or a checkout changes nothing


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
    """Hash of the names, sizes and times of files that may be a million, in their order; None where there are none.

    Lists count by their content, because people and version control write them anew.
    """
    listing = [
        (str(file), state_of(file))
        if file.suffix.lower() in LISTS
        else (str(file), (state := file.stat()).st_size, state.st_mtime_ns)
        for file in files
    ]
    return hashlib.sha256(repr(listing).encode()).hexdigest()[:16] if listing else None


def state_of(file: str | Path) -> str:
    """The content of a small file or of a Python file, as a hash; the size and the time of a larger one."""
    found = os.stat(file)
    if found.st_size > SMALL and not str(file).endswith(".py"):
        return f"{found.st_size} {found.st_mtime_ns}"
    return _content(os.path.abspath(file), found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@functools.cache
def _content(file: str, size: int, modified: int, changed: int) -> str:
    """Hash of what a file holds; the file is read again when its size or one of its times has changed."""
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()
