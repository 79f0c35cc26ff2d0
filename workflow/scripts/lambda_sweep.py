"""Relates what was measured on the trained networks to λ."""

from ventral.core.jobs import logged
from ventral.core.table_files import write_table
from ventral.summary import read_summary
from ventral.summary.sweep import gather_logs, sweep

with logged(snakemake.log[0]):
    training = gather_logs(snakemake.input.logs, snakemake.params.networks)
    tables = {name: read_summary(snakemake.input[name]) for name in ("geometry", "predictivity", "layers")}
    write_table(training, snakemake.output.training)
    write_table(sweep(tables, training), snakemake.output.equivariance)
