"""Compares all representations of each stimulus set with each other."""

from ventral.store import logged, write_table
from ventral.summary.similarity import similarities

with logged(snakemake.log[0]):
    table = similarities(
        snakemake.input.grams, snakemake.input.recordings, snakemake.params.stimuli, snakemake.params.seed
    )
    write_table(table, snakemake.output.table)
