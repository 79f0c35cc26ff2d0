"""Backgrounds: procedural ones with natural statistics, or photographs from a folder.

A procedural background is a far plane and a near plane that meet at a horizon, each covered with patches that occlude
one another and whose sizes follow a power law (dead leaves; Lee, Mumford & Huang, Int. J. Comput. Vis. 41, 2001), with
1/f texture and out of focus. Its contrast is low, so that small objects stay visible.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ventral.core.random import generator
from ventral.stimuli.color import hsv_to_rgb, to_linear
from ventral.stimuli.rgb import open_picture

CANVAS = 256  # pixels; the picture is blurred, so finer sampling would show nothing more
ZOOM = 0.75  # part of the shorter side that the frame shows; the rest leaves room to shift it
LINEAR = to_linear(np.arange(256) / 255)
CONTRAST = 0.1  # standard deviation of gray, in [0, 1]
CORNERS = 12  # of a patch
FAR = np.array([0.55, 0.58, 0.6, 0.63, 0.1, 0.3, 0.07])  # hues of sky, haze, woods and walls
NEAR = np.array([0.07, 0.09, 0.12, 0.2, 0.28, 0.35, 0.6, 0.0])  # of soil, sand, grass, leaves, stone and floors


def background(number: int, shift: tuple[float, float], window: tuple[float, float, float], size: int, photographs=()):
    """Cut the image's background out of a larger picture.

    Parameters
    ----------
    number : int
        Which picture: the seed of a procedural one, or an index into `photographs`.
    shift : (x, y)
        Position of the frame in the picture, each in [0, 1], to the right and down.
    window : (x, y, half side)
        Part of the frame that the image shows; see `render.render`.
    size : int
        Side of the image in pixels.
    photographs : sequence of paths

    Returns
    -------
    float32 array of shape (size, size, 3), linear light
    """
    picture = photograph(photographs[number % len(photographs)]) if photographs else procedural(number)
    frame = ZOOM * min(picture.size)
    left, top = ((side - frame) * part for side, part in zip(picture.size, shift, strict=True))
    x, y, half = window
    left, top = max(0, left + frame * (1 + x - half) / 2), max(0, top + frame * (1 - y - half) / 2)
    box = (left, top, min(left + frame * half, picture.size[0]), min(top + frame * half, picture.size[1]))
    cut = picture.resize((size, size), Image.Resampling.BICUBIC, box=box)
    return LINEAR[np.asarray(cut)]


@lru_cache(maxsize=8)
def photograph(path: Path) -> Image.Image:
    return open_picture(path)


@lru_cache(maxsize=8)
def procedural(number: int) -> Image.Image:
    """Draw the procedural background with this number, CANVAS pixels square."""
    rng = generator("background", number)
    half = CANVAS // 2  # drawn at half size: it is out of focus
    horizon = rng.uniform(0.35, 0.75) * half
    picture = plane(rng, palette(rng, FAR, rng.uniform(0.58, 0.8)), (0, horizon), half, count=rng.integers(6, 40))
    picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(2.0, 5.0)))
    near = plane(rng, palette(rng, NEAR, rng.uniform(0.36, 0.58)), (horizon, half), half, count=rng.integers(60, 160))
    picture.paste(near, mask=ground(rng, horizon, half))
    picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.1)))

    image = np.asarray(picture.resize((CANVAS, CANVAS), Image.Resampling.BICUBIC), np.float32) / 255
    image = image + (0.04 * fractal(rng) + light_falloff(rng))[..., None]
    return Image.fromarray((limited_contrast(image) * 255 + 0.5).astype(np.uint8))


def plane(
    rng: np.random.Generator, colors: np.ndarray, band: tuple[float, float], side: int, count: int
) -> Image.Image:
    """Picture of one plane: its patches lie in a band of rows and grow downward, toward the camera."""
    picture = Image.new("RGB", (side, side), tuple(as_bytes(colors[0])))
    leaves(ImageDraw.Draw(picture), rng, colors, band, side, count)
    return picture


def ground(rng: np.random.Generator, horizon: float, side: int) -> Image.Image:
    """Mask of the near plane, below a flat or hilly horizon."""
    waves = np.arange(1, 6)
    phase, height = rng.uniform(0, 2 * np.pi, 5), rng.normal(0, 1, 5) / waves**1.5 * rng.choice([0, 0.03, 0.08]) * side
    across = np.arange(side + 1)
    skyline = horizon + np.sum(height * np.sin(across[:, None] / side * 2 * np.pi * waves * 0.7 + phase), axis=1)
    mask = Image.new("L", (side, side))
    edge = np.stack([across, skyline], axis=1).ravel().tolist()
    ImageDraw.Draw(mask).polygon([*edge, side, side, 0, side], fill=255)
    return mask


def palette(rng: np.random.Generator, hues: np.ndarray, value: float, colors: int = 5) -> np.ndarray:
    """Muted colors around one of these hues, shape (colors, 3)."""
    hue = rng.choice(hues) + rng.normal(0, 0.03, colors)
    saturation = np.clip(rng.uniform(0.04, 0.24) + rng.normal(0, 0.03, colors), 0.02, 0.35)
    return hsv_to_rgb(hue % 1, saturation, np.clip(value + rng.normal(0, 0.09, colors), 0.15, 0.92))


def leaves(
    draw: ImageDraw.ImageDraw, rng, colors: np.ndarray, band: tuple[float, float], scale: int, count: int
) -> None:
    """Patches of power-law sizes (density ~ radius⁻³), wider than high; near ones are larger and sparser."""
    low, high = 0.03 * scale, 0.35 * scale
    radius = low / np.sqrt(1 - rng.uniform(0, 1, count) * (1 - (low / high) ** 2))
    angle = np.sort(rng.uniform(0, 2 * np.pi, (count, CORNERS)), axis=1)
    down = np.sort(rng.uniform(0, 1, count))[:, None]  # near patches occlude far ones
    reach = radius[:, None] * (0.5 + down) * rng.uniform(0.75, 1.15, (count, CORNERS))
    x = rng.uniform(0, scale, (count, 1)) + reach * np.cos(angle)
    y = band[0] + down**1.5 * (band[1] - band[0]) + reach * np.sin(angle) * rng.uniform(0.35, 0.9, (count, 1))
    color = colors[rng.integers(0, len(colors), count)] + rng.normal(0, 0.02, (count, 1))
    for points, fill in zip(np.stack([x, y], axis=-1), as_bytes(color), strict=True):
        draw.polygon(points.ravel().tolist(), fill=tuple(fill))


def fractal(rng: np.random.Generator) -> np.ndarray:
    """Texture with amplitude 1/f^1.25 and unit variance, shape (CANVAS, CANVAS)."""
    frequency = np.hypot(np.fft.fftfreq(CANVAS)[:, None], np.fft.rfftfreq(CANVAS))
    frequency[0, 0] = 1
    spectrum = np.fft.rfft2(rng.standard_normal((CANVAS, CANVAS))) / frequency**1.25
    spectrum[0, 0] = 0
    texture = np.fft.irfft2(spectrum, s=(CANVAS, CANVAS))
    return (texture / texture.std()).astype(np.float32)


def light_falloff(rng: np.random.Generator) -> np.ndarray:
    """Slow change of brightness across the picture."""
    slope = rng.normal(0, 0.06, 2)
    place = np.linspace(-1, 1, CANVAS, dtype=np.float32)
    return (slope[0] * place + slope[1] * place[:, None]).astype(np.float32)


def limited_contrast(image: np.ndarray) -> np.ndarray:
    """Scale deviations from the mean so that gray has the standard deviation CONTRAST, and clip to [0, 1]."""
    mean, spread = image.mean(axis=(0, 1)), image.mean(axis=2).std()
    return np.clip(mean + (image - mean) * min(1, CONTRAST / spread), 0, 1)


def as_bytes(colors: np.ndarray) -> list:
    """Colors of 0 to 255, as nested lists."""
    return np.clip(colors * 255, 0, 255).astype(int).tolist()
