"""Fish."""

# ruff: noqa: RUF005 — here + adds arrays

from dataclasses import dataclass
from functools import partial

import numpy as np

from ventral.stimuli.objects.object_style import Style
from ventral.stimuli.objects.patterns import patches, step, stripes
from ventral.stimuli.palettes import (
    BLACK,
    BLUE,
    BROWN,
    CREAM,
    DARK_RED,
    GOLD,
    GRAY,
    KHAKI,
    NAVY,
    OLIVE,
    ORANGE,
    PINK,
    RED,
    RUSSET,
    SILVER,
    SLATE,
    TAN,
    TEAL,
    WHITE,
    YELLOW,
)
from ventral.stimuli.shapes import Solid, body, curve, ellipsoid, loft, sweep

SIDES = (-1, 1)
GRAIN = 0.15  # of fur or scales


@dataclass(frozen=True)
class Form:
    """Proportions of a fish from x = -0.75 (root of the tail) to 0.9 (mouth).

    Attributes
    ----------
    high, wide : half height and half width of the body
    dorsal, anal : x of a fin's front and back, and its height; several fins each
    tail : reach, half height, and depth of the fork as a share of the reach
    eye : radius
    """

    high: float
    wide: float
    dorsal: tuple[tuple[float, float, float], ...]
    anal: tuple[tuple[float, float, float], ...]
    tail: tuple[float, float, float]
    eye: float


FORMS = {
    "trout": Form(
        0.23, 0.14, ((0.16, -0.2, 0.17), (-0.44, -0.54, 0.08)), ((-0.3, -0.5, 0.15), (0.0, -0.12, 0.14)),
        (0.34, 0.32, 0.35), 0.035,
    ),
    "carp": Form(
        0.32, 0.19, ((0.22, -0.48, 0.18),), ((-0.34, -0.54, 0.18), (0.05, -0.1, 0.17)),
        (0.4, 0.36, 0.45), 0.036,
    ),
    "goldfish": Form(
        0.33, 0.24, ((0.25, -0.4, 0.26),), ((-0.35, -0.5, 0.2), (0.1, -0.05, 0.2)),
        (0.62, 0.42, 0.5), 0.05,
    ),
    "lionfish": Form(
        0.27, 0.18, ((-0.3, -0.6, 0.16),), ((-0.3, -0.58, 0.16),),
        (0.34, 0.24, 0.05), 0.042,
    ),
    "angelfish": Form(
        0.46, 0.14, ((0.3, -0.6, 0.16),), ((0.05, -0.6, 0.16), (0.25, 0.15, 0.12)),
        (0.26, 0.26, 0.08), 0.05,
    ),
    "shark": Form(
        0.19, 0.17, ((0.2, -0.06, 0.22), (-0.52, -0.6, 0.06)), ((-0.5, -0.58, 0.06),),
        (0.36, 0.36, 0.62), 0.022,
    ),
}  # fmt: skip


def fish(rng: np.random.Generator, style: str) -> list[Solid]:
    f = FORMS[style]
    high, wide = f.high * rng.uniform(0.92, 1.1), f.wide * rng.uniform(0.92, 1.1)
    trunk = trunk_of(style, high, wide)
    coat = COATS[style](rng, high)
    edge = trunk.vertices[:, 2]
    fins = []
    for rows, up in ((f.dorsal, 1), (f.anal, -1)):
        for front, back, tall in rows:
            fins.append(
                fin(trunk.vertices[:, 0], edge, front, back, tall * rng.uniform(0.9, 1.15), up, style == "shark")
            )
    fins += tail_of(f, style)
    for side in SIDES:
        fins.append(breast_fin(style, high, wide, side))
    if style == "lionfish":
        fins += spines(rng, trunk.vertices, high, wide)
    eyes = [part for side in SIDES for part in eye_and_gill(f, trunk.vertices, high, side)]
    return [coat(scaly(trunk, style)), *(coat(part) for part in fins), *eyes]


def trunk_of(style: str, high: float, wide: float) -> Solid:
    blunt = {"shark": 0.6, "goldfish": 1.15, "lionfish": 1.1}.get(style, 1.0)
    rows = [
        (0.93, 0.03, -0.06, 0.06), (0.9, 0.22, 0.2 * blunt, 0.22 * blunt), (0.8, 0.5, 0.44 * blunt, 0.48 * blunt),
        (0.6, 0.85, 0.78, 0.84), (0.3, 1.0, 1.0, 1.0), (-0.05, 0.88, 0.94, 0.9), (-0.4, 0.52, 0.58, 0.54),
        (-0.65, 0.24, 0.28, 0.27), (-0.78, 0.1, 0.24, 0.25),
    ]  # fmt: skip
    return body([(x, wide * w, -high * low, high * up) for x, w, low, up in rows], n=76, sides=52)


def scaly(trunk: Solid, style: str) -> Solid:
    """Rows of scales, but on a shark."""
    if style == "shark":
        return trunk
    x, _, z = trunk.vertices.T
    scales = np.sin(2 * np.pi * (x + z) / 0.11) * np.sin(2 * np.pi * (x - z) / 0.11)
    return trunk.shaded(1 + (0.32 if style == "carp" else 0.2) * scales * (x < 0.48))


def sheet(inner: np.ndarray, outer: np.ndarray, thick: float = 0.012) -> Solid:
    """Fin between its foot and its rim, both of shape (n, 3), with rays from one to the other."""
    n = len(inner)
    share = np.linspace(0, 1, 9)[:, None, None]
    middle = inner + share * (outer - inner)
    half = np.array([0, 1.0, 0]) * thick * (1 - 0.8 * share)
    loops = np.concatenate([middle + half, middle[:, ::-1] - half], axis=1)
    rays = 1 + 0.22 * np.cos(np.pi * np.arange(n))
    solid = loft(loops)
    shade = np.tile(np.concatenate([rays, rays[::-1]]), 9)
    return solid.shaded(np.concatenate([shade, [1, 1]]) * 0.82)


def fin(x: np.ndarray, z: np.ndarray, front: float, back: float, tall: float, up: int, pointed: bool) -> Solid:
    """Fin on the back (up 1) or the belly (up -1)."""
    share = np.linspace(0, 1, 17)
    foot = front + share * (back - front)
    rim = np.array([(up * z[np.abs(x - place) < 0.04]).max() for place in foot])
    profile = share if pointed else np.sin(np.pi * (0.12 + 0.8 * share)) ** 0.7
    height = tall * (np.where(share < 0.8, profile / 0.8, 4 * (1 - share) + 0.2) if pointed else profile)
    inner = np.stack([foot, 0 * foot, up * (rim - 0.02)], axis=1)
    lean = 0.55 if pointed else 0.35
    outer = np.stack([foot - lean * tall * (share + 0.3), 0 * foot, up * (rim + height)], axis=1)
    return sheet(inner, outer)


def tail_of(f: Form, style: str) -> list[Solid]:
    reach, half, fork = f.tail
    angle = np.linspace(-1, 1, 25)
    inner = np.stack([np.full(25, -0.74), 0 * angle, angle * f.high * 0.2], axis=1)
    long = (
        reach
        * (1 - fork * (1 - np.abs(angle) ** 1.2))
        * np.where(np.abs(angle) > 0.85, 1 - 0.6 * (np.abs(angle) - 0.85), 1)
    )
    tall = angle * half * (np.where(angle > 0, 1.25, 0.8) if style == "shark" else 1.0)
    outer = np.stack([-0.78 - long, 0.04 * np.sin(3 * angle), tall], axis=1)
    return [sheet(inner, outer)]


def breast_fin(style: str, high: float, wide: float, side: int) -> Solid:
    long, broad = (0.42, 0.15) if style == "shark" else (0.2, 0.12)
    angle = np.linspace(-1, 1, 13)
    inner = np.stack([0.42 + 0.03 * angle, 0 * angle, 0.0 * angle], axis=1)
    outer = np.stack([0.42 - long * 0.75 - 0.05 * np.abs(angle) + 0.02, 0 * angle, angle * broad], axis=1)
    if style == "shark":
        outer = np.stack(
            [0.4 - long * (0.55 + 0.3 * angle), 0 * angle, 0.1 - long * (0.9 - 0.35 * (angle + 1))], axis=1
        )
    paddle = (
        sheet(inner, outer, 0.01)
        .shifted(-0.42)
        .turned("z", side * 28)
        .turned("x", side * (35 if style == "shark" else 15))
    )
    return paddle.shifted(0.42, side * wide * 0.9, -high * 0.25)


def spines(rng: np.random.Generator, skin: np.ndarray, high: float, wide: float) -> list[Solid]:
    """Long spines on the back and fans of rays at the sides of a lionfish."""
    solids = []
    for x in np.linspace(0.5, -0.3, 13):
        foot = np.array([x, 0, skin[np.abs(skin[:, 0] - x) < 0.04, 2].max() - 0.02])
        way = np.array([-0.12 - 0.25 * rng.random(), rng.normal(0, 0.02), 0.3 + 0.1 * rng.random()])
        solids.append(
            sweep(curve([foot, foot + 0.6 * way, foot + way - [0.05, 0, 0]], 12), np.linspace(0.02, 0.006, 12), 6)
        )
    for side in SIDES:
        root = np.array([0.35, side * wide * 0.85, -0.2 * high])
        for angle in np.linspace(-70, 75, 11):
            turn = np.radians(angle)
            way = 0.5 * np.array([-0.75 * np.cos(turn) - 0.1, side * 0.6, 0.95 * np.sin(turn)])
            solids.append(
                sweep(
                    curve([root, root + 0.55 * way + [0, side * 0.03, 0], root + way], 12),
                    np.linspace(0.022, 0.008, 12),
                    6,
                )
            )
        angle = np.radians(np.linspace(-70, 75, 22))
        rim = root + 0.3 * np.stack([-0.75 * np.cos(angle) - 0.1, 0.6 * side + 0 * angle, 0.95 * np.sin(angle)], axis=1)
        solids.append(sheet(np.broadcast_to(root, rim.shape) + 0.02 * (rim - root), rim, 0.006))
    return solids


def eye_and_gill(f: Form, skin: np.ndarray, high: float, side: int) -> list[Solid]:
    place = skin[np.argmin(np.abs(skin[:, 0] - 0.72) + 2 * np.abs(skin[:, 2] - 0.22 * high) + (skin[:, 1] * side < 0))]
    solids = []
    if f.eye > 0.03:
        iris = ellipsoid(f.eye, f.eye * 0.4, f.eye, sides=20, rings=12).shifted(*place)
        solids.append(iris.shaded(1.8).tinted((0.12, 0.4, 0.75)))
    pupil = ellipsoid(f.eye * 0.62, f.eye * 0.35, f.eye * 0.62, sides=16, rings=10)
    solids.append(pupil.shifted(*(place + [0, side * f.eye * 0.2, 0])).shaded(0.03).tinted(BLACK))
    mouth = [
        (0.925, side * 0.012, -0.05 * high),
        (0.88, side * 0.3 * f.wide, -0.12 * high),
        (0.84, side * 0.42 * f.wide, -0.2 * high),
    ]
    solids.append(sweep(curve(mouth, 8), 0.01, 6).shaded(0.2).tinted(BLACK, 0.8))
    gill = [
        skin[np.argmin(np.abs(skin[:, 0] - x) + np.abs(skin[:, 2] - z * high) + (skin[:, 1] * side < 0))]
        for x, z in ((0.52, 0.5), (0.47, 0.0), (0.52, -0.5))
    ]
    if f.eye > 0.03:
        solids.append(sweep(curve(gill, 12), 0.009, 6).shaded(0.5).tinted(BROWN, 0.5))
    return solids


def countershaded(rng: np.random.Generator, high: float, pale=CREAM):
    """Dark back, pale belly."""
    level = rng.uniform(-0.1, 0.15) * high

    def coat(solid: Solid) -> Solid:
        z = solid.vertices[:, 2]
        return solid.tinted(pale, 0.6 * step(level - z, 0.15 * high, 0.7 * high)).tinted(
            BLACK, 0.45 * step(z, 0.6 * high, 0.7 * high)
        )

    return coat


def speckled(rng: np.random.Generator, high: float):
    below, spots = countershaded(rng, high), patches(rng, 0.09, 1.1)
    return lambda solid: below(solid).tinted(BLACK, 0.8 * spots(solid.vertices) * (solid.vertices[:, 2] > -0.2 * high))


def white_below(rng: np.random.Generator, high: float):
    return lambda solid: solid.tinted(WHITE, step(-solid.vertices[:, 2], 0.25 * high, 0.12 * high))


def banded(rng: np.random.Generator, high: float):
    """White bands, wide and narrow in turn."""
    wide, narrow = stripes(rng, 0.17, 0.12), stripes(rng, 0.06, 0.2, 0.2)
    return lambda solid: solid.tinted(WHITE, np.maximum(wide(solid.vertices), 0.6 * narrow(solid.vertices)))


def two_halves(rng: np.random.Generator, high: float):
    """Dark body behind a bright front, with a bright tail; or dark bars."""
    if rng.random() < 0.5:
        return lambda solid: solid.tinted(
            BLACK, step(0.3 - solid.vertices[:, 0], 0, 0.08) * step(solid.vertices[:, 0], -0.74, 0.05)
        )
    bars = np.array([0.66, 0.25, -0.2, -0.6])
    return lambda solid: solid.tinted(BLACK, step(0.07 - np.abs(solid.vertices[:, :1] - bars).min(axis=1), 0, 0.03))


def gilded(rng: np.random.Generator, high: float):
    share = patches(rng, 0.8, 1.3)
    below = step
    return lambda solid: solid.tinted(WHITE, 0.8 * share(solid.vertices)).tinted(
        CREAM, 0.4 * below(-solid.vertices[:, 2], 0.4 * high, high)
    )


COATS = {
    "trout": speckled, "carp": countershaded, "goldfish": gilded, "lionfish": banded, "angelfish": two_halves,
    "shark": white_below,
}  # fmt: skip

COLORS = {
    "trout": (OLIVE, SILVER, BROWN, TEAL, TAN, PINK), "carp": (OLIVE, GOLD, BROWN, KHAKI, SILVER),
    "shark": (GRAY, SLATE, NAVY, TEAL),
    "goldfish": (ORANGE, ORANGE, GOLD, RED, YELLOW), "lionfish": (DARK_RED, BROWN, RUSSET, BLACK),
    "angelfish": (YELLOW, BLUE, GOLD, ORANGE, YELLOW),
}  # fmt: skip

FISHES = {style: Style(partial(fish, style=style), COLORS[style], GRAIN) for style in FORMS}
