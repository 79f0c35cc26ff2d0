"""Inner products of one layer's responses, which every later stage works from.

expects   <results>/activations/{stimuli}/{model}.h5      responses, images × features
produces  <results>/gram/{stimuli}/{model}/{layer}.h5     centred Gram matrix, images × images
"""


rule gram:
    input:
        "<results>/activations/{stimuli}/{model}.h5",
    output:
        "<results>/gram/{stimuli}/{model}/{layer}.h5",
    log:
        "<results>/logs/gram/{stimuli}/{model}/{layer}.log",
    benchmark:
        "<results>/benchmarks/gram/{stimuli}/{model}/{layer}.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=10,
        gpu=study.gpus,
        device=config["device"],
    params:
        code=stage_hash("gram"),
    script:
        "../scripts/gram.py"
