"""Responses of a model's layers to stimulus sets, from one forward pass for all layers.

One job runs a model on all small stimulus sets, so that Python and the network start once for all of them. Every other
set has a job of its own. If activations are deleted (`keep_activations: false`), the next job of a run on one machine
waits until their Gram matrices exist, so that the disk holds those of one job at a time. Activations that the rule
`components` needs stay until those to both of its sets exist.

expects   <results>/stimuli/{stimuli}.h5
produces  <results>/activations/{stimuli}/{model}.h5    one dataset of images × features per layer
"""

for stage, sets, place in [
    ("activations", ["{stimuli}"], "{stimuli}/{model}"),
    ("activations_of_small_sets", study.small_sets, "{model}"),
]:
    activations = expand("<results>/activations/{stimuli}/{{model}}.h5", stimuli=sets)
    if not sets:
        continue

    rule:
        name:
            stage
        input:
            stimuli=expand("<results>/stimuli/{stimuli}.h5", stimuli=sets),
            weights=lambda wildcards: on_this_machine(study.weights_of(wildcards.model)),
            own=lambda wildcards: on_this_machine(study.own_files(wildcards.model)),
        output:
            activations if config["keep_activations"] else temp(activations),
        log:
            f"<results>/logs/activations/{place}.log",
        benchmark:
            f"<results>/benchmarks/activations/{place}.tsv"
        wildcard_constraints:
            stimuli=one_of(study.large_sets),
        conda:
            "../../envs/environment.yaml"
        threads: 1
        resources:
            mem_mb=memory("activations"),
            runtime=runtime("activations"),
            gpu=study.gpus,
            activations_on_disk=0 if config["keep_activations"] else 1,
            device=config["device"],
        params:
            code=stage_hash("activations"),
            factory=lambda wildcards: study.code_hash(wildcards.model),
            weights=lambda wildcards: study.weights_hash(wildcards.model),
            spec=lambda wildcards: study.model_spec(wildcards.model),
            pooling=lambda wildcards, sets=sets: study.poolings(
                one.format(**wildcards) for one in sets
            ),
        script:
            "../scripts/activations.py"
