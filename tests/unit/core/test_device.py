"""Leases of GPUs: one job per GPU, and what a scheduler chose is kept."""

import itertools
import multiprocessing
import os
import time
import types

import pytest
import torch

from ventral.core import device
from ventral.core.device import gpus, is_out_of_memory, lease
from ventral.core.errors import Fault

TWO = "GPU 0: NVIDIA H200 (UUID: GPU-aaaa-0)\nGPU 1: NVIDIA H200 (UUID: GPU-bbbb-1)\n"


@pytest.fixture(autouse=True)
def machine(monkeypatch, tmp_path):
    """A machine without GPUs, a scheduler or other people's locks; call it to give it GPUs."""
    for variable in ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(device.tempfile, "gettempdir", lambda: str(tmp_path))

    def with_gpus(listed, returncode=0):
        answer = types.SimpleNamespace(stdout=listed, returncode=returncode)
        monkeypatch.setattr(device.subprocess, "run", lambda *arguments, **keywords: answer)

    with_gpus("", 9)
    return with_gpus


def test_the_cpu_is_never_leased(machine):
    machine(TWO)
    with lease("cpu") as name:
        assert name == "cpu" and "CUDA_VISIBLE_DEVICES" not in os.environ


def test_without_a_gpu_auto_is_the_cpu_and_cuda_a_fault():
    with lease("auto") as name:
        assert name == "cpu"
    with pytest.raises(Fault, match="needs an NVIDIA GPU"), lease("cuda"):
        pass
    with pytest.raises(Fault, match="no device 'gpu'"), lease("gpu"):
        pass


def test_nvidia_smi_may_be_absent(monkeypatch):
    def absent(*arguments, **keywords):
        raise FileNotFoundError("nvidia-smi")

    monkeypatch.setattr(device.subprocess, "run", absent)
    assert gpus() == []


def test_a_divided_gpu_is_used_by_its_slices(machine):
    machine("GPU 0: NVIDIA H200 (UUID: GPU-aaaa-0)\n  MIG 1g.18gb Device 0: (UUID: MIG-cccc-2)\n")
    assert gpus() == ["MIG-cccc-2"]


@pytest.mark.parametrize(("visible", "expected"), [("3,1", ["3", "1"]), ("", []), ("-1", []), ("NoDevFiles", [])])
def test_what_a_scheduler_made_visible_is_respected(monkeypatch, machine, visible, expected):
    machine(TWO)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert gpus() == expected


def test_a_visible_gpu_counts_only_where_there_is_one(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    with lease("auto") as name:
        assert name == "cpu"
    with pytest.raises(Fault, match="needs an NVIDIA GPU"), lease("cuda"):
        pass


def test_leases_take_different_gpus_and_give_them_back(machine):
    machine(TWO)
    with lease("cuda") as first:
        assert first == "cuda:0" and os.environ.pop("CUDA_VISIBLE_DEVICES") == "GPU-aaaa-0"
        with lease("auto"):
            assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-bbbb-1"
        os.environ["CUDA_VISIBLE_DEVICES"] = "GPU-aaaa-0"
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
    with lease("cuda"):
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-aaaa-0"


def test_jobs_of_two_allocations_do_not_wait_for_each_other(monkeypatch, machine):
    """Slurm counts each job's GPUs from 0, so GPU 0 of two jobs is not the same one."""
    machine(TWO)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setenv("SLURM_JOB_ID", "1")
    with lease("cuda"):
        monkeypatch.setenv("SLURM_JOB_ID", "2")
        with lease("cuda") as name:
            assert name == "cuda:0" and os.environ["CUDA_VISIBLE_DEVICES"] == "0"


def test_jobs_of_two_allocations_share_the_lock_of_a_uuid(monkeypatch, machine):
    machine(TWO)
    monkeypatch.setenv("SLURM_JOB_ID", "1")
    with lease("cuda"):
        mine = os.environ.pop("CUDA_VISIBLE_DEVICES")
        monkeypatch.setenv("SLURM_JOB_ID", "2")
        with lease("cuda"):
            assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-bbbb-1" != mine
        os.environ["CUDA_VISIBLE_DEVICES"] = mine


def test_what_the_body_raises_passes_through(machine):
    machine(TWO)
    with pytest.raises(BlockingIOError, match="of the body"), lease("cuda"):
        raise BlockingIOError("of the body")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA"), True),
        (type("OutOfMemoryError", (Exception,), {})("CuPy's"), True),
        (RuntimeError("CUDA error: out of memory"), True),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes."), True),
        (RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), True),
        (RuntimeError("CUBLAS_STATUS_NOT_INITIALIZED"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_errors_of_memory_are_told_from_others(error, expected):
    assert is_out_of_memory(error) is expected


def hold(seconds, intervals):
    with lease("cuda"):
        start = time.monotonic()
        time.sleep(seconds)
        intervals.put((start, time.monotonic()))


def test_processes_wait_for_a_taken_gpu(monkeypatch, machine):
    machine(TWO.splitlines()[0])
    monkeypatch.setattr(device, "PAUSE", 0.02)
    context = multiprocessing.get_context("fork")  # keeps the pretended GPU
    intervals = context.Queue()
    processes = [context.Process(target=hold, args=(0.2, intervals)) for _ in range(3)]
    for process in processes:
        process.start()
    held = sorted(intervals.get(timeout=20) for _ in processes)
    for process in processes:
        process.join()
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(held))


def test_a_killed_process_frees_its_gpu(monkeypatch, machine):
    machine(TWO.splitlines()[0])
    context = multiprocessing.get_context("fork")
    leased = context.Event()

    def hold_for_ever():
        with lease("cuda"):
            leased.set()
            time.sleep(60)

    process = context.Process(target=hold_for_ever)
    process.start()
    assert leased.wait(20)
    process.kill()
    process.join()
    with lease("cuda") as name:
        assert name == "cuda:0"
