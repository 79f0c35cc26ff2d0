"""Compares all representations of each stimulus set with each other."""

from pathlib import Path

from ventral.core.jobs import logged
from ventral.core.table_files import write_table
from ventral.stimuli import read_copies
from ventral.summary.model_similarity import similarities

with logged(snakemake.log[0]):
    copies = {Path(path).stem: read_copies(path) for path in snakemake.input.stimuli}
    table = similarities(
        snakemake.input.grams, snakemake.input.recordings, snakemake.params.stimuli, snakemake.params.seed, copies
    )
    write_table(table, snakemake.output.table)
