"""Fixtures of the tests of stimulus sets."""

import pytest

from ventral.stimuli import workers


@pytest.fixture
def processes_at_once(monkeypatch):
    """Images after the first one are made in other processes, however fast they are made."""
    monkeypatch.setattr(workers, "MEASURED", 0)
    monkeypatch.setattr(workers, "WORTHWHILE", 0)
