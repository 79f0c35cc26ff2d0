"""One page that says what was asked, what was found, and how.

expects   <results>/summary/*.csv, <results>/figures/*.svg, <results>/stimuli/*.png, <results>/recordings/*.h5
produces  <results>/report.html    opens without a network
"""


rule report:
    input:
        **TABLES,
        areas="<results>/summary/recordings.csv",
        checksums=checksums(*TABLES.values(), "<results>/summary/recordings.csv"),
        figures=expand("<results>/figures/{figure}.svg", figure=FIGURES),
        sheets=expand("<results>/stimuli/{stimuli}.png", stimuli=every_set()),
        stimuli=expand("<results>/stimuli/{stimuli}.h5", stimuli=every_set()),
        grams=[
            f"<results>/gram/{stimulus_sets()[0]}/{model}/{layers[0]}.h5"
            for model, layers in LAYERS.items()
        ],
        recordings=expand(
            "<results>/recordings/{recording}.h5", recording=config["recordings"]
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
