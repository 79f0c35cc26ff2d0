"""Scores the layers of a model by the distances between images that observers or areas have."""

from ventral.core.jobs import about, logged
from ventral.gram import read_gram
from ventral.predictivity import write_scores
from ventral.predictivity.observed_distances import observe, score_distances
from ventral.recordings.distances import read_distances
from ventral.stimuli import read_contents, read_table

with logged(snakemake.log[0]):
    distances = read_distances(snakemake.input.recording)
    stimuli = read_table(snakemake.input.stimuli).assign(content=read_contents(snakemake.input.stimuli))
    observed = observe(distances, stimuli, snakemake.params.seed)
    keys = {"recording": snakemake.wildcards.recording, "model": snakemake.params.model}
    files = (snakemake.input.grams, snakemake.output.areas, snakemake.output.details)
    for layer, gram, areas_path, observers_path in zip(snakemake.params.layers, *files, strict=True):
        with about(f"The layer {layer} of {snakemake.params.model}"):
            areas, observers = score_distances(read_gram(gram), observed)
            write_scores(areas, observers, keys | {"layer": layer}, areas_path, observers_path)
