"""Inner products of the responses of a model's layers, which every later stage works from.

Each model has a rule of its own, whose job makes the matrices of all layers for all small stimulus sets, so that Python
starts only once. Every other set has a job of its own. These jobs come before the extraction of further activations.

expects   <results>/activations/{stimuli}/{model}.h5      responses, images × features
produces  <results>/gram/{stimuli}/{model}/{layer}.h5     centered Gram matrix, images × images
"""

from itertools import product

for (model, layers), (ending, sets) in product(
    study.layers.items(), study.sets_of_jobs.items()
):

    rule:
        name:
            f"gram_{model}{ending}"
        input:
            expand(
                "<results>/activations/{stimuli}/{model}.h5",
                stimuli=sets,
                model=model,
            ),
        output:
            expand(
                "<results>/gram/{stimuli}/{model}/{layer}.h5",
                stimuli=sets,
                model=model,
                layer=layers,
            ),
        log:
            f"<results>/logs/gram/{model}{ending}.log",
        benchmark:
            f"<results>/benchmarks/gram/{model}{ending}.tsv"
        priority: 1
        group:
            "network"
        conda:
            "../../envs/environment.yaml"
        threads: 1
        resources:
            mem_mb=memory("gram", projection=config.get("projection")),
            runtime=runtime("gram", projection=config.get("projection")),
            gpu=study.gpus,
            activations_on_disk=0 if config["keep_activations"] else 1,
            device=config["device"],
        params:
            code=stage_hash("gram"),
            model=model,
            layers=layers,
            stimuli=sets,
            projection=config.get("projection"),
            seed=config["seed"],
        script:
            "../scripts/gram.py"
