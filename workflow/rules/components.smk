"""Where the images of a recording lie along the principal components of other images, if the study names such images.

Each model has a rule of its own, whose single job projects all layers for the images of one recording. It reads the
activations of both sets, so metrics do not. It shares no submission with the job that makes them, because its memory
follows from their size.

expects   <results>/activations/{stimuli}/{model}.h5          responses to the images of a recording, and to the others
produces  <results>/components/{stimuli}/{model}/{layer}.h5   coordinates, images × components
"""

for model, layers in (
    study.layers.items() if "components_from" in config["predictivity"] else ()
):

    rule:
        name:
            f"components_{model}"
        input:
            images=f"<results>/activations/{{stimuli}}/{model}.h5",
            others=f"<results>/activations/{config['predictivity']['components_from']}/{model}.h5",
        output:
            expand(
                "<results>/components/{{stimuli}}/{model}/{layer}.h5",
                model=model,
                layer=layers,
            ),
        log:
            f"<results>/logs/components/{{stimuli}}/{model}.log",
        benchmark:
            f"<results>/benchmarks/components/{{stimuli}}/{model}.tsv"
        priority: 1
        conda:
            "../../envs/environment.yaml"
        threads: 1
        resources:
            mem_mb=memory("components", projection=config.get("projection")),
            runtime=runtime("components", projection=config.get("projection")),
            gpu=study.gpus,
            activations_on_disk=0 if config["keep_activations"] else 1,
            device=config["device"],
        params:
            code=stage_hash("components"),
            model=model,
            layers=layers,
            others=config["predictivity"]["components_from"],
            projection=config.get("projection"),
            seed=config["seed"],
        script:
            "../scripts/components.py"
