"""Multiplies one layer's responses to one stimulus set."""

from dataclasses import replace

from ventral.device import lease
from ventral.gram import ORIGIN, gram, write_gram
from ventral.store import logged, open_hdf5, read_texts

with (
    logged(snakemake.log[0]),
    lease(snakemake.resources.device),
    open_hdf5(snakemake.input[0]) as file,
):
    G = gram(file[snakemake.wildcards.layer], device=snakemake.resources.device)
    origin = {name: file.attrs[name] for name in ORIGIN}
    write_gram(replace(G, stimulus_id=read_texts(file, "stimulus_id"), origin=origin), snakemake.output[0])
