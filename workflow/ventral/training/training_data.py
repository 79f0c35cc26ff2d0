"""The images that a network is trained on, as an entry of the configuration."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from ventral.config.entry import Entry, ImageFolder, Key, PathText, caught
from ventral.core.errors import Fault
from ventral.core.names import did_you_mean
from ventral.stimuli.folders import files_in, refuse_splits
from ventral.stimuli.image_lists import IMAGES, known_labels, list_images, with_list
from ventral.stimuli.kinds import stimulus_entry
from ventral.stimuli.torchvision_sets import SPLITS, folder_of, split_of


@dataclass(frozen=True, kw_only=True)
class TrainingData(Entry):
    """Images to train on."""

    any_of: ClassVar[tuple[str, ...]] = ("stimuli", "folder", "torchvision")

    stimuli: Annotated[str | None, Key("A stimulus set of the study. It is shown to no model.")] = None
    folder: ImageFolder | None = None
    torchvision: Annotated[
        Literal["CIFAR10", "CIFAR100", "STL10", "ImageFolder"] | None, Key("A data set in the folder `root`.")
    ] = None
    root: Annotated[PathText | None, Key("Folder of torchvision's files.")] = None
    split: Annotated[PathText | None, Key("train, test, or unlabeled (STL10); train by default.")] = None

    def folders(self) -> list[str]:
        """The folder, the list or the file outside the study that the images come from; empty if there is none."""
        return [self.folder] if self.folder else [str(folder_of(self._given()))] if self.torchvision else []

    def files(self) -> list[Path]:
        """Files outside the study that hold the images.

        Raises
        ------
        Fault
            A file or a folder is missing, or a folder holds nothing to be read.
        """
        if self.folder:
            return with_list(self.folder, list_images(self.folder))
        return sorted(files_in(folder_of(self._given()))) if self.torchvision else []

    def problems(self, stimuli: Mapping[str, dict], batch: int) -> Iterator[str]:
        """Faults of images that are missing or too few, as `key: sentence`.

        Parameters
        ----------
        stimuli : mapping of dict
            The entries of all stimulus sets, by name.
        batch : int
            Pairs per step.
        """
        if len([key for key in self.any_of if getattr(self, key)]) > 1:
            yield f"data: needs one of {', '.join(self.any_of)}, not several."
        elif self.torchvision:
            yield from self._standard_problems()
        else:
            yield from (
                f"data.{key}: belongs to `torchvision` only." for key in ("root", "split") if getattr(self, key)
            )
            if self.stimuli and self.stimuli not in stimuli:
                yield f"data.stimuli: there is no stimulus set {self.stimuli!r}{did_you_mean(self.stimuli, stimuli)}."
            else:
                yield from self._number_problems(stimuli.get(self.stimuli or "", self._given()), batch)

    def label_problems(self, stimuli: Mapping[str, dict]) -> Iterator[str]:
        """Images of which it is known that they have no labels, or all the same, where labels are needed."""
        labels = self._known_labels(stimuli)
        if labels is not None and not labels:
            yield "data: has no labels, which this objective needs; give images in folders of classes."
        elif labels and len(labels) == 1:
            yield f"data: has images of one class, {min(labels)}, and this objective needs two or more."

    def _known_labels(self, stimuli: Mapping[str, dict]) -> set[str] | None:
        if self.torchvision == "ImageFolder" and self.root:
            return known_labels(folder_of(self._given()))
        if self.torchvision:
            return set() if self.split == "unlabeled" else None
        if self.folder:
            return known_labels(self.folder)
        spec = stimuli.get(self.stimuli or "")
        return stimulus_entry(spec).known_labels() if spec else None

    def _number_problems(self, images: dict, batch: int) -> Iterator[str]:
        """The fault of fewer images than two batches."""
        try:
            known = _at_most(images, 2 * batch)
        except Fault as fault:
            if self.folder:
                yield f"data.folder: {fault}"
            return
        if known is not None and known < 2 * batch:
            yield (
                f"batch: {batch} pairs need as many images in each half of the data, and there are {known} in all; "
                f"take no more than {known // 2}."
            )

    def _standard_problems(self) -> Iterator[str]:
        """Faults of a folder or a split that a data set of torchvision does not have."""
        given = self._given()
        if self.root is None:
            yield "data.root: name the folder of torchvision's files, because nothing is downloaded."
            return
        if not Path(self.root).is_dir():
            yield f"data.root: the folder {self.root} does not exist, and nothing is downloaded."
            return
        if self.torchvision in SPLITS:
            yield from caught("data.split", split_of, given)
        if not folder_of(given).is_dir():
            yield (
                f"data.root: {self.torchvision} was not found, because the folder {folder_of(given)} does not exist; "
                "nothing is downloaded."
            )
        elif self.torchvision == "ImageFolder":
            yield from caught("data.root", refuse_splits, folder_of(given), IMAGES)

    def _given(self) -> dict[str, str]:
        return {key: value for key, value in vars(self).items() if value is not None}


def _at_most(images: dict, enough: int) -> int | None:
    """The number of images, counted no further than needed; None if it is not known yet."""
    if images.get("kind") == "scenes" and "base_scenes" in images:
        return images["base_scenes"] * (images["levels"] * len(images["parameters"]) or 1)
    if images.get("kind", "images") != "images" or "folder" not in images:
        return None
    folder = Path(images["folder"])
    if not folder.is_dir():  # a list, an array, or nothing
        files = list_images(folder)
        return len(files) if len(files) > 1 else None
    refuse_splits(folder, IMAGES)
    count = sum(1 for _ in islice(files_in(folder, IMAGES), enough))
    return count or len(list_images(folder))
