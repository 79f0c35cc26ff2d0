"""Neural recordings in one format.

expects   <results>/stimuli/{stimuli}.h5, if there are pictures, and the file of a recording of your own
produces  <results>/recordings/{recording}.h5    responses, trials, units, and the images they belong to
"""


rule recordings:
    input:
        stimuli=lambda wildcards: expand(
            "<results>/stimuli/{stimuli}.h5",
            stimuli=study.pictures_of(wildcards.recording),
        ),
        file=lambda wildcards: on_this_machine(
            study.files_of_recording(wildcards.recording)
        ),
    output:
        "<results>/recordings/{recording}.h5",
    log:
        "<results>/logs/recordings/{recording}.log",
    benchmark:
        "<results>/benchmarks/recordings/{recording}.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory("recordings", made=study.recording_spec),
        runtime=runtime("recordings"),
    params:
        code=stage_hash("recordings"),
        spec=lambda wildcards: study.recording_spec(wildcards.recording),
        files=lambda wildcards: study.recording_hash(wildcards.recording),
    script:
        "../scripts/recordings.py"
