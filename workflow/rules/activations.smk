"""Responses of one model's layers to one stimulus set, from one forward pass.

expects   <results>/stimuli/{stimuli}.h5
produces  <results>/activations/{stimuli}/{model}.h5    one dataset of images × features per layer
"""


rule activations:
    input:
        stimuli="<results>/stimuli/{stimuli}.h5",
        weights=lambda wildcards: study.weights_of(wildcards.model),
    output:
        (
            "<results>/activations/{stimuli}/{model}.h5"
            if config["keep_activations"]
            else temp("<results>/activations/{stimuli}/{model}.h5")
        ),
    log:
        "<results>/logs/activations/{stimuli}/{model}.log",
    benchmark:
        "<results>/benchmarks/activations/{stimuli}/{model}.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=8000,
        runtime=120,
        gpu=study.gpus,
        device=config["device"],
    params:
        code=stage_hash("activations"),
        factory=lambda wildcards: study.code_hash(wildcards.model),
        weights=lambda wildcards: study.weights_hash(wildcards.model),
        spec=lambda wildcards: study.model_spec(wildcards.model),
        pooling=lambda wildcards: study.pooling(wildcards.stimuli),
    script:
        "../scripts/activations.py"
