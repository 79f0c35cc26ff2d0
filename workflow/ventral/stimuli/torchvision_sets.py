"""Folders and splits of torchvision's data sets, known without importing torchvision."""

from pathlib import Path

from ventral.core.errors import Fault
from ventral.core.names import did_you_mean

FOLDERS = {"CIFAR10": "cifar-10-batches-py", "CIFAR100": "cifar-100-python", "STL10": "stl10_binary"}
SPLITS = {"CIFAR10": ("train", "test"), "CIFAR100": ("train", "test"), "STL10": ("train", "test", "unlabeled")}


def folder_of(data: dict) -> Path:
    """The folder below `root` that a data set's files lie in; of ImageFolder, that of the split."""
    return Path(data["root"], FOLDERS.get(data["torchvision"], data.get("split", ".")))


def split_of(data: dict) -> str:
    """The split of CIFAR10, CIFAR100 or STL10 that `data` means: "train" where it says none.

    Raises
    ------
    Fault
        The data set has no such split.
    """
    name, split = data["torchvision"], data.get("split", "train")
    if split not in SPLITS[name]:
        raise Fault(
            f"{name} has no split {split!r}{did_you_mean(split, SPLITS[name])}; it has {', '.join(SPLITS[name])}."
        )
    return split
