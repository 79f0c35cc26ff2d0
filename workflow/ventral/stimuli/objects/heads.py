"""Human heads, as busts with hair, caps and glasses."""

# ruff: noqa: RUF005 — here + adds arrays

import numpy as np

from ventral.stimuli.objects.object_style import Style
from ventral.stimuli.palettes import ANY, BLACK, BLUE, BROWN, DARK_BROWN, GOLD, GRAY, NAVY, RED, RUSSET, WHITE
from ventral.stimuli.shapes import Solid, blade, curve, ellipsoid, loft, revolve, sweep

SIDES = (-1, 1)
IRISES = (BLACK, BROWN, BLUE)
LIPS = (0.99, 0.5, 0.6)
HAIRS = (BLACK, DARK_BROWN, BROWN, GOLD, GRAY, RUSSET)
CLOTHS = (NAVY, RED, BLACK, WHITE, BLUE, GRAY)
SKINS = ((0.06, 0.28, 0.9), (0.06, 0.4, 0.8), (0.065, 0.5, 0.66), (0.06, 0.55, 0.5), (0.055, 0.55, 0.34))


def head(rng: np.random.Generator) -> list[Solid]:
    ball = ellipsoid(1, 1, 1, sides=60, rings=46)
    skull = np.array([0.9, rng.uniform(0.7, 0.82), rng.uniform(1.06, 1.2)])
    jaw, wide = rng.uniform(0.16, 0.36), skull[1]
    low = np.clip(-ball.vertices[:, 2], 0, 1)
    narrowing = np.stack([1 - 0.1 * low, 1 - jaw * low**1.3, np.ones_like(low)], axis=1)
    bare = ball.vertices * skull * narrowing
    face = bare + relief(rng, ball.vertices)[:, None] * [1, 0, 0]

    bust = [(0, -1.5), (0.88, -1.5), (0.9, -1.38), (0.62, -1.2), (0.4, -1.08), (0.35, -0.9), (0.36, -0.5), (0, -0.45)]
    solids = [
        Solid(face, ball.faces, ball.shade, ball.tint),
        revolve(curve(bust, 36), 40).scaled(0.62, 0.95).shifted(-0.14).shaded(0.9),
    ]
    brow = rng.uniform(0.025, 0.045)
    for side in SIDES:
        solids.append(ellipsoid(0.1, 0.125, 0.09).shifted(0.755, side * 0.29, 0.15).shaded(1.95).tinted(WHITE))
        solids.append(
            ellipsoid(0.03, 0.056, 0.058, sides=16, rings=10)
            .shifted(0.845, side * 0.285, 0.15)
            .shaded(0.05)
            .tinted(IRISES[rng.integers(len(IRISES))])
        )
        arc = curve([(0.86, side * 0.13, 0.33), (0.84, side * 0.3, 0.385), (0.74, side * 0.45, 0.33)], 10)
        solids.append(sweep(arc, brow, 8).shaded(0.2).tinted(DARK_BROWN))
        ear = ellipsoid(0.13, 0.055, 0.22, sides=20).turned("z", side * 22)
        solids.append(ear.shifted(-0.04, side * (wide + 0.015), 0.03).shaded(0.9))
    smile = rng.uniform(-0.02, 0.05)
    for lip, thick in ((0.035, 0.034), (-0.028, 0.042)):
        mouth = curve([(0.76, -0.21, -0.43 + smile), (0.875, 0, -0.43 + lip), (0.76, 0.21, -0.43 + smile)], 14)
        solids.append(sweep(mouth, thick * np.sin(np.linspace(0.5, np.pi - 0.5, 14)), 10).shaded(0.5).tinted(LIPS))
    solids += hair(rng, ball, bare, wide)
    if rng.random() < 0.25:
        solids += glasses(wide)
    return solids


def relief(rng: np.random.Generator, ball: np.ndarray) -> np.ndarray:
    """How far nose, brow, cheeks and chin stand out from the front of a unit ball, shape (n,)."""
    x, y, z = ball.T

    def bump(at_y, at_z, spread_y, spread_z):
        return np.exp(-(((y - at_y) / spread_y) ** 2) - ((z - at_z) / spread_z) ** 2)

    def both(at_y, at_z, spread_y, spread_z):
        return bump(at_y, at_z, spread_y, spread_z) + bump(-at_y, at_z, spread_y, spread_z)

    nose, width = rng.uniform(0.2, 0.32), rng.uniform(0.09, 0.13)
    out = nose * (bump(0, -0.1, width, 0.13) + 0.55 * bump(0, 0.1, 0.075, 0.2)) + 0.07 * both(0.12, -0.15, 0.06, 0.06)
    out += 0.06 * bump(0, 0.34, 0.55, 0.09) - 0.1 * both(0.38, 0.14, 0.17, 0.12) - 0.04 * bump(0, -0.32, 0.3, 0.05)
    out += rng.uniform(0.08, 0.16) * bump(0, -0.75, 0.26, 0.15) + rng.uniform(0.0, 0.07) * both(0.5, -0.15, 0.2, 0.18)
    return out * (x > 0)


def hair(rng: np.random.Generator, ball: Solid, bare: np.ndarray, wide: float) -> list[Solid]:
    """Hair or a cap, as a shell that leaves the skull where it covers it and sinks into it elsewhere."""
    style = rng.choice(["short", "long", "bun", "bald", "cap"], p=[0.35, 0.25, 0.15, 0.1, 0.15])
    if style == "bald":
        return []
    shade = rng.choice([0.15, 0.4, 1.6])
    color = (CLOTHS if style == "cap" else HAIRS)[rng.integers(len(HAIRS))]
    x, y, z = ball.vertices.T
    line = rng.uniform(0.2, 0.32)
    above = z - 0.4 if style == "cap" else z - line - 0.7 * x - 0.12 * np.cos(3 * y)
    cover = np.clip(above / 0.4 + 0.45, 0, 1)
    cover = cover**2 * (3 - 2 * cover)
    solids = [Solid(bare * (0.93 + (rng.uniform(0.15, 0.21) * cover))[:, None], ball.faces, ball.shade, ball.tint)]
    if style == "long":
        angle = np.linspace(np.radians(82), np.radians(278), 24)
        loops = []
        for height, deep, half in (
            (0.45, 0.8, wide),
            (0.1, 0.9, wide + 0.1),
            (-0.5, 0.9, wide + 0.13),
            (-1.15, 0.8, wide + 0.05),
        ):
            arc = np.stack([np.cos(angle) * deep, np.sin(angle) * half, np.zeros(24)], axis=1)
            loops.append(np.concatenate([arc, arc[::-1] * 0.8]) + [-0.1, 0, height])
        solids.append(loft(loops))
    if style == "bun":
        solids.append(ellipsoid(0.3, 0.34, 0.3).shifted(-0.55, 0, 1.12))
    if style == "cap":
        edge = np.linspace(-0.75, 0.75, 11)
        back = np.stack([0.78 * np.cos(edge), edge * wide * 1.15, 0.5 + 0 * edge], axis=1)
        reach = 0.55 * np.cos(edge * 1.9)[:, None].clip(0.05)
        solids.append(blade(back + reach * [1, 0, -0.15], back - [0.25, 0, 0], 0.06, (0, 0, 1)))
    return [solid.shaded(shade).tinted(color) for solid in solids]


def glasses(wide: float) -> list[Solid]:
    angle = np.linspace(0, 2 * np.pi, 22)
    solids = []
    for side in SIDES:
        rim = np.stack([np.full(22, 0.97), side * 0.3 + 0.2 * np.cos(angle), 0.14 + 0.17 * np.sin(angle)], axis=1)
        solids.append(sweep(rim, 0.022, 8).shaded(0.1).tinted(BLACK))
        solids.append(
            sweep([(0.95, side * 0.5, 0.18), (0.0, side * (wide + 0.04), 0.16)], 0.02, 6).shaded(0.1).tinted(BLACK)
        )
    return [*solids, sweep([(0.98, -0.1, 0.18), (0.98, 0.1, 0.18)], 0.02, 6).shaded(0.1).tinted(BLACK)]


HEADS = {"bust": Style(head, (*SKINS, *ANY))}  # busts may be of metal or stone, or painted
