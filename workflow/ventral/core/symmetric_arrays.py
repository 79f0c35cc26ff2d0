"""Symmetric matrices in HDF5 files, which hold them once.

Chunks above the diagonal are not written, and HDF5 allocates no space for them.
"""

from math import ceil

import h5py
import numpy as np

from ventral.core.checksums import NewFile

SIDE = 256  # largest number of rows and columns of a chunk


def write_symmetric(file: NewFile, name: str, matrix: np.ndarray) -> None:
    """Store the chunks of a symmetric matrix that are on and below its diagonal, with checksums."""
    n = len(matrix)
    parts = ceil(n / SIDE)
    side = ceil(n / parts)
    file.reserve(parts * (parts + 1) // 2 * side**2 * matrix.itemsize)
    data = file.create_dataset(name, matrix.shape, matrix.dtype, chunks=(side, side), fletcher32=True)
    data.attrs["symmetric"] = True
    for start in range(0, n, side):
        stop = min(start + side, n)
        data[start:stop, :stop] = matrix[start:stop, :stop]


def read_symmetric(data: h5py.Dataset) -> np.ndarray:
    """Read a matrix that `write_symmetric` stored, or one that is stored whole, as in files of earlier versions."""
    matrix = data[:]
    if "symmetric" in data.attrs:
        side = data.chunks[0]
        for start in range(side, len(matrix), side):
            rows = slice(start, start + side)
            matrix[:start, rows] = matrix[rows, :start].T
    return matrix
