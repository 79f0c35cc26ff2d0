"""Makes one recording in the common format."""

from ventral.core.jobs import logged
from ventral.recordings.prepare import make

with logged(snakemake.log[0]):
    name, stimuli = snakemake.wildcards.recording, snakemake.input.stimuli
    make(name, snakemake.params.spec, snakemake.output[0], next(iter(stimuli), None))
