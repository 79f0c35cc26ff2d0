"""Sources of models. Every module here holds one class of entry.

A new source is a new module with a subclass of `ModelEntry`; nothing else names it.
"""

import sys
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from ventral.config.entry import discovered
from ventral.core.errors import Fault
from ventral.models.model_entry import ModelEntry

SOURCES = discovered(sys.modules[__name__], ModelEntry)  # type: ignore[type-abstract]
FOR_CONFIGS = {source: one for source, one in SOURCES.items() if one.for_configs}


def model_entry(spec: Mapping[str, Any], name: str = "") -> ModelEntry:
    """The entry of `models` that a mapping describes.

    Parameters
    ----------
    spec : mapping
        `source`, and the keys that belong to it; further keys are left out.
    name : str
        The model, for messages.

    Raises
    ------
    Fault
        There is no such source, or a key that it needs is missing.
    """
    source = spec["source"]
    if source not in SOURCES:
        raise Fault(f"Model {name}: there is no source {source!r}; use {', '.join(FOR_CONFIGS)}.")
    kind = SOURCES[source]
    required = {field.name for field in fields(kind) if field.default is field.default_factory is MISSING}
    lacking = sorted(key for key in required | {"architecture"} & {*fields_of(kind)} if not spec.get(key))
    if lacking:
        raise Fault(f"Model {name} needs `{lacking[0]}`.")
    return kind.of(spec)


def named(spec: dict[str, Any], name: str) -> dict[str, Any]:
    """The entry with the model's name as its architecture, if its source has architectures and it names none."""
    kind = SOURCES.get(spec.get("source", ""))
    return {"architecture": name} | spec if kind and "architecture" in fields_of(kind) else spec


def fields_of(kind: type[ModelEntry]) -> list[str]:
    """The keys of a source."""
    return [field.name for field in fields(kind)]
