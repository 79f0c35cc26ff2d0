"""A style of a built-in category: a way to build its exemplars, and their natural colors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ventral.stimuli.palettes import Hsv
from ventral.stimuli.shapes import Solid


@dataclass(frozen=True)
class Style:
    """A way to build exemplars of a category.

    Attributes
    ----------
    build : function from a random generator to the solids of one exemplar
        Up is +z, the front is +x, any size.
    colors : tuple of (hue, saturation, value)
        Natural base colors, of which an exemplar has one.
    grain : float
        Contrast (standard deviation) of a fine texture that the surface has in nature, such as fur, scales or peel.
    """

    build: Callable[[np.random.Generator], list[Solid]]
    colors: tuple[Hsv, ...]
    grain: float = 0.0
