"""What all tests share: where real data lie, when they are there."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

SHARED = Path(__file__).parent.parent.parent / "shared" / "data"

settings.register_profile("ventral", deadline=None, max_examples=50)
settings.load_profile("ventral")


@pytest.fixture
def shared_data():
    """Give a folder of real data, or skip the test where it is absent."""

    def folder(name: str) -> Path:
        for candidate in (Path(os.environ.get("VENTRAL_DATA", SHARED)), SHARED / name):
            if candidate.name == name and candidate.is_dir():
                return candidate
        pytest.skip(f"the data folder {name} is not on this machine")

    return folder
