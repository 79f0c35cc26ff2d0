"""Images that exist already: a folder, a list of files, or an array in .npz or .h5."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.store import Fault, open_hdf5

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"}


def load_images(spec: dict) -> tuple[Iterator[np.ndarray], pd.DataFrame, str]:
    """Images of a stimulus set of kind `images`, each cut to the central square and resized.

    Parameters
    ----------
    spec : dict
        One of `folder` (sub-folders give labels), `list` (a .txt or .csv with one path per line or a column
        `path`, and optionally `label`) or `array` (.npz or .h5 with `images`, and optionally `label`);
        and `size`, the side in pixels.

    Returns
    -------
    images : iterator of uint8 arrays of shape (size, size, 3)
    table : DataFrame with `stimulus_id` and `label`
    description : str

    Raises
    ------
    Fault
        Nothing to read, or a file that is missing, truncated or no image.
    """
    readers = {"folder": from_folder, "list": from_list, "array": from_array}
    given = [key for key in readers if spec.get(key)]
    if len(given) != 1:
        raise Fault(f"Images need exactly one of {', '.join(readers)}; the config gives {', '.join(given) or 'none'}.")
    images, table = readers[given[0]](Path(spec[given[0]]), spec["size"])
    return images, table, f"{len(table)} images from {Path(spec[given[0]]).name}, {spec['size']} pixels square."


def list_images(folder: str | Path) -> list[Path]:
    """All image files in a folder and its sub-folders, in the order of their names.

    Raises
    ------
    Fault
        The folder does not exist or holds no image.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise Fault(f"The image folder {folder} does not exist; correct its path in the config.")
    found = sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    )
    if not found:
        raise Fault(
            f"The folder {folder} holds no images ({', '.join(sorted(SUFFIXES))}); correct its path in the config."
        )
    return found


def open_picture(path: str | Path):
    """Open an image file as an RGB picture (PIL), turned upright.

    Raises
    ------
    Fault
        The file is missing, truncated or no image.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            return ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Fault(f"The image {path} cannot be read ({error}); replace or remove the file.") from error


def squared(picture, size: int) -> np.ndarray:
    """Cut the central square out of a PIL picture and resize it; uint8 of shape (size, size, 3)."""
    from PIL import Image

    side = min(picture.size)
    left, top = ((length - side) // 2 for length in picture.size)
    box = (left, top, left + side, top + side)
    return np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC, box=box), np.uint8)


def from_folder(folder: Path, size: int) -> tuple[Iterator[np.ndarray], pd.DataFrame]:
    paths = list_images(folder)
    inside = [path.relative_to(folder) for path in paths]
    labels = [path.parts[0] if len(path.parts) > 1 else "" for path in inside]
    return read_all(paths, size), frame([path.as_posix() for path in inside], labels)


def from_list(file: Path, size: int) -> tuple[Iterator[np.ndarray], pd.DataFrame]:
    if not file.is_file():
        raise Fault(f"The image list {file} does not exist; correct its path in the config.")
    if file.suffix.lower() == ".csv":
        listed = pd.read_csv(file, keep_default_na=False, dtype=str)
        if "path" not in listed:
            raise Fault(f"The image list {file} has no column 'path' (it has {', '.join(listed.columns)}).")
    else:
        lines = [line.strip() for line in file.read_text().splitlines()]
        listed = pd.DataFrame({"path": [line for line in lines if line and not line.startswith("#")]})
    if listed.empty:
        raise Fault(f"The image list {file} names no image.")
    paths = [file.parent / path for path in listed["path"]]
    absent = [path for path in paths if not path.is_file()]
    if absent:
        raise Fault(f"{len(absent)} images of the list {file} do not exist, the first is {absent[0]}.")
    return read_all(paths, size), frame(listed["path"], listed.get("label", ""))


def from_array(file: Path, size: int) -> tuple[Iterator[np.ndarray], pd.DataFrame]:
    if not file.is_file():
        raise Fault(f"The image array {file} does not exist; correct its path in the config.")
    if file.suffix.lower() == ".npz":
        try:
            with np.load(file) as arrays:
                content = {key: arrays[key] for key in ("images", "label", "stimulus_id") if key in arrays}
        except (OSError, ValueError, EOFError) as error:
            raise Fault(f"The image array {file} cannot be read ({error}).") from error
    else:
        with open_hdf5(file) as arrays:
            content = {key: arrays[key] for key in ("images", "label", "stimulus_id") if key in arrays}
            content = {key: data.asstr()[:] if data.dtype.kind == "O" else data[:] for key, data in content.items()}
    images = content.get("images")
    if images is None or images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
        found = "none" if images is None else f"{images.dtype} {images.shape}"
        raise Fault(f"{file} needs a uint8 array 'images' of shape (n, height, width, 3); it has {found}.")
    names = content.get("stimulus_id", [f"image{i:05d}" for i in range(len(images))])
    return resized(images, size), frame(names, content.get("label", ""))


def frame(names, labels) -> pd.DataFrame:
    table = pd.DataFrame({"stimulus_id": [str(name) for name in names]})
    return table.assign(scene="", parameter="", level=-1, label=np.asarray(labels, dtype=object))


def read_all(paths: list[Path], size: int) -> Iterator[np.ndarray]:
    for path in paths:
        yield squared(open_picture(path), size)


def resized(images: np.ndarray, size: int) -> Iterator[np.ndarray]:
    from PIL import Image

    for image in images:
        yield squared(Image.fromarray(image), size)
