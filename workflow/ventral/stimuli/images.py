"""Images that exist already: a folder, a list of files, or an array in .npz or .h5."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.arrays import read_arrays, text
from ventral.stimuli.files import ARRAYS, LISTS, list_images, read_list
from ventral.store import Fault

Images = tuple[Iterator[np.ndarray], pd.DataFrame]
Pictures = tuple[list[Callable], pd.DataFrame]


def load_images(spec: dict) -> Images:
    """Images of a stimulus set of kind `images`, each cut to the central square and resized.

    Parameters
    ----------
    spec : dict
        `folder`: see `load_pictures`; and `size`, the side in pixels.

    Returns
    -------
    images : iterator of uint8 arrays of shape (size, size, 3)
    table : DataFrame with `stimulus_id` and `label`

    Raises
    ------
    Fault
        Nothing to read, or a file that is missing, truncated or no image.
    """
    pictures, table = load_pictures(spec["folder"])
    return (squared(opened(), spec["size"]) for opened in pictures), table


def load_pictures(source: str | Path) -> Pictures:
    """Pictures of a folder, a list or an array, at their own size; each is opened when it is asked for.

    Parameters
    ----------
    source : path
        A folder (its sub-folders give labels), a list (.txt with one path per line, or .csv with columns `path`
        and perhaps `label`), or an array (.npz or .h5 with `images`, a uint8 array of shape
        (n, height, width, 3), and perhaps `label` and `stimulus_id`).

    Returns
    -------
    pictures : list of functions without arguments
        Each opens one RGB picture (PIL).
    table : DataFrame with `stimulus_id` and `label`

    Raises
    ------
    Fault
        Nothing to read; or, when a picture is opened, a file that is missing, truncated or no image.
    """
    source = Path(source)
    paths = list_images(source)
    if source.suffix.lower() in ARRAYS and source.is_file():
        return from_array(source)
    if source.suffix.lower() in LISTS and source.is_file():
        listed = read_list(source)
        names, labels = listed["name"], listed.get("label", "")
    else:
        inside = [path.relative_to(source) for path in paths]
        names, labels = inside, [path.parts[0] if len(path.parts) > 1 else "" for path in inside]
    return [partial(open_picture, path) for path in paths], table_of(source, names, labels)


def open_picture(path: str | Path):
    """Open an image file as an RGB picture (PIL), turned upright.

    Raises
    ------
    Fault
        The file is missing, truncated or no image.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as picture:
            return ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Fault(f"The image {path} cannot be read ({error}); replace or remove the file.") from error


def squared(picture, size: int) -> np.ndarray:
    """Cut the central square out of a PIL picture and resize it; uint8 of shape (size, size, 3)."""
    from PIL import Image

    side = min(picture.size)
    left, top = ((length - side) // 2 for length in picture.size)
    box = (left, top, left + side, top + side)
    return np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC, box=box), np.uint8)


def from_array(file: Path) -> Pictures:
    from PIL import Image

    content = read_arrays(file, ("images", "label", "stimulus_id"))
    images = content.get("images")
    if images is None or images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
        found = "none" if images is None else f"{images.dtype} {images.shape}"
        raise Fault(f"{file} needs a uint8 array 'images' of shape (n, height, width, 3); it has {found}.")
    names, labels = (texts_of(file, key, content, len(images)) for key in ("stimulus_id", "label"))
    if names is None:
        names = [f"image{i:05d}" for i in range(len(images))]
    table = table_of(file, names, "" if labels is None else labels)
    return [partial(Image.fromarray, image) for image in images], table


def texts_of(file: Path, key: str, content: dict[str, np.ndarray], n: int) -> np.ndarray | None:
    """One text for each of the n images, if the file has them."""
    if key not in content:
        return None
    texts = text(content[key], f"{file}: {key!r}")
    if len(texts) != n:
        raise Fault(f"{file}: {key!r} has {len(texts)} entries for {n} images.")
    return texts


def table_of(source: Path, names, labels) -> pd.DataFrame:
    table = pd.DataFrame({"stimulus_id": [str(name) for name in names]})
    if not table["stimulus_id"].is_unique:
        twice = table["stimulus_id"][table["stimulus_id"].duplicated()].iloc[0]
        raise Fault(f"{source} names the image {twice} twice; keep one of them.")
    table["scene"], table["parameter"], table["level"] = "", "", -1
    table["label"] = labels if isinstance(labels, str) else [str(label) for label in labels]
    return table
