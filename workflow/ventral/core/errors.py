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
AGAIN = "Delete it and run the same command again."


class Fault(ValueError):
    """An error that the person who runs the workflow can correct; its text is a sentence for them."""


def said(error: BaseException) -> str:
    """What an error says, on one line."""
    text = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    return f"the key {text} is missing" if isinstance(error, KeyError) else text


def of_full_disk(error: BaseException | None) -> OSError | None:
    """The error of a full disk, a full quota or a file that grew too large, in an error's chain of causes.

    Returns
    -------
    OSError or None
        None if the chain has no such error. Some libraries give only the system's message; then a new error with the
        right number is returned.
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
    """A Fault that says why a file could not be written and, for a full disk, how much space is needed and free.

    Parameters
    ----------
    path : path
        The final path of the file.
    error : OSError
    needed : int
        Bytes of the complete file; 0 if unknown.
    partial : path, optional
        The unfinished file, whose bytes count as free.

    Returns
    -------
    Fault
    """
    if error.errno not in FULL:
        return Fault(f"{path} cannot be written: {error.strerror or error}.")
    written = partial.stat() if partial is not None and partial.exists() else None
    there = spelled(room(path, partial))
    needs = f"at least {spelled(needed)}, and {there} are" if needed else f"more than the {there} that are"
    if error.errno != errno.ENOSPC:  # a limit below what is free on the disk
        needs = f"at least {spelled(max(needed, written.st_size if written else 0) + 1)}, and {there} are"
    return Fault(
        f"{path} cannot be written: {REASONS[error.errno]}. It needs {needs} free in {existing_folder(path)}. Free "
        "some space there and run the same command again."
    )


def check_room(path: str | Path, needed: int, partial: Path | None = None) -> None:
    """Raise a Fault unless a file of `needed` bytes, some of them in an unfinished one, fits on the disk of `path`."""
    if room(path, partial) < needed:
        raise not_written(path, OSError(errno.ENOSPC, ""), needed, partial)


def room(path: str | Path, partial: Path | None = None) -> int:
    """Bytes on the disk of a file that are free or that its unfinished version takes."""
    taken = 512 * partial.stat().st_blocks if partial is not None and partial.exists() else 0
    return free(path) + taken


def free(path: str | Path) -> int:
    """Free bytes on the disk of a file that may not exist yet."""
    return shutil.disk_usage(existing_folder(path)).free


def existing_folder(path: str | Path) -> Path:
    """The folder of a file, or the nearest existing folder above it."""
    return next(folder for folder in Path(path).absolute().parents if folder.is_dir())


def spelled(size: float) -> str:
    """A number of bytes in bytes, kB, MB, GB or TB."""
    power = min(4, max(0, len(str(int(size))) - 1) // 3)
    return f"{size / 1000**power:.4g} {('bytes', 'kB', 'MB', 'GB', 'TB')[power]}"
