"""Finds what the modules of a package offer under an agreed name, so that adding one means adding a file."""

from importlib import import_module
from pathlib import Path
from typing import Any


def discover(package: str, name: str) -> dict[str, Any]:
    """What the modules of a package bind to a name at their top level.

    Parameters
    ----------
    package, name : str
        Calls must hold both as literal text, because `ventral.core.code_hash` reads them to find the modules.

    Returns
    -------
    dict
        By module, in alphabetical order. Modules that do not bind the name are not imported.
    """
    folder = Path(import_module(package).__path__[0])
    return {file.stem: getattr(import_module(f"{package}.{file.stem}"), name) for file in binding(folder, name)}


def binding(folder: Path, name: str) -> list[Path]:
    """The Python files of a folder that bind a name at their top level."""
    return [file for file in sorted(folder.glob("*.py")) if f"\n{name} = " in file.read_text(encoding="utf-8")]
