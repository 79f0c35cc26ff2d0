"""Sampled augmentations: a table of named parameters, and a function that replays a row of it bit for bit.

The recipe is that of Barlow Twins and BYOL, with Pillow's operations in this order: random resized crop, flip,
color jitter, gray, blur, solarize. Columns of the table (neutral value in parentheses):

- `crop_x`, `crop_y` (0, 0): center of the crop, right and up, in half sides of the frame; ±1 is its border. The
  frame is the image's central square, so a crop is the same relative one on images of any size.
- `crop_area` (1): its share of the frame's area, 0.08 to 1; `crop_ratio` (1): its width divided by its height, 3/4 to
  4/3, uniform in the logarithm.
- `flip` (0): 1 mirrors left and right.
- `brightness`, `contrast`, `saturation` (1): factors from 0.6 to 1.4; `hue` (0): a shift of -0.1 to 0.1 turns;
  `jitter_order` (0): number of the order of these four among the 24 possible ones, in lexicographic order.
- `grey` (0): 1 removes the color. `solarize` (0): 1 inverts values of 128 and more.
- `blur` (0): standard deviation of the Gaussian, 0.1 to 2 pixels of the finished image.
- `jitter_applied`, `grey_applied`, `blur_applied`, `solarize_applied` (0): 1 if the operation was drawn. Crop and flip
  have no such switch: a crop is always drawn, unless `changes` say otherwise.
"""

import math
from collections.abc import Mapping
from functools import partial
from itertools import permutations

import numpy as np
import pandas as pd
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from ventral.core.random import generator
from ventral.stimuli.color import turn_hue
from ventral.stimuli.table import INDEPENDENT

NEUTRAL = {
    **{"crop_x": 0.0, "crop_y": 0.0, "crop_area": 1.0, "crop_ratio": 1.0, "flip": 0},
    **{"brightness": 1.0, "contrast": 1.0, "saturation": 1.0, "hue": 0.0, "jitter_order": 0},
    **{"grey": 0, "blur": 0.0, "solarize": 0},
    **{"jitter_applied": 0, "grey_applied": 0, "blur_applied": 0, "solarize_applied": 0},
}
SPATIAL = {"crop": 1.0, "flip": 0.5}
PHOTOMETRIC = {"jitter": 0.8, "grey": 0.2, "blur": 0.5, "solarize": 0.2}
RECIPES = {  # how probable each operation is; those of stimulus sets have every gate both on and off
    "augmentation": SPATIAL | PHOTOMETRIC,
    INDEPENDENT: SPATIAL | PHOTOMETRIC,
    "spatial": SPATIAL,
    "photometric": PHOTOMETRIC,
    "view_a": SPATIAL | PHOTOMETRIC | {"blur": 1.0, "solarize": 0.0},
    "view_b": SPATIAL | PHOTOMETRIC | {"blur": 0.2},
}
PARAMETERS = ("augmentation", "spatial", "photometric")  # draws that all images of a set share
AREA, RATIO, BLUR = (0.08, 1.0), (3 / 4, 4 / 3), (0.1, 2.0)
JITTER = {"brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.1}
SOLARIZED = np.uint8(128)
ORDERS = tuple(permutations(JITTER))
TRIES = 10  # draws of a crop that does not fit into the frame are repeated, as torchvision does
DRAWS = 2 * TRIES + 14


def sample(rng: np.random.Generator, n: int, kind: str, changes: Mapping[str, object] | None = None) -> pd.DataFrame:
    """Draw augmentations; drawing more of them never changes the first ones.

    Parameters
    ----------
    rng : Generator
    n : int
    kind : {"augmentation", "independent_augmentation", "spatial", "photometric", "view_a", "view_b"}
        All operations (the first two), only crop and flip, only the others, or the two views of self-supervised
        training.
    changes : mapping, optional
        Other probabilities of `crop`, `flip`, `jitter`, `grey`, `blur` or `solarize`, and `crop_area`, the smallest and
        the largest share of the frame in a crop. They change no random number, only its meaning.

    Returns
    -------
    DataFrame of n rows with the columns above
    """
    return table_from(rng.random((n, DRAWS)), kind, changes)


def table_from(shares: np.ndarray, kind: str, changes: Mapping[str, object] | None = None) -> pd.DataFrame:
    """The augmentations for n rows of DRAWS random numbers in [0, 1)."""
    chance, n, draws = {**RECIPES[kind], **(changes or {})}, len(shares), iter(shares.T)
    table = {column: np.full(n, value) for column, value in NEUTRAL.items()}
    tries = (np.stack([next(draws) for _ in range(TRIES)]) for _ in range(2))
    area, ratio = crop_shape(*tries, chance.get("crop_area", AREA))
    x, y = ((2 * next(draws) - 1) * (1 - np.sqrt(area * side)) for side in (ratio, 1 / ratio))
    crop = {"crop_x": x, "crop_y": y, "crop_area": area, "crop_ratio": ratio}
    is_cropped = shares[:, -1] < chance.get("crop", 0)
    table |= {column: np.where(is_cropped, values, NEUTRAL[column]) for column, values in crop.items()}
    drawn = {
        operation: (next(draws) < chance.get(operation, 0)).astype(int)
        for operation in ("flip", "jitter", "grey", "blur", "solarize")
    }
    table |= {operation: drawn[operation] for operation in ("flip", "grey", "solarize")}
    table |= {f"{operation}_applied": on for operation, on in drawn.items() if operation != "flip"}
    for variable, width in JITTER.items():
        table[variable] = NEUTRAL[variable] + drawn["jitter"] * width * (2 * next(draws) - 1)
    table["jitter_order"] = drawn["jitter"] * (len(ORDERS) * next(draws)).astype(int)
    table["blur"] = drawn["blur"] * between(*BLUR, next(draws))
    return pd.DataFrame(table)


def apply(image: np.ndarray | Image.Image, parameters: Mapping[str, float], size: int) -> np.ndarray:
    """Replay one augmentation.

    Parameters
    ----------
    image : uint8 array of shape (height, width, 3), or picture (PIL)
    parameters : mapping or Series
        A row of `sample`. Switches are ignored, because an operation that is off has neutral values, which change
        nothing.
    size : int
        Side of the result in pixels.

    Returns
    -------
    uint8 array of shape (size, size, 3)
    """
    picture = cropped(image, parameters, size)
    if parameters["flip"]:
        picture = ImageOps.mirror(picture)
    for variable in ORDERS[int(parameters["jitter_order"])]:
        if parameters[variable] != NEUTRAL[variable]:
            picture = CHANGES[variable](picture, parameters[variable])
    if parameters["grey"]:
        picture = picture.convert("L").convert("RGB")
    if parameters["blur"]:
        picture = picture.filter(ImageFilter.GaussianBlur(float(parameters["blur"])))
    shown = np.asarray(picture)
    return np.where(shown < SOLARIZED, shown, 255 - shown) if parameters["solarize"] else shown


def variants(seed: int, name: str, scene: str, levels: int) -> pd.DataFrame:
    """Variants of one image: the clean one (`parameter` "", `level` -1), then the levels of each kind of augmentation.

    Draws of `PARAMETERS` are the same for every image, so that covariances can be compared draw by draw. Draws of
    `INDEPENDENT` belong to one image, so that a decoder of augmentations is never tested on a draw that it has seen.

    The levels form a Latin hypercube: each follows the recipe, and together they are spread evenly over every column.
    With 5 or more levels, every operation is on in some of them and off in others.

    Parameters
    ----------
    seed : int
    name : str
        Name of the set.
    scene : str
        Id of the image.
    levels : int
        Number of draws of each kind.
    """
    from scipy.stats.qmc import LatinHypercube  # takes most of a second, and every geometry job imports this module

    parts = [pd.DataFrame({"parameter": "", "level": -1, **NEUTRAL}, index=[0])]
    for parameter in (*PARAMETERS, INDEPENDENT):
        of_image = (scene,) if parameter == INDEPENDENT else ()
        rng = generator(seed, name, parameter, *of_image)
        drawn = table_from(LatinHypercube(DRAWS, rng=rng).random(levels), parameter)
        drawn.insert(0, "parameter", parameter)
        drawn.insert(1, "level", np.arange(levels))
        parts.append(drawn)
    return pd.concat(parts, ignore_index=True)


def crop_shape(area: np.ndarray, ratio: np.ndarray, areas: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Area and ratio from draws of shape (TRIES, n): the first that fit into the frame, or else the whole frame."""
    area, ratio = between(*areas, area), np.exp(between(*np.log(RATIO), ratio))
    fits = (area * ratio <= 1) & (area / ratio <= 1)
    first = fits.argmax(axis=0)[None]
    return tuple(np.where(fits.any(axis=0), np.take_along_axis(each, first, axis=0)[0], 1.0) for each in (area, ratio))


def cropped(image: np.ndarray | Image.Image, parameters: Mapping[str, float], size: int) -> Image.Image:
    """Only the crop of an augmentation."""
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    side, box = min(picture.size), ([], [])
    ratio = parameters["crop_ratio"]
    for length, shift, stretch in zip(
        picture.size, (parameters["crop_x"], -parameters["crop_y"]), (ratio, 1 / ratio), strict=True
    ):
        corner, half = (length - side) // 2, side / 2 * math.sqrt(parameters["crop_area"] * stretch)
        center = corner + side / 2 * (1 + shift)
        for edges, edge in zip(box, (center - half, center + half), strict=True):
            edges.append(min(max(edge, corner), corner + side))
    return picture.resize((size, size), Image.Resampling.BICUBIC, box=(*box[0], *box[1]))


def contrasted(picture: Image.Image, factor: float) -> Image.Image:
    """The result of `ImageEnhance.Contrast`, without its slow mean."""
    mean = int(np.asarray(picture.convert("L")).mean() + 0.5)
    return Image.blend(Image.new("RGB", picture.size, (mean, mean, mean)), picture, factor)


def enhanced(enhancer, picture: Image.Image, factor: float) -> Image.Image:
    return enhancer(picture).enhance(factor)


def hue_turned(picture: Image.Image, turns: float) -> Image.Image:
    turned = turn_hue(np.asarray(picture, np.float32) / 255, turns)
    return Image.fromarray((turned * 255 + 0.5).astype(np.uint8))


CHANGES = {
    "brightness": partial(enhanced, ImageEnhance.Brightness),
    "contrast": contrasted,
    "saturation": partial(enhanced, ImageEnhance.Color),
    "hue": hue_turned,
}


def between(low: float, high: float, share: np.ndarray) -> np.ndarray:
    return low + share * (high - low)
