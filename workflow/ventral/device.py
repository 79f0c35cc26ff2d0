"""Gives each job its own GPU, or the CPU; recognizes out-of-memory errors; copies arrays from GPUs.

Snakemake limits how many jobs run on GPUs (`--resources gpu=2`) but does not assign GPUs to jobs. A job therefore takes
the first free GPU by locking a file in the temporary folder. The operating system releases the lock when the job ends,
however it ends.
"""

import contextlib
import fcntl
import logging
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from ventral.locks import take_lock
from ventral.store import Fault

VISIBLE = "CUDA_VISIBLE_DEVICES"
PAUSE = 0.5
MEMORY_SIGNS = ("out of memory", "not enough memory", "allocate memory", "STATUS_ALLOC_FAILED")


@contextlib.contextmanager
def lease(device: str, count: int = 1) -> Iterator[str]:
    """Give "cpu", or "cuda:0" with GPUs that no other lease of this machine holds, for the length of the block.

    Enter it before torch or CuPy touches a GPU: the lease works by CUDA_VISIBLE_DEVICES. What this variable
    says already (a scheduler's choice, or the user's) is respected: only GPUs among those are taken. When
    all of them are taken, the call waits.

    Parameters
    ----------
    device : {"cpu", "cuda", "auto"}
        "auto" is a GPU where there is one, else the CPU.
    count : int
        GPUs that the block needs; they are cuda:0, cuda:1, … in it.

    Raises
    ------
    Fault
        "cuda" on a machine without a GPU, fewer GPUs than are needed, or an unknown device.
    """
    if device not in ("cpu", "cuda", "auto"):
        raise Fault(f"There is no device {device!r}; set `device` to auto, cpu or cuda.")
    found = [] if device == "cpu" else gpus()
    if not found:
        if device == "cuda":
            raise Fault(
                "`device: cuda` needs an NVIDIA GPU, and nvidia-smi or CUDA_VISIBLE_DEVICES shows none here. "
                "Set `device: auto` to use the CPU instead."
            )
        logging.info("Running on the CPU%s.", "" if device == "cpu" else "; no GPU was found")
        yield "cpu"
        return

    if len(found) < count:
        raise Fault(f"The job needs {count} GPUs and this machine offers {len(found)}; ask for no more `processes`.")

    before = os.environ.get(VISIBLE)
    with _free(found, count) as taken:
        os.environ[VISIBLE] = ",".join(taken)
        logging.info("Running on GPU %s.", ", ".join(taken))
        try:
            yield "cuda:0"
        finally:
            if before is None:
                del os.environ[VISIBLE]
            else:
                os.environ[VISIBLE] = before


def gpus() -> list[str]:
    """Names, for CUDA_VISIBLE_DEVICES, of the GPUs that this process may use; torch is not needed to count them."""
    present = _present()
    if not present or VISIBLE not in os.environ:  # the variable may be set where there is no GPU
        return present
    names = [name.strip() for name in os.environ[VISIBLE].split(",")]
    return [name for name in names if re.fullmatch(r"\d+|(GPU|MIG)-[\w/-]+", name)]


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of NumPy, torch or CuPy says that memory, of the GPU or of the machine, was too small."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in MEMORY_SIGNS)


def to_numpy(x) -> np.ndarray:
    """An array of NumPy, CuPy or torch as a NumPy array, copied from the GPU if it is there."""
    return np.asarray(x.get() if hasattr(x, "get") else x.cpu() if hasattr(x, "cpu") else x)


def _present() -> list[str]:
    """UUIDs of the GPUs, or of their slices, that nvidia-smi lists on this machine."""
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return []
    if listed.returncode:
        return []
    names = re.findall(r"UUID: ((?:GPU|MIG)-[\w/-]+)", listed.stdout)
    slices = [name for name in names if name.startswith("MIG")]
    return slices or names  # a GPU that is divided into slices is used by its slices only


@contextlib.contextmanager
def _free(names: list[str], count: int) -> Iterator[list[str]]:
    """Hold the locks of the first free GPUs; wait while there are too few, holding none."""
    files = {name: _open(_lock_path(name)) for name in names}
    try:
        waiting = False
        while len(taken := list(islice((name for name, file in files.items() if take_lock(file)), count))) < count:
            for name in taken:
                fcntl.flock(files[name], fcntl.LOCK_UN)
            if not waiting:
                logging.info("Waiting for a GPU: too few of %s are free.", ", ".join(names))
                waiting = True
            time.sleep(PAUSE)
        yield taken
    finally:
        for file in files.values():
            os.close(file)


def _lock_path(name: str) -> Path:
    # Inside a Slurm job a number is the job's own count of its GPUs, so the locks of two jobs must not meet. A UUID
    # is the same GPU for all.
    job = os.environ.get("SLURM_JOB_ID", "")
    unique = f"{job}-{name}" if job and name.isdigit() else name.replace("/", "_")
    return Path(tempfile.gettempdir(), f"ventral-gpu-{unique}.lock")


def _open(path: Path) -> int:
    """Open a lock file, another user's too (for which reading is enough)."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    except PermissionError:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
