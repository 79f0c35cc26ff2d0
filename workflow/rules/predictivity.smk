"""How well one layer predicts one recording, of units or of observers' choices.

expects   <results>/gram/{stimuli}/{model}/{layer}.h5            of the images that the recording belongs to
          <results>/stimuli/{stimuli}.h5                         labels of these images
          <results>/recordings/{recording}.h5                    responses and trials, or choices
produces  <results>/predictivity/{recording}/{model}/{layer}.csv      one row per area and metric
          <results>/predictivity/{recording}/{model}/{layer}.parquet  one row per unit and metric, or image and distractor
          beside each table its checksum, such as .{layer}.csv.sha256
"""


rule predictivity:
    input:
        gram=lambda wildcards: f"<results>/gram/{study.stimuli_of(wildcards.recording)}/{wildcards.model}/{wildcards.layer}.h5",
        stimuli=lambda wildcards: f"<results>/stimuli/{study.stimuli_of(wildcards.recording)}.h5",
        recording="<results>/recordings/{recording}.h5",
    output:
        areas="<results>/predictivity/{recording}/{model}/{layer}.csv",
        units="<results>/predictivity/{recording}/{model}/{layer}.parquet",
        checksums=checksums(
            "<results>/predictivity/{recording}/{model}/{layer}.csv",
            "<results>/predictivity/{recording}/{model}/{layer}.parquet",
        ),
    log:
        "<results>/logs/predictivity/{recording}/{model}/{layer}.log",
    benchmark:
        "<results>/benchmarks/predictivity/{recording}/{model}/{layer}.tsv"
    wildcard_constraints:
        recording=one_of(study.neural),
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=20,
    params:
        code=stage_hash("predictivity"),
        splits=config["predictivity"]["splits"],
        seed=config["seed"],
    script:
        "../scripts/predictivity.py"


rule behaviour:
    input:
        **rules.predictivity.input,
    output:
        areas="<results>/predictivity/{recording}/{model}/{layer}.csv",
        choices="<results>/predictivity/{recording}/{model}/{layer}.parquet",
        checksums=checksums(
            "<results>/predictivity/{recording}/{model}/{layer}.csv",
            "<results>/predictivity/{recording}/{model}/{layer}.parquet",
        ),
    log:
        "<results>/logs/predictivity/{recording}/{model}/{layer}.log",
    benchmark:
        "<results>/benchmarks/predictivity/{recording}/{model}/{layer}.tsv"
    wildcard_constraints:
        recording=one_of(study.behavioral),
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=stage_hash("behaviour"),
        splits=config["predictivity"]["splits"],
        seed=config["seed"],
    script:
        "../scripts/behaviour.py"
