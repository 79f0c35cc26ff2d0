"""Joins the tables of all layers and relates geometry to predictivity."""

from ventral.core.jobs import logged
from ventral.core.table_files import write_table
from ventral.summary.study_tables import study_tables

with logged(snakemake.log[0]):
    files = ("geometry", "spectra", "predictivity", "accuracy", "recordings")
    chosen = {name: snakemake.input[name] for name in files}
    chosen |= {name: snakemake.params[name] for name in ("stimuli", "species", "models", "seed")}
    for name, table in study_tables(**chosen).items():
        write_table(table, snakemake.output[name])
