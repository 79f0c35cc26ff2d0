"""Rows of a large table that pandas wrote to HDF5 (`DataFrame.to_hdf`), read one by one without unpickling.

pandas stores columns of one type as a block: an array `block0_values` of shape (rows, columns) and their names
`block0_items`. Names of mixed types are pickled; they are not read, and the columns then keep their order.
"""

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from ventral.core.errors import Fault


class Frame:
    """A table of numbers with one column per trial and, perhaps, a column that numbers the rows.

    Parameters
    ----------
    path : path
        Of the file, for messages.
    file : File
        The open file, which holds one table.
    row_ids : integer array of shape (rows,)
        What the column that numbers the rows must hold.
    trials : int
        The number of trials.

    Raises
    ------
    Fault
        The file holds no such table, or the table has other rows or another number of trials.
    """

    def __init__(self, path: Path, file: h5py.File, row_ids: np.ndarray, trials: int) -> None:
        group = _table_of(path, file)
        blocks = [group[f"block{i}_values"] for i in range(int(group.attrs["nblocks"]))]
        self.values = max(blocks, key=lambda block: block.shape[1])
        rows, width = self.values.shape
        if rows != len(row_ids) or width not in (trials, trials + 1):
            raise Fault(
                f"{path} holds {rows} voxels and {width} columns for {len(row_ids)} voxels and {trials} trials of the "
                "tables beside it. Use files of one release."
            )
        numbers = [block[:, 0] for block in blocks if block is not self.values and block.shape[1] == 1]
        numbers += [self.values[:, 0]] if width > trials else []
        if any(not np.array_equal(one, row_ids) for one in numbers):
            raise Fault(f"{path}: its column voxel_id is not that of the table of voxels. Use files of one release.")
        named = group[self.values.name.rpartition("/")[2].replace("values", "items")]
        readable = named.dtype.kind in "Siu"
        self.columns = _order_of_trials(path, named, trials) if readable else slice(width - trials, None)

    def rows(self, wanted: np.ndarray) -> Iterator[np.ndarray]:
        """The trials of each wanted row, arrays of shape (trials,)."""
        return (self.values[row][self.columns] for row in wanted)


def _table_of(path: Path, file: h5py.File) -> h5py.Group:
    """The only table of a file."""
    groups = [one for one in file.values() if isinstance(one, h5py.Group) and "pandas_type" in one.attrs]
    if len(groups) != 1 or groups[0].attrs["pandas_type"] != b"frame":
        raise Fault(
            f"{path} must hold one table as DataFrame.to_hdf writes it with format='fixed'. Use the publisher's file, "
            "or read it with pandas.read_hdf and write it again."
        )
    return groups[0]


def _order_of_trials(path: Path, named: h5py.Dataset, trials: int) -> np.ndarray:
    """Where each trial is among the columns, which their numbers name."""
    names = [one.decode() if isinstance(one, bytes) else str(one) for one in named[:].tolist()]
    places = {name: place for place, name in enumerate(names)}
    try:
        return np.array([places[str(trial)] for trial in range(trials)])
    except KeyError as error:
        raise Fault(f"{path} has no column for the trial {error}. Use the publisher's file.") from error
