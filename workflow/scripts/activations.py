"""Runs one model over every stimulus set."""

from ventral.core.device import lease
from ventral.core.jobs import about, logged
from ventral.models import extract, load_model
from ventral.stimuli import digest_of_images, open_images, read_table

with logged(snakemake.log[0]), lease(snakemake.resources.device) as device:
    spec = dict(snakemake.params.spec)
    if spec["source"] == "trained":
        spec["file"] = snakemake.input.weights[0]  # a copy, if results are kept in an object store
    model = load_model(spec, snakemake.wildcards.model, device)
    options = {key: spec[key] for key in ("max_units", "seed") if key in spec} | {"device": device}
    options["precision"] = spec.get("cache", "float32")
    files = zip(snakemake.params.pooling.items(), snakemake.input.stimuli, snakemake.output, strict=True)
    for (stimuli, pooling), source, path in files:
        with about(f"Stimuli {stimuli}"), open_images(source) as images:
            options |= {"pooling": pooling, "stimulus_id": read_table(source)["stimulus_id"]}
            extract(model, images, spec["layers"], path, content=digest_of_images(source), **options)
