"""Sets of images, clean and under sampled augmentations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from annotated_types import Ge

from ventral.config.entry import GRAY, Background, ImageFolder, Key, Pooling, Seed, Size, caught
from ventral.core.names import did_you_mean
from ventral.stimuli.image_lists import list_images, with_list
from ventral.stimuli.stimulus_entry import FEW_IMAGES, Images, StimulusEntry, Surroundings
from ventral.stimuli.table import open_images, read_table, spread

if TYPE_CHECKING:
    from PIL import Image

LEVELS = (
    "Augmentations per image and sort: all changes, spatial and photometric changes (shared by all images), and all "
    "changes drawn for each image alone."
)
ORDER = ["stimulus_id", "scene", "parameter", "level", "label"]


@dataclass(frozen=True, kw_only=True)
class AugmentationSet(StimulusEntry):
    """Images, clean and under sampled augmentations: three sorts with draws that all images share, and one with
    separate draws for each image.
    """

    any_of: ClassVar[tuple[str, ...]] = ("folder", "stimuli")
    transparent: ClassVar[bool] = True

    kind: Literal["augmentations"]
    folder: ImageFolder | None = None
    stimuli: Annotated[
        str | None, Key("Instead of a folder, another stimulus set of the study, or a recording that brings images.")
    ] = None
    images: Annotated[int, Ge(4), Key("Largest number of images, which are spread evenly over all of them.")] = 50
    levels: Annotated[int, Ge(5), Key(LEVELS)] = 20
    size: Size = 224
    background: Background = field(default_factory=GRAY.copy)
    seed: Seed | None = None
    pooling: Pooling = "none"

    def make(self, name: str, threads: int = 1, source: str | Path | None = None) -> Images:
        """Images, clean and augmented, with draws that all images share and with draws for each image alone."""
        from ventral.stimuli.augmentations import variants
        from ventral.stimuli.images import load_pictures
        from ventral.stimuli.workers import in_workers

        opened, sources = pictures_of(source) if source else load_pictures(self.folder, self.background)
        kept = spread(range(len(sources)), self.images)
        sources = sources[["stimulus_id", "label"]].iloc[kept].rename(columns={"stimulus_id": "scene"})
        shown = [variants(self.seed or 0, name, scene, self.levels) for scene in sources["scene"]]
        jobs = [(opened[i], part.to_dict("records"), self.size) for i, part in zip(kept, shown, strict=True)]
        origin = self.stimuli or Path(self.folder).name
        description = f"{len(kept)} images from {origin}, each clean and under 4 × {self.levels} augmentations."
        return in_workers(augmented, jobs, threads), table_of(shown, sources), description

    def problems(self, name: str, others: Surroundings) -> Iterator[str]:
        """Faults of a `folder` without images, and of a set under `stimuli` that cannot be augmented."""
        if self.folder:
            yield from caught("folder", self.files)
        if self.stimuli is None:
            return
        if self.folder:
            yield "stimuli: a set takes its images from `folder` or from `stimuli`; leave one of them out."
        source, known = self.stimuli, [*others.stimuli, *others.brought]
        entry = others.stimuli.get(source)
        if source not in known:
            yield f"stimuli: there is no stimulus set {source!r}{did_you_mean(source, known)}."
        elif source in others.training:
            yield f"stimuli: networks are trained on {source!r}, so nothing is measured on it; name another set."
        elif isinstance(entry, dict) and entry.get("kind") == self.kind:
            yield f"stimuli: {source!r} holds augmentations already; name a set of plain images."

    def files(self) -> list[Path]:
        """The images under `folder`, and the list that names them."""
        return with_list(self.folder, list_images(self.folder)) if self.folder else []

    def is_small(self) -> bool:
        """Whether images of another set are augmented to at most 1,000 images."""
        return self.folder is None and self.images * (1 + 4 * self.levels) <= FEW_IMAGES

    def varied(self) -> list[str]:
        """The sorts of augmentations whose draws all images share."""
        return ["augmentation", "spatial", "photometric"]


def table_of(shown: list[pd.DataFrame], sources: pd.DataFrame) -> pd.DataFrame:
    """The stimulus table: the variants of each source, one row per image."""
    parts = [part.assign(**source) for part, source in zip(shown, sources.to_dict("records"), strict=True)]
    table = pd.concat(parts, ignore_index=True)
    suffix = [f"_{row.parameter}{row.level:02d}" if row.parameter else "" for row in table.itertuples()]
    table.insert(0, "stimulus_id", table["scene"] + suffix)
    return table[[*ORDER, *table.columns.drop(ORDER)]]


def pictures_of(source: str | Path) -> tuple[list[Callable], pd.DataFrame]:
    """Pictures of a stimulus set, as `ventral.stimuli.images.load_pictures` gives those of a folder."""
    table = read_table(source)
    return [partial(picture_of, source, i) for i in range(len(table))], table


def picture_of(source: str | Path, index: int) -> "Image.Image":
    """One picture (PIL) of a stimulus set."""
    from PIL import Image

    with open_images(source) as images:
        return Image.fromarray(images[index])


def augmented(opened: Callable[[], "Image.Image"], rows: list[dict], size: int) -> list[np.ndarray]:
    """One picture under the augmentation of each row, as uint8 arrays of shape (size, size, 3)."""
    from ventral.stimuli.augmentations import apply

    image = np.asarray(opened())
    return [apply(image, row, size) for row in rows]
