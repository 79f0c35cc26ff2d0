"""Compares all representations of each stimulus set with each other, and finds the components that networks share."""

from pathlib import Path

from ventral.core.jobs import logged
from ventral.core.table_files import write_table
from ventral.stimuli import read_copies
from ventral.stimuli.design import read_scenes
from ventral.summary.representations import sets_of
from ventral.summary.universality import compared_sets

with logged(snakemake.log[0]):
    copies = {Path(path).stem: read_copies(path) for path in snakemake.input.stimuli}
    scenes = {Path(path).stem: read_scenes(path) for path in snakemake.input.stimuli}
    measured, seed = (snakemake.input.grams, snakemake.input.recordings), snakemake.params.seed
    sets = sets_of(*measured, snakemake.params.stimuli, seed, copies, scenes)
    pairs, components = compared_sets(sets, snakemake.params.families, seed)
    write_table(pairs, snakemake.output.table)
    write_table(components, snakemake.output.universality)
