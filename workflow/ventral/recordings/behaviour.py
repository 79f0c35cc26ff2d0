"""Choices of human observers: which of two objects an image showed.

In each trial of Rajalingham et al. (2018) an image of one object was flashed, then that object and a distractor were
offered. The public part has 2160 images of 24 objects.

Source: Rajalingham, Issa, Bashivan, Kar, Schmidt & DiCarlo, "Large-scale, high-resolution comparison of the core
visual object recognition behavior of humans, monkeys, and state-of-the-art deep artificial neural networks",
Journal of Neuroscience 38:7255 (2018), doi:10.1523/JNEUROSCI.0388-18.2018.
"""

from pathlib import Path

import pandas as pd

from ventral.recordings.assembly import read_coordinates
from ventral.recordings.registry import fetch
from ventral.store import Fault

COLUMNS = {"sample_obj": "sample", "dist_obj": "distractor", "choice": "choice"}
RAJALINGHAM = "assy_dicarlo_Rajalingham2018_public.nc"


def rajalingham2018_public() -> pd.DataFrame:
    """The public trials of Rajalingham et al. (2018), fetched if they must be; see `read_trials`.

    Raises
    ------
    Fault
        The file cannot be fetched or read.
    """
    return read_trials(fetch(RAJALINGHAM))


def read_trials(path: str | Path) -> pd.DataFrame:
    """Read the trials of a match-to-sample experiment from a netCDF-4 assembly.

    Parameters
    ----------
    path : path
        One array with the dimension presentation and, along it, the coordinates stimulus_id (or image_id),
        sample_obj, dist_obj and choice.

    Returns
    -------
    DataFrame of one row per trial
        `stimulus_id`, `sample` (the object shown), `distractor` and `choice` (one of both).

    Raises
    ------
    Fault
        The file cannot be read, lacks a coordinate, or has choices that were not offered.
    """
    trials = read_coordinates(path, tuple(COLUMNS)).rename(columns=COLUMNS)
    odd = ~((trials.choice == trials["sample"]) | (trials.choice == trials.distractor))
    if odd.any():
        first = trials[odd].iloc[0]
        raise Fault(
            f"{path}: in {odd.sum()} of {len(trials)} trials the choice was not offered, first {first.choice!r} "
            f"where {first['sample']!r} and {first.distractor!r} were."
        )
    return trials
