"""Stimulus sets: rendered scenes, images, clips of videos, augmented images, and the images of recordings.

expects   nothing, or the folders, recordings and other stimulus sets that the configuration names
produces  <results>/stimuli/{stimuli}.h5     images and a table with one row per image
          <results>/stimuli/{stimuli}.png    a contact sheet
"""


rule stimuli:
    input:
        lambda wildcards: expand(
            "<results>/stimuli/{stimuli}.h5",
            stimuli=study.augmented_sets(wildcards.stimuli),
        ),
    output:
        stimuli="<results>/stimuli/{stimuli}.h5",
        sheet=report(
            "<results>/stimuli/{stimuli}.png",
            category="Stimuli",
            caption="../report/stimuli.rst",
        ),
    log:
        "<results>/logs/stimuli/{stimuli}.log",
    benchmark:
        "<results>/benchmarks/stimuli/{stimuli}.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 8
    resources:
        mem_mb=memory("stimuli"),
        runtime=runtime("stimuli"),
    params:
        code=stage_hash("stimuli"),
        spec=lambda wildcards: study.stimuli_spec(wildcards.stimuli),
        files=lambda wildcards: study.stimuli_hash(wildcards.stimuli),
    script:
        "../scripts/stimuli.py"
