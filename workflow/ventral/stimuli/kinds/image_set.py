"""Sets of the user's own images."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from ventral.config.entry import GRAY, Background, Grayscale, ImageFolder, Pooling, Size, caught
from ventral.stimuli.image_lists import ARRAYS, known_labels, list_images, with_list
from ventral.stimuli.stimulus_entry import Images, StimulusEntry, Surroundings


@dataclass(frozen=True, kw_only=True)
class ImageSet(StimulusEntry):
    """Your own images."""

    transparent: ClassVar[bool] = True

    kind: Literal["images"]
    folder: ImageFolder
    size: Size = 224
    background: Background = field(default_factory=GRAY.copy)
    grayscale: Grayscale = False
    pooling: Pooling = "none"

    def make(self, name: str, threads: int = 1, source: str | Path | None = None) -> Images:
        """Images from a folder, a list or an array."""
        from ventral.stimuli.images import load_images

        pictures, table = load_images(vars(self))
        return pictures, table, f"{len(table)} images from {Path(self.folder).name}, {self.size} pixels square."

    def problems(self, name: str, others: Surroundings) -> Iterator[str]:
        """Faults of a `folder` without images."""
        yield from caught("folder", self.files)

    def files(self) -> list[Path]:
        """The images, and the list that names them."""
        return with_list(self.folder, list_images(self.folder))

    def labeled(self) -> bool:
        """Whether a folder has class folders, or a list has labels; arrays may have some."""
        return self.known_labels() != set()

    def known_ids(self) -> np.ndarray | None:
        """The paths of the images of a folder or a list, as far as it can be read."""
        from ventral.stimuli.images import load_pictures

        if Path(self.folder).suffix.lower() in ARRAYS:
            return None
        return load_pictures(self.folder)[1].stimulus_id.to_numpy()

    def known_labels(self) -> set[str] | None:
        """The labels of a folder or a list."""
        return known_labels(self.folder)
