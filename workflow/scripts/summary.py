"""Brings the tables of all layers together."""

import pandas as pd

from ventral.core.jobs import logged
from ventral.core.table_files import write_table
from ventral.summary import gather, gather_recordings, gather_spectra
from ventral.summary.layers import summarize
from ventral.summary.tables import GEOMETRY, PREDICTIVITY

with logged(snakemake.log[0]):
    measured = [gather(snakemake.input.geometry, GEOMETRY), gather(snakemake.input.predictivity, PREDICTIVITY)]
    recordings = gather_recordings(snakemake.input.recordings, snakemake.params.stimuli)
    tables = summarize(*measured, pd.DataFrame(snakemake.params.models), recordings, snakemake.params.seed)
    for name, table in (tables | {"spectra": gather_spectra(snakemake.input.spectra)}).items():
        write_table(table, snakemake.output[name])
