"""Multiplies one layer's responses to one stimulus set."""

from dataclasses import replace

from ventral.device import lease
from ventral.gram import gram, write_gram
from ventral.store import logged, open_hdf5

with (
    logged(snakemake.log[0]),
    lease(snakemake.resources.device) as device,
    open_hdf5(snakemake.input[0]) as file,
):
    G = gram(file[snakemake.wildcards.layer], device=device)
    write_gram(replace(G, stimulus_id=file["stimulus_id"].asstr()[:]), snakemake.output[0])
