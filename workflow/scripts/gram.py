"""Computes the Gram matrix of each of a model's layers for each stimulus set."""

from dataclasses import replace

from ventral.core.device import lease
from ventral.core.hdf5 import open_hdf5, read_texts
from ventral.core.jobs import about, logged
from ventral.gram import ORIGIN, gram, write_gram
from ventral.projection import projected

with logged(snakemake.log[0]), lease(snakemake.resources.device):
    paths = iter(snakemake.output)  # all layers of the first stimulus set, then of the next
    for stimuli, activations in zip(snakemake.params.stimuli, snakemake.input, strict=True):
        with about(f"Stimuli {stimuli}"), open_hdf5(activations) as file:
            ids, origin = read_texts(file, "stimulus_id"), {name: file.attrs[name] for name in ORIGIN}
            for layer in snakemake.params.layers:
                with about(f"The layer {layer} of {snakemake.params.model}"):
                    names = (snakemake.params.seed, snakemake.params.model, layer)
                    X = projected(file[layer], snakemake.params.projection, *names)
                    G = gram(X, device=snakemake.resources.device)
                    write_gram(replace(G, stimulus_id=ids, origin=origin), next(paths))
