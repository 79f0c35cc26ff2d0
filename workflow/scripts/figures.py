"""Draws all figures from the summary tables."""

from ventral.core.jobs import about, logged
from ventral.figures.drawing import save
from ventral.figures.spec import specs
from ventral.summary import read_summary

with logged(snakemake.log[0]):
    tables = {name: read_summary(path) for name, path in snakemake.input.items() if name != "checksums"}
    for figure, *paths in zip(snakemake.params.about, snakemake.output.svg, snakemake.output.png, strict=True):
        with about(f"The figure {figure}"):
            save(figure, {name: tables[name] for name in specs()[figure].tables if name in tables}, *paths)
