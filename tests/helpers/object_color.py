"""How far the mean color of rendered objects tells their category."""

import numpy as np

from ventral.stimuli.color import to_display
from ventral.stimuli.compose import Props, foreground, without_surroundings
from ventral.stimuli.objects import CATEGORIES
from ventral.stimuli.scenes import design


def nearest_color_accuracy(palette: str, scenes: int = 420, size: int = 32, seed: int = 0) -> float:
    """Share of objects whose category is that of the other object with the nearest mean color; chance is 1 / 14."""
    shots = design("colors", {"base_scenes": scenes, "palette": palette, "seed": seed}, CATEGORIES)
    props = Props(palette=palette)
    colors = []
    for shot in shots:
        image = foreground(without_surroundings(shot.scene), size, props)
        colors.append(to_display(image[..., :3].sum(axis=(0, 1)) / image[..., 3].sum()))
    colors, labels = np.array(colors), np.array([shot.scene.category for shot in shots])
    distances = np.linalg.norm(colors[:, None] - colors, axis=-1) + np.diag(np.full(len(colors), np.inf))
    return float(np.mean(labels[distances.argmin(axis=1)] == labels))
