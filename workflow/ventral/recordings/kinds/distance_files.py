"""Reads the user's own distances between images: representational dissimilarity matrices of observers or areas.

An .npz or .h5 file holds

- `distances`, of shape (n, n) or (n (n − 1) / 2,), the upper triangle row by row; or several along a first axis;
- `stimulus_id`, the image of each row;
- optionally `observer` and `area`, one text or number per matrix.

A .csv file is one square matrix, with the ids of the images in its first row and its first column.

Square matrices must be symmetric with zeros (or NaN) on their diagonal. NaN marks a distance that is not known, and
distances may be negative.

Several files are a list, or a pattern such as `rdms/{area}/{observer}.csv`. All of them need the same images, in any
order. Without names in a file or a pattern, the area has the name of the recording, and matrices are of different
observers: those of a file are numbered, and files of one area give theirs the name of the file.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd

from ventral.config.entry import Key, caught
from ventral.core.errors import Fault
from ventral.recordings.distance_matrices import Matrices, Names, check_header, read_matrices
from ventral.recordings.distances import Distances, subset
from ventral.recordings.ids import SAME_SET, canonical, matched
from ventral.recordings.kinds.user_recordings import OptionalStimuli, UserRecording
from ventral.recordings.named_files import FIELDS, NamedFile, named_files
from ventral.stimuli import advice_on_ids, read_table
from ventral.stimuli.stimulus_entry import StimulusEntry

SMALL = 2**22  # bytes of all files together; they are read before any job
FILE = (
    "An .npz or .h5 file with `distances` (square or upper triangle; several along a first axis; NaN where one is not "
    "known), `stimulus_id`, and optionally `observer` and `area` for each matrix. Or a square matrix as .csv, with ids "
    "in the first row and column. Several files are a list or a pattern, in which `*` is any text, and `{observer}` "
    "and `{area}` are names."
)
SQUARED = (
    "Whether the distances are squared Euclidean distances between responses, as crossnobis distances are. Areas are "
    "then also compared by CKA."
)


@dataclass(frozen=True, kw_only=True)
class DistanceFile(UserRecording):
    """Your own distances between images of one of the study's stimulus sets, of one observer or several."""

    holds: ClassVar = "distances"
    suffixes: ClassVar = {"rdm": (".npz", ".h5", ".hdf5", ".csv")}
    needs: ClassVar = "`file`, .npz, .h5 or .csv files of distances between images, and what their `measure` is"

    kind: Literal["rdm"]
    file: Annotated[
        str | list[str],
        Key(
            FILE,
            type=["string", "array"],
            format="path",
            items={"type": "string", "format": "path"},
            minItems=1,
            uniqueItems=True,
        ),
    ]
    stimuli: OptionalStimuli = None
    measure: Annotated[str, Key("What the distances are, such as crossnobis or judged dissimilarity, for the report.")]
    squared_euclidean: Annotated[bool, Key(SQUARED)] = False

    def problems(self) -> list[str]:
        """Faults of patterns, and of files whose distances are not read."""
        faults = [*caught("file", self.named)]
        return faults or [fault for path in self.files() for fault in caught("file", self.check_file, path)]

    def content_problems(self, name: str) -> list[str]:
        """Faults of distances, if the files are small together."""
        small = sum(path.stat().st_size for path in self.files()) <= SMALL
        return [*caught("file", self.joined, name)] if small else []

    def inspect(self, name: str, stimuli: StimulusEntry | None = None) -> Iterator[str]:
        """Faults of the ids of images or, if these are sound, of the distances."""
        known = stimuli.known_ids() if stimuli else None
        yield from caught("file", self.joined, name, known, f"its stimulus set {self.stimuli}")

    def record(self, name: str, stimuli: str | Path | None) -> Distances:
        """The distances in the files, with the images in the order of their stimulus set."""
        if stimuli is None:
            return self.joined(name)
        known = read_table(stimuli).stimulus_id.to_numpy()
        return self.joined(name, known, f"its stimulus set {stimuli}", advice_on_ids(stimuli))

    def check(self, path: Path) -> None:
        """Raise a Fault if the file is of another format, or an array is missing or does not fit the others."""
        check_header(path)

    def shown(self) -> np.ndarray:
        """The ids of the images of the first file."""
        return read_matrices(self.files()[0]).stimulus_id

    def named(self) -> list[NamedFile]:
        """The files, with the names that patterns read in theirs."""
        return named_files(self.file)

    def files(self) -> list[Path]:
        """The files."""
        return [file.path for file in self.named()]

    def joined(self, name: str, known: np.ndarray | None = None, where: str = "", advice: str = SAME_SET) -> Distances:
        """The distances in all files, with their images in the order of these ids or, without them, of the first file.

        Raises
        ------
        Fault
            A file cannot be read, its images are others, or its distances are faulty.
        """
        files = self.named()
        counts = [check_header(file.path) for file in files]
        if known is None:
            known = np.array([*dict.fromkeys(map(canonical, self.shown()))], dtype=object)
            where, advice = f"the file {files[0].path}", "All files of a recording need the same images."
        values, names = np.empty((sum(counts), len(known) * (len(known) - 1) // 2)), []
        for file, part in zip(files, np.split(values, np.cumsum(counts)[:-1]), strict=True):
            one = read_matrices(file.path)  # one file at a time, because all of them can be large
            part[:] = in_order(file.path, one, known, where, advice)
            names.append(one.names)
        return Distances(
            name=name,
            values=values,
            matrices=table_of_names(files, counts, names, name),
            stimulus_id=known,
            measure=self.measure,
            squared_euclidean=self.squared_euclidean,
            **self.about(),
        )


def in_order(path: Path, matrices: Matrices, known: np.ndarray, where: str, advice: str) -> np.ndarray:
    """The upper triangles of a file with its images in the order of the known ids, which must be the same images."""
    ids = known[matched(matrices.stimulus_id, known, f"the file {path}", where, advice)]
    if len(set(ids)) < len(ids):
        raise Fault(f"{path}: an image has two rows; every row needs an image of its own.")
    return subset(matrices.values, pd.Index(ids).get_indexer(known))


def table_of_names(files: list[NamedFile], counts: list[int], own: list[Names], area: str) -> pd.DataFrame:
    """The columns `observer` and `area`, one row per matrix of all files: from patterns, from files, or by default.

    Raises
    ------
    Fault
        The pattern names what the file holds too.
    """
    alone = Counter(file.names.get("area") for file in files)
    tables = []
    for file, count, names in zip(files, counts, own, strict=True):
        if twice := [key for key in FIELDS if key in file.names and key in names]:
            raise Fault(f"{file.path} has an array {twice[0]!r}, and its pattern names {twice[0]} too; leave one out.")
        numbers = [str(i + 1) for i in range(count)]
        if alone[file.names.get("area")] > 1:
            stem = file.path.stem
            numbers = [stem] if len(numbers) == 1 else [f"{stem} {number}" for number in numbers]
        tables.append(pd.DataFrame({"observer": numbers, "area": area} | names | file.names, index=range(count)))
    return pd.concat(tables, ignore_index=True)
