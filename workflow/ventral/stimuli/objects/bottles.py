"""Bottles."""

from functools import partial

import numpy as np

from ventral.stimuli.objects.object_style import Style
from ventral.stimuli.palettes import (
    ANY,
    BLACK,
    BLUE,
    BROWN,
    CREAM,
    DARK_BROWN,
    DARK_GREEN,
    DARK_RED,
    GOLD,
    GREEN,
    KHAKI,
    NAVY,
    OLIVE,
    PINK,
    RED,
    SILVER,
    SKY,
    WHITE,
)
from ventral.stimuli.shapes import Solid, curve, revolve, sweep

CAPS = (BLACK, DARK_RED, GOLD, SILVER, NAVY, DARK_GREEN)
LABELS = (CREAM, WHITE, WHITE, RED, GOLD, BLUE)
PROFILES = {  # radius, height
    "bordeaux": [(0.125, 0), (0.132, 0.03), (0.132, 0.62), (0.112, 0.7), (0.05, 0.78), (0.043, 0.98)],
    "burgundy": [(0.141, 0), (0.147, 0.03), (0.147, 0.42), (0.109, 0.6), (0.054, 0.74), (0.042, 0.98)],
    "beer": [(0.119, 0), (0.126, 0.02), (0.126, 0.42), (0.091, 0.56), (0.056, 0.68), (0.045, 0.86)],
    "cola": [(0.115, 0), (0.13, 0.06), (0.108, 0.25), (0.137, 0.46), (0.115, 0.6), (0.058, 0.74), (0.05, 0.86)],
    "milk": [(0.172, 0), (0.179, 0.03), (0.179, 0.45), (0.156, 0.54), (0.094, 0.66), (0.094, 0.76)],
    "detergent": [(0.204, 0), (0.212, 0.03), (0.204, 0.3), (0.178, 0.42), (0.196, 0.56), (0.102, 0.7), (0.076, 0.74)],
}
COLORS = {
    "bordeaux": (DARK_GREEN, OLIVE, BLACK, DARK_RED, DARK_BROWN), "burgundy": (DARK_GREEN, OLIVE, KHAKI, BLACK),
    "beer": (BROWN, DARK_BROWN, GREEN, SKY), "cola": (*ANY, DARK_BROWN),
    "milk": (WHITE, CREAM, SKY), "detergent": (*ANY, PINK),
}  # fmt: skip


def bottle(rng: np.random.Generator, style: str) -> list[Solid]:
    wide, tall = rng.uniform(0.88, 1.12), rng.uniform(0.92, 1.1)
    outline = curve(np.array(PROFILES[style]) * [wide, tall], 44)
    neck, top = outline[-1]
    flat = rng.uniform(0.55, 0.7) if style == "detergent" else 1.0
    lip = [(neck * 1.12, top - 0.03), (neck * 1.12, top), (0, top + 0.005)]
    solids = [revolve([(0, 0), *outline, *lip], 44).scaled(y=flat)]
    cap = rng.uniform(0.04, 0.08)
    cap_profile = [
        (0, top - 0.01),
        (neck * 1.18, top - 0.01),
        (neck * 1.18, top + cap - 0.01),
        (neck * 1.1, top + cap),
        (0, top + cap),
    ]
    solids.append(
        revolve(cap_profile, 28)
        .scaled(y=max(flat, 0.8))
        .shaded(rng.choice([0.3, 1.7]))
        .tinted(CAPS[rng.integers(len(CAPS))])
    )
    low, high = {"bordeaux": (0.18, 0.52), "burgundy": (0.12, 0.38), "beer": (0.12, 0.36)}.get(style, (0.3, 0.44))
    band = np.linspace(low, high, 8) * tall
    skin = [(np.interp(z, outline[:, 1], outline[:, 0]) + 0.006, z) for z in band]
    solids.append(revolve(skin, 44, caps=False).scaled(y=flat).shaded(1.75).tinted(LABELS[rng.integers(len(LABELS))]))
    if style == "detergent":
        grip = [
            (0.2 * wide, 0, 0.62 * tall),
            (0.36, 0, 0.56 * tall),
            (0.36, 0, 0.3 * tall),
            (0.22 * wide, 0, 0.24 * tall),
        ]
        solids.append(sweep(curve(grip, 18), 0.035, 10))
    return solids


BOTTLES = {style: Style(partial(bottle, style=style), COLORS[style]) for style in COLORS}
