"""The file of a stimulus set: its images, and a table of what each image shows."""

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np

from ventral.core.errors import Fault
from ventral.core.hdf5 import create_hdf5, open_hdf5, read_frame, read_texts, write_frame, write_texts

if TYPE_CHECKING:
    import pandas as pd  # takes half a second, which the processes that render need not spend

CHUNK_BYTES = 1 << 18
DIGEST = 32  # hexadecimal digits
INDEPENDENT = "independent_augmentation"  # the parameter of augmentations that belong to one image alone
IDS_OF_IMAGES = (
    "The id of an image is its path below the folder, with '/' and the suffix (cat/0001.png), or its path as written "
    "in the list. In an array it is the image's stimulus_id, or image00000, image00001, … if there are none. Write "
    "these ids into the recording."
)


def write_stimuli(
    path: str | Path,
    images: Iterable[np.ndarray],
    table: "pd.DataFrame",
    kind: str,
    description: str,
    background: Sequence[int] | None = None,
) -> None:
    """Write a stimulus set and a digest of each image, one by one, so that only one has to fit into memory.

    Parameters
    ----------
    path : path of the HDF5 file
    images : iterable of uint8 arrays of shape (H, W, 3), one per row of the table, all of one size
    table : DataFrame
        Columns `stimulus_id` (unique text), `scene`, `parameter`, `level`, `label`, then numeric variables.
    kind : str
    description : str
        One sentence for captions.
    background : three integers from 0 to 255, optional
        Color behind transparent pictures.

    Raises
    ------
    ValueError
        Images and rows do not match, ids repeat, or an image has another size or type than the first.
    """
    if not table["stimulus_id"].is_unique:
        raise ValueError("Every image of a stimulus set needs its own stimulus_id.")
    with create_hdf5(path) as file:
        file.attrs.update(kind=kind, simulated=False, description=description)
        if background is not None:
            file.attrs["background"] = np.asarray(background, np.uint8)
        write_frame(file.create_group("table"), table)
        n, dataset, contents = 0, None, []
        for n, image in enumerate(images, start=1):
            if n > len(table):
                raise ValueError(f"The table has {len(table)} rows, but there are more images.")
            if dataset is None:
                file.reserve(len(table) * image.nbytes)
                dataset = create_images(file, len(table), image.shape)
            if image.shape != dataset.shape[1:] or image.dtype != np.uint8:
                expected = f"uint8 {dataset.shape[1:]} like the first"
                raise ValueError(f"The image in row {n} is {image.dtype} {image.shape}; expected {expected}.")
            dataset[n - 1] = image
            file.check()
            contents.append(hashlib.sha256(image.tobytes()).hexdigest()[:DIGEST])
        if n != len(table):
            raise ValueError(f"The table has {len(table)} rows, but there are {n} images.")
        write_texts(file, "content", contents)


def create_images(file: h5py.File, n: int, shape: tuple[int, int, int]) -> h5py.Dataset:
    chunk = min(n, max(1, CHUNK_BYTES // int(np.prod(shape))))
    return file.create_dataset("images", (n, *shape), np.uint8, chunks=(chunk, *shape), fletcher32=True)


def read_table(path: str | Path) -> "pd.DataFrame":
    """Read what each image shows, one row per image.

    Parameters
    ----------
    path : path
        Of the stimulus set.

    Returns
    -------
    DataFrame of n rows
        `stimulus_id`, `scene`, `parameter`, `level`, `label`, and the variables of the scenes or draws.

    Raises
    ------
    Fault
        The file is missing, damaged or no stimulus set.
    """
    with open_hdf5(path) as file:
        return read_frame(member(file, "table", path))


def advice_on_ids(path: str | Path) -> str:
    """A sentence on how the ids of a stimulus set are made, for a user whose recording has other ids.

    Raises
    ------
    Fault
        The file is missing or damaged.
    """
    with open_hdf5(path) as file:
        kind = file.attrs.get("kind")
    return IDS_OF_IMAGES if kind == "images" else f"Write the ids of {path} (table, stimulus_id) into the recording."


def read_contents(path: str | Path) -> np.ndarray:
    """Read a digest of each image's pixels, shape (n,). Equal images have equal digests, whatever their ids.

    Raises
    ------
    Fault
        The file is missing, damaged or no stimulus set.
    """
    with open_hdf5(path) as file:
        member(file, "content", path)
        return read_texts(file, "content")


def digest_of_images(path: str | Path) -> str:
    """SHA-256 of the pixels of all images in their order.

    Raises
    ------
    Fault
        The file is missing, damaged or no stimulus set.
    """
    return hashlib.sha256("".join(read_contents(path)).encode()).hexdigest()


def read_copies(path: str | Path) -> list[str]:
    """Ids of the images whose pixels equal those of an earlier image of the set.

    Raises
    ------
    Fault
        The file is missing, damaged or no stimulus set.
    """
    import pandas as pd

    copied = pd.Series(read_contents(path)).duplicated().to_numpy()
    return list(read_table(path).stimulus_id.to_numpy()[copied])


@contextlib.contextmanager
def open_images(path: str | Path) -> Iterator[h5py.Dataset]:
    """Open the images, an HDF5 dataset of uint8 and shape (n, H, W, 3).

    Parameters
    ----------
    path : path
        Of the stimulus set.

    Raises
    ------
    Fault
        The file is missing, damaged or no stimulus set.
    """
    with open_hdf5(path) as file:
        yield member(file, "images", path)


def spread(items: Sequence, n: int) -> list:
    """At most n of the items, evenly spread from the first to the last."""
    return [items[i] for i in np.unique(np.linspace(0, len(items) - 1, min(n, len(items))).round().astype(int))]


def member(file: h5py.File, name: str, path: str | Path) -> h5py.Group | h5py.Dataset:
    if name not in file:
        raise Fault(f"{path} is no stimulus set: it has no '{name}'. Delete it and run the same command again.")
    return file[name]
