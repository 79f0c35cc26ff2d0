"""What a killed run leaves behind: Snakemake's lock, jobs that are still at work, and half-written files.

Snakemake locks a folder with files that only it removes, so that after `kill -9` or a power cut the same
command stops with "Directory cannot be locked". The system's own file locks end with their process. Each
run therefore holds a shared one; who can turn it into an exclusive one is alone, and what Snakemake's lock
says is then out of date. Jobs of a cluster outlive the run that submitted them, so after such a run the lock stays.

When only the main process is killed, its jobs go on. Each job therefore holds a lock of its own, on a file that says
what it is. A run that begins first lets the jobs of a killed one end, and a job that starts after its run was killed
and another one has begun ends itself. Each run has a name, which its jobs inherit: a job marks itself first and then
reads which run has begun, and a run first says that it has begun and then looks for marks, so that one of both sees
the other.
"""

import contextlib
import fcntl
import os
import re
import socket
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from ventral.locks import take_lock

OWN = ".snakemake"
LOCK, JOBS = "ventral.lock", "ventral.jobs"
CLUSTER = "cluster"
RUN = "VENTRAL_RUN"  # the environment variable that tells jobs the name of their run


def clear_stale_lock(folder: str | Path = OWN) -> int | None:
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
    mark = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if take_lock(mark) and CLUSTER not in _runs(mark):
            for lock in (folder / "locks").glob("*"):
                lock.unlink(missing_ok=True)
        fcntl.flock(mark, fcntl.LOCK_SH)
    except OSError:
        os.close(mark)
        return None
    os.environ[RUN] = uuid.uuid4().hex
    return mark


def begin_run(mark: int | None, on_cluster: bool, folder: str | Path = OWN) -> bool:
    """Let the jobs of a killed run end, and leave word which run is at work and where its jobs are.

    Parameters
    ----------
    mark : int or None
        What `clear_stale_lock` returned.
    on_cluster : bool
        Whether jobs of this run could still be at work after its end, where no lock tells of them.
    folder : path
        Snakemake's own folder.

    Returns
    -------
    bool
        Whether nothing else can be at work here.
    """
    if mark is None:
        return False
    before, alone = _runs(mark), take_lock(mark)
    fcntl.flock(mark, fcntl.LOCK_SH)
    runs = [CLUSTER if on_cluster else os.environ[RUN]]
    os.ftruncate(mark, 0)
    os.pwrite(mark, " ".join(runs if alone else [*before, *runs]).encode(), 0)
    if not alone or CLUSTER in before:
        return False
    wait_for_jobs(folder)
    return True


def wait_for_jobs(folder: str | Path = OWN) -> None:
    """Wait until no job is at work in this folder, and say in one sentence what is waited for."""
    said: set[str] = set()
    while jobs := _at_work(Path(folder, JOBS)):
        names = {name for _, name in jobs} - said
        if names:
            listed = ", ".join(sorted(names))
            print(
                f"A killed run left jobs at work, with the logs {listed}. Waiting until they have ended.",
                file=sys.stderr,
            )
            said |= names
        for file, _ in jobs:
            fcntl.flock(file, fcntl.LOCK_EX)
            os.close(file)


@contextlib.contextmanager
def at_work(name: str, folder: str | Path = OWN) -> Iterator[None]:
    """Mark this process as a job of a run while the block lasts; without Snakemake's folder, nothing is marked.

    Parameters
    ----------
    name : str
        What a run that waits for the job calls it: its log.
    folder : path
        Snakemake's own folder.

    Raises
    ------
    SystemExit
        The run that started this job was killed, and another run has begun.
    """
    path = Path(folder, JOBS, f"{socket.gethostname()}-{os.getpid()}-{re.sub(r'[^A-Za-z0-9]', '_', name)[-100:]}")
    file = _marked(path, name) if Path(folder).is_dir() else None
    try:
        if file is not None:
            _refuse_orphan(name, Path(folder, LOCK))
        yield
    finally:
        if file is not None:
            path.unlink(missing_ok=True)
            os.close(file)


def _marked(path: Path, name: str) -> int | None:
    """Create and lock the file of a job; None where that cannot be done, or this process has the mark already."""
    try:
        path.parent.mkdir(exist_ok=True)
        while True:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            if not take_lock(file):
                os.close(file)
                return None
            if path.exists() and os.path.samestat(path.stat(), os.fstat(file)):
                os.pwrite(file, name.encode(), 0)
                return file
            os.close(file)  # a run that began took it for the file of a dead job and removed it
    except OSError:  # no locks, or no room
        return None


def _refuse_orphan(name: str, lock: Path) -> None:
    own = os.environ.get(RUN)
    begun = lock.read_text().split() if lock.exists() else []
    if own and begun and own not in begun and CLUSTER not in begun:
        sys.exit(
            f"The job with the log {name} ends, because the run that started it was killed and another run has begun."
        )


def _at_work(folder: Path) -> list[tuple[int, str]]:
    """Open files and names of the jobs that are at work; the files of dead ones are removed."""
    found = []
    for path in sorted(folder.glob("*")):
        try:
            file = os.open(path, os.O_RDWR)
        except FileNotFoundError:  # the job has just ended
            continue
        if take_lock(file):
            path.unlink(missing_ok=True)
            os.close(file)
        else:
            found.append((file, os.pread(file, 1 << 16, 0).decode() or path.name))
    return found


def _runs(mark: int) -> list[str]:
    """The names of the runs that were last at work."""
    return os.pread(mark, 1 << 16, 0).decode().split()
