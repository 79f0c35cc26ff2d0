"""The light of images, batch by batch, and the windows through which units of early areas see it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ventral.core.errors import Fault
from ventral.core.jobs import progress
from ventral.models.baselines import averaging
from ventral.stimuli import open_images

SIDE = 112  # points along each side; smaller images keep their pixels
SMALLEST = 16
BATCH = 64


def side_of(stimuli: str | Path) -> int:
    """Points along each side at which the light of a stimulus set is sampled.

    Raises
    ------
    Fault
        The images are smaller than 16 pixels.
    """
    with open_images(stimuli) as images:
        smaller = min(images.shape[1:3])
    if smaller < SMALLEST:
        raise Fault(f"{stimuli}: simulated areas need images of {SMALLEST} pixels or more, not {smaller}.")
    return min(smaller, SIDE)


def light_of(stimuli: str | Path, side: int) -> Iterator[np.ndarray]:
    """Colors of the images of a stimulus set in their order, (batch, side, side, 3), from 0 to 1, float32."""
    with open_images(stimuli) as images:
        starts = range(0, len(images), BATCH)
        for start in progress(starts, total=len(starts), unit="batch", name="simulated areas"):
            yield averaged(images[start : start + BATCH] * np.float32(1 / 255), side)


def averaged(maps: np.ndarray, side: int) -> np.ndarray:
    """Means of maps (images, rows, columns, …) over the cells of a grid, (images, side, side, …)."""
    rows, columns = (averaging(length, side) for length in maps.shape[1:3])
    return np.einsum("ir,nrc...,jc->nij...", rows, maps, columns, optimize=True)


def windows(horizontal: np.ndarray, vertical: np.ndarray, width: float, side: int) -> np.ndarray:
    """Gaussian windows that each sum to 1.

    Parameters
    ----------
    horizontal, vertical : arrays of shape (units,)
        Centers, in sides of the image from its upper left corner.
    width : float
        Standard deviation, in sides of the image.
    side : int
        Points along each side.

    Returns
    -------
    array of shape (units, side, side), float32
    """
    points = (np.arange(side) + 0.5) / side
    across, down = (
        np.exp(-((points - np.asarray(center)[:, None]) ** 2) / (2 * width**2)) for center in (horizontal, vertical)
    )
    found = down[:, :, None] * across[:, None, :]
    return (found / found.sum(axis=(1, 2), keepdims=True)).astype(np.float32)
