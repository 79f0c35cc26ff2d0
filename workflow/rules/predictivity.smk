"""How well the layers of a model predict one recording, of units, of observers' choices, or of distances.

Each model has a rule of its own, whose single job scores all layers, so that Python starts only once.

expects   <results>/gram/{stimuli}/{model}/{layer}.h5            of the images that the recording belongs to
          <results>/stimuli/{stimuli}.h5                         labels of these images
          <results>/recordings/{recording}.h5                    responses and trials, choices, or distances
          <results>/components/{stimuli}/{model}/{layer}.h5      coordinates along components of other images, if any
produces  <results>/predictivity/{recording}/{model}/{layer}.csv      one row per area and metric
          <results>/predictivity/{recording}/{model}/{layer}.parquet  one row per unit and metric, image and distractor, or observer
          beside each table its checksum, such as .{layer}.csv.sha256
"""

for model, layers in study.layers.items():
    areas, details = (
        expand(
            "<results>/predictivity/{{recording}}/{model}/{layer}.{kind}",
            model=model,
            layer=layers,
            kind=kind,
        )
        for kind in ("csv", "parquet")
    )
    for stage, recordings in [
        ("predictivity", study.neural),
        ("behavior", study.behavioral),
        ("distances", study.holding("distances")),
    ]:

        rule:
            name:
                f"{stage}_{model}"
            input:
                grams=lambda wildcards, model=model, layers=layers: expand(
                    "<results>/gram/{stimuli}/{model}/{layer}.h5",
                    stimuli=study.stimuli_of(wildcards.recording),
                    model=model,
                    layer=layers,
                ),
                stimuli=lambda wildcards: f"<results>/stimuli/{study.stimuli_of(wildcards.recording)}.h5",
                recording="<results>/recordings/{recording}.h5",
                components=lambda wildcards, model=model, layers=layers: expand(
                    "<results>/components/{stimuli}/{model}/{layer}.h5",
                    stimuli=study.set_on_other_components(wildcards.recording),
                    model=model,
                    layer=layers,
                ),
            output:
                areas=areas,
                details=details,
                checksums=checksums(*areas, *details),
            log:
                f"<results>/logs/predictivity/{{recording}}/{model}.log",
            benchmark:
                f"<results>/benchmarks/predictivity/{{recording}}/{model}.tsv"
            wildcard_constraints:
                recording=one_of(recordings),
            group:
                "predictivity"
            conda:
                "../../envs/environment.yaml"
            threads: 1
            resources:
                mem_mb=memory(stage),
                runtime=runtime(stage),
            params:
                code=stage_hash(stage),
                stage=stage,
                model=model,
                layers=layers,
                splits=config["predictivity"]["splits"],
                seed=config["seed"],
            script:
                "../scripts/{params.stage}.py"  # an f-string would be read after the loop
