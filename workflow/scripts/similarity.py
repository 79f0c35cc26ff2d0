"""Compares all representations of each stimulus set with each other, and finds the components that networks share."""

from pathlib import Path

from ventral.core.jobs import logged
from ventral.core.table_files import write_table
from ventral.stimuli import read_copies
from ventral.summary.model_similarity import sets_of
from ventral.summary.universality import compared_sets

with logged(snakemake.log[0]):
    copies = {Path(path).stem: read_copies(path) for path in snakemake.input.stimuli}
    sets = sets_of(
        snakemake.input.grams, snakemake.input.recordings, snakemake.params.stimuli, snakemake.params.seed, copies
    )
    pairs, components = compared_sets(sets, snakemake.params.families, snakemake.params.seed)
    write_table(pairs, snakemake.output.table)
    write_table(components, snakemake.output.universality)
