"""A full disk is named with the file that was being written, and nothing is lost or left behind."""

import errno
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from checkout import HELPERS
from failed_job import failed_job
from small_disk import WRITERS

from ventral.core import errors as faults
from ventral.core.errors import Fault, check_room, not_written, of_full_disk, spelled
from ventral.core.files import whole
from ventral.core.hdf5 import create_hdf5, open_hdf5, write_array

PROGRAM = HELPERS / "small_disk.py"


@pytest.mark.parametrize("way", ["mounted", "limited"])
def test_every_writer_names_its_file_and_keeps_the_old_one(tmp_path, way):
    run = subprocess.run([sys.executable, PROGRAM, tmp_path, way], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr  # no crash of HDF5 either
    attempts = [json.loads(line) for line in run.stdout.splitlines()]
    assert [attempt["name"] for attempt in attempts] == [name for name in WRITERS for _ in range(3)]
    for attempt in attempts:
        assert f"{tmp_path / attempt['name']} cannot be written: no space left" in attempt["told"], attempt
        assert "elete" not in attempt["told"] and "It needs" in attempt["told"]
        assert attempt["kept"] and attempt["left"] == [attempt["name"]], attempt


def test_a_full_disk_does_not_blame_the_file_that_is_read(tmp_path, monkeypatch):
    with create_hdf5(tmp_path / "healthy.h5") as file:
        write_array(file, "x", np.arange(10.0))
    monkeypatch.setattr(os, "pwrite", full)
    with (
        pytest.raises(Fault, match=r"new\.h5 cannot be written: no space left") as told,
        open_hdf5(tmp_path / "healthy.h5") as healthy,
        create_hdf5(tmp_path / "new.h5") as new,
    ):
        write_array(new, "x", healthy["x"][:])
    assert "healthy" not in str(told.value)
    assert [path.name for path in tmp_path.iterdir()] == ["healthy.h5"]


def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_file_that_cannot_fit_is_refused_before_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(faults, "free", lambda path: 5_000_000)
    check_room(tmp_path / "x.h5", 5_000_000)
    wanted = r"x\.h5 cannot be written: no space left on device. It needs at least 5.001 GB, and 5 MB are free in"
    with pytest.raises(Fault, match=wanted), create_hdf5(tmp_path / "x.h5") as file:
        file.reserve(5_001_000_000)
    assert not list(tmp_path.iterdir())


def test_writing_stops_soon_after_the_disk_is_full(tmp_path, monkeypatch):
    written = 0
    with pytest.raises(Fault, match="no space left"), create_hdf5(tmp_path / "x.h5") as file:
        rows = file.create_dataset("rows", (1000, 1000), np.float32, chunks=(1, 1000))
        monkeypatch.setattr(os, "pwrite", full)
        for written in range(len(rows)):
            rows[written] = 1.0
            file.flush()
            file.check()
    assert written == 0


def test_errors_that_are_no_full_disk_pass(tmp_path):
    for error in (OSError(errno.EIO, "Input/output error"), ValueError("no space left in this table")):
        assert of_full_disk(error) is None
        with pytest.raises(type(error)), whole(tmp_path / "x"):
            raise error
    folder = OSError(errno.ENOSPC, "No space left on device", str(tmp_path))
    with pytest.raises(Fault, match="x cannot be written"), whole(tmp_path / "x"):
        raise folder
    elsewhere = OSError(errno.ENOSPC, "No space left on device", "/dev/shm/torch")
    with pytest.raises(OSError, match="/dev/shm/torch"), whole(tmp_path / "x"):
        raise elsewhere


def test_a_full_disk_is_found_behind_another_error():
    said = RuntimeError("file write failed: errno = 28, error message = 'No space left on device'")
    assert of_full_disk(said).errno == errno.ENOSPC
    wrapped = RuntimeError("failed writing file")
    wrapped.__cause__ = OSError(errno.EDQUOT, "Disk quota exceeded")
    assert of_full_disk(wrapped).errno == errno.EDQUOT
    assert "quota" in str(not_written("x.h5", of_full_disk(wrapped)))


@pytest.mark.parametrize(
    "size, words",
    [(0, "0 bytes"), (999, "999 bytes"), (4096, "4.096 kB"), (1_500_000, "1.5 MB"), (2 * 10**12, "2 TB")],
)
def test_sizes_are_spelled(size, words):
    assert spelled(size) == words


def test_a_log_on_a_full_disk_does_not_hide_the_sentence(tmp_path):
    (tmp_path / "job.log").symlink_to("/dev/full")
    run = failed_job(tmp_path / "job.log", "The layer conv9 does not exist.")
    assert run.returncode == 1
    assert run.stderr.splitlines()[0] == "The layer conv9 does not exist."
    assert "job.log is incomplete" in run.stderr and "Logging error" not in run.stderr
