"""Images that are embedded in the page."""

import base64
import io
from pathlib import Path
from xml.etree import ElementTree

from ventral.core.errors import AGAIN, Fault

WIDEST = 1600  # pixels; twice the width of the page's column, for sharp screens
TALLEST = 2400
QUALITY = 82


def picture(path: str | Path) -> tuple[str, float]:
    """An SVG file of matplotlib as a data URI, and its width in inches.

    As an image it can neither run scripts nor load anything.

    Raises
    ------
    Fault
        The file is incomplete.
    """
    content = Path(path).read_bytes()
    try:
        width = float(ElementTree.fromstring(content).get("width", "").removesuffix("pt"))
    except (ElementTree.ParseError, ValueError) as error:  # ValueError for a picture without a width
        raise Fault(f"{path} is not a complete image ({error}). {AGAIN}") from error
    return data_uri(content, "image/svg+xml"), width / 72


def scaled_picture(path: str | Path) -> str:
    """A PNG file as a JPEG data URI, scaled down to the page.

    Raises
    ------
    Fault
        The file is not an image, or is damaged.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            image.verify()  # checks the checksums; the image cannot be read afterward
        with Image.open(path) as image:
            page = image.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError) as error:  # SyntaxError for a wrong checksum
        raise Fault(f"{path} is not a complete image ({error}). {AGAIN}") from error
    page.thumbnail((WIDEST, TALLEST))
    buffer = io.BytesIO()
    page.save(buffer, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return data_uri(buffer.getvalue(), "image/jpeg")


def data_uri(content: bytes, kind: str) -> str:
    """Content as a data URI."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
