"""Runs one model over one stimulus set."""

from ventral.device import lease
from ventral.models import extract, load_model
from ventral.stimuli import open_images, read_table
from ventral.store import logged

with logged(snakemake.log[0]), lease(snakemake.resources.device) as device:
    spec = snakemake.params.spec
    model = load_model(spec, snakemake.wildcards.model, device)
    ids = read_table(snakemake.input.stimuli).stimulus_id
    with open_images(snakemake.input.stimuli) as images:
        options = {"pooling": snakemake.params.pooling, "device": device, "stimulus_id": ids}
        extract(model, images, spec["layers"], snakemake.output[0], **options)
