"""Mugs."""

from functools import partial

import numpy as np

from ventral.stimuli.objects.object_style import Style
from ventral.stimuli.palettes import ANY, BLACK, BROWN, CREAM, NAVY, RED, WHITE
from ventral.stimuli.shapes import Solid, curve, revolve, sweep

BANDS = (WHITE, NAVY, RED, BROWN, CREAM, BLACK)
COLORS = (*ANY, WHITE, CREAM)


def mug(rng: np.random.Generator, style: str) -> list[Solid]:
    radius, height, wall = rng.uniform(0.34, 0.44), rng.uniform(0.75, 1.0), 0.045
    shape = {  # radius at the foot, at the middle and at the rim
        "straight": (1.0, 1.0, 1.0),
        "tapered": (0.72, 0.87, 1.0),
        "barrel": (0.8, 1.08, 0.88),
        "flared": (0.75, 0.82, 1.12),
        "tankard": (1.12, 1.0, 0.9),
    }[style]
    height *= 1.2 if style == "tankard" else 1.0
    foot, middle, rim = radius * np.array(shape)
    outer = curve([(foot, 0.03), (middle, height / 2), (rim, height)], 20)
    inner = np.maximum(outer[::-1] - [wall, 0], [0.05, 0.07])
    profile = [(0, 0), (foot - 0.05, 0), *outer, (rim - wall / 2, height + 0.015), *inner, (0, 0.06)]
    solids = [revolve(profile, 52)]
    top, bottom = height * rng.uniform(0.78, 0.9), height * rng.uniform(0.14, 0.28)
    reach, thick = rng.uniform(0.28, 0.4), rng.uniform(0.042, 0.062)
    x_top, x_bottom = (np.interp(z, outer[:, 1], outer[:, 0]) - 0.02 for z in (top, bottom))
    handle = {
        "round": [
            (x_top, top),
            (x_top + reach * 0.75, top + 0.01),
            (x_top + reach, (top + bottom) / 2),
            (x_bottom + reach * 0.7, bottom),
            (x_bottom, bottom),
        ],
        "square": [
            (x_top, top),
            (x_top + reach, top),
            (x_top + reach, top - 0.08),
            (x_bottom + reach, bottom + 0.08),
            (x_bottom + reach, bottom),
            (x_bottom, bottom),
        ],
        "ear": [
            (x_top, top),
            (x_top + reach * 0.8, top + 0.08),
            (x_top + reach, top - 0.12),
            (x_bottom + reach * 0.35, bottom + 0.12),
            (x_bottom, bottom),
        ],
    }[rng.choice(["round", "square", "ear"])]
    path = curve([(x, 0, z) for x, z in handle], 30)
    solids.append(sweep(path, thick, 14).scaled(y=rng.uniform(1.0, 1.5)))
    if rng.random() < 0.5:
        low, high = np.sort(rng.uniform(0.2, 0.85, 2)) * height
        bands = np.linspace(low, min(max(high, low + 0.1), height * 0.9), 6)
        ring = [(np.interp(z, outer[:, 1], outer[:, 0]) + 0.006, z) for z in bands]
        solids.append(
            revolve(ring, 52, caps=False).shaded(rng.choice([0.45, 1.7])).tinted(BANDS[rng.integers(len(BANDS))])
        )
    return solids


MUGS = {
    style: Style(partial(mug, style=style), COLORS) for style in ("straight", "tapered", "barrel", "flared", "tankard")
}
