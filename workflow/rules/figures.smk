"""Figures, each from the summary tables.

expects   <results>/summary/*.csv, those that the figure's spec names
produces  <results>/figures/{figure}.svg + .png
"""

from ventral.figures.spec import specs

SUMMARY_TABLES = {
    name: f"<results>/summary/{name}.csv" for name in study.summary_tables
}


rule figures:
    input:
        unpack(
            lambda wildcards: {
                name: SUMMARY_TABLES[name] for name in specs()[wildcards.figure].tables
            }
        ),
        checksums=lambda wildcards: checksums(
            *(SUMMARY_TABLES[name] for name in specs()[wildcards.figure].tables)
        ),
    output:
        svg=report(
            "<results>/figures/{figure}.svg",
            category="Figures",
            caption="../report/figures.rst",
        ),
        png="<results>/figures/{figure}.png",
    log:
        "<results>/logs/figures/{figure}.log",
    benchmark:
        "<results>/benchmarks/figures/{figure}.tsv"
    wildcard_constraints:
        figure=one_of(study.figures),
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=stage_hash("figures"),
        about=lambda wildcards: specs()[wildcards.figure].about,
    script:
        "../scripts/figures.py"
