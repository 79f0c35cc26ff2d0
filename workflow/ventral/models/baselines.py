"""Networks without training: what pixels and local orientation energy alone explain.

Both are functions of an image without fitted parameters, so they are controls that any model of the ventral stream has
to exceed. They need NumPy and SciPy only.

Sources: Adelson & Bergen, "Spatiotemporal energy models for the perception of motion", JOSA A 2:284 (1985),
for the energy of a quadrature pair; Field, "Relations between the statistics of natural images and the
response properties of cortical cells", JOSA A 4:2379 (1987), for the log-Gabor filter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.fft import fft2, fftfreq, fftshift, ifft2, ifftshift

from ventral.core.errors import Fault

LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)
OPPONENT = np.array([[1, 1, 1], [1, -1, 0], [-0.5, -0.5, 1]], dtype=np.float32).T / np.float32([3, 1, 1])
BANDWIDTH = 0.4  # standard deviation of log frequency, 1.4 octaves between the half-amplitude points
REACH = 3.0  # a filter's gain is below 3 % beyond this multiple of its center


def pixels(grid: int = 28) -> "Pixels":
    """Color values, averaged over the cells of a grid.

    Parameters
    ----------
    grid : int
        Cells along each side of the image.

    Returns
    -------
    callable
        Maps images, uint8 of shape (n, H, W, 3), to ``{"pixels": float32 array (n, grid² · 3)}`` in [0, 1].
    """
    return Pixels(grid)


def gabor_energy(
    frequencies: Sequence[float] = (4, 6, 9, 14, 21, 32), orientations: int = 8, grid: int = 7
) -> "GaborEnergy":
    """Local orientation energy on several scales, and the colors that it ignores.

    Luminance is filtered with quadrature pairs of log-Gabors; one filter of frequency f and orientation θ is::

        G(ν, φ) = exp(−ln²(ν/f) / 2b²) · exp(−(φ − θ)² / 2s²),     b = 0.4,  s = π / orientations

    on one half-plane of the spectrum, so that the filtered image z is complex and |z|² is the energy of the
    pair. A feature is the mean energy E of a grid cell, as E^¼: the square root of an amplitude, the compression
    of a cortical contrast response.

    Parameters
    ----------
    frequencies : sequence of float
        Center frequencies in cycles per shorter side of the image.
    orientations : int
        Orientations of a grating, evenly spaced from 0 (vertical bars) to 180 degrees.
    grid : int
        Cells along each side over which energy is averaged.

    Returns
    -------
    callable
        Maps images, uint8 of shape (n, H, W, 3), to float32 layers: ``cycles_f`` for every frequency f, of shape
        (n, orientations · grid²) in that order; ``opponent``, the mean light, red − green and blue − yellow of every
        cell, (n, 3 · grid²); ``energy``, all of these side by side.

    Raises
    ------
    Fault
        From the callable: images with fewer than two pixels per cycle of the finest filter, or smaller than the grid.
    """
    return GaborEnergy(tuple(frequencies), orientations, grid)


@dataclass(frozen=True)
class Pixels:
    grid: int

    @property
    def layers(self) -> list[str]:
        return ["pixels"]

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        return {"pixels": cell_colors(images, self.grid).reshape(len(images), -1)}


@dataclass(frozen=True)
class GaborEnergy:
    frequencies: tuple[float, ...]
    orientations: int
    grid: int

    @property
    def layers(self) -> list[str]:
        return [*(f"cycles_{f:g}" for f in self.frequencies), "opponent", "energy"]

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        n, height, width, _ = images.shape
        finest = max(self.frequencies)
        if min(height, width) < max(2 * finest, self.grid):
            raise Fault(
                f"gabor_energy: images of {width} × {height} pixels are too small for {finest:g} cycles per image on a "
                f"{self.grid} × {self.grid} grid. Use larger images, or lower frequencies."
            )
        luminance = images @ (LUMINANCE / 255)
        spectrum = fftshift(fft2(luminance), axes=(1, 2))
        features = [self._scale(spectrum, f).reshape(n, -1) for f in self.frequencies]
        features.append((cell_colors(images, self.grid) @ OPPONENT).transpose(0, 3, 1, 2).reshape(n, -1))
        return dict(zip(self.layers, [*features, np.concatenate(features, axis=1)], strict=True))

    def _scale(self, spectrum: np.ndarray, frequency: float) -> np.ndarray:
        """Compressed energy of every image, orientation and cell: (n, orientations, grid, grid)."""
        rows, columns, filters = filter_bank(spectrum.shape[1:], frequency, self.orientations)
        band = ifftshift(spectrum[:, rows, columns], axes=(1, 2))
        pool_rows, pool_columns = averaging(band.shape[1], self.grid), averaging(band.shape[2], self.grid)
        # The inverse transform of a cropped spectrum is the image sampled more coarsely, up to this factor.
        gain = band[0].size / spectrum[0].size
        cells = [pool_rows @ squared(gain * ifft2(band * G)) @ pool_columns.T for G in filters]
        return np.stack(cells, axis=1) ** 0.25


@cache
def filter_bank(shape: tuple[int, int], frequency: float, orientations: int) -> tuple[slice, slice, np.ndarray]:
    """Where a scale's band lies in the centered spectrum, and its filters (orientations, rows, columns)."""
    side = min(shape)
    rows, columns = (_band(length, REACH * frequency * length / side) for length in shape)
    v = fftshift(fftfreq(shape[0], 1 / side))[rows, None]
    h = fftshift(fftfreq(shape[1], 1 / side))[columns]
    radius, angle = np.hypot(v, h), np.arctan2(v, h)
    with np.errstate(divide="ignore"):
        radial = np.exp(-(np.log(radius / frequency) ** 2) / (2 * BANDWIDTH**2))  # 0 at zero frequency
    width = np.pi / orientations
    filters = []
    for k in range(orientations):
        turned = np.angle(np.exp(1j * (angle - k * width)))
        filters.append(radial * np.exp(-(turned**2) / (2 * width**2)))
    return rows, columns, ifftshift(np.array(filters, dtype=np.float32), axes=(1, 2))


def cell_colors(images: np.ndarray, grid: int) -> np.ndarray:
    """Mean color of every cell of a grid, (n, grid, grid, 3), in [0, 1]."""
    pool_rows, pool_columns = averaging(images.shape[1], grid), averaging(images.shape[2], grid)
    channels = images.transpose(0, 3, 1, 2) * np.float32(1 / 255)
    return (pool_rows @ channels @ pool_columns.T).transpose(0, 2, 3, 1)


@cache
def averaging(length: int, cells: int) -> np.ndarray:
    """Matrix (cells, length) that averages samples over equal cells; a sample may lie in two cells by parts."""
    edges = np.linspace(0, length, cells + 1)
    samples = np.arange(length)
    overlap = np.minimum(edges[1:, None], samples + 1) - np.maximum(edges[:-1, None], samples)
    return (np.clip(overlap, 0, None) * cells / length).astype(np.float32)


def squared(z: np.ndarray) -> np.ndarray:
    return z.real**2 + z.imag**2


def _band(length: int, reach: float) -> slice:
    """The centered part of a spectrum of this length that holds frequencies up to `reach` cycles."""
    half = min(length // 2, int(np.ceil(reach)))
    return slice(length // 2 - half, min(length, length // 2 + half))
