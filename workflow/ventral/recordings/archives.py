"""Reads published images of recordings from zip archives, at any size."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ventral.core.errors import Fault


def from_zip(name: str, archive: Path, members: Iterable[str], size: int | None = None) -> Iterator[np.ndarray]:
    """Read images of an archive one by one; `ventral.stimuli.rgb` converts pictures of any mode.

    Parameters
    ----------
    name : str
        Name of the recording, for messages.
    archive : path
    members : texts
        The images' names in the archive.
    size : int, optional
        Pixels along each side; by default those of the file.

    Yields
    ------
    uint8 arrays of shape (height, width, 3)

    Raises
    ------
    Fault
        The archive or an image in it is missing or cannot be read, or the image cannot be shown faithfully.
    """
    from ventral.stimuli.rgb import read_picture

    with opened(name, archive) as file:
        for member in members:
            try:
                content = io.BytesIO(file.read(member))
            except (OSError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
                raise Fault(f"Recording {name}: {member} of {archive} cannot be read as an image ({error}).") from error
            yield resized(np.asarray(read_picture(content, f"image {member} of {archive}")), size)


def resized(image: np.ndarray, size: int | None) -> np.ndarray:
    """A uint8 image of shape (height, width, 3), resized to `size` pixels along each side if a size is given."""
    from PIL import Image

    if not size or image.shape[:2] == (size, size):
        return image
    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.LANCZOS))


def opened(name: str, archive: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except (OSError, zipfile.BadZipFile) as error:
        raise Fault(f"Recording {name}: {archive} cannot be read as a zip archive ({error}); replace it.") from error
