"""Joins the tables of all layers and relates geometry to predictivity."""

import pandas as pd

from ventral.core.jobs import logged
from ventral.core.table_files import write_table
from ventral.summary import gather, gather_recordings, gather_sizes, gather_spectra
from ventral.summary.layers import summarize, with_kind
from ventral.summary.tables import ACCURACY, GEOMETRY, PREDICTIVITY

with logged(snakemake.log[0]):
    measured = [gather(snakemake.input.geometry, GEOMETRY), gather(snakemake.input.predictivity, PREDICTIVITY)]
    recordings = gather_recordings(snakemake.input.recordings, snakemake.params.stimuli)
    sizes = gather_sizes(snakemake.input.spectra)
    models = pd.DataFrame(snakemake.params.models).merge(sizes, on=["model", "layer"], how="left")
    accuracy = gather(snakemake.input.accuracy, ACCURACY)
    tables = summarize(*measured, models, recordings, snakemake.params.seed, accuracy)
    tables["spectra"] = with_kind(gather_spectra(snakemake.input.spectra), models)
    for name, table in tables.items():
        write_table(table, snakemake.output[name])
