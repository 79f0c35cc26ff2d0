"""The report: one page with the question, the findings, and the methods.

expects   <results>/summary/*.csv, <results>/figures/*.svg, <results>/stimuli/*.png, <results>/recordings/*.h5
produces  <results>/report.html    opens without a network
"""


rule report:
    input:
        **SUMMARY_TABLES,
        areas="<results>/summary/recordings.csv",
        checksums=checksums(
            *SUMMARY_TABLES.values(), "<results>/summary/recordings.csv"
        ),
        figures=expand("<results>/figures/{figure}.svg", figure=study.figures),
        sheets=expand("<results>/stimuli/{stimuli}.png", stimuli=study.stimulus_sets),
        stimuli=expand("<results>/stimuli/{stimuli}.h5", stimuli=study.stimulus_sets),
        grams=[
            f"<results>/gram/{study.measured_sets[0]}/{model}/{layers[0]}.h5"
            for model, layers in study.layers.items()
        ],
        recordings=expand(
            "<results>/recordings/{recording}.h5", recording=study.recordings
        ),
    output:
        report(
            "<results>/report.html",
            category="Report",
            caption="../report/report.rst",
        ),
    log:
        "<results>/logs/report/report.log",
    benchmark:
        "<results>/benchmarks/report/report.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=stage_hash("report"),
        config=config,
    script:
        "../scripts/report.py"
