"""Inner products of the responses of a model's layers, which every later stage works from.

Each model has a rule of its own, whose single job makes the matrices of all layers and stimulus sets, so that Python
starts only once.

expects   <results>/activations/{stimuli}/{model}.h5      responses, images × features
produces  <results>/gram/{stimuli}/{model}/{layer}.h5     centered Gram matrix, images × images
"""

for model, layers in study.layers.items():

    rule:
        name:
            f"gram_{model}"
        input:
            expand(
                "<results>/activations/{stimuli}/{model}.h5",
                stimuli=study.measured_sets,
                model=model,
            ),
        output:
            expand(
                "<results>/gram/{stimuli}/{model}/{layer}.h5",
                stimuli=study.measured_sets,
                model=model,
                layer=layers,
            ),
        log:
            f"<results>/logs/gram/{model}.log",
        benchmark:
            f"<results>/benchmarks/gram/{model}.tsv"
        group:
            "network"
        conda:
            "../../envs/environment.yaml"
        threads: 1
        resources:
            mem_mb=4000,
            runtime=10 * len(layers) * len(study.measured_sets),
            gpu=study.gpus,
            device=config["device"],
        params:
            code=stage_hash("gram"),
            model=model,
            layers=layers,
            stimuli=study.measured_sets,
        script:
            "../scripts/gram.py"
