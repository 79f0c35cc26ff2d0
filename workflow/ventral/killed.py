"""The lock that a killed run leaves behind.

Snakemake locks a folder with files that only it removes, so that after `kill -9` or a power cut the same
command stops with "Directory cannot be locked". The system's own file locks end with their process. Each
run therefore holds a shared one; who can turn it into an exclusive one is alone, and what Snakemake's lock
says is then out of date. Jobs of a cluster outlive the run that submitted them, so after such a run the lock stays.
"""

import contextlib
import fcntl
import os
from pathlib import Path

CLUSTER = b"cluster"


def clear_stale_lock(folder: str | Path = ".snakemake") -> int | None:
    """Remove Snakemake's lock files when no other run works in this folder and no job of the last one can.

    Parameters
    ----------
    folder : path
        Snakemake's own folder.

    Returns
    -------
    int or None
        The file descriptor that marks this run for as long as the process lives; None where the file system
        has no locks, and nothing is removed.
    """
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    mark = os.open(folder / "ventral.lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.pread(mark, len(CLUSTER), 0) != CLUSTER:
                for lock in (folder / "locks").glob("*"):
                    lock.unlink(missing_ok=True)
        fcntl.flock(mark, fcntl.LOCK_SH)
    except OSError:
        os.close(mark)
        return None
    return mark


def note_where_jobs_run(mark: int | None, on_cluster: bool) -> None:
    """Leave word for the next run whether jobs of this one could still be at work after its end."""
    if mark is not None:
        os.ftruncate(mark, 0)
        os.pwrite(mark, CLUSTER if on_cluster else b"", 0)
