"""Networks trained with a contrastive-equivariant objective; each then is a model of the study.

expects   <results>/stimuli/{stimuli}.h5, or images outside the study
produces  <results>/networks/{network}/network.pth          the encoder's weights
          <results>/networks/{network}/log.csv              one row per epoch
          <results>/networks/{network}/curve.svg + .png     the loss over epochs

While it trains, a network keeps its state in <results>/networks/{network}/state.pth, which is not an output, because
Snakemake deletes outputs before a job runs again, and the job resumes from this file. If results are kept in S3, a copy
of it is there too. By default, a job trains on one
core (--set-threads training=8) and may take a day (--set-resources training:runtime=4320).
"""


rule training:
    input:
        stimuli=lambda wildcards: expand(
            "<results>/stimuli/{stimuli}.h5",
            stimuli=study.training_sets(wildcards.network),
        ),
        own=lambda wildcards: on_this_machine(
            study.folders_of_training(wildcards.network)
            + study.own_files(wildcards.network)
        ),
    output:
        weights="<results>/networks/{network}/network.pth",
        epochs="<results>/networks/{network}/log.csv",
        checksums=checksums("<results>/networks/{network}/log.csv"),
    log:
        "<results>/logs/training/{network}.log",
    benchmark:
        "<results>/benchmarks/training/{network}.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory(
            "training",
            lambda wildcards: study.networks[wildcards.network]["processes"],
        ),
        runtime=runtime("training"),
        gpu=lambda wildcards: 0 if study.several_gpus(wildcards.network) else study.gpus,
        gres=lambda wildcards: study.several_gpus(wildcards.network),
        device=config["device"],
        state=lambda wildcards: RESULTS.of(f"networks/{wildcards.network}/state.pth"),
    params:
        code=stage_hash("training"),
        factory=lambda wildcards: study.code_hash(wildcards.network),
        spec=lambda wildcards: study.networks[wildcards.network],
        files=lambda wildcards: study.training_hash(wildcards.network),
    script:
        "../scripts/training.py"


rule curve:
    input:
        epochs="<results>/networks/{network}/log.csv",
        checksums=checksums("<results>/networks/{network}/log.csv"),
    output:
        svg=report(
            "<results>/networks/{network}/curve.svg",
            category="Training",
            caption="../report/curve.rst",
        ),
        png="<results>/networks/{network}/curve.png",
    log:
        "<results>/logs/training/{network}_curve.log",
    benchmark:
        "<results>/benchmarks/figures/curve/{network}.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory("tables"),
        runtime=runtime("tables"),
    params:
        code=stage_hash("curve"),
        spec=lambda wildcards: study.networks[wildcards.network],
    script:
        "../scripts/curve.py"
