"""Draws one figure from the summary tables."""

from ventral.core.jobs import logged
from ventral.figures.drawing import save
from ventral.summary import read_summary

with logged(snakemake.log[0]):
    tables = {name: read_summary(path) for name, path in snakemake.input.items() if name != "checksums"}
    save(snakemake.wildcards.figure, tables, snakemake.output.svg, snakemake.output.png)
