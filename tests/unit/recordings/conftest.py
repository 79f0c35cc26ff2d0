"""Fixtures of the tests of recordings."""

import pytest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder for downloads."""
    monkeypatch.setenv("VENTRAL_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"
