"""Lets the classifier of one network name the labeled images."""

from ventral.accuracy.class_names import class_names
from ventral.accuracy.head_accuracy import accuracy_table, labeled_outputs
from ventral.core.device import lease
from ventral.core.jobs import about, logged
from ventral.core.table_files import write_table
from ventral.models import load_model
from ventral.models.class_scores import class_scores
from ventral.stimuli import open_images, read_table

with logged(snakemake.log[0]), about(f"Stimuli {snakemake.params.stimuli}"):
    keys = {"stimuli": snakemake.params.stimuli, "model": snakemake.wildcards.model}
    images, names = read_table(snakemake.input.stimuli), class_names(snakemake.params.classes)
    outputs = labeled_outputs(images.label, names)
    if snakemake.params.spec["source"] == "trained":
        scores, head = None, "no classifier: networks of this study are kept without one"
    else:
        with lease(snakemake.resources.device) as device, open_images(snakemake.input.stimuli) as pictures:
            model = load_model(snakemake.params.spec, keys["model"], device)
            scores, head = class_scores(model, pictures, len(names), images.stimulus_id, device)
    table = accuracy_table(scores, outputs, len(names), head)
    write_table(table.assign(**keys)[[*keys, *table]], snakemake.output.table)
