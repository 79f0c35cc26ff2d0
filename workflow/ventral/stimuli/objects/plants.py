"""Trees and fruit."""

import numpy as np

from ventral.stimuli.shapes import Solid, blade, curve, ellipsoid, revolve, sweep


def tree(rng: np.random.Generator) -> list[Solid]:
    kinds = [broad_tree, conifer, palm]
    return kinds[rng.integers(len(kinds))](rng)


def broad_tree(rng: np.random.Generator) -> list[Solid]:
    trunk, crown, tall = rng.uniform(0.45, 0.65), rng.uniform(0.36, 0.5), rng.uniform(0.6, 1.2)
    bend = rng.normal(0, 0.05, 2)
    solids = [
        sweep(
            curve([(0, 0, 0), (*bend, trunk * 0.6), (0, 0, trunk + 0.25)], 14), np.linspace(0.1, 0.06, 14), 14
        ).shaded(0.4)
    ]
    solids += [root(angle, rng.uniform(0.14, 0.2)) for angle in rng.uniform(0, 360, 5)]
    n = rng.integers(11, 16)
    for i in range(n):  # clumps spread evenly over a flattened ball
        height = 1 - 2 * (i + 0.5) / n
        around = np.sqrt(1 - height**2) * np.array([np.cos(i * 2.4), np.sin(i * 2.4)])
        radius = rng.uniform(0.22, 0.29)
        place = crown * np.array([*around, tall * height]) * rng.uniform(0.85, 1.1)
        solids.append(
            clump(rng, radius).shifted(*place).shifted(z=trunk + 0.25 + 0.4 * tall).shaded(rng.uniform(0.82, 1.12))
        )
    return solids


def clump(rng: np.random.Generator, radius: float) -> Solid:
    """Leafy ball."""
    ball = ellipsoid(1, 1, 1, sides=26, rings=18)
    phase = rng.uniform(0, 6, 3)
    waves = np.prod(np.sin(ball.vertices * 7 + phase), axis=1) + 0.6 * np.prod(
        np.sin(ball.vertices * 13 - phase), axis=1
    )
    return Solid(ball.vertices * radius * (1 + 0.16 * waves[:, None]), ball.faces, ball.shade)


def root(angle: float, reach: float) -> Solid:
    return (
        sweep(curve([(0.03, 0, 0.16), (0.08, 0, 0.05), (reach, 0, 0)], 8), np.linspace(0.06, 0.015, 8), 8)
        .turned("z", angle)
        .shaded(0.4)
    )


def conifer(rng: np.random.Generator) -> list[Solid]:
    tall, wide, tiers = rng.uniform(1.3, 1.7), rng.uniform(0.42, 0.58), rng.integers(4, 7)
    solids = [sweep([(0, 0, 0), (0, 0, 0.5)], [0.085, 0.07], 14).shaded(0.4)]
    for tier in range(tiers):
        share = tier / tiers
        low, radius = 0.25 + share * tall * 0.85, wide * (1 - 0.82 * share)
        skirt = curve([(radius, low), (radius * 0.55, low + tall * 0.12), (0.01, low + tall * 0.34)], 10)
        cone = revolve([(radius * 0.4, low + 0.06), *skirt], 44)
        angle = np.arctan2(cone.vertices[:, 1], cone.vertices[:, 0])
        lobes = 1 + 0.11 * np.sin(angle * rng.integers(8, 12) + tier)
        wavy = cone.vertices * np.stack([lobes, lobes, np.ones_like(lobes)], axis=1)
        solids.append(Solid(wavy, cone.faces, cone.shade).shaded(0.85 + 0.3 * share))
    return solids


def palm(rng: np.random.Generator) -> list[Solid]:
    tall, lean = rng.uniform(1.1, 1.5), rng.uniform(-0.35, 0.35)
    path = curve([(0, 0, 0), (lean * 0.3, 0, tall * 0.5), (lean, 0, tall)], 30)
    rings = 1 + 0.12 * (np.arange(30) % 2)
    solids = [sweep(path, np.linspace(0.09, 0.055, 30) * rings, 16).shaded(0.45)]
    n, long = rng.integers(9, 13), rng.uniform(0.65, 0.85)
    for i in range(n):
        along = np.linspace(0, 1, 12)[:, None]
        lift = rng.uniform(0.15, 0.5)
        spine = long * along * [1, 0, 0] + (lift * along - (lift + rng.uniform(0.35, 0.6)) * along**2) * [0, 0, 1]
        half = 0.115 * np.sin(np.pi * (0.08 + 0.9 * along)) * [0, 1, 0]
        half *= 1 - 0.35 * (np.arange(12) % 2)[:, None]  # a jagged edge
        frond = blade(spine + half, spine - half, 0.03, (0.2, 0, 1))
        solids.append(
            frond.turned("z", i * 360 / n + rng.uniform(-12, 12)).shifted(lean, 0, tall).shaded(rng.uniform(0.85, 1.1))
        )
    for angle in (0, 130, 240):
        solids.append(
            ellipsoid(0.075, 0.075, 0.085, sides=16, rings=10)
            .shifted(0.09)
            .turned("z", angle)
            .shifted(lean, 0, tall - 0.07)
            .shaded(0.3)
        )
    return solids


def fruit(rng: np.random.Generator) -> list[Solid]:
    kinds = [apple, pear, banana, pineapple, grapes, strawberry]
    return kinds[rng.integers(len(kinds))](rng)


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
    return sweep(
        curve([(0, 0, foot), (bend * 0.3, 0, foot + long * 0.6), (bend, 0, foot + long)], 8),
        np.linspace(0.022, 0.035, 8),
        8,
    ).shaded(0.3)


def leaf(height: float, rng: np.random.Generator) -> Solid:
    along = np.linspace(0, 1, 9)[:, None]
    spine = along * [0.4, 0, 0.16] - along**2 * [0, 0, 0.12]
    half = 0.13 * np.sin(np.pi * (0.03 + 0.94 * along)) ** 0.8 * [0, 1, 0]
    return (
        blade(spine + half, spine - half, 0.015, (-0.2, 0, 1))
        .turned("z", rng.uniform(0, 360))
        .shifted(0, 0, height)
        .shaded(0.55)
    )


def banana(rng: np.random.Generator) -> list[Solid]:
    n, thick, bend = rng.integers(1, 5), rng.uniform(0.14, 0.18), rng.uniform(0.35, 0.5)
    solids = []
    for i in range(n):
        path = curve([(-0.72, 0, bend), (-0.42, 0, 0.08), (0.0, 0, -0.05), (0.42, 0, 0.08), (0.74, 0, bend * 0.95)], 30)
        radius = thick * np.sin(np.linspace(0.42, np.pi - 0.25, 30)) ** 0.6
        one = [
            sweep(path, radius, 7),  # few sides: the ridges of a banana
            sweep([path[-1], path[-1] + [0.1, 0, 0.17]], [0.055, 0.045], 8).shaded(0.5),
            ellipsoid(0.06, 0.06, 0.06, sides=12, rings=8).shifted(*(path[0] + [-0.02, 0, 0.05])).shaded(0.15),
        ]
        for part in one:  # a hand of bananas fans out around the common stalk
            fan = (i - (n - 1) / 2) * 17
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
        solids.append(one.turned("z", i * 137.5).shaded(0.7))
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
                ellipsoid(0.014, 0.016, 0.026, sides=8, rings=6).shifted(x + 0.002, 0, z).turned("z", angle).shaded(1.8)
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
        )
    return [*solids, stalk(tall, 0.2, rng)]
