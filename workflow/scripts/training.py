"""Trains one network, or resumes where an earlier job was stopped."""

from pathlib import Path

from ventral.core.device import lease
from ventral.core.jobs import logged
from ventral.training import train

with logged(snakemake.log[0]), lease(snakemake.resources.device, snakemake.params.spec["processes"]) as device:
    folder, stimuli = Path(snakemake.output.weights).parent, next(iter(snakemake.input.stimuli), None)
    state = snakemake.resources.state
    train(snakemake.params.spec, folder, stimuli, device=device, threads=snakemake.threads, state_address=state)
