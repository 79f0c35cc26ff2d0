"""For every kind of recording: the images that it brings, and what is known before it is made."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.recordings import brainscore, kay2008, macaque_v4, own
from ventral.recordings.registry import data_folder

IMAGES = {
    "macaque_v4": macaque_v4.images_of,
    "kay2008": kay2008.images_of,
    **dict.fromkeys(brainscore.PUBLISHED, brainscore.images_of),
}
OF_CHOICES = ("rajalingham2018_public", "trials")


def images_of(name: str, spec: dict) -> tuple[Iterator[np.ndarray], pd.DataFrame]:
    """The images that a recording brings.

    Parameters
    ----------
    name : str
        Of the recording, for messages.
    spec : dict
        Its configuration.

    Returns
    -------
    iterator of uint8 arrays of shape (size, size, 3)
    DataFrame
        The stimulus table.

    Raises
    ------
    Fault
        A file cannot be fetched, or an image of it cannot be read.
    """
    return IMAGES[spec["kind"]](name, spec)


def behavioural(spec: dict) -> bool:
    """Whether a recording is one of observers' choices, which has no units."""
    return spec["kind"] in OF_CHOICES


def parted(spec: dict) -> bool:
    """Whether a recording may have a part for training and one for testing, judging by its kind."""
    return spec["kind"] in ("kay2008", "npz", "h5", "netcdf")


def unchecked_files(spec: dict) -> list[Path]:
    """Files of a published recording that are in the folder of fetched files but have no known checksum."""
    kind = {"macaque_v4": macaque_v4, "kay2008": kay2008}.get(spec["kind"])
    sources = kind.sources(spec) if kind else {}
    places = [data_folder() / name for name, source in sources.items() if source.checksum is None]
    return [place for place in places if place.is_file()]


def varied(spec: dict) -> list[str]:
    """The parameters that a recording's own images vary while all else is held."""
    return macaque_v4.varied(spec) if spec["kind"] == "macaque_v4" else []


def labelled(spec: dict) -> bool:
    """Whether a recording's own images have labels."""
    return bool(varied(spec)) or spec["kind"] in brainscore.PUBLISHED


def problems(name: str, spec: dict) -> list[str]:
    """Faults of a recording's configuration that can be found before any job runs, as `key: sentence`.

    Parameters
    ----------
    name : str
    spec : dict

    Returns
    -------
    list of str
        Empty when nothing is wrong.
    """
    if spec["kind"] == "macaque_v4":
        return macaque_v4.problems(name, spec)
    if spec["kind"] == "kay2008":
        return kay2008.problems(spec)
    return own.problems(spec) if "file" in spec else []
