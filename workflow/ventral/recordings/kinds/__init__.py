"""Kinds of recordings. Every module here holds one class of entry, or a few that share their code.

A new kind is a new module with a subclass of `RecordingEntry`; nothing else names it.
"""

import sys
from collections.abc import Mapping
from typing import Any

from ventral.config.entry import discovered
from ventral.recordings.recording_entry import RecordingEntry

KINDS = discovered(sys.modules[__name__], RecordingEntry)


def recording_entry(spec: Mapping[str, Any]) -> RecordingEntry:
    """The entry of `recordings` that a checked mapping describes."""
    return KINDS[spec["kind"]].of(spec)
