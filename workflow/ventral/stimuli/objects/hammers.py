"""Hammers."""

from functools import partial

import numpy as np

from ventral.stimuli.objects.object_style import Style
from ventral.stimuli.palettes import ANY, BLACK, OAK, PINE, SLATE
from ventral.stimuli.shapes import Solid, body, box, curve, ellipsoid, revolve, sweep

GRAIN = 0.15  # of wood and worn metal
METALS = ((0.6, 0.05, 0.5), (0.6, 0.05, 0.7), SLATE, (0.08, 0.2, 0.42), BLACK)
COLORS = (*ANY, OAK, PINE)


def hammer(rng: np.random.Generator, style: str) -> list[Solid]:
    length = rng.uniform(0.88, 1.05) * {"sledge": 1.1, "ball": 0.82}.get(style, 1.0)
    grip, waist = rng.uniform(0.05, 0.062), rng.uniform(0.034, 0.044)
    handle = curve(
        [(grip * 0.7, 0), (grip, 0.06), (grip * 0.9, length * 0.3), (waist, length * 0.6), (waist * 1.05, length)], 24
    )
    solids = [revolve([(0, -0.02), *handle, (0, length + 0.03)], 24).scaled(x=1.25)]
    if rng.random() < 0.5:
        rubber = curve(
            [(grip * 0.85, -0.01), (grip * 1.15, 0.06), (grip * 1.06, length * 0.3), (grip, length * 0.42)], 14
        )
        solids.append(revolve([(0, -0.03), *rubber], 24).scaled(x=1.25).shaded(0.3).tinted(BLACK))
    head, color = HEADS[style](rng), METALS[rng.integers(len(METALS))]
    return solids + [solid.shaded(0.4).tinted(color).shifted(z=length - 0.02) for solid in head]


def claw_head(rng: np.random.Generator) -> list[Solid]:
    """Face and curved claw."""
    return [*face(rng), *claw(rng.uniform(0.1, 0.2))]


def framing_head(rng: np.random.Generator) -> list[Solid]:
    """Face and straight claw."""
    return [*face(rng), *claw(rng.uniform(0.0, 0.05))]


def face(rng: np.random.Generator) -> list[Solid]:
    return [box(0.14, 0.12, 0.15, 0.04), peen(rng.uniform(0.2, 0.27), 0.07)]


def claw(drop: float) -> list[Solid]:
    solids = []
    for side in (-1, 1):
        prong = [
            (-0.05, side * 0.03, 0.02),
            (-0.2, side * 0.045, 0.03),
            (-0.34, side * 0.065, -0.2 * drop),
            (-0.42, side * 0.075, -drop),
        ]
        solids.append(sweep(curve(prong, 14), np.linspace(0.06, 0.018, 14), 10))
    return solids


def ball_head(rng: np.random.Generator) -> list[Solid]:
    ball = rng.uniform(0.075, 0.09)
    solids = [ellipsoid(0.085, 0.075, 0.085, 0.7), peen(rng.uniform(0.2, 0.25), 0.07)]
    return [
        *solids,
        sweep([(0, 0, 0), (-0.16, 0, 0)], 0.045, 14),
        ellipsoid(ball, ball, ball).shifted(x=-0.17 - ball * 0.6),
    ]


def sledge_head(rng: np.random.Generator) -> list[Solid]:
    length, thick = rng.uniform(0.4, 0.5), rng.uniform(0.15, 0.19)
    rows = [(0.5, 0.38), (0.46, 0.5), (0.1, 0.5), (0.07, 0.44)]
    stations = [(-length * x, thick * half) for x, half in rows] + [
        (length * x, thick * half) for x, half in rows[::-1]
    ]
    return [body([(x, half, -half, half) for x, half in stations], square=0.4, n=24)]


def peen(reach: float, radius: float) -> Solid:
    """Striking face of a hammer, along +x."""
    profile = [
        (0, 0),
        (radius * 0.75, 0),
        (radius * 0.65, reach * 0.5),
        (radius, reach * 0.65),
        (radius, reach),
        (radius * 0.85, reach + 0.02),
        (0, reach + 0.02),
    ]
    return revolve(profile, 24).turned("y", 90)


HEADS = {"claw": claw_head, "framing": framing_head, "ball": ball_head, "sledge": sledge_head}
HAMMERS = {style: Style(partial(hammer, style=style), COLORS, GRAIN) for style in HEADS}
