"""Figures, each from the summary tables.

expects   <results>/summary/*.csv
produces  <results>/figures/{figure}.svg + .png
"""

from ventral.recordings import varied

# Figures of scene parameters need a set that varies some, figures of predictivity a recording.
VARIED = any(spec.get("parameters") for spec in config["stimuli"].values()) or any(
    map(varied, config["recordings"].values())
)
FIGURES = (
    (["factorization", "invariance"] if VARIED else [])
    + (["dimensionality", "depth"] if config["recordings"] else [])
    + ["spectra"]
    + (["similarity"] if len(layer_table()) + len(config["recordings"]) > 1 else [])
)


rule figures:
    input:
        **{
            name: f"<results>/summary/{name}.csv"
            for name in ["geometry", "predictivity", "layers", "relations", "spectra", "similarity"]
        },
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
