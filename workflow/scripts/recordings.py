"""Makes one recording in the common format."""

from ventral.recordings.make import make
from ventral.store import logged

with logged(snakemake.log[0]):
    make(snakemake.wildcards.recording, snakemake.params.spec, snakemake.output[0], snakemake.input.stimuli)
