"""Projects the responses of each of a model's layers on the layer's principal components of other images."""

from ventral.core.device import lease
from ventral.core.hdf5 import open_hdf5, read_texts
from ventral.core.jobs import about, logged
from ventral.other_images import Coordinates, coordinates, write_coordinates

with logged(snakemake.log[0]), lease(snakemake.resources.device):
    params = snakemake.params
    with open_hdf5(snakemake.input.images) as images, open_hdf5(snakemake.input.others) as others:
        ids = read_texts(images, "stimulus_id")
        for layer, path in zip(params.layers, snakemake.output, strict=True):
            with about(f"The layer {layer} of {params.model}"):
                names = (params.seed, params.model, layer)
                device = snakemake.resources.device
                found = coordinates(images[layer], others[layer], device, params.projection, names)
                write_coordinates(Coordinates(found, ids, params.others), path)
