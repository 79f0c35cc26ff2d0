"""Opens the images that a network is trained on, with their labels if they have any.

A source is opened once in each process. Images are decoded when they are needed, and decoded images are kept up to a
limit, so that small sets are decoded once and large folders are never held in memory.
"""

import hashlib
import importlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
from PIL import Image

from ventral.core.errors import Fault
from ventral.models.architectures import torchvision_models
from ventral.stimuli import open_images, read_table
from ventral.stimuli.image_lists import ARRAYS
from ventral.stimuli.images import load_pictures
from ventral.stimuli.picture_faults import unreadable
from ventral.stimuli.rgb import check_picture, open_picture
from ventral.stimuli.torchvision_sets import folder_of, split_of

KEPT_BYTES = 2**30
BYTES = 4  # that Pillow takes for a pixel


@dataclass
class Source:
    """Images to train on.

    Attributes
    ----------
    openers : list of functions without arguments
        Each gives one image as a uint8 array of shape (height, width, 3), or a picture (PIL).
    labels : int array of shape (n,) or None
        Numbers of the classes, from 0; -1 for an image without a class.
    classes : int
    digest : str
        Changes when the images change.
    kept_bytes : int
        Bytes of decoded images that may still be kept for the next epoch.
    """

    openers: list[Callable]
    labels: np.ndarray | None
    classes: int
    digest: str
    kept_bytes: int = KEPT_BYTES
    _kept: dict[int, Image.Image] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.openers)

    def __getitem__(self, index: int) -> Image.Image:
        if index in self._kept:
            return self._kept[index]
        opened = self.openers[index]()
        picture = opened if isinstance(opened, Image.Image) else Image.fromarray(opened)
        size = BYTES * picture.width * picture.height
        if size <= self.kept_bytes:
            self._kept[index] = picture
            self.kept_bytes -= size
        return picture


def open_source(data: dict, stimuli: str | Path | None = None) -> Source:
    """Images of a network's `data`.

    Parameters
    ----------
    data : dict
        `stimuli` (a set of the study, whose file is the next argument), `folder` (see
        `ventral.stimuli.images.load_pictures`), or `torchvision` (CIFAR10, CIFAR100, STL10 or ImageFolder) with
        `root` and perhaps `split`.
    stimuli : path, optional
        The file of the stimulus set.

    Raises
    ------
    Fault
        There are no such images, or no such split.
    """
    if "stimuli" in data:
        return from_stimuli(Path(stimuli))
    return from_folder(Path(data["folder"])) if "folder" in data else from_torchvision(data)


def check_readable(source: Source) -> None:
    """Check the header of every image file, so that bad files are named before training and not in the middle of it.

    Raises
    ------
    Fault
        Files are missing, are not images, or cannot be shown faithfully.
    """
    paths = [opener.args[0] for opener in source.openers if getattr(opener, "func", None) is open_picture]
    broken = unreadable(paths, check_picture)
    if broken:
        raise Fault(
            f"{len(broken)} of {len(paths)} images cannot be read: {', '.join(map(str, [*broken][:5]))}"
            f"{' …' if len(broken) > 5 else ''}. Replace or remove the files. "
            f"The fault of the first: {next(iter(broken.values()))}"
        )


def from_stimuli(file: Path) -> Source:
    """A stimulus set of the study."""
    labels, classes = numbered(read_table(file)["label"])
    with open_images(file) as images:
        fits = images.nbytes <= KEPT_BYTES
        openers = openers_of(images[:]) if fits else [Reader(file, i) for i in range(len(images))]
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return Source(openers, labels, classes, digest)


def from_folder(folder: Path) -> Source:
    """A folder of images, a list of them, or an array."""
    openers, table = load_pictures(folder)
    labels, classes = numbered(table["label"])
    in_memory = folder.suffix.lower() in ARRAYS and folder.is_file()
    files = [folder] if in_memory else [opener.args[0] for opener in openers]
    described = [*table[["stimulus_id", "label"]].to_numpy().tolist(), *(Path(file).stat().st_size for file in files)]
    if in_memory:
        with folder.open("rb") as content:
            described.append(hashlib.file_digest(content, "sha256").hexdigest())
    return Source(openers, labels, classes, hashed(described))


def from_torchvision(data: dict) -> Source:
    """A data set that torchvision reads and that is on disk already."""
    name, root = data["torchvision"], Path(data["root"])
    if name == "ImageFolder":
        return from_folder(folder_of(data))
    split = split_of(data)
    try:
        images, labels = READERS[name](root, split)
    except (RuntimeError, OSError) as error:
        raise Fault(
            f"{name} is not under {root}, or its files are damaged ({error}). Nothing is fetched: unpack the data set "
            f"there, or correct `root`."
        ) from error
    classes = int(labels.max(initial=-1)) + 1
    described = [name, split, hashlib.sha256(images).hexdigest(), labels.tolist()]
    return Source(openers_of(images), labels if classes else None, classes, hashed(described))


def cifar(name: str, root: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    dataset = getattr(datasets(), name)(root, train=split == "train")
    return np.ascontiguousarray(dataset.data), np.array(dataset.targets)


def stl(root: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    dataset = datasets().STL10(root, split)
    return np.ascontiguousarray(dataset.data.transpose(0, 2, 3, 1)), dataset.labels.astype(int)


READERS = {"CIFAR10": partial(cifar, "CIFAR10"), "CIFAR100": partial(cifar, "CIFAR100"), "STL10": stl}


def datasets() -> ModuleType:
    torchvision_models()  # imports torchvision without what takes long
    return importlib.import_module("torchvision.datasets")


@dataclass(frozen=True)
class Reader:
    """Reads one image of a stimulus set that is too large for memory."""

    file: Path
    index: int

    def __call__(self) -> np.ndarray:
        with open_images(self.file) as images:
            return images[self.index]


def openers_of(images: np.ndarray) -> list[Callable]:
    return [partial(images.__getitem__, i) for i in range(len(images))]


def numbered(labels: Iterable[str]) -> tuple[np.ndarray | None, int]:
    """Labels as numbers, -1 for none, and the number of classes; None if all images have the same label or none."""
    names = sorted({*labels} - {""})
    if len(names) < 2:
        return None, 0
    number = {name: i for i, name in enumerate(names)} | {"": -1}
    return np.array([number[label] for label in labels]), len(names)


def hashed(described: object) -> str:
    return hashlib.sha256(json.dumps(described, sort_keys=True, default=str).encode()).hexdigest()
