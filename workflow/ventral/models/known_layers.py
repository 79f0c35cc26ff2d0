"""Layers and published weights of common torchvision architectures, from a file, so that torch is not needed.

`layers.json` holds the layers in the order in which they finish in a forward pass, and which of them `auto` means;
``ventral architectures`` writes it.
"""

import functools
import json
from pathlib import Path

CATALOG = Path(__file__).with_name("layers.json")


@functools.cache
def known_architectures() -> dict[str, dict[str, str]]:
    """The catalog: `weights`, `layers` and `auto` of each architecture, names with spaces between them."""
    return json.loads(CATALOG.read_text())


def published_weights(architecture: str) -> list[str] | None:
    """Names of the weights that torchvision publishes for an architecture of the catalog; None for others."""
    entry = known_architectures().get(architecture)
    return entry["weights"].split() if entry else None
