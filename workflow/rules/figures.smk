"""Figures, each from the summary tables.

expects   <results>/summary/*.csv
produces  <results>/figures/{figure}.svg + .png
"""

SUMMARY_TABLES = {
    name: f"<results>/summary/{name}.csv" for name in study.summary_tables
}


rule figures:
    input:
        **SUMMARY_TABLES,
        checksums=checksums(*SUMMARY_TABLES.values()),
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
    script:
        "../scripts/figures.py"
