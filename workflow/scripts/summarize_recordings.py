"""Brings the geometry of all recordings together."""

from ventral.store import logged, write_table
from ventral.summary.recordings import gather_areas

with logged(snakemake.log[0]):
    table = gather_areas(snakemake.input.geometry, snakemake.input.recordings, snakemake.params.stimuli)
    write_table(table, snakemake.output.table)
