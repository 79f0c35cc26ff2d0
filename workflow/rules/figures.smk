"""All figures, from the summary tables.

expects   <results>/summary/*.csv
produces  <results>/figures/{figure}.svg + .png
"""

from ventral.figures.spec import specs

SUMMARY_TABLES = {
    name: f"<results>/summary/{name}.csv" for name in study.summary_tables
}
AREAS_TABLE = {"areas": "<results>/summary/recordings.csv"}
TABLES_OF_FIGURES = SUMMARY_TABLES | AREAS_TABLE


rule figures:
    input:
        **TABLES_OF_FIGURES,
        checksums=checksums(*TABLES_OF_FIGURES.values()),
    output:
        svg=[
            report(
                f"<results>/figures/{figure}.svg",
                category="Figures",
                labels={"figure": specs()[figure].heading},
                caption="../report/figures.rst",
            )
            for figure in study.figures
        ],
        png=expand("<results>/figures/{figure}.png", figure=study.figures),
    log:
        "<results>/logs/figures/figures.log",
    benchmark:
        "<results>/benchmarks/figures/figures.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory("tables"),
        runtime=runtime("tables"),
    params:
        code=stage_hash("figures"),
        about={figure: specs()[figure].about for figure in study.figures},
    script:
        "../scripts/figures.py"
