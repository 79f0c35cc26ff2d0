"""Reads the user's own distances between images: representational dissimilarity matrices of observers or areas.

An .npz or .h5 file holds

- `distances`, of shape (n, n) or (n (n − 1) / 2,), the upper triangle row by row; or several along a first axis;
- `stimulus_id`, the image of each row;
- optionally `observer` and `area`, one text or number per matrix; without them, every matrix is of another observer,
  and of one area with the name of the recording.

A .csv file is one square matrix, with the ids of the images in its first row and its first column.

Square matrices must be symmetric with zeros (or NaN) on their diagonal. NaN marks a distance that is not known, and
distances may be negative.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd

from ventral.config.entry import Key, PathText, caught
from ventral.core.arrays import array_shapes, read_arrays, text
from ventral.core.errors import Fault
from ventral.core.formats import require_format
from ventral.recordings.array_files import numbers
from ventral.recordings.distances import Distances, subset
from ventral.recordings.kinds.user_recordings import UserRecording, ids_of_set
from ventral.stimuli import read_table
from ventral.stimuli.stimulus_entry import StimulusEntry

OF_MATRICES = ("observer", "area")
KEYS = ("distances", "stimulus_id", *OF_MATRICES)
UNEQUAL = 1e-5  # of the largest distance; more is not rounding
FILE = (
    "An .npz or .h5 file with `distances` (square or upper triangle; several along a first axis; NaN where one is not "
    "known), `stimulus_id`, and optionally `observer` and `area` for each matrix. Or a square matrix as .csv, with ids "
    "in the first row and column."
)


@dataclass(frozen=True, kw_only=True)
class DistanceFile(UserRecording):
    """Your own distances between images of one of the study's stimulus sets, of one observer or several."""

    holds: ClassVar = "distances"
    suffixes: ClassVar = {"rdm": (".npz", ".h5", ".hdf5", ".csv")}
    needs: ClassVar = "`file`, an .npz, .h5 or .csv file of distances between images, and what their `measure` is"

    kind: Literal["rdm"]
    file: Annotated[PathText, Key(FILE)]
    measure: Annotated[str, Key("What the distances are, such as crossnobis or judged dissimilarity, for the report.")]

    def check(self, path: Path) -> None:
        """Raise a Fault if the file is of another format, or an array is missing or does not fit the others."""
        if is_table(path):
            require_format(path, (), "a .csv file")
        else:
            check_distances(path, array_shapes(path, KEYS))

    def shown(self) -> np.ndarray:
        """The id of each row's image."""
        path = Path(self.file)
        if is_table(path):
            return text(read_square(path).index.to_numpy(), f"{path}: the first column")
        return text(read_arrays(path, ("stimulus_id",))["stimulus_id"], f"{path}: 'stimulus_id'")

    def inspect(self, name: str, stimuli: StimulusEntry | None = None) -> Iterator[str]:
        """Faults of the ids of images or, if these are sound, of the distances."""
        faults = [*super().inspect(name, stimuli)]
        yield from faults or caught("file", lambda: self.ordered(name, self.shown(), self.shown()))

    def record(self, name: str, stimuli: str | Path) -> Distances:
        """The distances in the file, with the images in the order of their stimulus set."""
        known = read_table(stimuli).stimulus_id.to_numpy()
        return self.ordered(name, ids_of_set(name, self.shown(), stimuli), known)

    def ordered(self, name: str, ids: np.ndarray, known: np.ndarray) -> Distances:
        """The distances in the file, of images with these ids, in the order of the known ids."""
        path = Path(self.file)
        values, matrices = from_table(path) if is_table(path) else from_arrays(path)
        if len(set(ids)) < len(ids):
            raise Fault(f"{path}: an image has two rows; every row needs an image of its own.")
        order = pd.Index(ids).get_indexer(known)
        table = pd.DataFrame({"observer": [str(i + 1) for i in range(len(values))], "area": name} | matrices)
        return Distances(
            name=name,
            values=subset(values, order),
            matrices=table,
            stimulus_id=known,
            measure=self.measure,
            **self.about(),
        )


def is_table(path: Path) -> bool:
    """Whether a file is a table of text, by its suffix."""
    return path.suffix.lower() == ".csv"


def check_distances(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Refuse arrays that are missing or do not fit each other, judging by names and shapes alone.

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
    for key in OF_MATRICES:
        if key in arrays and arrays[key].size != count:
            raise Fault(f"{path}: {key!r} has {arrays[key].size} entries for {count} matrices of distances.")


def from_arrays(path: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Upper triangles, (matrices, pairs), and the columns `observer` and `area` as far as the file has them."""
    arrays = read_arrays(path, KEYS)
    check_distances(path, arrays)
    values, n = numbers(arrays["distances"], f"{path}: 'distances'").astype(np.float64), len(arrays["stimulus_id"])
    named = {key: text(arrays[key], f"{path}: {key!r}") for key in OF_MATRICES if key in arrays}
    if values.shape[-2:] != (n, n):
        return values.reshape(-1, n * (n - 1) // 2), named
    matrices = values.reshape(-1, n, n)
    return np.array([upper_triangle(matrix, f"{path}: matrix {i + 1}") for i, matrix in enumerate(matrices)]), named


def from_table(path: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The one upper triangle of a square table, (1, pairs)."""
    table = read_square(path)
    rows, columns = (text(ids.to_numpy(), f"{path}: ids") for ids in (table.index, table.columns))
    if not np.array_equal(rows, columns):
        raise Fault(f"{path}: the ids of the first row are not those of the first column, in the same order.")
    return upper_triangle(table.to_numpy(), str(path))[None], {}


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
