"""Lists the files of a folder or a list. Light to import, because every job checks the configuration with it."""

import logging
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.core.arrays import array_shapes
from ventral.core.errors import Fault
from ventral.stimuli.folders import files_in, refuse_splits, visible

IMAGES = (
    *(".avif", ".bmp", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg"),
    *(".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff", ".webp"),
)
LISTS = (".csv", ".txt")
LISTED = ("path", "label")  # columns that are read from a list
ARRAYS = (".h5", ".npz")
LEVELS = ("u1", "u2", "f2", "f4", "f8")  # types that levels in arrays may have, with their size in bytes
CHANNELS = ((), (1,), (2,), (3,), (4,))  # gray, gray, gray and alpha, RGB, RGB and alpha
MESHES = (".glb", ".obj", ".ply", ".stl")
VIDEOS = (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv", ".ts", ".webm", ".wmv")


def with_list(source: str | Path, files: list[Path]) -> list[Path]:
    """The files and, if a list names them, the list itself, which also holds their labels."""
    return [*files, Path(source)] if Path(source).suffix.lower() in LISTS and Path(source).is_file() else files


def list_images(source: str | Path, labeled: bool = True) -> list[Path]:
    """Files of a folder of images and its sub-folders, of a list of images, or the one file of an array.

    Parameters
    ----------
    source : path
    labeled : bool
        Whether sub-folders are classes; those of backgrounds are not.

    Raises
    ------
    Fault
        The source, or an image that a list names, does not exist; there is no image; an array has another type or
        shape; or the folder has folders such as train and val above its classes.
    """
    source = Path(source)
    if source.is_dir():
        return found_in(source, IMAGES, "images", labeled)
    if not source.is_file():
        raise Fault(f"The image folder or file {source} does not exist; correct its path in the config.")
    if source.suffix.lower() in ARRAYS:
        require_pictures(source, array_shapes(source, ("images",)).get("images"))
        return [source]
    if source.suffix.lower() in LISTS:
        return list(read_list(source)["path"])
    raise Fault(f"{source} is neither a folder nor a list ({', '.join(LISTS)}) nor an array ({', '.join(ARRAYS)}).")


def known_labels(source: str | Path) -> set[str] | None:
    """Labels of the images of a folder or a list; None for an array, and for a source that cannot be read."""
    source = Path(source)
    try:
        if source.is_dir():
            return {entry.name for entry in visible(source) if entry.is_dir() and any(files_in(entry.path, IMAGES))}
        if source.is_file() and source.suffix.lower() in LISTS:
            return {*map(str, read_list(source).get("label", ()))} - {""}
    except Fault:  # which is a fault of the source
        pass
    return None


def require_pictures(file: Path, images: np.ndarray | None) -> None:
    """Require that the array `images` of a file has the type and shape of pictures.

    Raises
    ------
    Fault
        The array is missing, or has another type or shape.
    """
    found = "none" if images is None else f"{images.dtype} {images.shape}"
    has_white = images is not None and f"{images.dtype.kind}{images.dtype.itemsize}" in LEVELS
    if not has_white or images.ndim not in (3, 4) or images.shape[3:] not in CHANNELS or not images.size:
        raise Fault(
            f"{file} needs an array 'images' of shape (n, height, width), or with 1 to 4 channels last, and of type "
            f"uint8, uint16, or floating point in [0, 1]; it has {found}."
        )
    if images.ndim == 3 and images.shape[2] <= len(CHANNELS[1:]):
        raise Fault(
            f"{file} has an array 'images' of shape {images.shape}, which would be {len(images)} gray images of "
            f"{images.shape[2]} pixels in width; one image with its channels needs the shape {(1, *images.shape)}."
        )


def list_videos(source: str | Path) -> list[Path]:
    """Video files of a folder and its sub-folders, or the one file.

    Raises
    ------
    Fault
        The source does not exist, or there is no video.
    """
    source = Path(source)
    if source.is_dir():
        return found_in(source, VIDEOS, "videos")
    if not source.is_file():
        raise Fault(f"The video folder or file {source} does not exist; correct its path in the config.")
    if source.suffix.lower() not in VIDEOS:
        raise Fault(f"{source} is neither a folder nor a video file ({', '.join(VIDEOS)}).")
    return [source]


def list_meshes(folder: str | Path) -> dict[str, tuple[Path, ...]]:
    """Mesh files by category: a sub-folder is a category, and so is a single file by its name.

    Raises
    ------
    Fault
        The folder does not exist or holds no mesh.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise Fault(f"The mesh folder {folder} does not exist; correct its path in the config.")
    categories: dict[str, list[Path]] = {}
    for path in found_in(folder, MESHES, "meshes"):
        inside = path.relative_to(folder)
        categories.setdefault(inside.parts[0] if len(inside.parts) > 1 else path.stem, []).append(path)
    return {category: tuple(paths) for category, paths in categories.items()}


def found_in(folder: Path, suffixes: tuple[str, ...], what: str, labeled: bool = True) -> list[Path]:
    """Files with these suffixes, sorted by name; see `ventral.stimuli.folders`."""
    if labeled:
        refuse_splits(folder, suffixes)
    files = sorted(files_in(folder, suffixes))
    if not files:
        raise Fault(f"The folder {folder} holds no {what} ({', '.join(suffixes)}); correct its path in the config.")
    return files


def read_list(file: Path) -> pd.DataFrame:
    """Columns `name`, `path` and perhaps `label` from a .csv with a column `path`, or a .txt with a path per line.

    Paths are relative to the list's folder. Column names may be in capitals and have spaces around them; other columns
    are left out, and the log names them.

    Raises
    ------
    Fault
        The list cannot be read or names no image, or an image does not exist.
    """
    listed = entries_of(file)
    if "path" not in listed:
        raise Fault(f"The image list {file} has no column 'path' (it has {', '.join(listed.columns)}).")
    others = [column for column in listed if column not in LISTED]
    if others:
        logging.info("Columns of the image list %s that are left out: %s.", file, ", ".join(others))
    listed = listed[[column for column in LISTED if column in listed]].rename(columns={"path": "name"})
    if listed.empty:
        raise Fault(f"The image list {file} names no image.")
    listed["path"] = [file.parent / name for name in listed["name"]]
    absent = [path for path in listed["path"] if not _is_file(path)]
    if absent:
        raise Fault(f"{len(absent)} images of the list {file} do not exist; the first is {absent[0]}.")
    return listed


def _is_file(path: Path) -> bool:
    """Whether a file exists; it does not under a path that the system rejects, such as one that is too long."""
    try:
        return path.is_file()
    except OSError:
        return False


def entries_of(file: Path) -> pd.DataFrame:
    """All columns of a .csv list, or the column `path` from the lines of a .txt list.

    Raises
    ------
    Fault
        The file is empty, is not text in UTF-8, or is not a table.
    """
    try:
        if file.suffix.lower() == ".csv":
            return table_in(file)
        lines = [line.strip() for line in file.read_text(encoding="utf-8-sig").splitlines()]
        return pd.DataFrame({"path": [line for line in lines if line and not line.startswith("#")]})
    except pd.errors.EmptyDataError as error:
        raise Fault(f"The image list {file} is empty; name its images in a column 'path'.") from error
    except UnicodeDecodeError as error:
        raise Fault(f"The image list {file} is not text in UTF-8; save it as such.") from error
    except pd.errors.ParserError as error:
        reason = str(error).strip().rpartition("error: ")[2]
        raise Fault(f"The image list {file} is not a table of comma-separated values ({reason}).") from error


def table_in(file: Path) -> pd.DataFrame:
    """The columns of a .csv list, as text.

    Raises
    ------
    Fault
        `path` or `label` names two columns.
    ParserError
        A row is longer than the first one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        options = {"header": None, "index_col": False, "skipinitialspace": True, "encoding": "utf-8-sig"}
        try:
            rows = pd.read_csv(file, keep_default_na=False, dtype=str, **options)
        except pd.errors.ParserWarning as warning:
            raise pd.errors.ParserError(str(warning)) from warning
    names = [str(name).strip() for name in rows.iloc[0]]
    names = [name.lower() if name.lower() in LISTED else name for name in names]
    twice = next((name for name in LISTED if names.count(name) > 1), None)
    if twice:
        raise Fault(f"The image list {file} has two columns {twice!r}; leave one of them out.")
    return rows.iloc[1:].set_axis(names, axis=1).reset_index(drop=True)
