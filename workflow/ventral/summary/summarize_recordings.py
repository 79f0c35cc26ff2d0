"""Geometry of the areas of all recordings, in one table."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from ventral.summary.tables import GEOMETRY, gather, gather_recordings

AREAS = ("recording", "area", *GEOMETRY[GEOMETRY.index("metric") :])


def gather_areas(
    geometry: Iterable[str | Path], recordings: Iterable[str | Path], stimuli: dict[str, str]
) -> pd.DataFrame:
    """Stack the tables of all recordings.

    Parameters
    ----------
    geometry : paths of CSV tables, one per recording
    recordings : paths of HDF5 files
    stimuli : dict
        The stimulus set of each recording's images.

    Returns
    -------
    DataFrame
        The rows of all tables, with the columns stimuli and simulated of their recordings.

    Raises
    ------
    Fault
        A table lacks a column, or a file is missing or damaged.
    """
    return gather(geometry, AREAS).merge(
        gather_recordings(recordings, stimuli), on="recording", how="left", validate="many_to_one"
    )
