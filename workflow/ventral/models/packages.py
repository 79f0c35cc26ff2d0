"""Finds the file of weights that a Python package holds, without importing the package."""

import importlib.util
from importlib import metadata
from pathlib import Path

from ventral.core.errors import Fault
from ventral.core.stamps import state_of

SUFFIXES = (".pth", ".pt", ".bin", ".ckpt")


def package_file(package: str) -> Path:
    """The file of weights in an installed package.

    Raises
    ------
    Fault
        The package is not installed, or does not hold exactly one file of weights.
    """
    try:
        found = importlib.util.find_spec(package)
    except ValueError:  # of a module that is no package, such as __main__
        found = None
    if found is None or not found.submodule_search_locations:
        raise Fault(f"the package {package} is not installed; run `pip install {package.replace('_', '-')}`.")
    # A folder that is on the search path twice, relative and absolute, counts once.
    folders = {Path(folder).resolve() for folder in found.submodule_search_locations}
    held = (file for folder in folders for file in folder.rglob("*") if file.suffix in SUFFIXES)
    files = sorted(file for file in held if file.is_file())
    if len(files) != 1:
        names = ", ".join(file.name for file in files) or "none"
        raise Fault(
            f"the package {package} must hold one file of weights ({', '.join(SUFFIXES)}) and holds {names}; name the "
            f"file itself."
        )
    return files[0]


def release(package: str) -> str:
    """The package and its version, or its file of weights if it has none."""
    return f"{package} {_version(package) or package_file(package).name}"


def package_state(package: str) -> str:
    """A text that changes with the weights that the package holds."""
    return f"{package} {_version(package) or state_of(package_file(package))}"


def _version(package: str) -> str | None:
    """The version; None for a folder on the search path, or a distribution of another name."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
