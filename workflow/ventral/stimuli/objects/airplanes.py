"""Airplanes."""

from functools import partial

import numpy as np

from ventral.stimuli.objects.object_style import Style
from ventral.stimuli.palettes import (
    BLACK,
    BLUE,
    DARK_RED,
    GRAY,
    GREEN,
    KHAKI,
    NAVY,
    OLIVE,
    ORANGE,
    RED,
    SILVER,
    SKY,
    SLATE,
    WHITE,
    YELLOW,
)
from ventral.stimuli.shapes import Solid, blade, body, box, ellipsoid, revolve

SIDES = (-1, 1)
GLASS = (0.58, 0.3, 0.16)
LIVERIES = (RED, BLUE, NAVY, GREEN, ORANGE, WHITE, DARK_RED, GRAY)


def airplane(rng: np.random.Generator, style: str) -> list[Solid]:
    radius = {"airliner": 0.125, "propeller": 0.15, "fighter": 0.1}[style] * rng.uniform(0.9, 1.15)
    span = {"airliner": 0.95, "propeller": 1.0, "fighter": 0.6}[style] * rng.uniform(0.92, 1.08)
    sweep_back = {"airliner": 0.5, "propeller": 0.03, "fighter": 0.62}[style] * rng.uniform(0.85, 1.15)
    chord = {"airliner": 0.42, "propeller": 0.36, "fighter": 0.8}[style] * rng.uniform(0.9, 1.1)
    tip = {"airliner": 0.14, "propeller": 0.26, "fighter": 0.12}[style]
    height = radius * {"airliner": -0.5, "propeller": rng.choice([-0.6, 0.75]), "fighter": 0.0}[style]
    nose = {"airliner": 0.55, "propeller": 0.8, "fighter": 0.12}[style]
    solids = [fuselage(radius, nose)]
    tail = LIVERIES[rng.integers(len(LIVERIES))]
    root, dihedral = rng.uniform(0.2, 0.34), span * rng.uniform(0.03, 0.12)
    tail_span, fin = span * rng.uniform(0.36, 0.44), rng.uniform(0.3, 0.4)
    for side in SIDES:
        solids.append(wing((root, 0, height), (root - sweep_back, side * span, height + dihedral), chord, tip))
        solids.append(
            wing((-0.7, 0, radius * 0.4), (-0.74 - sweep_back * 0.3, side * tail_span, radius * 0.45), 0.26, 0.13)
        )
    solids.append(
        wing((-0.6, 0, radius * 0.3), (-0.82, 0, radius * 0.6 + fin), 0.36, 0.17, (0, 1, 0)).shaded(0.55).tinted(tail)
    )
    if style == "propeller":
        return [*solids, *propeller(rng), canopy(0.24, 0.28, 0.72 * radius, 0.75 * radius)]
    if style == "fighter":
        return [*solids, *jets(radius), canopy(0.3, 0.5, 0.6 * radius, 0.55 * radius)]
    solids += [*windows(radius), canopy(0.1, 0.86, 0.6 * radius, 0.55 * radius)]
    engines = rng.choice([1, 2])
    for side in SIDES:
        for place in np.array([0.33, 0.6])[:engines]:
            x, z = root - sweep_back * place + 0.06, height + dihedral * place - 0.075
            solids += [part.shifted(x, side * span * place, z) for part in engine(0.06 if engines == 2 else 0.075)]
    return solids


def fuselage(radius: float, nose: float) -> Solid:
    stations = [
        (-1.0, radius * 0.15, radius * 0.3, radius * 0.62),
        (-0.6, radius * 0.62, -radius * 0.35, radius * 0.85),
        (-0.2, radius, -radius, radius),
        (0.6, radius, -radius, radius),
        (0.88, radius * (0.5 + nose / 2), -radius * 0.85, radius * 0.65),
        (0.98, radius * nose, -radius * nose, radius * nose * 0.6),
        (1.0, radius * nose * 0.4, -radius * nose * 0.5, radius * nose * 0.3),
    ]
    return body(stations)


def canopy(long: float, x: float, wide: float, tall: float) -> Solid:
    return ellipsoid(long, wide, tall).shifted(x, 0, tall * 1.1).shaded(0.3).tinted(GLASS)


def propeller(rng: np.random.Generator) -> list[Solid]:
    """Spinner and two or three blades at the nose."""
    spinner = revolve([(0, 0), (0.06, 0.0), (0.04, 0.06), (0, 0.09)], 20).turned("y", 90).shifted(0.99)
    solids = [spinner.shaded(0.4).tinted(SLATE)]
    edge = np.array([[0, 0, 0.0], [0, 0, 0.1], [0, 0, 0.26], [0, 0, 0.3]])
    half = np.array([0.015, 0.035, 0.03, 0.004])[:, None] * [0, 1, 0]
    one = blade(edge + half, edge - half, 0.015, (1, 0, 0)).shaded(0.3).tinted(BLACK)
    turn = rng.uniform(0, 90)
    return solids + [
        one.turned("x", turn + angle).shifted(1.03) for angle in ((0, 180), (0, 120, 240))[rng.integers(2)]
    ]


def jets(radius: float) -> list[Solid]:
    """Nozzles and air intakes of a fighter."""
    solids = []
    for side in SIDES:
        solids += [part.shifted(-0.88, side * radius * 0.5, radius * 0.3) for part in engine(0.075)]
        intake = box(0.5, radius * 0.5, radius * 0.9, 0.03).shaded(0.85)
        solids.append(intake.shifted(0.15, side * radius * 1.05, -radius * 0.1))
    return solids


def windows(radius: float) -> list[Solid]:
    pane = ellipsoid(0.022, 0.01, 0.026, sides=8, rings=6).shaded(0.2).tinted(BLACK)
    return [
        pane.shifted(x, side * radius * 0.97, radius * 0.25) for side in SIDES for x in np.arange(-0.45, 0.72, 0.09)
    ]


def wing(root, tip, root_chord: float, tip_chord: float, normal=(0, 0, 1)) -> Solid:
    """Tapered wing between two points of its leading edge."""
    along = np.array([0, 0.25, 0.5, 0.75, 0.97, 1.0])[:, None]
    front = np.asarray(root) + along * (np.asarray(tip) - np.asarray(root))
    chord = root_chord + along * (tip_chord - root_chord)
    chord[-1] *= 0.6
    back = front - chord * [1, 0, 0]
    return blade(front, back, 0.11 * chord[:, 0], normal)


def engine(radius: float) -> list[Solid]:
    shell = [(0, -0.13), (radius * 0.6, -0.13), (radius * 0.95, 0), (radius, 0.08), (radius * 0.88, 0.11)]
    cowl = revolve([*shell, (radius * 0.8, 0.08)], 20).turned("y", 90).shaded(0.6).tinted(GRAY)
    return [
        cowl,
        revolve([(0, 0.08), (radius * 0.85, 0.081), (0, 0.082)], 16).turned("y", 90).shaded(0.15).tinted(BLACK),
    ]


COLORS = {
    "airliner": (WHITE, SILVER, SKY, GRAY), "propeller": (WHITE, WHITE, SILVER, RED, YELLOW, BLUE, ORANGE, NAVY),
    "fighter": (GRAY, SLATE, SILVER, OLIVE, KHAKI),
}  # fmt: skip

AIRPLANES = {style: Style(partial(airplane, style=style), COLORS[style]) for style in COLORS}
