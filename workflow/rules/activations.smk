"""Responses of a model's layers to every stimulus set, from one forward pass for all layers.

One job runs the model on all stimulus sets, so that Python starts and the network is built only once.

expects   <results>/stimuli/{stimuli}.h5
produces  <results>/activations/{stimuli}/{model}.h5    one dataset of images × features per layer
"""

ACTIVATIONS_OF_MODEL = expand(
    "<results>/activations/{stimuli}/{{model}}.h5", stimuli=study.measured_sets
)


rule activations:
    input:
        stimuli=expand("<results>/stimuli/{stimuli}.h5", stimuli=study.measured_sets),
        weights=lambda wildcards: study.weights_of(wildcards.model),
    output:
        (
            ACTIVATIONS_OF_MODEL
            if config["keep_activations"]
            else temp(ACTIVATIONS_OF_MODEL)
        ),
    log:
        "<results>/logs/activations/{model}.log",
    benchmark:
        "<results>/benchmarks/activations/{model}.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=120 * len(study.measured_sets),
        gpu=study.gpus,
        device=config["device"],
    params:
        code=stage_hash("activations"),
        factory=lambda wildcards: study.code_hash(wildcards.model),
        weights=lambda wildcards: study.weights_hash(wildcards.model),
        spec=lambda wildcards: study.model_spec(wildcards.model),
        pooling={stimuli: study.pooling(stimuli) for stimuli in study.measured_sets},
    script:
        "../scripts/activations.py"
