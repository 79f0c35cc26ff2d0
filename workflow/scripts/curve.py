"""Draws the course of one network's training."""

from ventral.core.jobs import logged
from ventral.figures.drawing import save
from ventral.summary.sweep import gather_logs

with logged(snakemake.log[0]):
    training = gather_logs([snakemake.input.epochs], {snakemake.wildcards.network: snakemake.params.spec})
    save("curve", {"training": training}, snakemake.output.svg, snakemake.output.png)
