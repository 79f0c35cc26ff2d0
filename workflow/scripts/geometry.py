"""Measures the geometry of the responses of a model's layers to one stimulus set."""

from ventral.geometry import measure
from ventral.gram import read_gram
from ventral.stimuli import read_contents, read_table
from ventral.store import create_hdf5, logged, of_layer, write_array, write_table

with logged(snakemake.log[0]):
    stimuli = read_table(snakemake.input.stimuli).assign(content=read_contents(snakemake.input.stimuli))
    keys = {"stimuli": snakemake.wildcards.stimuli, "model": snakemake.params.model}
    files = (snakemake.input.grams, snakemake.output.tables, snakemake.output.spectra)
    for layer, gram, path, spectrum_path in zip(snakemake.params.layers, *files, strict=True):
        with of_layer(snakemake.params.model, layer):
            table, spectrum = measure(read_gram(gram), stimuli, snakemake.params.thresholds, snakemake.params.seed)
            with create_hdf5(spectrum_path) as file:
                write_array(file, "eigenvalues", spectrum.eigenvalues)
            write_table(table.assign(**keys, layer=layer)[[*keys, "layer", *table]], path)
