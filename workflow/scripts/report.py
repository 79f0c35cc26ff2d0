"""Writes the report: the question, the findings, and the methods."""

from pathlib import Path

from ventral.core.jobs import logged
from ventral.records.fingerprints import read_fingerprints
from ventral.report import write_report
from ventral.summary import read_summary

with logged(snakemake.log[0]):
    lists = ("figures", "sheets", "stimuli", "grams", "recordings")
    tables = {name: path for name, path in snakemake.input.items() if name not in (*lists, "checksums", "provenance")}
    summary = {name: read_summary(path) for name, path in tables.items()}
    files = {name: snakemake.input[name] for name in lists}
    benchmarks = Path(snakemake.output[0]).parent / "benchmarks"
    fingerprints = read_fingerprints(snakemake.input.provenance)
    further = {"benchmarks": benchmarks, "fingerprints": fingerprints}
    write_report(snakemake.output[0], summary, snakemake.params.config, **files, **further)
