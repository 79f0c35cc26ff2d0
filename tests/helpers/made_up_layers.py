"""A network of made-up layers, for studies of a given size: nothing is extracted, and nothing of it can be interpreted.

The responses have centers by class, and a spectrum that falls with the rank. The first pixel of an image is its number.
"""

import zlib

import numpy as np


def numbered_images(n: int, size: int = 16) -> np.ndarray:
    """Images of noise, uint8 of shape (n, size, size, 3), whose first pixel is their number."""
    images = np.random.default_rng(0).integers(0, 256, (n, size, size, 3), np.uint8)
    images[:, 0, 0] = np.arange(n)[:, None] >> np.array([16, 8, 0]) & 255
    return images


def network(widths: dict[str, int], classes: int, name: str) -> "MadeUpLayers":
    """The factory that a configuration names.

    Parameters
    ----------
    widths : dict of int
        Features of each layer.
    classes : int
        The class of an image is its number modulo this.
    name : str
        Networks of other names have other responses.
    """
    return MadeUpLayers(widths, classes, zlib.crc32(name.encode()))


class MadeUpLayers:
    """Maps images to {layer: float32 array (n, features)}; the same image has the same responses."""

    def __init__(self, widths: dict[str, int], classes: int, seed: int) -> None:
        self.layers, self.widths, self.seed = tuple(widths), widths, seed
        self.classes, self.centers = classes, None

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        total = sum(self.widths.values())
        if self.centers is None:
            self.centers = np.random.default_rng(self.seed).standard_normal((self.classes, total), np.float32) / 2
        numbers = images[:, 0, 0].astype(int) @ [65536, 256, 1]
        noise = [np.random.default_rng([self.seed, k]).standard_normal(total, np.float32) for k in numbers]
        every = np.split(self.centers[numbers % self.classes] + noise, np.cumsum([*self.widths.values()])[:-1], axis=1)
        return {layer: X * falling(X.shape[1], k) for k, (layer, X) in enumerate(zip(self.layers, every, strict=True))}


def falling(d: int, k: int) -> np.ndarray:
    """Standard deviations of the axes of layer k, which fall off more slowly in deeper layers."""
    return np.arange(1, d + 1, dtype=np.float32) ** np.float32(-0.7 + 0.03 * k)
