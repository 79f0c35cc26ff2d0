"""One table per question, from the tables of every layer.

expects   <results>/geometry/{stimuli}/{model}/{layer}.csv + .h5
          <results>/predictivity/{recording}/{model}/{layer}.csv + .parquet
          <results>/accuracy/{model}.csv
          <results>/geometry/{recording}.csv
          <results>/gram/{stimuli}/{model}/{layer}.h5
          <results>/recordings/{recording}.h5
          <results>/networks/{network}/log.csv
produces  <results>/summary/geometry.csv, predictivity.csv    all rows
          <results>/summary/layers.csv                        one row per layer, one column per quantity
          <results>/summary/relations.csv                     correlations across layers and models
          <results>/summary/commonality.csv, mixed.csv        shares of variance, and mixed models
          <results>/summary/complementarity.csv               what geometry adds to accuracy in other families
          <results>/summary/chance.csv                        how many relations would be found by chance
          <results>/summary/paired.csv                        layers and models compared unit by unit
          <results>/summary/spectra.csv                       eigenvalues at ranks spaced in the logarithm
          <results>/summary/similarity.csv                    every pair of layers, and of layers and areas
          <results>/summary/universality.csv                  components of layers that other networks and areas share
          <results>/summary/recordings.csv                    geometry of the areas of all recordings
          <results>/summary/equivariance.csv                  quantities of trained networks against λ
          <results>/summary/training.csv                      the logs of all trained networks
          beside each table its checksum, such as .layers.csv.sha256
"""

GEOMETRY_OF_LAYERS = study.of_layers(
    "<results>/geometry/{stimuli}/{model}/{layer}.csv", stimuli=study.measured_sets
)
PREDICTIVITY_OF_LAYERS = study.of_layers(
    "<results>/predictivity/{recording}/{model}/{layer}.csv",
    recording=study.recordings,
)
GEOMETRY_OF_AREAS = expand("<results>/geometry/{recording}.csv", recording=study.neural)
UNITS_OF_LAYERS = study.of_layers(
    "<results>/predictivity/{recording}/{model}/{layer}.parquet",
    recording=study.neural,
)
LOGS_OF_NETWORKS = expand(
    "<results>/networks/{network}/log.csv", network=study.networks
)


rule summary:
    input:
        geometry=GEOMETRY_OF_LAYERS,
        spectra=study.of_layers(
            "<results>/geometry/{stimuli}/{model}/{layer}.h5",
            stimuli=study.measured_sets,
        ),
        predictivity=PREDICTIVITY_OF_LAYERS,
        accuracy=ACCURACY_OF_MODELS,
        checksums=checksums(
            *GEOMETRY_OF_LAYERS, *PREDICTIVITY_OF_LAYERS, *ACCURACY_OF_MODELS
        ),
        recordings=expand(
            "<results>/recordings/{recording}.h5", recording=study.recordings
        ),
    output:
        geometry="<results>/summary/geometry.csv",
        predictivity="<results>/summary/predictivity.csv",
        layers="<results>/summary/layers.csv",
        relations="<results>/summary/relations.csv",
        commonality="<results>/summary/commonality.csv",
        complementarity="<results>/summary/complementarity.csv",
        mixed="<results>/summary/mixed.csv",
        chance="<results>/summary/chance.csv",
        spectra="<results>/summary/spectra.csv",
        checksums=checksums(
            *expand(
                "<results>/summary/{table}.csv",
                table=[
                    *("geometry", "predictivity", "layers", "spectra"),
                    *study.tables_of_relations,
                ],
            )
        ),
    log:
        "<results>/logs/summary/summary.log",
    benchmark:
        "<results>/benchmarks/summary/summary.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory("tables"),
        runtime=runtime("tables"),
    params:
        code=stage_hash("summary"),
        models=study.layer_table(),
        stimuli={
            recording: study.stimuli_of(recording) for recording in study.recordings
        },
        species=study.species,
        seed=config["seed"],
    script:
        "../scripts/summary.py"


rule paired:
    input:
        units=UNITS_OF_LAYERS,
        checksums=checksums(*UNITS_OF_LAYERS),
    output:
        table="<results>/summary/paired.csv",
        checksums=checksums("<results>/summary/paired.csv"),
    log:
        "<results>/logs/summary/paired.log",
    benchmark:
        "<results>/benchmarks/summary/paired.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory("tables"),
        runtime=runtime("tables"),
    params:
        code=stage_hash("paired"),
        models=study.layer_table(),
        seed=config["seed"],
    script:
        "../scripts/paired.py"


rule similarity:
    input:
        grams=study.of_layers(
            "<results>/gram/{stimuli}/{model}/{layer}.h5", stimuli=study.measured_sets
        ),
        stimuli=expand("<results>/stimuli/{stimuli}.h5", stimuli=study.measured_sets),
        recordings=expand(
            "<results>/recordings/{recording}.h5", recording=study.represented
        ),
    output:
        table="<results>/summary/similarity.csv",
        universality="<results>/summary/universality.csv",
        checksums=checksums(
            "<results>/summary/similarity.csv", "<results>/summary/universality.csv"
        ),
    log:
        "<results>/logs/summary/similarity.log",
    benchmark:
        "<results>/benchmarks/summary/similarity.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory("similarity"),
        runtime=runtime("similarity"),
    params:
        code=stage_hash("similarity"),
        families=study.families,
        stimuli={
            recording: study.stimuli_of(recording) for recording in study.represented
        },
        seed=config["seed"],
    script:
        "../scripts/similarity.py"


rule summarize_recordings:
    input:
        geometry=GEOMETRY_OF_AREAS,
        checksums=checksums(*GEOMETRY_OF_AREAS),
        recordings=expand("<results>/recordings/{recording}.h5", recording=study.neural),
    output:
        table="<results>/summary/recordings.csv",
        checksums=checksums("<results>/summary/recordings.csv"),
    log:
        "<results>/logs/summary/recordings.log",
    benchmark:
        "<results>/benchmarks/summary/recordings.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory("tables"),
        runtime=runtime("tables"),
    params:
        code=stage_hash("summarize_recordings"),
        stimuli={recording: study.stimuli_of(recording) for recording in study.neural},
    script:
        "../scripts/summarize_recordings.py"


rule lambda_sweep:
    input:
        logs=LOGS_OF_NETWORKS,
        geometry="<results>/summary/geometry.csv",
        predictivity="<results>/summary/predictivity.csv",
        layers="<results>/summary/layers.csv",
        checksums=checksums(
            *LOGS_OF_NETWORKS,
            "<results>/summary/geometry.csv",
            "<results>/summary/predictivity.csv",
            "<results>/summary/layers.csv",
        ),
    output:
        equivariance="<results>/summary/equivariance.csv",
        training="<results>/summary/training.csv",
        checksums=checksums(
            "<results>/summary/equivariance.csv", "<results>/summary/training.csv"
        ),
    log:
        "<results>/logs/summary/lambda_sweep.log",
    benchmark:
        "<results>/benchmarks/summary/lambda_sweep.tsv"
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=memory("tables"),
        runtime=runtime("tables"),
    params:
        code=stage_hash("lambda_sweep"),
        networks=study.networks,
    script:
        "../scripts/lambda_sweep.py"
