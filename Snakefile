"""Which geometry makes a network's representation brain-like?

One chain, keyed by stimulus set, model and layer; the Gram matrix is its waist:

    <results>/stimuli/{stimuli}.h5 + .png           <results>/recordings/{recording}.h5
    <results>/networks/{network}/network.pth + log.csv + curve.svg + .png
    <results>/activations/{stimuli}/{model}.h5
    <results>/gram/{stimuli}/{model}/{layer}.h5                    <results>/components/{stimuli}/{model}/{layer}.h5
    <results>/geometry/{stimuli}/{model}/{layer}.csv + .h5         <results>/geometry/{recording}.csv
    <results>/predictivity/{recording}/{model}/{layer}.csv         <results>/accuracy/{model}.csv
    <results>/summary/*.csv + study.json + provenance.json   <results>/figures/*.svg + .png   <results>/report.html
    beside each table its checksum, .{table}.sha256
    <results>/logs/{stage}/…  <results>/benchmarks/{stage}/…

A study is one file: config.yaml, or another one named by --configfile.
"""

from snakemake.utils import min_version

from ventral.training.networks import without_baseline
from ventral.core.errors import Fault
from ventral.config.study_file import read_study

min_version("9.27")


if not workflow.overwrite_configfiles:
    try:
        read_study("config.yaml")
    except Fault as fault:
        raise SystemExit(str(fault))

    configfile: "config.yaml"


include: "workflow/rules/common.smk"


pathvars:
    results=config["results"],


include: "workflow/rules/stimuli.smk"
include: "workflow/rules/recordings.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/activations.smk"
include: "workflow/rules/gram.smk"
include: "workflow/rules/components.smk"
include: "workflow/rules/geometry.smk"
include: "workflow/rules/predictivity.smk"
include: "workflow/rules/accuracy.smk"
include: "workflow/rules/summary.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        "<results>/report.html",
        expand("<results>/networks/{network}/curve.svg", network=study.networks),


localrules:
    all,
    curve,


onstart:
    if begin_run(MARK_OF_THIS_RUN, workflow.non_local_exec):
        remove_partial(RESULTS.folder)
    write_record(study, RESULTS.folder)
    for entry in without_baseline(config):
        print(
            f"networks.{entry} has no λ = 0, so no differences from it are given."
        )


onsuccess:
    store_record(RESULTS)
    print(closing_line(study))


onerror:
    store_record(RESULTS)
