"""Sets of the user's own images in tar shards."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from ventral.config.entry import GRAY, Background, Grayscale, Key, PathText, Pooling, Size, caught
from ventral.core.errors import Fault
from ventral.stimuli.picture_faults import faults_of
from ventral.stimuli.shards import check_beginning, has_labels, index_shards, list_shards
from ventral.stimuli.stimulus_entry import Images, StimulusEntry, Surroundings


@dataclass(frozen=True, kw_only=True)
class ShardSet(StimulusEntry):
    """Your own images in tar files (webdataset)."""

    transparent: ClassVar[bool] = True

    kind: Literal["shards"]
    folder: Annotated[PathText, Key("A folder of .tar files, or one of them. Labels are in .cls or .json members.")]
    size: Size = 224
    background: Background = field(default_factory=GRAY.copy)
    grayscale: Grayscale = False
    pooling: Pooling = "none"

    def make(self, name: str, threads: int = 1, source: str | Path | None = None) -> Images:
        """Images of the shards, each read when it is needed."""
        from ventral.stimuli.images import squared, table_of
        from ventral.stimuli.rgb import read_picture

        shards = index_shards(self.folder)
        pictures = (squared(read_picture(*shards.content(i), self.background), self.size) for i in range(len(shards)))
        origin = f"{len(shards.paths)} shard{'s' if len(shards.paths) > 1 else ''} of {Path(self.folder).name}"
        description = f"{len(shards)} images from {origin}, {self.size} pixels square."
        return pictures, table_of(Path(self.folder), shards.keys, shards.labels), description

    def problems(self, name: str, others: Surroundings) -> Iterator[str]:
        """Faults of the shards, as far as their ends and their first members show."""
        yield from caught("folder", check_beginning, self.folder)

    def inspect(self) -> Iterator[str]:
        """Faults of all members, and of pictures as far as their headers show."""
        from ventral.stimuli.rgb import check_content

        try:
            shards = index_shards(self.folder)
        except Fault as fault:
            yield f"folder: {fault}"
            return
        faults = faults_of(range(len(shards)), lambda index: check_content(*shards.content(index)))
        yield from (f"folder: {fault}" for fault in faults)

    def files(self) -> list[Path]:
        """The shards."""
        return list_shards(self.folder)

    def labeled(self) -> bool:
        """Whether the first image has a label."""
        try:
            return has_labels(self.folder)
        except Fault:  # which is a fault of `folder`
            return True
