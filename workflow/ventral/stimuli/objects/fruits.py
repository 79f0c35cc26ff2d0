"""Fruit."""

import numpy as np

from ventral.stimuli.objects.object_style import Style
from ventral.stimuli.objects.patterns import patches, ripples
from ventral.stimuli.palettes import (
    BLACK,
    BROWN,
    DARK_BROWN,
    DARK_RED,
    GOLD,
    GREEN,
    IVORY,
    LEAF,
    LIME,
    NAVY,
    OLIVE,
    ORANGE,
    PINK,
    PURPLE,
    RED,
    RUSSET,
    TAN,
    WINE,
    YELLOW,
)
from ventral.stimuli.shapes import Solid, blade, curve, ellipsoid, revolve, sweep

PEEL = 0.15  # contrast of its texture


def apple(rng: np.random.Generator) -> list[Solid]:
    wide, tall = rng.uniform(0.5, 0.56), rng.uniform(0.42, 0.52)
    outline = curve(
        [
            (0.0, 0.1),
            (0.13, 0.0),
            (wide * 0.75, tall * 0.25),
            (wide, tall * 1.05),
            (wide * 0.72, tall * 1.85),
            (0.2, tall * 2.02),
            (0.0, tall * 1.72),
        ],
        40,
    )
    return [revolve(outline, 48), stalk(tall * 1.72, rng.uniform(0.3, 0.42), rng), leaf(tall * 2.05, rng)]


def pear(rng: np.random.Generator) -> list[Solid]:
    wide, tall, waist = rng.uniform(0.42, 0.5), rng.uniform(1.1, 1.3), rng.uniform(0.22, 0.28)
    outline = curve(
        [
            (0.0, 0.05),
            (0.12, 0.0),
            (wide * 0.85, 0.15),
            (wide, 0.38),
            (wide * 0.75, 0.65),
            (waist, tall * 0.78),
            (waist * 0.75, tall * 0.95),
            (0.05, tall),
            (0, tall - 0.04),
        ],
        44,
    )
    return [revolve(outline, 44), stalk(tall - 0.05, 0.26, rng), leaf(tall + 0.04, rng)]


def stalk(foot: float, long: float, rng: np.random.Generator) -> Solid:
    bend = rng.uniform(0.04, 0.12)
    return (
        sweep(
            curve([(0, 0, foot), (bend * 0.3, 0, foot + long * 0.6), (bend, 0, foot + long)], 8),
            np.linspace(0.022, 0.035, 8),
            8,
        )
        .shaded(0.3)
        .tinted(DARK_BROWN)
    )


def leaf(height: float, rng: np.random.Generator) -> Solid:
    along = np.linspace(0, 1, 9)[:, None]
    spine = along * [0.4, 0, 0.16] - along**2 * [0, 0, 0.12]
    half = 0.13 * np.sin(np.pi * (0.03 + 0.94 * along)) ** 0.8 * [0, 1, 0]
    return (
        blade(spine + half, spine - half, 0.015, (-0.2, 0, 1))
        .turned("z", rng.uniform(0, 360))
        .shifted(0, 0, height)
        .shaded(0.55)
        .tinted(LEAF)
    )


def banana(rng: np.random.Generator) -> list[Solid]:
    n, thick, bend = rng.integers(1, 5), rng.uniform(0.14, 0.17), rng.uniform(0.26, 0.38)
    solids, spots = [], patches(rng, 0.12, 1.5)
    for i in range(n):
        path = curve([(-0.72, 0, bend), (-0.42, 0, 0.08), (0.0, 0, -0.05), (0.42, 0, 0.08), (0.74, 0, bend * 0.95)], 30)
        radius = thick * np.sin(np.linspace(0.42, np.pi - 0.25, 30)) ** 0.6
        one = [
            sweep(path, radius, 7),  # few sides: the ridges of a banana
            sweep([path[-1], path[-1] + [0.1, 0, 0.17]], [0.055, 0.045], 8).shaded(0.5).tinted(OLIVE),
            ellipsoid(0.06, 0.06, 0.06, sides=12, rings=8)
            .shifted(*(path[0] + [-0.02, 0, 0.05]))
            .shaded(0.15)
            .tinted(DARK_BROWN),
        ]
        for part in one:  # a hand of bananas fans out around the common stalk
            fan = (i - (n - 1) / 2) * 17
            part = part.tinted(DARK_BROWN, 0.6 * spots(part.vertices))
            solids.append(part.shifted(-0.84, 0, -bend).turned("z", fan).turned("x", fan * 0.5).shifted(0.84, 0, bend))
    return solids


def pineapple(rng: np.random.Generator) -> list[Solid]:
    wide, tall = rng.uniform(0.36, 0.42), rng.uniform(0.5, 0.6)
    solids = [ellipsoid(wide, wide, tall, 0.85).shaded(0.55)]
    rows = 9
    for row in range(rows):
        latitude = np.radians(-68 + 136 * row / (rows - 1))
        n = max(6, round(15 * np.cos(latitude)))
        for i in range(n):
            angle = 360 / n * (i + 0.5 * (row % 2))
            x, z = wide * np.cos(latitude) ** 0.85, tall * np.sign(np.sin(latitude)) * np.abs(np.sin(latitude)) ** 0.85
            solids.append(
                ellipsoid(0.05, 0.075, 0.062, sides=8, rings=6)
                .turned("y", -np.degrees(latitude))
                .shifted(x, 0, z)
                .turned("z", angle)
            )
    along = np.linspace(0, 1, 8)[:, None]
    for i in range(22):
        upright = i / 22
        spine = along * [0.36 * (1 - upright), 0, 0.42 + 0.25 * upright] + along**2 * [
            0.2 * (1 - upright),
            0,
            -0.12 * (1 - upright),
        ]
        half = 0.065 * (1 - along**1.5) * [0, 1, 0] + [0, 0.002, 0]
        one = blade(spine + half, spine - half, 0.02, (-1, 0, 0.4)).shifted(0.05, 0, tall - 0.06)
        solids.append(one.turned("z", i * 137.5).shaded(0.7).tinted(LEAF))
    return solids


def grapes(rng: np.random.Generator) -> list[Solid]:
    solids, berry = [], rng.uniform(0.115, 0.135)
    for row, width in enumerate((0.16, 0.3, 0.36, 0.34, 0.28, 0.2, 0.12, 0.0)):
        n = max(1, round(2 * np.pi * width / (1.75 * berry)))
        for i in range(n):
            angle = 2 * np.pi * (i + 0.5 * row) / n
            place = np.array([width * np.cos(angle), width * np.sin(angle), -row * berry * 1.45]) + rng.normal(
                0, 0.015, 3
            )
            solids.append(
                ellipsoid(berry, berry, berry * 1.08, sides=16, rings=12).shifted(*place).shaded(rng.uniform(0.88, 1.1))
            )
    return [*solids, stalk(0.05, 0.35, rng), leaf(0.2, rng), leaf(0.22, rng)]


def strawberry(rng: np.random.Generator) -> list[Solid]:
    wide, tall = rng.uniform(0.42, 0.5), rng.uniform(1.0, 1.2)
    outline = curve(
        [
            (0.0, 0.0),
            (0.12, 0.03),
            (wide * 0.6, tall * 0.32),
            (wide, tall * 0.75),
            (wide * 0.8, tall * 0.96),
            (0.15, tall),
            (0, tall * 0.97),
        ],
        36,
    )
    solids = [revolve(outline, 40)]
    inner = outline[4:-4]
    for row, place in enumerate(np.linspace(0.1, 0.85, 8)):
        x, z = inner[int(place * (len(inner) - 1))]
        for angle in np.arange(0, 360, 360 / max(4, round(x * 24))) + 20 * row:
            solids.append(
                ellipsoid(0.014, 0.016, 0.026, sides=8, rings=6)
                .shifted(x + 0.002, 0, z)
                .turned("z", angle)
                .shaded(1.8)
                .tinted(YELLOW)
            )
    along = np.linspace(0, 1, 7)[:, None]
    for i in range(8):
        spine = along * [0.42, 0, 0.14] - along**2 * [0, 0, 0.2]
        half = 0.1 * np.sin(np.pi * (0.1 + 0.88 * along)) * [0, 1, 0]
        solids.append(
            blade(spine + half, spine - half, 0.02, (0, 0, 1))
            .turned("z", i * 45 + rng.uniform(-8, 8))
            .shifted(0, 0, tall)
            .shaded(0.4)
            .tinted(LEAF)
        )
    return [*solids, stalk(tall, 0.2, rng)]


def citrus(rng: np.random.Generator) -> list[Solid]:
    """A round fruit with a pitted skin."""
    peel = ellipsoid(0.5, 0.5, rng.uniform(0.45, 0.5), sides=72, rings=52)
    field = ripples(rng, 0.06, 14)
    pits = field(peel.vertices)
    peel = Solid(peel.vertices * (1 + 0.002 * pits[:, None]), peel.faces, 1 + 0.05 * pits, peel.tint)
    button = ellipsoid(0.05, 0.05, 0.02, sides=14, rings=8).shifted(0, 0, peel.vertices[:, 2].max() - 0.005)
    solids = [peel, button.shaded(0.5).tinted(OLIVE)]
    return [*solids, leaf(peel.vertices[:, 2].max(), rng)] if rng.random() < 0.6 else solids


def lemon(rng: np.random.Generator) -> list[Solid]:
    tall = rng.uniform(0.62, 0.72)
    outline = curve(
        [
            (0, -tall - 0.12),
            (0.07, -tall - 0.05),
            (0.16, -tall + 0.06),
            (0.38, -0.3),
            (0.44, 0.0),
            (0.38, 0.3),
            (0.16, tall - 0.06),
            (0.06, tall),
        ],
        56,
    )
    peel = revolve([*outline, (0, tall + 0.02)], 60)
    pits = ripples(rng, 0.06, 14)(peel.vertices)
    peel = Solid(peel.vertices * (1 + 0.002 * pits[:, None]), peel.faces, 1 + 0.05 * pits, peel.tint)
    lying = rng.uniform(60, 85)
    return [part.turned("x", lying) for part in (peel, leaf(tall * 0.98, rng))]


FRUITS = {
    "apple": Style(apple, (LIME, GREEN, RED, DARK_RED, YELLOW, OLIVE, PINK), PEEL),
    "pear": Style(pear, (LIME, YELLOW, GOLD, OLIVE, RUSSET, GREEN, DARK_RED), PEEL),
    "banana": Style(banana, (YELLOW, YELLOW, LIME, GOLD, GREEN), PEEL),
    "pineapple": Style(pineapple, (GOLD, ORANGE, RUSSET, OLIVE, YELLOW, BROWN, GREEN, TAN), PEEL),
    "grapes": Style(grapes, (PURPLE, WINE, LIME, DARK_RED, OLIVE, NAVY, BLACK, LEAF), PEEL),
    "strawberry": Style(strawberry, (RED, RED, DARK_RED, ORANGE, PINK, WINE), PEEL),
    "citrus": Style(citrus, (ORANGE, ORANGE, GOLD, YELLOW, LIME, RED, GREEN, TAN), PEEL),
    "lemon": Style(lemon, (YELLOW, YELLOW, GOLD, LIME, GREEN, IVORY), PEEL),
}
