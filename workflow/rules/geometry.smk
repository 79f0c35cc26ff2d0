"""Geometry of one layer's responses.

expects   <results>/gram/{stimuli}/{model}/{layer}.h5        inner products of the layer's responses
          <results>/stimuli/{stimuli}.h5                     which scene, parameter and level each image shows
produces  <results>/geometry/{stimuli}/{model}/{layer}.csv   one row per metric
          <results>/geometry/{stimuli}/{model}/{layer}.h5    eigenvalues of the covariance
"""


rule geometry:
    input:
        gram="<results>/gram/{stimuli}/{model}/{layer}.h5",
        stimuli="<results>/stimuli/{stimuli}.h5",
    output:
        table="<results>/geometry/{stimuli}/{model}/{layer}.csv",
        spectrum="<results>/geometry/{stimuli}/{model}/{layer}.h5",
    log:
        "<results>/logs/geometry/{stimuli}/{model}/{layer}.log",
    benchmark:
        "<results>/benchmarks/geometry/{stimuli}/{model}/{layer}.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=10,
    params:
        code=stage_hash("geometry"),
        thresholds=config["geometry"]["thresholds"],
        seed=config["seed"],
    script:
        "../scripts/geometry.py"
