"""Files of published recordings that lie in a folder of the user: which are missing, and arrays in them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from ventral.core.errors import Fault, said
from ventral.core.formats import require_format


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
    absent = {name: Path(folder, name) for name in needed if not Path(folder, name).exists()}
    return [
        f"folder: {path} is missing. The publisher has it as {name}: {needed[name]}" for name, path in absent.items()
    ]


def missing_sessions(folder: str | Path, sessions: Sequence[str], aside: Callable[[int], str]) -> dict[str, str]:
    """The first session that is not in the folder, for `missing_files`, so that many become one fault; or none.

    Parameters
    ----------
    folder : path
    sessions : sequence of str
        Their files at the publisher.
    aside : callable
        From the number of the session, counted from 1, to the choice that would do without it and others.
    """
    absent = [number for number, name in enumerate(sessions, 1) if not Path(folder, name).exists()]
    if not absent:
        return {}
    others = f" and {len(absent) - 1} others" if len(absent) > 1 else ""
    return {sessions[absent[0] - 1]: f"session {absent[0]}{others}{aside(absent[0])}."}


def wrong_choice(images: object, words: tuple[str, ...]) -> list[str]:
    """A fault of the key `images`, which is one of some words or a number of images, 2 or more."""
    is_number = isinstance(images, int) and not isinstance(images, bool)
    if images in words or (is_number and images >= 2):
        return []
    return [f"images: must be {', '.join(words)} or a number of images, 2 or more, not {images!r}."]


def read_npy(path: Path, axes: tuple[str, ...], what: str, mmap: bool = False) -> np.ndarray:
    """An array of numbers in an .npy file.

    Parameters
    ----------
    path : path
    axes : texts
        Names of its axes.
    what : str
        What it holds, for messages.
    mmap : bool
        Whether only those parts are read that are used.

    Raises
    ------
    Fault
        The file is missing, cannot be read, has other axes or holds something other than numbers. Arrays of Python
        objects, which are pickled, are refused.
    """
    require_format(path, ("npy",), "an array (.npy)")
    try:
        values = np.load(path, mmap_mode="r" if mmap else None)
    except (OSError, ValueError, EOFError, SyntaxError, MemoryError) as error:
        pickled = " Pickled objects can run code and are not read." if "object" in str(error).lower() else ""
        raise Fault(f"{path} cannot be read as an array ({said(error)}).{pickled} Use the publisher's file.") from error
    if values.ndim != len(axes) or values.dtype.kind not in "fiu":
        raise Fault(
            f"{path} must hold {what}, numbers of shape ({', '.join(axes)}); it is {values.dtype} {values.shape}."
        )
    return values
