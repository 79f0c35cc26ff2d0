"""Gives each job its own GPU, or the CPU; finds CuPy; recognizes out-of-memory errors; copies arrays from GPUs.

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
from types import ModuleType

import numpy as np

from ventral.core.errors import Fault, said
from ventral.core.locks import take_lock

VISIBLE = "CUDA_VISIBLE_DEVICES"
PAUSE = 0.5
MEMORY_SIGNS = ("out of memory", "not enough memory", "allocate memory", "STATUS_ALLOC_FAILED")


@contextlib.contextmanager
def lease(device: str, count: int = 1) -> Iterator[str]:
    """Give "cpu", or "cuda:0" with GPUs that no other lease on this machine holds, until the block ends.

    Enter the block before torch or CuPy uses a GPU, because the lease sets CUDA_VISIBLE_DEVICES. If a scheduler or the
    user has set this variable already, only the GPUs that it lists are taken. The call waits until enough are free.

    Parameters
    ----------
    device : {"cpu", "cuda", "auto"}
        "auto" is a GPU if there is one, or else the CPU.
    count : int
        GPUs that the block needs; inside it, they are cuda:0, cuda:1, and so on.

    Raises
    ------
    Fault
        The device is "cuda" and the machine has no GPU, it has fewer GPUs than needed, or the device is unknown.
    """
    if device not in ("cpu", "cuda", "auto"):
        raise Fault(f"There is no device {device!r}; set `device` to auto, cpu or cuda.")
    names = [] if device == "cpu" else gpus()
    if not names:
        if device == "cuda":
            raise Fault(
                "`device: cuda` needs an NVIDIA GPU, and nvidia-smi or CUDA_VISIBLE_DEVICES shows none here. "
                "Set `device: auto` to use the CPU instead."
            )
        logging.info("Running on the CPU%s.", "" if device == "cpu" else "; no GPU was found")
        yield "cpu"
        return

    if len(names) < count:
        raise Fault(f"The job needs {count} GPUs and this machine offers {len(names)}; reduce `processes`.")
    with _free(names, count) as taken, _only_visible(taken):
        logging.info("Running on GPU %s.", ", ".join(taken))
        yield "cuda:0"


def gpus() -> list[str]:
    """Names, as in CUDA_VISIBLE_DEVICES, of the GPUs that this process may use; found without torch."""
    present = _present()
    if not present or VISIBLE not in os.environ:  # the variable may be set where there is no GPU
        return present
    names = [name.strip() for name in os.environ[VISIBLE].split(",")]
    return [name for name in names if re.fullmatch(r"\d+|(GPU|MIG)-[\w/-]+", name)]


def usable_cupy(device: str) -> ModuleType | None:
    """CuPy, or None on the CPU: if `device` is "cpu", or if it is "auto" and CuPy can use no GPU, which the log says.

    Raises
    ------
    Fault
        CuPy cannot use the GPU that `device` names.
    """
    if device == "cpu" or (device == "auto" and not gpus()):
        return None
    try:
        import cupy

        cupy.cuda.runtime.getDeviceCount()
        cupy.empty(1)  # a GPU that is counted may be full, in exclusive use or too old
    except (ImportError, RuntimeError, MemoryError) as error:  # CUDA's own errors are RuntimeErrors
        if device != "auto":
            raise Fault(
                f"`device: {device}` needs a GPU that CuPy can use, and CuPy says: {said(error)}. Set `device: auto` "
                "to use the CPU instead."
            ) from error
        logging.warning("Grams are computed on the CPU, since CuPy cannot use the GPU: %s.", said(error))
        return None
    return cupy


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of NumPy, torch or CuPy means that the memory of the GPU or of the machine was too small."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in MEMORY_SIGNS)


def to_numpy(x) -> np.ndarray:
    """An array of NumPy, CuPy or torch as a NumPy array, copied from the GPU if it is there."""
    return np.asarray(x.get() if hasattr(x, "get") else x.cpu() if hasattr(x, "cpu") else x)


@contextlib.contextmanager
def _only_visible(names: list[str]) -> Iterator[None]:
    """Set CUDA_VISIBLE_DEVICES to these GPUs, and restore it at the end."""
    before = os.environ.get(VISIBLE)
    os.environ[VISIBLE] = ",".join(names)
    try:
        yield
    finally:
        if before is None:
            del os.environ[VISIBLE]
        else:
            os.environ[VISIBLE] = before


def _present() -> list[str]:
    """UUIDs of the GPUs on this machine, or of their slices, as nvidia-smi lists them."""
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return []
    if listed.returncode:
        return []
    names = re.findall(r"UUID: ((?:GPU|MIG)-[\w/-]+)", listed.stdout)
    slices = [name for name in names if name.startswith("MIG")]
    return slices or names  # a divided GPU can only be used through its slices


@contextlib.contextmanager
def _free(names: list[str], count: int) -> Iterator[list[str]]:
    """Hold the locks of the first free GPUs; wait without holding any while too few are free."""
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
    # Slurm numbers the GPUs of each job from 0, so a number means different GPUs in two jobs and their locks must have
    # different names. A UUID means the same GPU in all jobs.
    job = os.environ.get("SLURM_JOB_ID", "")
    unique = f"{job}-{name}" if job and name.isdigit() else name.replace("/", "_")
    return Path(tempfile.gettempdir(), f"ventral-gpu-{unique}.lock")


def _open(path: Path) -> int:
    """Open a lock file; reading permission is enough for the file of another user."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    except PermissionError:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
