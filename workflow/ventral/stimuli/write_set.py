"""Make a stimulus set of any kind: its file and its contact sheet."""

import logging
from pathlib import Path

import numpy as np
from PIL import Image

from ventral.core.jobs import progress
from ventral.recordings.kinds import recording_entry
from ventral.stimuli.kinds import stimulus_entry
from ventral.stimuli.rgb import BACKGROUND
from ventral.stimuli.sheet import write_sheet
from ventral.stimuli.stimulus_entry import Images
from ventral.stimuli.table import write_stimuli


def make(
    name: str,
    spec: dict,
    path: str | Path,
    sheet_path: str | Path,
    threads: int = 1,
    source: str | Path | None = None,
) -> None:
    """Make a stimulus set and draw its contact sheet.

    Parameters
    ----------
    name : str
        Name of the set in the configuration.
    spec : dict
        Its entry in the config, with its `kind`. An entry of a recording, with the recording's name under
        `recording`, gives the images that the recording brings.
    path, sheet_path : paths of the HDF5 file and of the PNG
    threads : int
        Worker processes; the bytes do not depend on it.
    source : path, optional
        HDF5 file of the set that the key `stimuli` names, whose images this one augments.

    Raises
    ------
    Fault
        The set cannot be made; the sentence says why.
    """
    entry = None if "recording" in spec else stimulus_entry(spec)
    images, table, description = entry.make(name, threads, source) if entry else brought(spec)
    if spec.get("grayscale"):
        images, description = map(without_color, images), f"{description[:-1]}; without color."
    logging.info("%s: %s", name, description)
    shown = progress(images, total=len(table), unit="images", name=f"stimuli {name}")
    background = spec.get("background", BACKGROUND) if entry is None or entry.transparent else None
    write_stimuli(path, shown, table, spec["kind"] if entry else "recording", description, background)
    write_sheet(path, sheet_path)


def brought(spec: dict) -> Images:
    """The images that a recording brings."""
    pictures, table = recording_entry(spec).images(spec["recording"])
    return pictures, table, f"{len(table)} images shown in the recording {spec['recording']}."


def without_color(image: np.ndarray) -> np.ndarray:
    """The luma of ITU-R BT.601 in all three channels."""
    return np.asarray(Image.fromarray(image).convert("L").convert("RGB"))
