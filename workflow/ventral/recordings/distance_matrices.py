"""Matrices of distances between images in one file, square or as upper triangles, with the ids of the images."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.core.arrays import array_shapes, read_arrays, text
from ventral.core.errors import Fault
from ventral.core.formats import require_format
from ventral.recordings.array_files import numbers
from ventral.recordings.named_files import FIELDS

KEYS = ("distances", "stimulus_id", *FIELDS)
Names = dict[str, np.ndarray]
UNEQUAL = 1e-5  # of the largest distance; more is not rounding


@dataclass(frozen=True)
class Matrices:
    """The matrices of one file.

    Attributes
    ----------
    stimulus_id : array of shape (n,)
        As the file spells them.
    values : array of shape (matrices, n (n − 1) / 2)
        Upper triangles, row by row; NaN where a distance is missing.
    names : dict of arrays of shape (matrices,)
        `observer` and `area`, as far as the file has them.
    """

    stimulus_id: np.ndarray
    values: np.ndarray
    names: Names = field(default_factory=dict)


def read_matrices(path: Path) -> Matrices:
    """Read all matrices of a file.

    Raises
    ------
    Fault
        The file cannot be read, arrays are missing or do not fit each other, a matrix is not symmetric, or an image has
        a distance from itself.
    """
    return from_table(path) if is_table(path) else from_arrays(path)


def check_header(path: Path) -> int:
    """The number of matrices in a file, which is refused by its format and the names and shapes of its arrays alone.

    Raises
    ------
    Fault
        The file is of another format, or an array is missing or does not fit the others.
    """
    if is_table(path):
        require_format(path, (), "a .csv file")
        return 1
    return check_distances(path, array_shapes(path, KEYS))


def is_table(path: Path) -> bool:
    """Whether a file is a table of text, by its suffix."""
    return path.suffix.lower() == ".csv"


def check_distances(path: Path, arrays: dict[str, np.ndarray]) -> int:
    """The number of matrices; arrays are refused that are missing or do not fit each other, by names and shapes alone.

    Raises
    ------
    Fault
        An array is missing, holds no numbers where it should, or has another shape.
    """
    if lacking := [repr(key) for key in KEYS[:2] if key not in arrays]:
        raise Fault(f"{path} has no array {' and '.join(lacking)}; it needs 'distances' and 'stimulus_id'.")
    values, n = arrays["distances"], len(arrays["stimulus_id"])
    pairs = n * (n - 1) // 2
    if values.dtype.kind not in "fiubO" or (values.shape[-2:] != (n, n) and values.shape[-1:] != (pairs,)):
        raise Fault(
            f"{path}: 'distances' must be numbers of shape ({n}, {n}) or ({pairs},), for the {n} stimulus ids, or "
            f"several of these along a first axis; it is {values.dtype} {values.shape}."
        )
    square = values.shape[-2:] == (n, n)
    if values.ndim > (3 if square else 2):
        raise Fault(f"{path}: 'distances' has {values.ndim} axes; put all matrices along one first axis.")
    count = len(values) if values.ndim == (3 if square else 2) else 1
    for key in FIELDS:
        if key in arrays and arrays[key].size != count:
            raise Fault(f"{path}: {key!r} has {arrays[key].size} entries for {count} matrices of distances.")
    return count


def from_arrays(path: Path) -> Matrices:
    """The matrices of an .npz or .h5 file."""
    arrays = read_arrays(path, KEYS)
    check_distances(path, arrays)
    values, n = numbers(arrays["distances"], f"{path}: 'distances'").astype(np.float64), len(arrays["stimulus_id"])
    ids = text(arrays["stimulus_id"], f"{path}: 'stimulus_id'")
    names = {key: text(arrays[key], f"{path}: {key!r}") for key in FIELDS if key in arrays}
    if values.shape[-2:] != (n, n):
        return Matrices(ids, values.reshape(-1, n * (n - 1) // 2), names)
    squares = enumerate(values.reshape(-1, n, n), 1)
    return Matrices(ids, np.array([upper_triangle(one, f"{path}: matrix {i}") for i, one in squares]), names)


def from_table(path: Path) -> Matrices:
    """The one matrix of a square table."""
    table = read_square(path)
    rows, columns = (text(ids.to_numpy(), f"{path}: ids") for ids in (table.index, table.columns))
    if not np.array_equal(rows, columns):
        raise Fault(f"{path}: the ids of the first row are not those of the first column, in the same order.")
    return Matrices(rows, upper_triangle(table.to_numpy(), str(path))[None])


def read_square(path: Path) -> pd.DataFrame:
    """A table of numbers with ids in its first row and column; empty cells are NaN.

    Raises
    ------
    Fault
        The file cannot be read as such a table.
    """
    require_format(path, (), "a .csv file")
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig").set_index("Unnamed: 0")
        return table.replace("", "nan").astype(np.float64)
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0]
        raise Fault(
            f"{path} cannot be read as a square table of distances ({reason}). It needs the ids of the images in its "
            "first row and column, an empty first cell, and numbers."
        ) from error


def upper_triangle(matrix: np.ndarray, what: str) -> np.ndarray:
    """The upper triangle of a square matrix, row by row; a distance that only one side has is taken from there.

    Raises
    ------
    Fault
        The matrix is not symmetric, or an image has a distance from itself.
    """
    if matrix.shape[0] != matrix.shape[1]:
        raise Fault(f"{what} has {matrix.shape[0]} rows and {matrix.shape[1]} columns of distances; it must be square.")
    largest = np.nanmax(np.abs(matrix), initial=0)
    if np.nanmax(np.abs(np.diag(matrix)), initial=0) > UNEQUAL * largest:
        i = int(np.nanargmax(np.abs(np.diag(matrix))))
        raise Fault(
            f"{what} has {matrix[i, i]:.4g} on its diagonal, in row {i + 1}; an image has no distance from itself. If "
            "these are similarities, turn them into distances."
        )
    with np.errstate(invalid="ignore"):  # infinity minus infinity
        off = np.abs(matrix - matrix.T) > UNEQUAL * largest
    if off.any():
        i, j = np.argwhere(off)[0]
        raise Fault(
            f"{what} is not symmetric: rows {i + 1} and {j + 1} have the distances {matrix[i, j]:.4g} and "
            f"{matrix[j, i]:.4g}. Average both triangles, or give the upper one alone."
        )
    i, j = np.triu_indices(len(matrix), 1)
    return np.where(np.isnan(matrix[i, j]), matrix[j, i], matrix[i, j])
