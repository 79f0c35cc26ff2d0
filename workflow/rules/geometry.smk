"""Geometry of the responses of a model's layers, and of those of a recording's areas.

Each model has a rule of its own, whose job measures all layers for all small stimulus sets, so that Python starts only
once. Every other set has a job of its own.

expects   <results>/gram/{stimuli}/{model}/{layer}.h5        inner products of the layer's responses
          <results>/stimuli/{stimuli}.h5                     which scene, parameter and level each image shows
          <results>/recordings/{recording}.h5                responses and trials
produces  <results>/geometry/{stimuli}/{model}/{layer}.csv   one row per metric
          <results>/geometry/{stimuli}/{model}/{layer}.h5    eigenvalues of the covariance
          <results>/geometry/{recording}.csv                 one row per area and metric
          beside each table its checksum, such as .{layer}.csv.sha256
"""

from itertools import product

for (model, layers), (ending, sets) in product(
    study.layers.items(), study.sets_of_jobs.items()
):
    tables, spectra = (
        expand(
            "<results>/geometry/{stimuli}/{model}/{layer}.{kind}",
            stimuli=sets,
            model=model,
            layer=layers,
            kind=kind,
        )
        for kind in ("csv", "h5")
    )

    rule:
        name:
            f"geometry_{model}{ending}"
        input:
            grams=expand(
                "<results>/gram/{stimuli}/{model}/{layer}.h5",
                stimuli=sets,
                model=model,
                layer=layers,
            ),
            stimuli=expand("<results>/stimuli/{stimuli}.h5", stimuli=sets),
        output:
            tables=tables,
            checksums=checksums(*tables),
            spectra=spectra,
        log:
            f"<results>/logs/geometry/{model}{ending}.log",
        benchmark:
            f"<results>/benchmarks/geometry/{model}{ending}.tsv"
        group:
            "geometry"
        conda:
            "../../envs/environment.yaml"
        threads: 1
        resources:
            mem_mb=memory("geometry"),
            runtime=runtime("geometry"),
        params:
            code=stage_hash("geometry"),
            model=model,
            layers=layers,
            stimuli=sets,
            thresholds=config["geometry"]["thresholds"],
            seed=config["seed"],
        script:
            "../scripts/geometry.py"


rule recording_geometry:
    input:
        recording="<results>/recordings/{recording}.h5",
        stimuli=lambda wildcards: expand(
            "<results>/stimuli/{stimuli}.h5",
            stimuli=study.pictures_of(wildcards.recording),
        ),
    output:
        table="<results>/geometry/{recording}.csv",
        checksums=checksums("<results>/geometry/{recording}.csv"),
    log:
        "<results>/logs/geometry/{recording}.log",
    benchmark:
        "<results>/benchmarks/geometry/{recording}.tsv"
    wildcard_constraints:
        recording=one_of(study.neural),
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory("recording_geometry"),
        runtime=runtime("recording_geometry"),
    params:
        code=stage_hash("recording_geometry"),
        thresholds=config["geometry"]["thresholds"],
        seed=config["seed"],
    script:
        "../scripts/recording_geometry.py"
