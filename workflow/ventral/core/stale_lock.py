"""What a killed run leaves behind: Snakemake's lock, jobs that are still at work, and unfinished files.

Snakemake locks the files of a run with lock files that only it removes, so after `kill -9` or a power cut the same
command stops with "Directory cannot be locked". Locks of the operating system end with their process. Each run
therefore holds a shared one for its study, that is, for its results folder. A run that can make this lock exclusive is
the only one of its study, so Snakemake's lock on the files in that folder is out of date. Runs of other studies in the
same working folder do not matter. Jobs on a cluster outlive the run that submitted them, so Snakemake's lock stays
after such a run.

When only the main process is killed, its jobs continue. Each job therefore holds a lock of its own, on a file that
contains the path of its log, which lies in the results folder. A new run of the study waits for these jobs. A job ends
itself if it starts after its run was killed and another run of the study has begun. Each run has a name, which its jobs
inherit. A job marks itself before it reads which run has begun, and a run says that it has begun before it looks for
marks, so at least one of the two sees the other.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import socket
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from ventral.core.locks import take_lock

OWN = ".snakemake"
STUDIES, JOBS = "ventral.studies", "ventral.jobs"
TURN = "ventral.turn"  # runs that begin look at the locks of studies one after the other
CLUSTER = "cluster"
RUN = "VENTRAL_RUN"  # the environment variable that gives jobs the name of their run


def clear_stale_lock(results: str | Path, folder: str | Path = OWN) -> int | None:
    """Remove Snakemake's lock on a results folder if no run and no job on a cluster can be writing to it.

    Parameters
    ----------
    results : path
        The results folder of the study.
    folder : path
        Snakemake's own folder.

    Returns
    -------
    int or None
        The file descriptor that marks this run while the process lives. None if the file system has no locks; then
        nothing is removed.
    """
    folder, results = Path(folder), Path(results).resolve()
    study = hashlib.sha256(os.fsencode(results)).hexdigest()[:16]
    (folder / STUDIES).mkdir(parents=True, exist_ok=True)
    mark = os.open(folder / STUDIES / study, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        with _turn(folder):
            _, begun = _read(mark)
            _write(mark, results, begun)
            if take_lock(mark) and CLUSTER not in begun:
                _remove_snakemake_locks(results, folder)
            fcntl.flock(mark, fcntl.LOCK_SH)
    except OSError:
        os.close(mark)
        return None
    os.environ[RUN] = f"{study}-{uuid.uuid4().hex}"
    return mark


def begin_run(mark: int | None, on_cluster: bool, folder: str | Path = OWN) -> bool:
    """Record which run is at work and where its jobs are, and wait for the jobs of a killed run of the same study.

    Parameters
    ----------
    mark : int or None
        What `clear_stale_lock` returned.
    on_cluster : bool
        Whether jobs of this run may continue after it has ended, on machines whose locks are not seen here.
    folder : path
        Snakemake's own folder.

    Returns
    -------
    bool
        Whether nothing else can be writing to the results folder.
    """
    if mark is None:
        return False
    with _turn(folder):
        results, before = _read(mark)
        alone = take_lock(mark)
        fcntl.flock(mark, fcntl.LOCK_SH)
        runs = [CLUSTER if on_cluster else os.environ[RUN]]
        _write(mark, results, runs if alone else [*before, *runs])
        busy = _busy_elsewhere(results, folder)
    overlaps = any(other.is_relative_to(results) or results.is_relative_to(other) for other in busy)
    if not alone or CLUSTER in before or overlaps:
        return False
    wait_for_jobs(results, folder)
    return True


def wait_for_jobs(results: str | Path, folder: str | Path = OWN) -> None:
    """Wait until no job with a log in the results folder is at work, and print the logs of those that are."""
    printed: set[str] = set()
    while jobs := _at_work(Path(results).resolve(), Path(folder, JOBS)):
        names = {name for _, name in jobs} - printed
        if names:
            listed = ", ".join(sorted(names))
            print(
                f"A killed run left jobs at work, with the logs {listed}. Waiting until they have ended.",
                file=sys.stderr,
            )
            printed |= names
        for file, _ in jobs:
            fcntl.flock(file, fcntl.LOCK_EX)
            os.close(file)


@contextlib.contextmanager
def at_work(log: str, folder: str | Path = OWN) -> Iterator[None]:
    """Mark this process as a job of a run inside the block; nothing is marked if Snakemake's folder does not exist.

    Parameters
    ----------
    log : str
        The path of the job's log, which lies in the results folder.
    folder : path
        Snakemake's own folder.

    Raises
    ------
    SystemExit
        The run that started this job was killed, and another run of the study has begun.
    """
    path = Path(folder, JOBS, f"{socket.gethostname()}-{os.getpid()}-{re.sub(r'[^A-Za-z0-9]', '_', log)[-100:]}")
    file = _marked(path, log) if Path(folder).is_dir() else None
    try:
        if file is not None:
            _refuse_orphan(log, Path(folder, STUDIES))
        yield
    finally:
        if file is not None:
            path.unlink(missing_ok=True)
            os.close(file)


def _marked(path: Path, log: str) -> int | None:
    """Create and lock the file of a job; None if that is impossible, or if this process already has the mark."""
    try:
        path.parent.mkdir(exist_ok=True)
        while True:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            os.pwrite(file, log.encode(), 0)  # before the lock, so that a locked file always names its log
            if not take_lock(file):
                os.close(file)
                return None
            if path.exists() and os.path.samestat(path.stat(), os.fstat(file)):
                return file
            os.close(file)  # a run that began took it for the file of a dead job and removed it
    except OSError:  # no locks, or no space
        return None


def _refuse_orphan(log: str, studies: Path) -> None:
    run = os.environ.get(RUN, "")
    study = studies / run.partition("-")[0]
    if not study.is_file():  # no run of Snakemake started this job, or none in this folder
        return
    with open(study, "rb") as file:
        _, begun = _read(file.fileno())
    if begun and run not in begun and CLUSTER not in begun:
        sys.exit(
            f"The job with the log {log} ends, because the run that started it was killed and another run has begun."
        )


def _at_work(results: Path, folder: Path) -> list[tuple[int, str]]:
    """Open files and logs of the jobs of one study that are at work; the files of all dead jobs are removed."""
    working = []
    for path in sorted(folder.glob("*")):
        try:
            file = os.open(path, os.O_RDWR)
        except FileNotFoundError:  # the job has just ended
            continue
        log = os.pread(file, 1 << 16, 0).decode()
        if take_lock(file):
            path.unlink(missing_ok=True)
            os.close(file)
        elif Path(log).resolve().is_relative_to(results):
            working.append((file, log))
        else:
            os.close(file)
    return working


def _remove_snakemake_locks(results: Path, folder: Path) -> None:
    """Remove the lock files that name a file in the results folder and none of a study that may be at work."""
    busy = _busy_elsewhere(results, folder)
    for lock in (folder / "locks").glob("*"):
        with contextlib.suppress(FileNotFoundError):  # a run of another study has just ended
            files = [Path(line).resolve() for line in lock.read_text().splitlines()]
            others = (file for file in files if any(file.is_relative_to(other) for other in busy))
            if any(file.is_relative_to(results) for file in files) and not any(others):
                lock.unlink()


def _busy_elsewhere(results: Path, folder: str | Path) -> list[Path]:
    """Results folders of other studies that a run, or a job that it left on a cluster, may be writing to."""
    busy = []
    for path in Path(folder, STUDIES).iterdir():
        file = os.open(path, os.O_RDWR)
        other, begun = _read(file)
        if other != results and (not take_lock(file) or CLUSTER in begun):
            busy.append(other)
        os.close(file)
    return busy


@contextlib.contextmanager
def _turn(folder: str | Path) -> Iterator[None]:
    """Let one process at a time into the block."""
    file = os.open(Path(folder, TURN), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _write(mark: int, results: Path, runs: list[str]) -> None:
    """Store the names of the runs of a study that were last at work, and its results folder."""
    os.ftruncate(mark, 0)
    os.pwrite(mark, os.fsencode(f"{' '.join(runs)}\n{results}"), 0)


def _read(study: int) -> tuple[Path, list[str]]:
    """Results folder of a study, and the names of the runs that were last at work."""
    runs, _, results = os.fsdecode(os.pread(study, 1 << 16, 0)).partition("\n")
    return Path(results), runs.split()
