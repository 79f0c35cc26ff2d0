"""Scores the layers of a model as predictors of a recording."""

from ventral.core.jobs import about, logged
from ventral.gram import read_gram
from ventral.other_images import read_coordinates
from ventral.predictivity import write_scores
from ventral.predictivity.layer_scores import score
from ventral.predictivity.target import prepare
from ventral.recordings import read_recording
from ventral.stimuli import read_contents, read_table

with logged(snakemake.log[0]):
    recording = read_recording(snakemake.input.recording)
    stimuli = read_table(snakemake.input.stimuli).assign(content=read_contents(snakemake.input.stimuli))
    target = prepare(recording, stimuli, snakemake.params.splits, snakemake.params.seed)
    keys = {"recording": snakemake.wildcards.recording, "model": snakemake.params.model}
    others = snakemake.input.components or [None] * len(snakemake.params.layers)
    files = (snakemake.input.grams, others, snakemake.output.areas, snakemake.output.details)
    for layer, gram, components, areas_path, units_path in zip(snakemake.params.layers, *files, strict=True):
        with about(f"The layer {layer} of {snakemake.params.model}"):
            areas, units = score(read_gram(gram), target, components and read_coordinates(components))
            write_scores(areas, units, keys | {"layer": layer}, areas_path, units_path)
