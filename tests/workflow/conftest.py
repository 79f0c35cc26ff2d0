"""The tiny study before, after and beside its first run."""

import os
import shutil

import pytest
from filelock import FileLock
from study import Study, copy_project


@pytest.fixture
def fresh(tmp_path) -> Study:
    """The tiny study before its first run."""
    return copy_project(tmp_path / "study")


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory) -> Study:
    """The tiny study after one undisturbed run; shared by all test processes, never changed."""
    place = tmp_path_factory.getbasetemp()
    place = (place.parent if "PYTEST_XDIST_WORKER" in os.environ else place) / "undisturbed"
    with FileLock(f"{place}.lock"):
        if not (place / "results" / "report.html").exists():
            shutil.rmtree(place, ignore_errors=True)
            copy_project(place).run()
    return Study(place)


@pytest.fixture
def finished(undisturbed, tmp_path) -> Study:
    """A copy of the tiny study after its run, with all times kept."""
    shutil.copytree(undisturbed.folder, tmp_path / "study", symlinks=True)
    return Study(tmp_path / "study")
