"""Patterns on the surface of objects: coats of animals, bark, grain and other shares of a tint in space."""

from collections.abc import Callable

import numpy as np

Field = Callable[[np.ndarray], np.ndarray]


def ripples(rng: np.random.Generator, length: float, waves: int = 9) -> Field:
    """Smooth random function of points of shape (n, 3), of zero mean and unit variance, with this wavelength."""
    direction = rng.standard_normal((waves, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    wave = direction * 2 * np.pi / length * rng.uniform(0.7, 1.3, (waves, 1))
    phase = rng.uniform(0, 2 * np.pi, waves)
    return lambda points: np.cos(points @ wave.T + phase).sum(axis=1) * np.sqrt(2 / waves)


def step(values: np.ndarray, at: float, soft: float) -> np.ndarray:
    """Smooth step from 0 below `at` to 1 above it, over a range of width `soft`."""
    share = np.clip((values - at) / soft + 0.5, 0, 1)
    return share**2 * (3 - 2 * share)


def patches(rng: np.random.Generator, length: float, at: float = 0.0) -> Field:
    """Blotches of this size with sharp edges; a higher `at` makes fewer of them."""
    field = ripples(rng, length)
    return lambda points: step(field(points), at, 0.25)


def stripes(rng: np.random.Generator, length: float, bend: float = 0.6, at: float = 0.0) -> Field:
    """Upright bands across x, this far apart and irregular."""
    field, phase = ripples(rng, 6 * length), rng.uniform(0, 6)

    def share(points: np.ndarray) -> np.ndarray:
        return step(np.sin(2 * np.pi * points[:, 0] / length + bend * 2 * field(points) + phase), at, 0.5)

    return share
