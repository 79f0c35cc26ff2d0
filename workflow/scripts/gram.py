"""Computes the Gram matrix of each of a model's layers for each stimulus set."""

from dataclasses import replace
from functools import partial

from ventral.core.block_products import block_width, layers_at_once
from ventral.core.device import lease
from ventral.core.hdf5 import open_hdf5, read_texts
from ventral.core.jobs import about, logged
from ventral.core.streams import on_streams
from ventral.gram import ORIGIN, gram, write_gram
from ventral.projection import projected


def make_gram(file, layer, path, at_once, **of_set):
    """Compute and write the Gram of one layer, with what all layers of the set share."""
    with about(f"The layer {layer} of {snakemake.params.model}"):
        names = (snakemake.params.seed, snakemake.params.model, layer)
        X = projected(file[layer], snakemake.params.projection, *names)
        G = gram(X, block_width(X, at_once), device=snakemake.resources.device)
        write_gram(replace(G, **of_set), path)


with logged(snakemake.log[0]), lease(snakemake.resources.device) as device:
    paths = iter(snakemake.output)  # all layers of the first stimulus set, then of the next
    for stimuli, activations in zip(snakemake.params.stimuli, snakemake.input, strict=True):
        with about(f"Stimuli {stimuli}"), open_hdf5(activations) as file:
            ids, origin = read_texts(file, "stimulus_id"), {name: file.attrs[name] for name in ORIGIN}
            at_once = 1 if device == "cpu" else layers_at_once(len(ids))
            of_layer = partial(make_gram, file, at_once=at_once, stimulus_id=ids, origin=origin)
            jobs = [partial(of_layer, layer, next(paths)) for layer in snakemake.params.layers]
            on_streams(jobs, snakemake.resources.device, at_once)
