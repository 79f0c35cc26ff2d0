"""Multiplies the responses of each of a model's layers to one stimulus set."""

from dataclasses import replace

from ventral.device import lease
from ventral.gram import ORIGIN, gram, write_gram
from ventral.store import logged, of_layer, open_hdf5, read_texts

with (
    logged(snakemake.log[0]),
    lease(snakemake.resources.device),
    open_hdf5(snakemake.input[0]) as file,
):
    ids, origin = read_texts(file, "stimulus_id"), {name: file.attrs[name] for name in ORIGIN}
    for layer, path in zip(snakemake.params.layers, snakemake.output, strict=True):
        with of_layer(snakemake.params.model, layer):
            G = gram(file[layer], device=snakemake.resources.device)
            write_gram(replace(G, stimulus_id=ids, origin=origin), path)
