"""Makes one recording in the common format."""

from ventral.core.jobs import logged
from ventral.recordings.prepare import make

with logged(snakemake.log[0]):
    make(snakemake.wildcards.recording, snakemake.params.spec, snakemake.output[0], snakemake.input.stimuli)
