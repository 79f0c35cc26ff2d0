"""Pictures of the THINGS database, which several laboratories show.

Source: Hebart, Dickter, Kidder, Kwok, Corriveau, Van Wicklin & Baker, "THINGS: A database of 1,854 object concepts and
more than 26,000 naturalistic object images", PLOS ONE 14:e0223792 (2019).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd

from ventral.config.entry import Count, Key, PathText
from ventral.core.names import listed
from ventral.recordings.recording_entry import Images

PictureFolder = Annotated[
    PathText,
    Key("The folder object_images of the THINGS database, with a folder for each object (aardvark/aardvark_01b.jpg)."),
]
Chosen = Annotated[
    Literal["all", "test"] | Count,
    Key("all; test, the repeated images; or these and that many of the others, evenly spaced over the objects."),
]


def missing_pictures(folder: str | Path) -> list[str]:
    """The fault of a folder that is not there."""
    if Path(folder).is_dir():
        return []
    return [f"pictures: there is no folder {str(folder)!r}. It is object_images of the THINGS database (osf.io/jum2f)."]


def absent_pictures(folder: str | Path, names: Sequence[str]) -> Iterator[str]:
    """The fault of pictures that are not in the folder, if there are any."""
    absent = [name for name in names if not Path(folder, name).is_file()]
    if absent:
        yield f"pictures: {len(absent)} of {len(names)} pictures are not in {folder}: {listed(absent)}."


def show_pictures(folder: str | Path, names: Sequence[str], size: int) -> Images:
    """Pictures, cut to the central square and resized when they are needed, and their stimulus table.

    Parameters
    ----------
    folder : path
        With a folder for each object.
    names : texts
        Such as "aardvark/aardvark_01b.jpg", which are also the ids.
    size : int
        Pixels along each side.

    Raises
    ------
    Fault
        A picture is missing or cannot be read; raised when it is needed.
    """
    from ventral.stimuli.images import squared
    from ventral.stimuli.rgb import open_picture

    table = pd.DataFrame({"stimulus_id": [*names], "scene": "", "parameter": "", "level": -1, "label": ""})
    return (squared(open_picture(Path(folder, name)), size) for name in names), table


def evenly_spaced(n: int, chosen: str | int) -> np.ndarray:
    """Positions of the chosen ones of n images that are not repeated, sorted; see `Chosen`."""
    if chosen == "test":
        return np.arange(0)
    wanted = n if chosen == "all" else min(int(chosen), n)
    return np.linspace(0, n - 1, wanted).round().astype(int)
