"""Scores the layers of a model as predictors of observers' choices."""

from ventral.core.jobs import about, logged
from ventral.gram import read_gram
from ventral.predictivity import write_scores
from ventral.predictivity.behavior import measure_behavior
from ventral.recordings.choices import read_behavior
from ventral.stimuli import read_contents, read_table

with logged(snakemake.log[0]):
    behavior = read_behavior(snakemake.input.recording)
    stimuli = read_table(snakemake.input.stimuli).assign(content=read_contents(snakemake.input.stimuli))
    keys = {"recording": snakemake.wildcards.recording, "model": snakemake.params.model}
    files = (snakemake.input.grams, snakemake.output.areas, snakemake.output.details)
    for layer, gram, areas_path, choices_path in zip(snakemake.params.layers, *files, strict=True):
        with about(f"The layer {layer} of {snakemake.params.model}"):
            areas, choices = measure_behavior(
                read_gram(gram), behavior, stimuli, snakemake.params.splits, snakemake.params.seed
            )
            write_scores(areas, choices, keys | {"layer": layer}, areas_path, choices_path)
