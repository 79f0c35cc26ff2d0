"""Accuracy of each network's own classifier on labeled images, if the study names such images.

expects   <results>/stimuli/{stimuli}.h5, and the file that names the classes of the outputs
produces  <results>/accuracy/{model}.csv         one row per metric; a network without a classifier has no values
          <results>/summary/accuracy.csv         the rows of all models
          beside each table its checksum, such as .{model}.csv.sha256
"""

ACCURACY_OF_MODELS = expand(
    "<results>/accuracy/{model}.csv", model=study.layers if study.accuracy else []
)


if study.accuracy:

    rule accuracy:
        input:
            stimuli=f"<results>/stimuli/{study.accuracy.stimuli}.h5",
            classes=on_this_machine(study.accuracy.files()),
            weights=lambda wildcards: on_this_machine(study.weights_of(wildcards.model)),
            own=lambda wildcards: on_this_machine(study.own_files(wildcards.model)),
        output:
            table="<results>/accuracy/{model}.csv",
            checksums=checksums("<results>/accuracy/{model}.csv"),
        log:
            "<results>/logs/accuracy/{model}.log",
        benchmark:
            "<results>/benchmarks/accuracy/{model}.tsv"
        conda:
            "../../envs/environment.yaml"
        threads: 1
        resources:
            mem_mb=memory("accuracy"),
            runtime=runtime("accuracy"),
            gpu=study.gpus,
            device=config["device"],
        params:
            code=stage_hash("accuracy"),
            factory=lambda wildcards: study.code_hash(wildcards.model),
            weights=lambda wildcards: study.weights_hash(wildcards.model),
            spec=lambda wildcards: study.model_spec(wildcards.model),
            stimuli=study.accuracy.stimuli,
            classes=study.accuracy.classes,
            files=study.accuracy_hash,
        script:
            "../scripts/accuracy.py"

    rule summarize_accuracy:
        input:
            tables=ACCURACY_OF_MODELS,
            checksums=checksums(*ACCURACY_OF_MODELS),
        output:
            table="<results>/summary/accuracy.csv",
            checksums=checksums("<results>/summary/accuracy.csv"),
        log:
            "<results>/logs/summary/accuracy.log",
        benchmark:
            "<results>/benchmarks/summary/accuracy.tsv"
        conda:
            "../../envs/environment.yaml"
        threads: 1
        resources:
            mem_mb=memory("tables"),
            runtime=runtime("tables"),
        params:
            code=stage_hash("summarize_accuracy"),
            models=study.layer_table(),
        script:
            "../scripts/summarize_accuracy.py"
