"""Converts pictures of any mode to RGB with 8 bits per channel, as viewers show them, or says why it cannot.

- Gray levels of 16 bits (12 in some TIFF files) are scaled so that white is 255, and so are floating-point levels if
  all are in [0, 1]. Signed and 32-bit integers, and floating-point levels beyond [0, 1], are refused, because the file
  does not say which level is white.
- Transparent pictures are composed over a uniform background, by default mid-gray.
- Pictures with a color profile that differs from sRGB are converted to sRGB.
- Pictures are turned upright according to their EXIF data.
- Files with several pictures (animations, pages of a TIFF) are refused, because only one could be shown.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

from ventral.core.errors import Fault
from ventral.stimuli.profiles import in_srgb

BACKGROUND = (128, 128, 128)  # the default behind transparent pictures
WHITE = 65535  # the largest level of 16 bits
FEW_BITS = {"L;2": 85, "L;4": 17}  # by which Pillow multiplies the levels of such PNG files
THUMBNAIL_OR_MASK = 0b101  # in a TIFF page's NewSubfileType
SUBFILE_TYPE, BITS, PHOTOMETRIC, SAMPLE_FORMAT = 254, 258, 262, 339  # tags of TIFF
SIGNED, WHITE_IS_ZERO = 2, 0


def open_picture(path: str | Path, background: Sequence[int] = BACKGROUND) -> Image.Image:
    """Open an image file as an RGB picture (PIL), turned upright.

    Parameters
    ----------
    path : path
    background : three integers from 0 to 255
        Red, green and blue behind a transparent picture.

    Raises
    ------
    Fault
        The file is missing, truncated or not an image, or cannot be shown faithfully as one picture of 8 bits per
        channel.
    """
    with _named(f"image {path}"), open(path, "rb") as file:
        return read_picture(file, f"image {path}", background)


def read_picture(file: BinaryIO, name: str, background: Sequence[int] = BACKGROUND) -> Image.Image:
    """Read a picture from an open file, which messages call `name`; see `open_picture`."""
    with _named(name), Image.open(file) as picture:
        refuse_untrue(picture, name)
        white, inverted = white_of(picture), _tags(picture).get(PHOTOMETRIC) == WHITE_IS_ZERO
        profile = None if picture.mode == "LAB" else picture.info.get("icc_profile")
        factor = FEW_BITS.get(_layout(picture), 1)
        upright = ImageOps.exif_transpose(picture)
        if factor > 1 and "transparency" in upright.info:
            upright.info["transparency"] *= factor
        return composed(in_srgb(eight_bits(upright, white, inverted, name), profile, name), background)


def check_picture(path: str | Path) -> None:
    """Raise the faults of `open_picture` that the header shows; pictures in floating point are read completely."""
    with _named(f"image {path}"), open(path, "rb") as file:
        check_content(file, f"image {path}")


def check_content(file: BinaryIO, name: str) -> None:
    """As `check_picture`, for a picture in an open file, which messages call `name`."""
    with _named(name), Image.open(file) as picture:
        refuse_untrue(picture, name)
        is_float = picture.mode == "F"
    if is_float:
        file.seek(0)
        read_picture(file, name)


def refuse_untrue(picture: Image.Image, name: str) -> None:
    """Refuse a picture that cannot be shown as it was meant, as far as the header shows.

    Raises
    ------
    Fault
        The picture has no pixels, several pages, or levels or a transparent color that 8 bits cannot show; or it is a
        PostScript program.
    """
    if not min(picture.size):
        raise Fault(f"The {name} has no pixels ({picture.width} × {picture.height}); replace it, or move it elsewhere.")
    if picture.format == "EPS":
        raise Fault(f"The {name} is a PostScript program, which is not run; save it as a picture, such as PNG.")
    pages = pages_of(picture)
    if pages > 1:
        raise Fault(
            f"The {name} holds {pages} pictures ({picture.format}), but only one could be shown; save each as a "
            f"separate file, or use videos and kind: movies."
        )
    if _tags(picture).get(SAMPLE_FORMAT, (0,))[0] == SIGNED or (picture.mode == "I" and picture.format != "PPM"):
        raise Fault(
            f"The {name} has signed or 32-bit integer levels (mode {picture.mode}) and does not say which of them are "
            f"black and white; save it with 8 or 16 bits per channel."
        )
    if "transparency" in picture.info and _layout(picture).startswith("RGB;16"):
        raise Fault(
            f"The {name} has 16 bits per channel (mode {picture.mode}) and one transparent color, which cannot be "
            f"distinguished in 8 bits; save it with an alpha channel."
        )


def pages_of(picture: Image.Image) -> int:
    """How many pictures a file holds, not counting thumbnails, masks and the previews of cameras (MPO)."""
    if picture.format == "MPO" or not getattr(picture, "is_animated", False):
        return 1
    if picture.format != "TIFF":
        return picture.n_frames
    count = 0
    for page in range(picture.n_frames):
        picture.seek(page)
        count += not page or not picture.tag_v2.get(SUBFILE_TYPE, 0) & THUMBNAIL_OR_MASK
    picture.seek(0)
    return count


def white_of(picture: Image.Image) -> int:
    """The level of white in pictures of more than 8 bits."""
    bits = _tags(picture).get(BITS, (16,))[0]
    return 2**bits - 1 if picture.mode.startswith("I;16") and bits < 16 else WHITE


def eight_bits(picture: Image.Image, white: int, inverted: bool, name: str) -> Image.Image:
    """The picture in one of the modes L, LA, RGB, RGBA and CMYK.

    Raises
    ------
    Fault
        Levels in floating point lie beyond [0, 1].
    """
    transparent = picture.info.get("transparency")
    if picture.mode == "F" or picture.mode.startswith("I"):
        levels = np.asarray(picture)
        gray = scaled(levels, f"{name} (mode {picture.mode})", white)
        shown = Image.fromarray(255 - gray if inverted else gray)
        if transparent is not None:
            shown.putalpha(Image.fromarray(np.where(levels == transparent, 0, 255).astype(np.uint8)))
        return shown
    if picture.mode == "La":
        picture = picture.convert("LA")
    if picture.has_transparency_data:
        return picture if picture.mode == "LA" else picture.convert("RGBA")
    return picture if picture.mode in ("L", "RGB", "CMYK") else picture.convert("RGB")


def scaled(levels: np.ndarray, name: str, white: int = WHITE) -> np.ndarray:
    """Scale levels from 0 to `white`, or in floating point from 0 to 1, to uint8 from 0 to 255.

    A warning names pictures whose 16-bit levels all fit into 8 bits, because they become nearly black.

    Raises
    ------
    Fault
        Levels in floating point are not finite or lie beyond [0, 1].
    """
    if levels.dtype.kind == "f":
        refuse_beyond_one(levels, name)
        white = 1
    elif 0 < levels.max() <= 255:
        logging.warning(
            "The %s is shown nearly black: its lightest level is %d of %d. If that is white, save it with 8 bits.",
            name,
            levels.max(),
            white,
        )
    return np.rint(levels * np.float64(255 / white)).astype(np.uint8)


def refuse_beyond_one(levels: np.ndarray, name: str) -> None:
    """Raise a Fault if floating-point levels are not finite or are beyond [0, 1]."""
    low, high = levels.min(), levels.max()
    if not (low >= 0 and high <= 1):
        raise Fault(
            f"The {name} has levels in floating point from {low:g} to {high:g}, but does not say which is white; "
            f"scale them to [0, 1] or save it with 8 or 16 bits per channel."
        )


def composed(picture: Image.Image, background: Sequence[int]) -> Image.Image:
    """A picture over a background, as RGB; opaque pixels are kept as they are."""
    if picture.mode != "RGBA":
        return picture
    return Image.alpha_composite(Image.new("RGBA", picture.size, (*background, 255)), picture).convert("RGB")


def _tags(picture: Image.Image) -> dict:
    return getattr(picture, "tag_v2", {})


def _layout(picture: Image.Image) -> str:
    """Pillow's name for the layout of the pixels in the file, such as "RGB;16B"; empty if it has none."""
    arguments = picture.tile[0].args if picture.tile else ""
    return arguments if isinstance(arguments, str) else str(arguments[0]) if arguments else ""


@contextmanager
def _named(name: str) -> Iterator[None]:
    try:
        yield
    except Fault:
        raise
    except Exception as error:  # Pillow's readers raise exceptions of any type
        raise Fault(f"The {name} cannot be read ({error}); replace it, or move it elsewhere.") from error
