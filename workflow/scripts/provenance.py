"""Writes the digests of all images, recordings and models."""

from pathlib import Path

from ventral.core.jobs import logged
from ventral.records.fingerprints import fingerprints, write_fingerprints

with logged(snakemake.log[0]):
    inputs, params = snakemake.input, snakemake.params
    copies = {params.files["models"][Path(copy).parent.name][0]: copy for copy in inputs.trained}
    known = (params.stimuli, params.files, params.settings, copies)
    found = fingerprints(inputs.stimuli, inputs.recordings, inputs.grams, *known)
    write_fingerprints(snakemake.output[0], found)
