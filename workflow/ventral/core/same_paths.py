"""Paths that lead to one place, however they are written."""

from collections.abc import Iterable
from pathlib import Path

from ventral.core.errors import Fault


def expect_other_paths(paths: Iterable[str | Path], thing: str) -> None:
    """Raise a `Fault` that names both if two paths lead to the same file or folder."""
    known: dict[Path, str | Path] = {}
    for path in paths:
        place = Path(path).resolve()
        if place in known:
            raise Fault(f"The {thing} {path} is named twice (also as {known[place]}); name each {thing} once.")
        known[place] = path
