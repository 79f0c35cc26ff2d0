"""Geometry of one layer's responses, and of those of a recording's areas.

expects   <results>/gram/{stimuli}/{model}/{layer}.h5        inner products of the layer's responses
          <results>/stimuli/{stimuli}.h5                     which scene, parameter and level each image shows
          <results>/recordings/{recording}.h5                responses and trials
produces  <results>/geometry/{stimuli}/{model}/{layer}.csv   one row per metric
          <results>/geometry/{stimuli}/{model}/{layer}.h5    eigenvalues of the covariance
          <results>/geometry/{recording}.csv                 one row per area and metric
          beside each table its checksum, such as .{layer}.csv.sha256
"""


rule geometry:
    input:
        gram="<results>/gram/{stimuli}/{model}/{layer}.h5",
        stimuli="<results>/stimuli/{stimuli}.h5",
    output:
        table="<results>/geometry/{stimuli}/{model}/{layer}.csv",
        checksums=checksums("<results>/geometry/{stimuli}/{model}/{layer}.csv"),
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


rule recording_geometry:
    input:
        recording="<results>/recordings/{recording}.h5",
        stimuli=lambda wildcards: f"<results>/stimuli/{study.stimuli_of(wildcards.recording)}.h5",
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
        mem_mb=4000,
        runtime=30,
    params:
        code=stage_hash("recording_geometry"),
        thresholds=config["geometry"]["thresholds"],
        seed=config["seed"],
    script:
        "../scripts/recording_geometry.py"
