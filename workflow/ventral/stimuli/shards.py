"""Pictures in tar shards, as the library webdataset writes them: found by their headers once, then read by index.

A sample is a run of members with one key, their path up to the first dot of the file's name. It has one picture, such
as `0001.jpg`, and perhaps a label: the text of `0001.cls`, or `label` in the object of `0001.json`. Other members of a
sample are not read. The index is three numbers, a key and a label per picture, whatever the size of the shards.

webdataset itself reads shards as a stream. Here pictures are read by their place in the file, with the standard
library, because a set has an order and a part of a set is read again.
"""

import io
import json
import os
import tarfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np

from ventral.core.errors import Fault, said
from ventral.stimuli.folders import SKIPPED, files_in
from ventral.stimuli.image_lists import IMAGES

LOOKED_AT = 2_000  # members that are read before a study starts
END = bytes(2 * tarfile.BLOCKSIZE)
LABELS = ("cls", "json")
LONGEST_LABEL = 1 << 20  # bytes


@dataclass
class Shards:
    """Where the pictures of a set of shards are.

    Attributes
    ----------
    paths : list of Path
    keys, labels : lists of str, one for each picture
    shard, offset, size : integer arrays, one for each picture
        The number of its shard, and its bytes.
    """

    paths: list[Path]
    keys: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    shard: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    offset: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    size: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self.keys)

    def content(self, index: int) -> tuple[BinaryIO, str]:
        """The bytes of a picture, and what messages call it."""
        path = self.paths[self.shard[index]]
        with open(path, "rb") as file:
            content = os.pread(file.fileno(), int(self.size[index]), int(self.offset[index]))
        return io.BytesIO(content), f"image {self.keys[index]} in {path}"


@dataclass
class Sample:
    """The members of one key that have been read."""

    key: str
    label: str = ""
    place: tuple[int, int] | None = None


def list_shards(source: str | Path) -> list[Path]:
    """Shards of a folder and its sub-folders, sorted by name, or the one shard.

    Raises
    ------
    Fault
        There is none, or one does not end as a tar file does.
    """
    source = Path(source)
    if not source.exists():
        raise Fault(f"The folder or shard {source} does not exist; correct its path in the config.")
    shards = sorted(files_in(source, (".tar",))) if source.is_dir() else [source]
    if not shards or shards[0].suffix.lower() != ".tar":
        raise Fault(f"{source} holds no shards (.tar). Compressed shards cannot be read by index; decompress them.")
    for path in shards:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - len(END)))
            if file.read() != END:
                raise Fault(_truncated(path))
    return shards


def check_beginning(source: str | Path) -> None:
    """Raise the faults of `index_shards` among the first members, so that a study of many starts soon."""
    index_shards(source, LOOKED_AT)


@lru_cache(maxsize=8)
def has_labels(source: str | Path) -> bool:
    """Whether the first picture has a label."""
    return bool(index_shards(source, 8).labels[0])


def index_shards(source: str | Path, most: float = np.inf) -> Shards:
    """Find all pictures, or those among the first members.

    Parameters
    ----------
    source : path
        A folder of shards, or one shard.
    most : int, optional
        Members after which no further sample is begun.

    Raises
    ------
    Fault
        A shard is truncated or damaged, or has a member that is neither a file nor part of a sample; a sample has no
        picture or several; a key repeats; or a label cannot be read.
    """
    shards = Shards(list_shards(source))
    places = array("q")
    first: dict[str, int] = {}
    texts: dict[str, str] = {}  # so that equal labels share memory
    read = 0
    for number, path in enumerate(shards.paths):
        for sample, members in samples_in(path):
            if sample.key in first:
                raise Fault(
                    f"The key {sample.key} of {path} was used before, in {shards.paths[first[sample.key]]}; every "
                    f"image needs a key of its own, and the members of a sample must follow each other."
                )
            if sample.place is None:
                raise Fault(f"The sample {sample.key} of {path} has no picture ({', '.join(IMAGES)}); remove it.")
            first[sample.key] = number
            shards.labels.append(texts.setdefault(sample.label, sample.label))
            places.extend((number, *sample.place))
            read += members
            if read >= most:
                break
        if read >= most:
            break
    shards.keys = list(first)
    if not places:
        raise Fault(f"The shards of {source} hold no picture ({', '.join(IMAGES)}).")
    shards.shard, shards.offset, shards.size = np.array(places).reshape(-1, 3).T
    return shards


def samples_in(path: Path) -> Iterator[tuple[Sample, int]]:
    """The samples of a shard, and how many members each has."""
    sample, members = None, 0
    with open(path, "rb") as file:
        for member in members_in(path):
            key, suffix = split(member.name, path)
            if sample is None or key != sample.key:
                if sample:
                    yield sample, members
                sample, members = Sample(key), 0
            members += 1
            place = member.offset_data, member.size
            if f".{suffix}" in IMAGES:
                if sample.place:
                    raise Fault(f"The sample {key} of {path} has several pictures; pack each under its own key.")
                sample.place = place
            elif suffix in LABELS:
                label = label_in(file, place, suffix, f"{member.name} in {path}")
                if label and sample.label not in ("", label):
                    raise Fault(f"The sample {key} of {path} has two labels, {sample.label!r} and {label!r}.")
                sample.label = label or sample.label
    if sample:
        yield sample, members


def members_in(path: Path) -> Iterator[tarfile.TarInfo]:
    """The files in a shard, without those that operating systems add; only one header is kept in memory."""
    try:
        with tarfile.open(path, "r:") as archive:
            while (member := archive.next()) is not None:
                archive.members.clear()
                parts = PurePosixPath(member.name).parts
                if member.isdir() or any(part.startswith("._") or part in SKIPPED for part in parts):
                    continue
                if not member.isreg() or member.issparse():
                    raise Fault(f"{member.name} in {path} is not a plain file (a link, perhaps); pack the file itself.")
                yield member
            archive.fileobj.seek(archive.offset)
            if any(iter(lambda: archive.fileobj.read(1 << 20).strip(b"\0"), b"")):
                raise Fault(_truncated(path))
    except (tarfile.TarError, OSError) as error:
        raise Fault(f"{_truncated(path)} ({said(error)})") from error


def split(name: str, path: Path) -> tuple[str, str]:
    """The key of a member, and its suffix in lower case without the dot."""
    folder, slash, file = name.removeprefix("./").rpartition("/")
    stem, dot, suffix = file.partition(".")
    if not (stem and dot):
        raise Fault(f"{name} in {path} has no suffix, so it belongs to no sample; remove it from the shard.")
    return f"{folder}{slash}{stem}", suffix.lower()


def label_in(file: BinaryIO, place: tuple[int, int], suffix: str, name: str) -> str:
    """The label in a member that ends with .cls or .json; empty if the latter has none."""
    offset, size = place
    try:
        text = os.pread(file.fileno(), min(size, LONGEST_LABEL), offset).decode().strip()
        label = text if suffix == "cls" else json.loads(text).get("label", "")
    except (ValueError, AttributeError) as error:
        raise Fault(f"{name} cannot be read as a label ({said(error)}); write it again.") from error
    if not isinstance(label, (str, int)) or isinstance(label, bool):
        raise Fault(f"{name} has a label of type {type(label).__name__}; write a text or a whole number.")
    return str(label)


def _truncated(path: Path) -> str:
    return f"The shard {path} is truncated, damaged, or joined from several; copy or pack it again."
