"""Shapes of the large arrays in the workflow's files, found without reading the arrays."""

from math import ceil
from os import PathLike, stat
from typing import NamedTuple


class Shape(NamedTuple):
    """Rows (images, or units of a recording) and columns (features, or images) of the array that fills a file.

    `square` tells a Gram that keeps K.
    """

    rows: int
    columns: int
    square: bool = False
    repeats: int = 1


def shapes(path: str | PathLike) -> list[Shape]:
    """Shapes of the large arrays in an HDF5 file of the workflow: each layer of activations, a Gram, or responses.

    The size of a damaged file stands for its shape, so that the job starts and names the damage. A file that is not
    there raises a FileNotFoundError, for which Snakemake shows the resource as to be determined.
    """
    import h5py  # which Snakemake's own process need not load before a job is ready

    size = stat(path).st_size
    try:
        with h5py.File(path) as file:
            if "n_features" in file.attrs:
                return [Shape(len(file["row_sums"]), int(file.attrs["n_features"]), "centered" in file)]
            if "responses" in file:
                units, images = file["responses"].shape
                return [Shape(units, images, repeats=file["trials"].shape[2] if "trials" in file else 1)]
            if "images" in file:
                return [Shape(len(file["images"]), int(file["images"].size / len(file["images"])))]
            return [Shape(*layer.shape) for layer in file.values() if getattr(layer, "ndim", 0) == 2]
    except (OSError, KeyError, ValueError):
        n = ceil((size / 8) ** 0.5)
        return [Shape(n, n, True)]
