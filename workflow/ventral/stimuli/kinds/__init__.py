"""Kinds of stimulus sets. Every module here holds one class of entry.

A new kind is a new module with a subclass of `StimulusEntry`; nothing else names it.
"""

import sys
from collections.abc import Mapping
from typing import Any

from ventral.config.entry import discovered
from ventral.stimuli.stimulus_entry import StimulusEntry

KINDS = discovered(sys.modules[__name__], StimulusEntry)


def stimulus_entry(spec: Mapping[str, Any]) -> StimulusEntry:
    """The entry of `stimuli` that a checked mapping describes."""
    return KINDS[spec["kind"]].of(spec)
