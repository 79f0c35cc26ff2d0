"""Writes the digests of all images, recordings and models."""

from ventral.core.jobs import logged
from ventral.records.fingerprints import fingerprints, write_fingerprints

with logged(snakemake.log[0]):
    inputs, params = snakemake.input, snakemake.params
    found = fingerprints(inputs.stimuli, inputs.recordings, inputs.grams, params.stimuli, params.files, params.settings)
    write_fingerprints(snakemake.output[0], found)
