"""Measures the geometry of one layer's responses to one stimulus set."""

from ventral.geometry import measure
from ventral.gram import read_gram
from ventral.stimuli import read_contents, read_table
from ventral.store import create_hdf5, logged, write_array, write_table

with logged(snakemake.log[0]):
    G = read_gram(snakemake.input.gram)
    stimuli = read_table(snakemake.input.stimuli).assign(content=read_contents(snakemake.input.stimuli))
    table, spectrum = measure(G, stimuli, snakemake.params.thresholds, snakemake.params.seed)
    with create_hdf5(snakemake.output.spectrum) as file:
        write_array(file, "eigenvalues", spectrum.eigenvalues)
    keys = {key: snakemake.wildcards[key] for key in ("stimuli", "model", "layer")}
    write_table(table.assign(**keys)[[*keys, *table]], snakemake.output.table)
