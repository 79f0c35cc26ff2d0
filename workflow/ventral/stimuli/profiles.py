"""Converts pictures with a color profile that differs from sRGB to sRGB."""

import io
import logging
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

SAME = 2  # levels; a profile that moves no color by more is sRGB up to rounding


def in_srgb(picture: Image.Image, profile: bytes | None, name: str) -> Image.Image:
    """Convert a picture to sRGB.

    Parameters
    ----------
    picture : picture (PIL) of mode L, LA, RGB, RGBA or CMYK
    profile : bytes or None
        Its ICC profile. One that does not fit the picture is ignored with a warning.
    name : str
        Name of the picture, for the warning.

    Returns
    -------
    picture of mode RGB, or RGBA if it has an alpha channel
    """
    alpha = picture.getchannel("A") if picture.mode in ("LA", "RGBA") else None
    plain = picture.convert(picture.mode.removesuffix("A")) if alpha is not None else picture
    try:
        transform = to_srgb(profile, plain.mode) if profile else None
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        logging.warning("The color profile of the %s does not match it and is ignored (%s).", name, error)
        transform = None
    shown = plain.convert("RGB")
    if transform:
        shown = ImageCms.applyTransform(plain if transform.input_mode == plain.mode else shown, transform)
    if alpha is not None:
        shown.putalpha(alpha)
    return shown


@lru_cache(maxsize=64)
def to_srgb(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Build the transform from a color profile to sRGB; None if it would leave all colors as they are.

    Gray pictures (mode L) with a profile for RGB are transformed as RGB.

    Raises
    ------
    PyCMSError, OSError, ValueError
        The profile is damaged, or made for pictures of another mode.
    """
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    mode = "RGB" if mode == "L" and opened.profile.xcolor_space.strip() == "RGB" else mode
    transform = ImageCms.buildTransform(opened, ImageCms.createProfile("sRGB"), mode, "RGB")
    if mode == "CMYK":
        return transform
    axes = [np.arange(0, 256, 15)] * 3 if mode == "RGB" else [np.arange(256)]
    colors = np.stack(np.meshgrid(*axes), -1).reshape(1, -1, len(axes)).astype(np.uint8)
    chart = Image.fromarray(colors if mode == "RGB" else colors[..., 0])
    moved = np.asarray(ImageCms.applyTransform(chart, transform)).astype(int) - np.asarray(chart.convert("RGB"))
    return transform if np.abs(moved).max() > SAME else None
