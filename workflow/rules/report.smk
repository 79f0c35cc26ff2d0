"""The report: one page with the question, the findings, and the methods.

expects   <results>/summary/*.csv, <results>/figures/*.svg, <results>/stimuli/*.png + .h5, <results>/recordings/*.h5,
          <results>/gram/{stimuli}/{model}/{layer}.h5 of one layer of each model
produces  <results>/summary/provenance.json    digests of images, recordings and models, and the settings
          <results>/report.html                opens without a network
"""

GRAM_OF_MODELS = [
    f"<results>/gram/{study.measured_sets[0]}/{model}/{layers[0]}.h5"
    for model, layers in study.layers.items()
]
WEIGHTS_OF_NETWORKS = expand(
    "<results>/networks/{network}/network.pth", network=study.networks
)


rule provenance:
    input:
        stimuli=expand("<results>/stimuli/{stimuli}.h5", stimuli=study.stimulus_sets),
        recordings=expand(
            "<results>/recordings/{recording}.h5", recording=study.recordings
        ),
        grams=GRAM_OF_MODELS,
        trained=WEIGHTS_OF_NETWORKS,
        # Patterns of files are looked up by this job alone: others may run where the files are not.
        own=lambda wildcards: on_this_machine(study.files_read()),
    output:
        "<results>/summary/provenance.json",
    log:
        "<results>/logs/summary/provenance.log",
    benchmark:
        "<results>/benchmarks/summary/provenance.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory("report"),
        runtime=runtime("report"),
    params:
        code=stage_hash("provenance"),
        stimuli={
            recording: study.stimuli_of(recording) for recording in study.recordings
        },
        files=lambda wildcards: own_files(study),
        settings=settings_of(study),
    script:
        "../scripts/provenance.py"


rule report:
    input:
        **SUMMARY_TABLES,
        **AREAS_TABLE,
        checksums=checksums(*SUMMARY_TABLES.values(), *AREAS_TABLE.values()),
        figures=expand("<results>/figures/{figure}.svg", figure=study.figures),
        sheets=expand("<results>/stimuli/{stimuli}.png", stimuli=study.stimulus_sets),
        stimuli=expand("<results>/stimuli/{stimuli}.h5", stimuli=study.stimulus_sets),
        grams=GRAM_OF_MODELS,
        provenance="<results>/summary/provenance.json",
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
        mem_mb=memory("report"),
        runtime=runtime("report"),
    params:
        code=stage_hash("report"),
        config=config,
    script:
        "../scripts/report.py"
