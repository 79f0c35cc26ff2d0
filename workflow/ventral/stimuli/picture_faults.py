"""Finds pictures that cannot be shown by reading their headers, before they are needed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from ventral.core.errors import Fault
from ventral.stimuli.image_lists import IMAGES

LOOKED_AT = 10_000  # pictures
NAMED = 5  # faults that are listed
Picture = TypeVar("Picture")  # what stands for a picture: its path, or its number


def picture_faults(files: Iterable[Path]) -> Iterator[str]:
    """A sentence for each of the first pictures that cannot be shown, and the number of the others.

    Of more than `LOOKED_AT` pictures, only so many are looked at, evenly spread.

    Parameters
    ----------
    files : paths
        Other files than pictures are left out.
    """
    from ventral.stimuli.rgb import check_picture

    return faults_of([file for file in files if file.suffix.lower() in IMAGES], check_picture)


def faults_of(pictures: Sequence[Picture], check: Callable[[Picture], None]) -> Iterator[str]:
    """As `picture_faults`, for pictures that `check` refuses with a Fault."""
    chosen = np.unique(np.linspace(0, len(pictures) - 1, min(len(pictures), LOOKED_AT)).astype(int))
    found = list(unreadable((pictures[i] for i in chosen), check).values())
    yield from map(str, found[:NAMED])
    if len(found) > NAMED:
        yield f"{len(found) - NAMED} more pictures cannot be shown."


def unreadable(pictures: Iterable[Picture], check: Callable[[Picture], None]) -> dict[Picture, Fault]:
    """Pictures that are missing, are no pictures, or cannot be shown faithfully, as far as their headers show."""
    found = {}
    for picture in pictures:
        try:
            check(picture)
        except Fault as fault:
            found[picture] = fault
    return found
