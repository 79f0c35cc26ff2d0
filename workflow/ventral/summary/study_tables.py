"""The main tables of a study's summary, from the files of its layers."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ventral.summary.layers import summarize, with_kind
from ventral.summary.tables import (
    ACCURACY,
    GEOMETRY,
    PREDICTIVITY,
    gather,
    gather_recordings,
    gather_sizes,
    gather_spectra,
)

Paths = Iterable[str | Path]


def study_tables(
    geometry: Paths,
    spectra: Sequence[str | Path],
    predictivity: Paths,
    accuracy: Paths,
    recordings: Paths,
    stimuli: Mapping[str, str],
    species: Mapping[str, str],
    models: Sequence[Mapping[str, Any]],
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Bring the tables of all layers together and relate geometry to predictivity.

    Parameters
    ----------
    geometry, predictivity : paths of CSV tables, one per layer and stimulus set or recording
    spectra : paths …/{stimuli}/{model}/{layer}.h5
    accuracy : paths of CSV tables, one per model; none if the study names no images for it
    recordings : paths of HDF5 files
    stimuli : mapping of str
        The stimulus set of each recording.
    species : mapping of str
        The species of the observers of each recording; "" if it is not known.
    models : list of mappings
        One row per layer (`ventral.study.Study.layer_table`).
    seed : int

    Returns
    -------
    dict of DataFrames
        Those of `ventral.summary.layers.summarize`, and spectra.

    Raises
    ------
    Fault
        A table is missing or damaged, or the tables are not those of these layers.
    """
    layers = pd.DataFrame(models).merge(gather_sizes(spectra), on=["model", "layer"], how="left")
    tables = summarize(
        gather(geometry, GEOMETRY),
        gather(predictivity, PREDICTIVITY),
        layers,
        gather_recordings(recordings, stimuli).assign(species=lambda rows: rows.recording.map(species)),
        seed,
        gather(accuracy, ACCURACY),
    )
    return tables | {"spectra": with_kind(gather_spectra(spectra), layers)}
