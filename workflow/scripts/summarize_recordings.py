"""Joins the geometry tables of all recordings."""

from ventral.core.jobs import logged
from ventral.core.table_files import write_table
from ventral.summary.summarize_recordings import gather_areas

with logged(snakemake.log[0]):
    table = gather_areas(snakemake.input.geometry, snakemake.input.recordings, snakemake.params.stimuli)
    write_table(table, snakemake.output.table)
