"""Runs one model over one stimulus set."""

from ventral.device import lease
from ventral.models import extract, load_model
from ventral.stimuli import open_images, read_table
from ventral.store import logged

with logged(snakemake.log[0]), lease(snakemake.resources.device) as device:
    spec = snakemake.params.spec
    model = load_model(spec, snakemake.wildcards.model, device)
    options = {key: spec[key] for key in ("max_units", "seed") if key in spec}
    options |= {"pooling": snakemake.params.pooling, "device": device}
    options["stimulus_id"] = read_table(snakemake.input.stimuli)["stimulus_id"]
    with open_images(snakemake.input.stimuli) as images:
        extract(model, images, spec["layers"], snakemake.output[0], **options)
