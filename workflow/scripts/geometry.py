"""Measures the geometry of the responses of a model's layers to each stimulus set."""

from ventral.core.hdf5 import create_hdf5, write_array
from ventral.core.jobs import about, logged
from ventral.core.table_files import write_table
from ventral.geometry import measure
from ventral.geometry.straightening import pixel_curvature
from ventral.gram import read_gram
from ventral.stimuli import read_contents, read_table

with logged(snakemake.log[0]):
    files = zip(snakemake.input.grams, snakemake.output.tables, snakemake.output.spectra, strict=True)
    for stimuli, source in zip(snakemake.params.stimuli, snakemake.input.stimuli, strict=True):
        with about(f"Stimuli {stimuli}"):
            shown = {"content": read_contents(source), "pixel_curvature": pixel_curvature(source)}
            images = read_table(source).assign(**shown)
            keys = {"stimuli": stimuli, "model": snakemake.params.model}
            for layer in snakemake.params.layers:
                with about(f"The layer {layer} of {snakemake.params.model}"):
                    gram, path, spectrum_path = next(files)
                    G = read_gram(gram)
                    table, spectrum = measure(G, images, snakemake.params.thresholds, snakemake.params.seed)
                    with create_hdf5(spectrum_path) as file:
                        write_array(file, "eigenvalues", spectrum.eigenvalues)
                        file.attrs["n_features"] = G.n_features
                    write_table(table.assign(**keys, layer=layer)[[*keys, "layer", *table]], path)
