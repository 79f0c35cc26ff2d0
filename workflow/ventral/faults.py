"""Errors that are sentences for the person who runs the workflow."""

import errno
import os
import shutil
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
REASONS = {
    errno.ENOSPC: "no space left on device",
    errno.EDQUOT: "no space left in the quota",
    errno.EFBIG: "no space left, because the file would exceed the system's limit on file size",
}


class Fault(ValueError):
    """Something that the person who runs the workflow must mend; its text is a sentence for them."""


def said(error: BaseException) -> str:
    """What an error says, on one line."""
    text = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    return f"the key {text} is missing" if isinstance(error, KeyError) else text


def of_full_disk(error: BaseException | None) -> OSError | None:
    """The error of a full disk, a full quota or a file that grew too large, among an error and what it came from.

    Libraries that write files themselves may give the system's words and not its number.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return error
        if isinstance(error, OSError | RuntimeError):
            said = [number for number in FULL if os.strerror(number) in str(error)]
            if said:
                return OSError(said[0], os.strerror(said[0]))
        error = error.__cause__ or error.__context__
    return None


def not_written(path: str | Path, error: OSError, needed: int = 0, partial: Path | None = None) -> Fault:
    """Say that a file could not be written and why, and for a full disk what is free and what is needed.

    Parameters
    ----------
    path : path
        The file that was to be written.
    error : OSError
    needed : int
        Bytes of the whole file, as far as they are known.
    partial : path, optional
        What was written so far; it will be removed, so its bytes count as free.
    """
    if error.errno not in FULL:
        return Fault(f"{path} cannot be written: {error.strerror or error}.")
    written = partial.stat() if partial is not None and partial.exists() else None
    there = spelled(free(path) + (512 * written.st_blocks if written else 0))
    needs = f"at least {spelled(needed)}, and {there} are" if needed else f"more than the {there} that are"
    if error.errno != errno.ENOSPC:  # a limit below what is free on the disk
        needs = f"at least {spelled(max(needed, written.st_size if written else 0) + 1)}, and {there} are"
    return Fault(
        f"{path} cannot be written: {REASONS[error.errno]}. It needs {needs} free in {folder_of(path)}. Make room "
        "there and run the same command again."
    )


def check_room(path: str | Path, needed: int) -> None:
    """Raise a Fault unless a file of `needed` bytes fits on the disk where `path` is to be written."""
    if free(path) < needed:
        raise not_written(path, OSError(errno.ENOSPC, ""), needed)


def free(path: str | Path) -> int:
    """Bytes that are free where a file is to be written."""
    return shutil.disk_usage(folder_of(path)).free


def folder_of(path: str | Path) -> Path:
    """The folder of a file, or the nearest one above it that exists."""
    return next(folder for folder in Path(path).absolute().parents if folder.is_dir())


def spelled(size: float) -> str:
    """A number of bytes as people write it."""
    power = min(4, max(0, len(str(int(size))) - 1) // 3)
    return f"{size / 1000**power:.4g} {('bytes', 'kB', 'MB', 'GB', 'TB')[power]}"
