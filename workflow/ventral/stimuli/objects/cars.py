"""Cars."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from ventral.stimuli.objects.object_style import Style
from ventral.stimuli.palettes import (
    ANY,
    BLACK,
    BLUE,
    CREAM,
    DARK_GREEN,
    KHAKI,
    OLIVE,
    ORANGE,
    RED,
    SILVER,
    SLATE,
    TAN,
    WHITE,
)
from ventral.stimuli.shapes import Solid, body, box, ellipsoid, revolve, sweep, tower

SIDES = (-1, 1)
GLASS, RUBBER, TRIM = (0.58, 0.35, 0.2), (0.6, 0.06, 0.1), (0.6, 0.06, 0.16)
HEADLIGHT, TAILLIGHT, CHROME = (0.14, 0.06, 0.95), (0.99, 0.9, 0.6), (0.6, 0.03, 0.82)


@dataclass(frozen=True)
class Shape:
    """Proportions of a car from x = -1 to 1, and heights above the road.

    Attributes
    ----------
    width, wheel, floor : half width, radius of a wheel, height of the sills
    hood, waist, deck : heights of the hood's end, of the windows' lower edge, and of the rear end
    roof : height of the roof
    windows : x of the glass at its lower edge, rear and front, and at the roof, rear and front
    axles : x of the rear and the front wheels
    square : roundness of the roof, from 0 (a box) to 1
    """

    width: float
    wheel: float
    floor: float
    hood: float
    waist: float
    deck: float
    roof: float
    windows: tuple[float, float, float, float]
    axles: tuple[float, float] = (-0.58, 0.62)
    square: float = 0.3


SHAPES = {
    "saloon": Shape(0.4, 0.178, 0.1, 0.4, 0.46, 0.46, 0.68, (-0.68, 0.42, -0.4, 0.08)),
    "wagon": Shape(0.4, 0.178, 0.1, 0.4, 0.46, 0.46, 0.7, (-0.97, 0.42, -0.84, 0.08)),
    "minivan": Shape(0.42, 0.18, 0.1, 0.42, 0.48, 0.48, 0.8, (-0.96, 0.66, -0.88, 0.2)),
    "pickup": Shape(0.42, 0.205, 0.16, 0.48, 0.52, 0.5, 0.82, (-0.14, 0.44, -0.08, 0.2)),
    "jeep": Shape(0.44, 0.225, 0.19, 0.52, 0.56, 0.56, 0.93, (-0.93, 0.34, -0.9, 0.2), (-0.58, 0.6), 0.18),
    "sports": Shape(0.43, 0.175, 0.08, 0.37, 0.43, 0.45, 0.61, (-0.7, 0.34, -0.3, 0.0), (-0.6, 0.62), 0.4),
}


def car(rng: np.random.Generator, style: str) -> list[Solid]:
    s = SHAPES[style]
    vary = {key: vars(s)[key] * rng.uniform(0.96, 1.05) for key in ("width", "wheel", "waist", "roof")}
    s = Shape(**(vars(s) | vary))
    underbody = box(1.9, s.width * 1.8, 0.06, 0.02).shifted(0, 0, s.floor).shaded(0.1).tinted(TRIM)
    solids = [shell(s), underbody, *cabin(s), *front(rng, s), *rear(s)]
    rim = rng.choice([5, 6, 10])
    for side in SIDES:
        parts = wheel(s.wheel, side, rim)
        for x in s.axles:
            solids += [part.shifted(x, side * (s.width - 0.01), s.wheel) for part in parts]
        solids += seams(s, side)
        mirror = box(0.05, 0.08, 0.055, 0.02)
        solids.append(mirror.shifted(s.windows[1] - 0.14, side * (s.width + 0.03), s.waist + 0.045))
    if style == "pickup":
        solids += bed(s)
    if style == "jeep":
        solids += [part.turned("z", 90).shifted(-1.02, 0, 0.5) for part in wheel(s.wheel * 0.95, 1, rim)]
    return solids


def shell(s: Shape) -> Solid:
    """Body below the windows; its sills are dark."""
    low = s.floor
    stations = [
        (-1.0, s.width * 0.84, low + 0.1, s.deck - 0.1),
        (-0.985, s.width * 0.92, low + 0.03, s.deck - 0.03),
        (-0.9, s.width * 0.97, low, s.deck),
        (-0.4, s.width, low, s.waist),
        (0.1, s.width, low, s.waist),
        (s.windows[1] + 0.04, s.width, low, s.waist - 0.01),
        (0.86, s.width * 0.95, low, s.hood),
        (0.97, s.width * 0.86, low + 0.02, s.hood - 0.07),
        (1.0, s.width * 0.76, low + 0.06, s.hood - 0.14),
    ]
    skin = body(stations, square=0.28, n=44, sides=36)
    height = skin.vertices[:, 2]
    return skin.tinted(TRIM, np.clip((low + 0.035 - height) / 0.02, 0, 1))


def cabin(s: Shape) -> list[Solid]:
    """Windows, roof and pillars."""
    rear, ahead, roof_rear, roof_ahead = s.windows
    top, low = s.width * 0.76, s.width * 0.95
    glass = tower(
        [
            (s.waist - 0.06, rear, ahead, low),
            (
                s.waist + 0.45 * (s.roof - s.waist),
                (rear + roof_rear) / 2,
                (ahead + roof_ahead) / 2,
                (low + top) / 2 + 0.02,
            ),
            (s.roof - 0.015, roof_rear, roof_ahead, top),
        ],
        s.square,
    )
    z = glass.vertices[:, 2]
    sheen = np.clip((z - s.waist) / (s.roof - s.waist), 0, 1)
    glass = glass.shaded(0.3).tinted(GLASS).tinted((0.58, 0.2, 0.5), 0.55 * sheen)
    plate = tower(
        [
            (s.roof - 0.035, roof_rear - 0.015, roof_ahead + 0.03, top * 1.02),
            (s.roof - 0.008, roof_rear + 0.01, roof_ahead - 0.01, top * 0.97),
            (s.roof + 0.008, roof_rear + 0.12, roof_ahead - 0.12, top * 0.78),
            (s.roof + 0.01, roof_rear + 0.2, roof_ahead - 0.2, top * 0.5),
        ],
        s.square,
    )
    solids = [glass, plate]
    posts = [(ahead - 0.01, roof_ahead), (rear, roof_rear)]
    posts += [(x, x) for x in np.arange(roof_ahead - 0.34, roof_rear + 0.2, -0.42)]
    for side in SIDES:
        for foot, head in posts:
            path = [
                (foot, side * low * 0.975, s.waist - 0.03),
                ((foot + head) / 2, side * ((low + top) / 2 + 0.005), (s.waist + s.roof) / 2),
                (head, side * top, s.roof - 0.025),
            ]
            solids.append(sweep(path, 0.022, 8))
    return solids


def front(rng: np.random.Generator, s: Shape) -> list[Solid]:
    """Grille, headlights, bumper and plate."""
    z = s.hood - 0.12
    solids = [box(0.06, s.width * 0.9, 0.085, 0.02).shifted(0.975, 0, z - 0.01).shaded(0.3).tinted(TRIM)]
    for row in np.linspace(-0.028, 0.028, rng.integers(2, 5)):
        solids.append(
            box(0.02, s.width * 0.82, 0.008, 0.003).shifted(1.004, 0, z - 0.01 + row).shaded(1.7).tinted(CHROME)
        )
    for side in SIDES:
        place = (0.95, side * s.width * 0.66, z + 0.005)
        solids.append(ellipsoid(0.055, 0.085, 0.042, 0.6).shifted(*place).shaded(1.95).tinted(HEADLIGHT))
        fog = ellipsoid(0.02, 0.03, 0.02).shifted(0.995, side * s.width * 0.55, s.floor + 0.07)
        solids.append(fog.shaded(1.9).tinted(HEADLIGHT))
    solids.append(box(0.06, s.width * 1.5, 0.05, 0.02).shifted(0.985, 0, s.floor + 0.1).shaded(0.9))
    solids.append(box(0.04, s.width * 1.3, 0.05, 0.02).shifted(0.985, 0, s.floor + 0.045).shaded(0.25).tinted(TRIM))
    return [*solids, box(0.015, 0.22, 0.05, 0.004).shifted(1.02, 0, s.floor + 0.1).shaded(1.9).tinted(WHITE)]


def rear(s: Shape) -> list[Solid]:
    solids = [box(0.05, s.width * 1.5, 0.07, 0.02).shifted(-0.985, 0, s.floor + 0.1).shaded(0.85)]
    for side in SIDES:
        light = ellipsoid(0.03, 0.07, 0.05, 0.5).shifted(-0.975, side * s.width * 0.72, s.deck - 0.11)
        solids.append(light.shaded(0.4).tinted(TAILLIGHT))
    return [*solids, box(0.015, 0.22, 0.055, 0.004).shifted(-1.005, 0, s.deck - 0.16).shaded(1.9).tinted(WHITE)]


def seams(s: Shape, side: int) -> list[Solid]:
    """Gaps of the doors, and their handles."""
    solids, roof_ahead = [], s.windows[3]
    y = side * s.width * 0.995
    for x in (s.windows[1] - 0.12, roof_ahead - 0.34, roof_ahead - 0.76):
        if x < max(s.windows[0], -0.5):
            continue
        path = [(x, y, s.floor + 0.06), (x, y * 1.003, (s.floor + s.waist) / 2), (x, y * 0.985, s.waist - 0.03)]
        solids.append(sweep(path, 0.005, 6).shaded(0.2).tinted(TRIM))
        if x < s.windows[1] - 0.2:
            solids.append(
                box(0.08, 0.02, 0.016, 0.006).shifted(x + 0.08, y * 1.01, s.waist - 0.07).shaded(0.3).tinted(TRIM)
            )
    return solids


def bed(s: Shape) -> list[Solid]:
    """Open box of a pickup."""
    solids = [box(0.8, s.width * 1.7, 0.02).shifted(-0.56, 0, s.waist + 0.002).shaded(0.35).tinted(TRIM)]
    for side in SIDES:
        solids.append(box(0.84, 0.05, 0.1).shifted(-0.56, side * s.width * 0.92, s.waist + 0.03))
    return [*solids, box(0.05, s.width * 1.86, 0.1).shifted(-0.965, 0, s.waist + 0.03)]


def wheel(radius: float, side: int, spokes: int) -> list[Solid]:
    tire = [
        (radius * 0.64, 0.04),
        (radius * 0.7, 0.05),
        (radius * 0.93, 0.05),
        (radius, 0.025),
        (radius, -0.06),
        (radius * 0.9, -0.09),
    ]
    dish = [(0, 0.0), (radius * 0.64, 0.0), (radius * 0.66, 0.04), (radius * 0.6, 0.045), (radius * 0.58, 0.012)]
    rim = [(radius * 0.66, 0.03), (radius * 0.66, 0.052), (radius * 0.58, 0.05), (radius * 0.58, 0.03)]
    arch = [(radius * 1.08, -0.06), (radius * 1.08, 0.012), (0, 0.012)]
    parts = [
        revolve([*tire[::-1], (0, 0.02)], 32).shaded(0.22).tinted(RUBBER),
        revolve([*dish, (0, 0.012)], 28).shaded(0.7).tinted(SLATE),
        revolve(rim, 32, caps=False).shaded(1.6).tinted(CHROME),
        revolve([(0, -0.06), *arch], 32).shaded(0.2).tinted(RUBBER),
        revolve([(radius * 0.16, 0.02), (radius * 0.14, 0.055), (0, 0.058)], 16).shaded(1.6).tinted(CHROME),
    ]  # fmt: skip
    for angle in np.arange(spokes) * 360 / spokes:
        bar = box(radius * 0.5, radius * (0.8 / spokes), 0.03, 0.006).shifted(radius * 0.36, 0, 0.035)
        parts.append(bar.turned("z", angle).shaded(1.6).tinted(CHROME))
    return [part.turned("x", -90 * side) for part in parts]


COLORS = (*ANY, SILVER, WHITE, SILVER, BLUE)
CARS = {style: Style(partial(car, style=style), COLORS) for style in SHAPES}
CARS["pickup"] = Style(CARS["pickup"].build, (WHITE, RED, BLUE, SILVER, BLACK, OLIVE, TAN, CREAM))
CARS["jeep"] = Style(CARS["jeep"].build, (OLIVE, KHAKI, DARK_GREEN, RED, WHITE, BLACK, ORANGE, TAN))
