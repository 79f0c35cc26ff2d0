"""The datasets that a model's responses are written to, in whole chunks, and how they are continued after a kill.

This stage writes all units of a few images and the next one reads blocks of units of all images; chunks of 64 images by
4,096 units serve both.
"""

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from ventral.core.checksums import NewFile
from ventral.core.errors import Fault
from ventral.core.unfinished import lay_out
from ventral.models.rounding import SAVED, Rounding

CHUNK_ROWS, CHUNK_UNITS = 64, 4096
BUFFERED_BYTES = 2**29


class Column:
    """One layer's dataset.

    Parameters
    ----------
    file : NewFile
    layer : str
    shape : (n, d)
    rows : int
        Images per chunk.
    precision : {"float32", "float16"}

    Attributes
    ----------
    dataset : h5py.Dataset
    varies : bool array of shape (d,)
        Units whose stored responses so far are not all equal.
    rounding : Rounding or None
        What float16 loses; None for float32.

    Raises
    ------
    Fault
        The layer has a name that no dataset can have.
    """

    def __init__(self, file: NewFile, layer: str, shape: tuple[int, int], rows: int, precision: str):
        if "/" in layer or layer == "stimulus_id":
            raise Fault(f"The layer {layer!r} needs another name, because no file or dataset can have this one.")
        self.dataset = lay_out(file, layer, shape, precision, (rows, min(CHUNK_UNITS, shape[1])))
        self._file, self._buffer = file, np.empty((rows, shape[1]), dtype=precision)
        self.begin()

    def begin(self) -> None:
        """Write from the first row on."""
        self.varies = np.zeros(self.dataset.shape[1], dtype=bool)
        self.rounding = Rounding() if self.dataset.dtype == np.float16 else None
        self._filled = self._written = self._checksum = 0
        self._first: np.ndarray | None = None

    def add(self, X: np.ndarray) -> None:
        """Append rows of responses, float32 of shape (b, d)."""
        if self.rounding:
            self.rounding.add(X)
        rows = X.astype(self.dataset.dtype, copy=False)
        self._look_at(rows)
        while len(rows):
            taken = min(len(rows), len(self._buffer) - self._filled)
            self._buffer[self._filled : self._filled + taken] = rows[:taken]
            self._filled += taken
            rows = rows[taken:]
            if self._filled == len(self._buffer):
                self.close()

    def close(self) -> None:
        """Write the buffered rows."""
        rows = self._buffer[: self._filled]
        self.dataset[self._written : self._written + self._filled] = rows
        self._file.check()
        self._checksum = zlib.crc32(rows, self._checksum)
        self._written += self._filled
        self._filled = 0

    def is_written(self) -> bool:
        """Whether all responses so far are in the file."""
        return not self._filled

    def state(self) -> dict[str, Any]:
        """What `restore` needs of the rows that are written, as plain values."""
        of_rounding = {key: getattr(self.rounding, key) for key in SAVED} if self.rounding else {}
        return {"checksum": self._checksum, **of_rounding}

    def restore(self, images: int, state: Mapping[str, Any]) -> bool:
        """Continue after the rows of the first images, and say whether the file has them as they were written."""
        for start in range(0, images, len(self._buffer)):
            rows = self.dataset[start : start + len(self._buffer)]
            self._look_at(rows)
            self._checksum = zlib.crc32(rows, self._checksum)
        self._written = images
        for key in SAVED if self.rounding else ():
            setattr(self.rounding, key, state[key])
        return self._checksum == state["checksum"]

    def _look_at(self, rows: np.ndarray) -> None:
        """Note which units vary."""
        if self._first is None:
            self._first = rows[0].copy()
        self.varies |= (self._first != rows).any(axis=0)
        if self.rounding:
            self.rounding.add_stored(rows)


def columns_of(file: NewFile, units: dict[str, int], n: int, precision: str) -> dict[str, Column]:
    """Make a dataset for the responses of each layer to n images, after checking that the disk has room for them."""
    file.reserve(n * sum(units.values()) * np.dtype(precision).itemsize)
    rows = _rows(units, n)
    return {layer: Column(file, layer, (n, units[layer]), rows, precision) for layer in units}


def restored(columns: dict[str, Column], images: int, states: Mapping[str, Mapping[str, Any]]) -> bool:
    """Continue all columns after the rows of the first images; all begin again if the file lacks some of them."""
    if all([column.restore(images, states[layer]) for layer, column in columns.items()]):
        return True
    for column in columns.values():
        column.begin()
    return False


def _rows(units: dict[str, int], n: int) -> int:
    """Images per chunk: 64, or fewer if the buffers of all layers would be too large."""
    rows = CHUNK_ROWS
    while rows > 8 and 4 * rows * sum(units.values()) > BUFFERED_BYTES:
        rows //= 2
    return min(rows, n)
