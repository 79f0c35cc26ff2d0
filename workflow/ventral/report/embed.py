"""Images that live inside the page."""

import base64
import io
from pathlib import Path

from ventral.store import Fault

WIDEST = 1600  # pixels; twice the width of the page's column, for sharp screens
TALLEST = 2400
QUALITY = 82


def picture(path: str | Path) -> str:
    """An SVG file as a data URI; inside an image it can neither run scripts nor fetch anything."""
    return data_uri(Path(path).read_bytes(), "image/svg+xml")


def scaled_picture(path: str | Path) -> str:
    """A PNG file as a JPEG data URI, scaled down to the page.

    Raises
    ------
    Fault
        The file is no image.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            page = image.convert("RGB")
    except (UnidentifiedImageError, OSError) as error:
        raise Fault(f"{path} is not a complete image ({error}). Delete it and run again.") from error
    page.thumbnail((WIDEST, TALLEST))
    buffer = io.BytesIO()
    page.save(buffer, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return data_uri(buffer.getvalue(), "image/jpeg")


def data_uri(content: bytes, kind: str) -> str:
    """Content inside an address."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
