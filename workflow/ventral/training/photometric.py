"""Augmentations after the crop, for whole batches of pictures on any device.

`ventral.stimuli.augmentations.apply` changes one picture at a time with Pillow. When a GPU trains, the CPU only crops,
and this module flips, jitters, grays, blurs and solarizes the batch according to the rows of the same table. It rounds
to whole gray levels after every step, as Pillow does, and therefore gives the same values. The blur is Pillow's too:
three passes of a box of fractional width in each direction, so a wide blur costs no more than a narrow one.

Source of the blur: Gwosdek, Grewenig, Bruhn & Weickert, "Theoretical foundations of Gaussian convolution by extended
box filtering", SSVM, LNCS 6667: 447-458 (2011).
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ventral.stimuli.augmentations import JITTER, NEUTRAL, ORDERS

PASSES = 3
UNIT = 2**24  # Pillow's weights of a box are whole parts of it
GRAY = (19595, 38470, 7471)  # parts in 2**16 of red, green and blue, as Pillow has them: 0.299, 0.587 and 0.114


def photometric(images: Tensor, table: pd.DataFrame, device: str | torch.device) -> Tensor:
    """Flip, jitter, gray, blur and solarize pictures that are already cropped.

    Parameters
    ----------
    images : uint8 tensor of shape (B, 3, H, W)
        Not changed.
    table : DataFrame of B rows
        Augmentations as `ventral.stimuli.augmentations.sample` draws them; the crop is ignored.
    device : str or device
        Where to compute.

    Returns
    -------
    float32 tensor of shape (B, 3, H, W)
        On the device, from 0 to 1 in steps of 1/255.

    Raises
    ------
    ValueError
        There is not one row per image, or the images are not uint8 with three channels.
    """
    if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[1] != 3 or len(images) != len(table):
        raise ValueError(
            f"Augmentations of {len(table)} images were drawn for uint8 images of shape (B, 3, H, W), not for "
            f"{str(images.dtype).removeprefix('torch.')} of shape {tuple(images.shape)}."
        )
    levels = images.to(device).float()
    column = {name: table[name].to_numpy() for name in NEUTRAL}
    change(levels, column["flip"] != 0, lambda x: x.flip(-1))
    orders = np.array([[list(JITTER).index(variable) for variable in order] for order in ORDERS])
    for turn in orders[column["jitter_order"].astype(int)].T:
        for position, (variable, jitter) in enumerate(CHANGES.items()):
            chosen = (turn == position) & (column[variable] != NEUTRAL[variable])
            change(levels, chosen, jitter, column[variable])
    change(levels, column["grey"] != 0, lambda x: gray(x).expand_as(x))
    change(levels, column["blur"] != 0, blurred, column["blur"])
    change(levels, column["solarize"] != 0, lambda x: torch.where(x < 128, x, 255 - x))
    return levels / 255


def change(levels: Tensor, chosen: np.ndarray, operation: Callable[..., Tensor], *values: np.ndarray) -> None:
    """Apply an operation to the chosen images with their values."""
    if not chosen.any():
        return
    rows = torch.from_numpy(np.flatnonzero(chosen)).to(levels.device)
    levels[rows] = operation(levels[rows], *(torch.from_numpy(value[chosen]).to(levels.device) for value in values))


def gray(x: Tensor) -> Tensor:
    """Luma of shape (B, 1, H, W), in whole levels."""
    red, green, blue = x.int().split(1, dim=1)
    return (red * GRAY[0] + green * GRAY[1] + blue * GRAY[2] + 2**15 >> 16).float()


def blended(x: Tensor, degenerate: Tensor | float, factor: Tensor) -> Tensor:
    """Extrapolate from the image that a factor of 0 gives; Pillow drops the fraction."""
    return (degenerate + per_image(factor) * (x - degenerate)).clamp(0, 255).floor()


def brightness(x: Tensor, factor: Tensor) -> Tensor:
    return blended(x, 0.0, factor)


def contrast(x: Tensor, factor: Tensor) -> Tensor:
    mean = gray(x).double().mean(dim=(1, 2, 3), keepdim=True)
    return blended(x, (mean + 0.5).floor().float(), factor)


def saturation(x: Tensor, factor: Tensor) -> Tensor:
    return blended(x, gray(x), factor)


def hue(x: Tensor, turns: Tensor) -> Tensor:
    """Shift hues and keep saturation and value, as `ventral.stimuli.color.turn_hue` does."""
    red, green, blue = (x / 255).split(1, dim=1)
    value = torch.maximum(torch.maximum(red, green), blue)
    chroma = value - torch.minimum(torch.minimum(red, green), blue)
    safe = chroma.clamp(min=1e-9)
    of_others = torch.where(value == green, 2 + (blue - red) / safe, 4 + (red - green) / safe)
    sixths = torch.where(value == red, (green - blue) / safe, of_others)
    starts = torch.tensor([5, 3, 1], device=x.device).view(1, 3, 1, 1)
    wheel = sixths + (starts + 6 * turns.view(-1, 1, 1, 1)).float()
    wheel = wheel - 6 * (wheel / 6).floor()
    turned = value - chroma * torch.minimum(wheel, 4 - wheel).clamp(0, 1)
    return (turned * 255 + 0.5).floor()


CHANGES = {"brightness": brightness, "contrast": contrast, "saturation": saturation, "hue": hue}


def blurred(x: Tensor, deviation: Tensor) -> Tensor:
    """Gaussian blur of each image with its own standard deviation in pixels, as box blurs of fractional radius."""
    variance = (deviation.float().square() / PASSES).double()
    whole = (((12 * variance + 1).sqrt() - 1) / 2).floor()
    part = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance) / (6 * (variance - (whole + 1).square()))
    radius = (whole + part).float()
    inner = (UNIT / (2 * radius + 1)).long()
    outer = (UNIT - (2 * whole.long() + 1) * inner) // 2
    reach = int(whole.max()) + 1
    distance = torch.arange(-reach, reach + 1, device=x.device).abs()
    whole, inner, outer = (each[:, None] for each in (whole, inner, outer))
    weights = torch.where(distance <= whole, inner, torch.where(distance == whole + 1, outer, 0))
    levels = x.long()
    for axis in (3, 2):
        length = levels.shape[axis]
        beyond = torch.arange(-reach, length + reach, device=x.device).clamp(0, length - 1)  # the border is continued
        for _ in range(PASSES):
            wide = levels.index_select(axis, beyond)
            taps = (wide.narrow(axis, start, length) for start in range(2 * reach + 1))
            total = sum(per_image(weight) * tap for weight, tap in zip(weights.T, taps, strict=True))
            levels = total + UNIT // 2 >> 24
    return levels.float()


def per_image(values: Tensor) -> Tensor:
    """Values for (B, 3, H, W), in float32 unless whole."""
    return (values.float() if values.is_floating_point() else values).view(-1, 1, 1, 1)
