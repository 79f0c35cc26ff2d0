"""Objectives of training. Every module here holds one class of entry and its loss.

A new objective is a new module with a subclass of `TwoViews` (which gives it an equivariant term) or of another class
of `NetworkEntry`; nothing else names it.
"""

import sys
from collections.abc import Mapping
from typing import Any

from ventral.config.entry import discovered
from ventral.training.network_entry import NetworkEntry

OBJECTIVES = discovered(sys.modules[__name__], NetworkEntry)  # type: ignore[type-abstract]


def network_entry(spec: Mapping[str, Any]) -> NetworkEntry:
    """The entry of `networks` that a checked mapping describes."""
    return OBJECTIVES[spec["objective"]].of(spec)


def objective_of(spec: Mapping[str, Any]) -> NetworkEntry:
    """The objective of a single network, as an entry with its λ and its seed alone.

    Parameters
    ----------
    spec : mapping
        Settings of a network, as `ventral.training.networks.networks_of` gives them.
    """
    return network_entry({**spec, "lambda": [spec["lambda"]], "seeds": [spec["seed"]]})
