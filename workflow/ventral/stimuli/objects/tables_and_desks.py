"""Tables and desks."""

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
    DARK_RED,
    GREEN,
    LEAF,
    MAHOGANY,
    OAK,
    PINE,
    RED,
    SKY,
    WALNUT,
    WHITE,
)
from ventral.stimuli.shapes import Solid, box, curve, ellipsoid, loft, revolve, superellipse, sweep

SIDES = (-1, 1)
CORNERS = [(-1, -1), (-1, 1), (1, -1), (1, 1)]
CLOTHS = (WHITE, WHITE, CREAM, RED, SKY, LEAF)


def top_of(rng: np.random.Generator, length: float, width: float, plate: float, height: float) -> list[Solid]:
    """Table top of planks that run along it."""
    n = rng.integers(3, 6)
    planks = []
    for i in range(n):
        plank = box(length, width / n - 0.004, plate, 0.008).shifted(0, (i - (n - 1) / 2) * width / n, height)
        planks.append(plank.shaded(rng.uniform(0.88, 1.1)))
    return planks


def table(rng: np.random.Generator, style: str) -> list[Solid]:
    length, width, height = rng.uniform(1.15, 1.5), rng.uniform(0.7, 0.85), rng.uniform(0.58, 0.68)
    plate, leg = rng.uniform(0.035, 0.06), rng.uniform(0.026, 0.042)
    x, y = length / 2 - 0.08, width / 2 - 0.07
    solids = top_of(rng, length, width, plate, height)
    solids.append(box(length - 0.16, width - 0.14, 0.09, 0.01).shifted(0, 0, height - 0.06).shaded(0.8))
    splay, square = rng.uniform(0, 0.04), rng.random() < 0.5
    for end, side in CORNERS:
        if square:
            solids.append(box(2 * leg, 2 * leg, height, 0.006).shifted(end * x, side * y, height / 2).shaded(0.75))
        else:
            path = [(end * (x + splay), side * (y + splay), 0), (end * x, side * y, height - leg)]
            solids.append(sweep(path, [leg * 0.6, leg * 1.2], 12).shaded(0.75))
    return solids + (laid(rng, x, y, height + plate / 2) if style == "laid" else [bowl().shifted(z=height + plate / 2)])


def laid(rng: np.random.Generator, x: float, y: float, height: float) -> list[Solid]:
    """Plates, glasses and a bowl on a table."""
    solids = []
    plate = [(0, 0.004), (0.06, 0.004), (0.105, 0.018), (0.11, 0.02), (0.1, 0.012), (0.05, 0.0)]
    glass = [(0.03, 0), (0.03, 0.004), (0.036, 0.1), (0.032, 0.1), (0.028, 0.01), (0, 0.01)]
    for side in SIDES:
        for place in np.linspace(-0.65, 0.65, rng.integers(2, 4)) * x:
            solids.append(revolve(plate, 28).shifted(place, side * y * 0.62, height).shaded(1.9).tinted(WHITE))
            solids.append(revolve(glass, 16).shifted(place + 0.11, side * y * 0.3, height).shaded(1.8).tinted(SKY))
    return [*solids, bowl().shifted(z=height)]


def bowl() -> Solid:
    side = curve([(0.05, 0), (0.12, 0.05), (0.16, 0.12)], 10)
    return revolve([(0, 0), *side, *(side[::-1] * [0.92, 1]), (0, 0.02)], 28).shaded(1.8).tinted(WHITE)


def covered(rng: np.random.Generator) -> list[Solid]:
    """A table under a cloth that hangs down in folds, laid for a meal."""
    length, width, height, drop = rng.uniform(1.1, 1.4), rng.uniform(0.75, 0.9), 0.68, rng.uniform(0.2, 0.34)
    color = CLOTHS[rng.integers(len(CLOTHS))]
    rim = superellipse(length / 2, width / 2, 0.25, 120)
    folds = 1 + 0.03 * np.sin(np.arange(120) / 120 * 2 * np.pi * rng.integers(14, 22))[:, None]
    loops = [rim + np.array([0, 0, height]), rim * 1.01 + [0, 0, height - 0.02]]
    loops += [
        rim * (1.01 + share * (0.03 + folds - 1)) + [0, 0, height - 0.02 - drop * share] for share in (0.4, 0.7, 1.0)
    ]
    solids = [loft(loops[::-1]).shaded(1.7).tinted(color)]
    for end, side in CORNERS:
        path = [(end * length * 0.4, side * width * 0.38, 0), (end * length * 0.4, side * width * 0.38, height - 0.1)]
        solids.append(sweep(path, [0.025, 0.04], 12).shaded(0.75))
    return solids + laid(rng, length / 2 - 0.08, width / 2 - 0.07, height)


def billiard(rng: np.random.Generator) -> list[Solid]:
    """Pool table: cloth inside a rim with pockets, and balls on it."""
    length, width, height = 1.6, 0.9, 0.6
    cloth = (GREEN, GREEN, LEAF, BLUE, DARK_RED)[rng.integers(5)]
    solids = [box(length, width, 0.05).shifted(0, 0, height).shaded(1.2).tinted(cloth)]
    solids.append(box(length + 0.06, width + 0.06, 0.2, 0.02).shifted(0, 0, height - 0.13).shaded(0.8))
    for side in SIDES:
        solids.append(box(length + 0.16, 0.1, 0.07, 0.02).shifted(0, side * (width / 2 + 0.03), height + 0.03))
        solids.append(box(0.1, width + 0.16, 0.07, 0.02).shifted(side * (length / 2 + 0.03), 0, height + 0.03))
        cushion = [box(length - 0.06, 0.03, 0.05, 0.01).shifted(0, side * (width / 2 - 0.03), height + 0.03)]
        cushion.append(box(0.03, width - 0.06, 0.05, 0.01).shifted(side * (length / 2 - 0.03), 0, height + 0.03))
        solids += [part.shaded(1.1).tinted(cloth) for part in cushion]
    for x in (-1, 0, 1):
        for side in SIDES:
            hole = revolve([(0, 0), (0.055, 0), (0.055, 0.075), (0, 0.076)], 20).tinted(BLACK).shaded(0.1)
            solids.append(hole.shifted(x * (length / 2 - 0.01), side * (width / 2 - 0.01), height))
            leg = curve([(0.05, 0), (0.07, 0.1), (0.05, 0.2), (0.08, height - 0.2)], 14)
            solids.append(revolve([(0, 0), *leg], 16).shifted(x * length * 0.42, side * width * 0.38).shaded(0.75))
    for color in (WHITE, RED, BLACK, BLUE, RED, WHITE)[: rng.integers(3, 7)]:
        x, y = rng.uniform(-0.4, 0.4, 2) * [length, width]
        solids.append(ellipsoid(0.03, 0.03, 0.03, sides=14, rings=10).shifted(x, y, height + 0.055).tinted(color))
    return solids


COLORS = (OAK, PINE, WALNUT, MAHOGANY, BROWN, DARK_BROWN, *ANY)
TABLES = {style: Style(partial(table, style=style), COLORS) for style in ("bare", "laid")}
TABLES |= {
    "covered": Style(covered, COLORS),
    "billiard": Style(billiard, (WALNUT, MAHOGANY, OAK, BLACK, BROWN)),
}
