"""Figures, each from the summary tables.

expects   <results>/summary/*.csv
produces  <results>/figures/{figure}.svg + .png
"""

# What figures are drawn from, by name.
TABLES = {
    name: f"<results>/summary/{name}.csv"
    for name in [
        "geometry",
        "predictivity",
        "layers",
        "relations",
        "spectra",
        "similarity",
        *(["equivariance", "training"] if NETWORKS else []),
    ]
}

# Figures of scene parameters need a set that varies some, those of sample size and of classes independent images, and
# figures of predictivity a recording, and figures of a sweep over λ trained networks.
VARIED = [parameters_of(stimuli) for stimuli in stimulus_sets()]
FIGURES = (
    (["factorization", "corrected"] if any(VARIED) else [])
    + (["pairs"] if any(len(parameters) > 1 for parameters in VARIED) else [])
    + (["invariance"] if any(VARIED) else [])
    + (["dimensionality", "depth"] if config["recordings"] else [])
    + ["spectra"]
    + (["samples"] if any(map(independent, stimulus_sets())) else [])
    + (["classes"] if any(map(labelled, stimulus_sets())) else [])
    + (["equivariance", "curve"] if NETWORKS else [])
    + (["similarity"] if len(layer_table()) + len(NEURAL) > 1 else [])
)


rule figures:
    input:
        **TABLES,
        checksums=checksums(*TABLES.values()),
    output:
        svg=report(
            "<results>/figures/{figure}.svg",
            category="Figures",
            caption="../report/figures.rst",
        ),
        png="<results>/figures/{figure}.png",
    log:
        "<results>/logs/figures/{figure}.log",
    benchmark:
        "<results>/benchmarks/figures/{figure}.tsv"
    wildcard_constraints:
        figure="|".join(FIGURES),
    conda:
        "../../envs/environment.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        code=stage_hash("figures"),
    script:
        "../scripts/figures.py"
