"""Files of published recordings that lie in a folder of the user: which are missing, and arrays in them."""

from collections.abc import Mapping
from pathlib import Path


def missing_files(folder: str | Path, needed: Mapping[str, str]) -> list[str]:
    """A fault for each file that is not in the folder.

    Parameters
    ----------
    folder : path
    needed : mapping of str
        By the name of the file at the publisher, below the folder: what it is and which choice would do without it.
    """
    if not Path(folder).is_dir():
        return [f"folder: there is no folder {str(folder)!r}."]
    absent = [name for name in needed if not Path(folder, name).exists()]
    return [
        f"folder: {Path(folder, name)} is missing. The publisher has it as {name}: {needed[name]}" for name in absent
    ]
