"""Inner products of the responses of a model's layers, which every later stage works from.

One job, of a rule of its own for each model, makes all layers of the model, so that Python starts once for all of them.

expects   <results>/activations/{stimuli}/{model}.h5      responses, images × features
produces  <results>/gram/{stimuli}/{model}/{layer}.h5     centered Gram matrix, images × images
"""

for model, layers in study.layers.items():

    rule:
        name:
            f"gram_{model}"
        input:
            f"<results>/activations/{{stimuli}}/{model}.h5",
        output:
            expand(
                "<results>/gram/{{stimuli}}/{model}/{layer}.h5",
                model=model,
                layer=layers,
            ),
        log:
            f"<results>/logs/gram/{{stimuli}}/{model}.log",
        benchmark:
            f"<results>/benchmarks/gram/{{stimuli}}/{model}.tsv"
        group:
            "network"
        conda:
            "../../envs/environment.yaml"
        threads: 1
        resources:
            mem_mb=4000,
            runtime=10 * len(layers),
            gpu=study.gpus,
            device=config["device"],
        params:
            code=stage_hash("gram"),
            model=model,
            layers=layers,
        script:
            "../scripts/gram.py"
