"""Gives each job a GPU of its own, or the CPU.

Snakemake limits how many jobs run on GPUs (`--resources gpu=2`) and never says which GPU is whose. Here a job
takes the first free one by a lock on a file in the temporary folder; the system drops the lock when the
job ends, however it ends.
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
from pathlib import Path

from ventral.store import Fault

VISIBLE = "CUDA_VISIBLE_DEVICES"
PAUSE = 0.5


@contextlib.contextmanager
def lease(device: str) -> Iterator[str]:
    """Give "cpu", or "cuda:0" with a GPU that no other lease of this machine holds, for the length of the block.

    Enter it before torch or CuPy touches a GPU: the lease works by CUDA_VISIBLE_DEVICES. What this variable
    says already (a scheduler's choice, or the user's) is respected: only GPUs among those are taken. When
    all of them are taken, the call waits.

    Parameters
    ----------
    device : {"cpu", "cuda", "auto"}
        "auto" is a GPU where there is one, else the CPU.

    Raises
    ------
    Fault
        "cuda" on a machine without a GPU, or an unknown device.
    """
    if device not in ("cpu", "cuda", "auto"):
        raise Fault(f"There is no device {device!r}; set `device` to auto, cpu or cuda.")
    found = [] if device == "cpu" else gpus()
    if not found:
        if device == "cuda":
            raise Fault(
                "`device: cuda` needs an NVIDIA GPU, and nvidia-smi or CUDA_VISIBLE_DEVICES shows none here. "
                "Set `device: auto` to go on with the CPU."
            )
        logging.info("Running on the CPU%s.", "" if device == "cpu" else "; no GPU was found")
        yield "cpu"
        return

    before = os.environ.get(VISIBLE)
    with _first_free(found) as gpu:
        os.environ[VISIBLE] = gpu
        logging.info("Running on GPU %s.", gpu)
        try:
            yield "cuda:0"
        finally:
            if before is None:
                del os.environ[VISIBLE]
            else:
                os.environ[VISIBLE] = before


def gpus() -> list[str]:
    """Names, for CUDA_VISIBLE_DEVICES, of the GPUs that this process may use; torch is not needed to count them."""
    if VISIBLE in os.environ:
        names = [name.strip() for name in os.environ[VISIBLE].split(",")]
        return [name for name in names if re.fullmatch(r"\d+|(GPU|MIG)-[\w/-]+", name)]
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
def _first_free(names: list[str]) -> Iterator[str]:
    """Hold the lock of the first free GPU; wait while there is none."""
    # Inside a Slurm job a number is the job's own count of its GPUs, so locks of two jobs must not meet.
    job = os.environ.get("SLURM_JOB_ID", "")
    files = {
        name: _open(Path(tempfile.gettempdir(), f"ventral-gpu-{job}{name.replace('/', '_')}.lock")) for name in names
    }
    try:
        waiting = False
        while True:
            for name, file in files.items():
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    yield name
                    return
            if not waiting:
                logging.info("Waiting for a GPU: all of %s are taken.", ", ".join(names))
                waiting = True
            time.sleep(PAUSE)
    finally:
        for file in files.values():
            os.close(file)


def _open(path: Path) -> int:
    """Open a lock file, another user's too (for which reading is enough)."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    except PermissionError:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
