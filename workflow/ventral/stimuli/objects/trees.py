"""Trees, some of them in pots."""

from functools import partial

import numpy as np

from ventral.stimuli.objects.object_style import Style
from ventral.stimuli.objects.patterns import ripples
from ventral.stimuli.palettes import (
    BROWN,
    DARK_BROWN,
    DARK_GREEN,
    DARK_RED,
    GOLD,
    GRAY,
    GREEN,
    KHAKI,
    LEAF,
    OLIVE,
    ORANGE,
    PINK,
    PURPLE,
    RED,
    RUSSET,
    SLATE,
    TEAL,
    WHITE,
    WINE,
    YELLOW,
)
from ventral.stimuli.shapes import Solid, blade, curve, ellipsoid, revolve, sweep

BARKS = (BROWN, DARK_BROWN, GRAY, (0.08, 0.3, 0.4))
POTS = ((0.045, 0.62, 0.62), WHITE, SLATE, BROWN, TEAL, (0.045, 0.62, 0.5))
FOLIAGE = (LEAF, GREEN, OLIVE, DARK_GREEN, YELLOW, GOLD, ORANGE, RED, RUSSET, KHAKI, WINE, PINK, PURPLE)


def leaves(rng: np.random.Generator, places: np.ndarray, outward: np.ndarray, size: float) -> Solid:
    """Pointed leaves at these places, shape (n, 3), facing roughly outward, as one solid of 6 triangles each."""
    n = len(places)
    normal = outward + rng.normal(0, 0.5, (n, 3)) + [0, 0, 0.3]
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    along = np.cross(normal, rng.standard_normal((n, 3)))
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(normal, along)
    outline = np.array(
        [(-1, 0, 0), (-0.3, 0.42, 0.1), (0.4, 0.36, 0.06), (1, 0, -0.25), (0.4, -0.36, 0.06), (-0.3, -0.42, 0.1)]
    )
    frame = np.stack([along, across, normal], axis=1) * (size * rng.uniform(0.7, 1.25, (n, 1, 1)))
    vertices = places[:, None] + np.einsum("pc,ncd->npd", outline, frame)
    fan = np.array([(0, 1, 5), (1, 2, 4), (1, 4, 5), (2, 3, 4)])
    faces = (np.arange(n)[:, None, None] * 6 + fan).reshape(-1, 3)
    shade = np.repeat(rng.uniform(0.72, 1.18, n), 6)
    return Solid(vertices.reshape(-1, 3), faces, shade, np.zeros((6 * n, 4)))


def stem(rng: np.random.Generator, path, radius, sides: int = 14) -> Solid:
    """Trunk or branch with furrowed bark."""
    wood = sweep(path, radius, sides)
    furrows = ripples(rng, 0.05)
    return (
        wood.shaded(0.45)
        .tinted(BARKS[rng.integers(len(BARKS))])
        .tinted(DARK_BROWN, 0.4 * (furrows(wood.vertices * [1, 1, 0.25]) > 0.4))
    )


def cloud(rng: np.random.Generator, center, radii, n: int, size: float) -> Solid:
    """Leaves all over an ellipsoid, most of them near its surface."""
    direction = rng.standard_normal((n, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    deep = rng.uniform(0.6, 1.05, (n, 1))
    leafy = leaves(rng, np.asarray(center) + direction * radii * deep, direction, size)
    return leafy.shaded(leafy.shade * np.repeat(0.55 + 0.45 * deep[:, 0], 6))


def broad_tree(rng: np.random.Generator) -> list[Solid]:
    tall, crown = rng.uniform(0.5, 0.75), rng.uniform(0.42, 0.55)
    bend = rng.normal(0, 0.04, 2)
    trunk = curve([(0, 0, 0), (*bend, tall * 0.6), (0, 0, tall + 0.35)], 16)
    solids = [stem(rng, trunk, np.interp(np.arange(16), [0, 2, 15], [0.12, 0.085, 0.045]), 18)]
    for angle in np.arange(7) * 137.5:
        reach = crown * rng.uniform(0.5, 0.85)
        turn = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle)), 0])
        top = turn * reach + [0, 0, tall + rng.uniform(0.15, 0.75)]
        root = np.array([0, 0, tall * rng.uniform(0.75, 1.2)])
        solids.append(stem(rng, curve([root, (root + top) / 2 - [0, 0, 0.03], top], 8), np.linspace(0.04, 0.012, 8), 8))
        solids.append(cloud(rng, top, crown * np.array([0.5, 0.5, 0.42]), 130, 0.062))
    return [*solids, cloud(rng, (0, 0, tall + 0.5), crown * np.array([0.72, 0.72, 0.75]), 260, 0.062)]


def conifer(rng: np.random.Generator) -> list[Solid]:
    tall, wide = rng.uniform(1.4, 1.75), rng.uniform(0.42, 0.56)
    solids = [stem(rng, [(0, 0, 0), (0, 0, tall * 0.6), (0, 0, tall)], [0.06, 0.04, 0.01], 12)]
    n = 150
    for i in range(n):
        share = (i / n) ** 0.9
        root = np.array([0, 0, 0.18 + share * (tall - 0.2)])
        reach = wide * (1.02 - share) * rng.uniform(0.75, 1.1)
        turn = np.radians(i * 137.5 + rng.uniform(-15, 15))
        along = np.linspace(0, 1, 6)[:, None]
        spine = root + along * reach * np.array([np.cos(turn), np.sin(turn), 0]) - along**1.5 * [0, 0, 0.28 * reach]
        across = np.array([-np.sin(turn), np.cos(turn), 0.0])
        half = (
            (0.02 + 0.17 * reach * np.sin(np.pi * (0.1 + 0.85 * along)))
            * (1 - 0.45 * (np.arange(6) % 2)[:, None])
            * across
        )
        needles = blade(spine + half, spine - half, 0.05 * reach + 0.02, (0, 0, 1))
        solids.append(needles.shaded(rng.uniform(0.65, 1.15)))
    return solids


def palm(rng: np.random.Generator) -> list[Solid]:
    tall, lean = rng.uniform(1.0, 1.4), rng.uniform(-0.3, 0.3)
    path = curve([(0, 0, 0), (lean * 0.3, 0, tall * 0.5), (lean, 0, tall)], 34)
    rings = 1 + 0.1 * (np.arange(34) % 2)
    solids = [stem(rng, path, np.linspace(0.08, 0.05, 34) * rings, 16)]
    return solids + [frond.shifted(lean, 0, tall) for frond in fronds(rng, rng.integers(12, 17), rng.uniform(0.6, 0.8))]


def fronds(rng: np.random.Generator, n: int, long: float, upright: float = 0.0) -> list[Solid]:
    """Feathered leaves of a palm around the origin; the more upright, the steeper they rise."""
    solids = []
    for i in range(n):
        lift, fall = upright + rng.uniform(0.2, 0.9), rng.uniform(0.3, 0.65) - 0.4 * upright
        along = np.linspace(0.0, 1, 24)
        spine = np.stack([long * along, 0 * along, long * (lift * along - (lift + fall) * along**2)], axis=1)
        turn = i * 360 / n + rng.uniform(-12, 12)
        solids.append(sweep(spine, np.linspace(0.014, 0.004, 24), 6).turned("z", turn).shaded(0.9))
        for side in (-1, 1):
            root = spine[2:]
            tip = root + np.stack(
                [
                    0.09 * np.ones(22),
                    side * long * 0.24 * np.sin(np.pi * (0.15 + 0.8 * along[2:])),
                    -0.05 - 0.09 * along[2:],
                ],
                axis=1,
            )
            width = np.array([0.019, 0, 0.0])
            corners = np.stack([root - width, root + width, tip], axis=1).reshape(-1, 3)
            shade = np.repeat(rng.uniform(0.8, 1.15, 22), 3)
            leaflets = Solid(corners, np.arange(66).reshape(-1, 3), shade, np.zeros((66, 4)))
            solids.append(leaflets.turned("z", turn))
    return solids


def pot(rng: np.random.Generator) -> list[Solid]:
    """Flowerpot with soil, its soil at z = 0."""
    wide, tall = rng.uniform(0.26, 0.33), rng.uniform(0.38, 0.48)
    color = POTS[rng.integers(len(POTS))]
    outline = [(0, -tall), (wide * 0.66, -tall), (wide * 0.92, -0.08), (wide * 1.06, -0.08), (wide * 1.08, 0.04)]
    outline += [(wide * 0.98, 0.04), (wide * 0.95, 0.0)]
    soil = revolve([(wide * 0.97, -0.02), (wide * 0.9, 0.0), (0, 0.02)], 32).shaded(0.2).tinted(DARK_BROWN)
    return [revolve(outline, 44).shaded(1.3).tinted(color), soil]


def potted(rng: np.random.Generator, kind: str) -> list[Solid]:
    solids = pot(rng)
    if kind == "palm":
        return [*solids, *(frond.shifted(z=0.12) for frond in fronds(rng, 15, rng.uniform(0.5, 0.62), 0.9))]
    tall, crown = rng.uniform(0.3, 0.5), rng.uniform(0.36, 0.46)
    trunk = curve([(0, 0, 0), (rng.normal(0, 0.03), 0, tall * 0.6), (0, 0, tall + 0.2)], 12)
    solids.append(stem(rng, trunk, np.linspace(0.045, 0.03, 12)))
    n = 5
    for i in range(n):
        turn = 2 * np.pi * i / n
        place = (crown * 0.5 * np.cos(turn), crown * 0.5 * np.sin(turn), tall + crown * rng.uniform(0.4, 1.1))
        solids.append(cloud(rng, place, crown * np.array([0.6, 0.6, 0.5]), 90, 0.085))
    if kind == "fruit":
        color = (ORANGE, RED, YELLOW)[rng.integers(3)]
        for direction in rng.standard_normal((14, 3)):
            place = direction / np.linalg.norm(direction) * crown * 0.95 + [0, 0, tall + crown * 0.8]
            solids.append(ellipsoid(0.05, 0.05, 0.05, sides=14, rings=10).shifted(*place).shaded(1.2).tinted(color))
    return [*solids, cloud(rng, (0, 0, tall + crown * 0.8), crown * np.array([0.8, 0.8, 0.8]), 120, 0.085)]


TREES = {
    "broad": Style(broad_tree, FOLIAGE),
    "conifer": Style(conifer, (DARK_GREEN, GREEN, TEAL, LEAF, OLIVE, GOLD, SLATE, BROWN)),
    "palm": Style(palm, (LEAF, GREEN, OLIVE, KHAKI, DARK_GREEN, YELLOW, BROWN, TEAL)),
    "potted": Style(partial(potted, kind="broad"), FOLIAGE),
    "potted_fruit": Style(partial(potted, kind="fruit"), (LEAF, GREEN, OLIVE, DARK_GREEN, KHAKI, TEAL)),
    "potted_palm": Style(
        partial(potted, kind="palm"), (LEAF, GREEN, OLIVE, DARK_GREEN, WINE, DARK_RED, YELLOW, TEAL, PURPLE)
    ),
}
