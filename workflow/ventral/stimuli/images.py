"""Reads existing images from a folder, a list of files, or an array in .npz or .h5."""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from PIL import Image

from ventral.core.arrays import array_shapes, read_arrays, text
from ventral.core.errors import Fault, said
from ventral.stimuli.image_lists import ARRAYS, LISTS, list_images, read_list, require_pictures
from ventral.stimuli.profiles import in_srgb
from ventral.stimuli.rgb import BACKGROUND, composed, open_picture, refuse_beyond_one, scaled

Images = tuple[Iterator[np.ndarray], pd.DataFrame]
Pictures = tuple[Sequence[Callable], pd.DataFrame]
CHUNKS_IN_MEMORY = 1 << 26  # bytes of an HDF5 file's chunks, several images of which may share one


def load_images(spec: dict) -> Images:
    """Images of a stimulus set of kind `images`, each cut to the central square and resized.

    Parameters
    ----------
    spec : dict
        `folder` and optionally `background` (see `load_pictures`), and `size`, the side in pixels.

    Returns
    -------
    images : iterator of uint8 arrays of shape (size, size, 3)
    table : DataFrame with `stimulus_id` and `label`

    Raises
    ------
    Fault
        There is nothing to read, or a file is missing, truncated or not an image.
    """
    pictures, table = load_pictures(spec["folder"], spec.get("background", BACKGROUND))
    return (squared(opened(), spec["size"]) for opened in pictures), table


def load_pictures(source: str | Path, background: Sequence[int] = BACKGROUND) -> Pictures:
    """Pictures of a folder, a list or an array in their original size; each is opened only when it is needed.

    Parameters
    ----------
    source : path
        A folder (its sub-folders give labels), a list (.txt with one path per line, or .csv with columns `path`
        and perhaps `label`), or an array (.npz or .h5 with `images` of shape (n, height, width) or (n, height, width,
        channels), and perhaps `label` and `stimulus_id`). Levels of an array are uint8, uint16, or floating point in
        [0, 1]; one channel is gray, two are gray and alpha, four are RGB and alpha.
    background : three integers from 0 to 255
        Red, green and blue behind transparent pictures.

    Returns
    -------
    pictures : sequence of functions without arguments
        Each opens one RGB picture (PIL).
    table : DataFrame with `stimulus_id` and `label`

    Raises
    ------
    Fault
        There is nothing to read, or an array has another type or shape. For faults of a picture, which are raised
        when it is opened, see `ventral.stimuli.rgb.open_picture`.
    """
    source = Path(source)
    if source.suffix.lower() in LISTS and source.is_file():
        listed = read_list(source)
        paths, names, labels = listed["path"].tolist(), listed["name"], listed.get("label", "")
    else:
        paths = list_images(source)
        if source.suffix.lower() in ARRAYS and source.is_file():
            return from_array(source, background)
        names = [str(path.relative_to(source)) for path in paths]
        labels = [first if slash else "" for first, slash, _ in (name.partition(os.sep) for name in names)]
    return OnDemand(paths, partial(open_picture, background=background)), table_of(source, names, labels)


class OnDemand(Sequence):
    """Functions without arguments that open one picture each, made when they are asked for.

    Parameters
    ----------
    items : sequence
        Paths of the pictures, or their numbers.
    opened : callable
        From one of them to a picture.
    """

    def __init__(self, items: Sequence, opened: Callable) -> None:
        self.items, self.opened = items, opened

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return OnDemand(self.items[index], self.opened)
        return partial(self.opened, self.items[index])


def squared(picture: Image.Image, size: int) -> np.ndarray:
    """Cut the central square out of a PIL picture and resize it; uint8 of shape (size, size, 3)."""
    side = min(picture.size)
    left, top = ((length - side) // 2 for length in picture.size)
    box = (left, top, left + side, top + side)
    return np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC, box=box), np.uint8)


def from_array(file: Path, background: Sequence[int]) -> Pictures:
    """Images of an .npz file, which are read at once, or of an HDF5 file, each of which is read when it is needed."""
    name, is_npz = f"array {file}", file.suffix.lower() == ".npz"
    images = (read_arrays if is_npz else array_shapes)(file, ("images",)).get("images")
    require_pictures(file, images)
    content = read_arrays(file, ("label", "stimulus_id"))
    names, labels = (texts_of(file, key, content, len(images)) for key in ("stimulus_id", "label"))
    if names is None:
        names = [f"image{i:05d}" for i in range(len(images))]
    table = table_of(file, names, "" if labels is None else labels)
    if is_npz:
        if images.dtype.kind == "f":
            refuse_beyond_one(images, name)
        return [partial(from_levels, image, name, background) for image in images], table
    stored = StoredImages(file)
    if images.dtype.kind == "f":
        stored.refuse_beyond_one()
    return OnDemand(range(len(images)), partial(stored.picture, background=background)), table


class StoredImages:
    """The images of an HDF5 file, which each process opens for itself and closes when the last reference goes.

    Parameters
    ----------
    file : path
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._process, self._images = -1, None

    def __getstate__(self) -> dict:
        return {"file": self.file, "_process": -1, "_images": None}

    def levels(self, index: int | slice) -> np.ndarray:
        """The levels of one image, or of several.

        Raises
        ------
        Fault
            They cannot be read.
        """
        try:
            if self._process != os.getpid():
                opened = h5py.File(self.file, "r", rdcc_nbytes=CHUNKS_IN_MEMORY)
                self._process, self._images = os.getpid(), opened["images"]
            return self._images[index]
        except (OSError, KeyError) as error:
            raise Fault(f"The array {self.file} cannot be read ({said(error)}); copy the file again.") from error

    def picture(self, index: int, background: Sequence[int]) -> Image.Image:
        """One image as an RGB picture (PIL)."""
        return from_levels(self.levels(index), f"array {self.file}", background)

    def refuse_beyond_one(self) -> None:
        """Raise a Fault if any level in floating point is not finite or lies beyond [0, 1]."""
        step, start = max(1, CHUNKS_IN_MEMORY // self.levels(0).nbytes), 0
        while len(levels := self.levels(slice(start, start + step))):
            refuse_beyond_one(levels, f"array {self.file}")
            start += step


def from_levels(levels: np.ndarray, name: str, background: Sequence[int]) -> Image.Image:
    """One image of an array as an RGB picture (PIL); the last of two or four channels is alpha."""
    shown = levels if levels.dtype == np.uint8 else scaled(levels, name)
    shown = shown[..., 0] if shown.shape[2:] == (1,) else shown
    return composed(in_srgb(Image.fromarray(shown), None, name), background)


def texts_of(file: Path, key: str, content: dict[str, np.ndarray], n: int) -> np.ndarray | None:
    """One text for each of the n images; None if the file has no such array."""
    if key not in content:
        return None
    texts = text(content[key], f"{file}: {key!r}")
    if len(texts) != n:
        raise Fault(f"{file}: {key!r} has {len(texts)} entries for {n} images.")
    return texts


def table_of(source: Path, names, labels) -> pd.DataFrame:
    table = pd.DataFrame({"stimulus_id": [str(name) for name in names]})
    if (empty := np.flatnonzero(table["stimulus_id"] == "")).size:
        raise Fault(f"{source} has an image without a name, number {empty[0]} counted from 0; name it.")
    if not table["stimulus_id"].is_unique:
        twice = table["stimulus_id"][table["stimulus_id"].duplicated()].iloc[0]
        raise Fault(f"{source} names the image {twice} twice; keep one of them.")
    table["scene"], table["parameter"], table["level"] = "", "", -1
    table["label"] = labels if isinstance(labels, str) else [str(label) for label in labels]
    return table
