"""Images in a zip archive, as recordings' publishers give them."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ventral.store import Fault


def from_zip(name: str, archive: Path, members: Iterable[str], size: int | None = None) -> Iterator[np.ndarray]:
    """Read images of an archive one by one.

    Parameters
    ----------
    name : str
        Of the recording, for messages.
    archive : path
    members : texts
        The images' names in the archive.
    size : int, optional
        Pixels along each side, if not the file's own.

    Yields
    ------
    uint8 arrays of shape (height, width, 3)

    Raises
    ------
    Fault
        The archive or an image of it is missing or cannot be read.
    """
    from PIL import Image

    with opened(name, archive) as file:
        for member in members:
            try:
                image = Image.open(io.BytesIO(file.read(member))).convert("RGB")
            except (OSError, KeyError, zipfile.BadZipFile) as error:
                raise Fault(f"Recording {name}: {member} of {archive} cannot be read as an image ({error}).") from error
            if size and image.size != (size, size):
                image = image.resize((size, size), Image.Resampling.LANCZOS)
            yield np.asarray(image)


def opened(name: str, archive: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except (OSError, zipfile.BadZipFile) as error:
        raise Fault(f"Recording {name}: {archive} cannot be read as a zip archive ({error}); replace it.") from error
