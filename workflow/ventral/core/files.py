"""Writes files that appear complete or not at all.

Every file of the workflow is written under a temporary name in the same folder and renamed when it is complete, so a
killed job leaves nothing that looks finished. If the disk is full, the message names the file that was being written.
Files that take hours have a fixed temporary name, under which the next job continues them (`ventral.core.unfinished`).
"""

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ventral.core.errors import Fault, not_written, of_full_disk

LONGEST_NAME = 255  # bytes
UNFINISHED = ".unfinished"
PARTIAL = re.compile(r"\.ventral-.*\.[a-z0-9_]{8}(\.[^.]*)?")  # the names that `whole` gives to temporary files


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
        finish(partial, path)
    except Exception as error:
        full = None if isinstance(error, Fault) else of_full_disk(error)
        if full is None or _is_elsewhere(full, path):
            raise
        raise not_written(path, full, partial=partial) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def finish(partial: Path, path: Path) -> None:
    """Give a complete file its final name, and the permissions of a new file."""
    partial.chmod(0o666 & ~_umask())
    partial.replace(path)


def unfinished(path: Path) -> Path:
    """The name of a file that the next job continues if its writer is killed."""
    return path.with_name(f".{path.stem}{UNFINISHED}{path.suffix}")


def mark_of(path: Path) -> Path:
    """The file that says how much of an unfinished file is complete."""
    return path.with_name(f".{path.stem}{UNFINISHED}.json")


@contextlib.contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Yield a temporary folder, whose files move into the folder `path` when the block ends without an error.

    Files that are already in `path` stay, unless a new one has their name.

    Raises
    ------
    Fault
        `path` is a file, or the folder cannot be made.
    """
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Fault(f"{path} cannot be made as a folder ({error.strerror}); name another one.") from error
    partial = Path(tempfile.mkdtemp(dir=path, prefix=".ventral-"))
    try:
        yield partial
        for file in sorted(file for file in partial.rglob("*") if file.is_file()):
            target = path / file.relative_to(partial)
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def remove_partial(folder: str | Path) -> None:
    """Remove the temporary files that killed writers left in a folder and its subfolders.

    Unfinished files with a mark stay, because the next job continues them.

    Call it only while nothing writes to the folder.
    """
    for place, _, names in os.walk(folder):
        unfinished_files = (name for name in names if name.startswith(".") and Path(name).stem.endswith(UNFINISHED))
        left = [name for name in unfinished_files if Path(name).with_suffix(".json").name not in names]
        for name in [*filter(PARTIAL.fullmatch, names), *left]:
            Path(place, name).unlink(missing_ok=True)


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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
