"""Makes one stimulus set and its contact sheet."""

from ventral.core.jobs import logged
from ventral.stimuli.write_set import make

with logged(snakemake.log[0]):
    make(
        snakemake.wildcards.stimuli,
        snakemake.params.spec,
        snakemake.output.stimuli,
        snakemake.output.sheet,
        threads=snakemake.threads,
        source=next(iter(snakemake.input), None),
    )
