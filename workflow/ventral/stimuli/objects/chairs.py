"""Chairs."""

from functools import partial

import numpy as np

from ventral.stimuli.objects.object_style import Style
from ventral.stimuli.palettes import ANY, BLACK, MAHOGANY, OAK, WALNUT
from ventral.stimuli.shapes import Solid, box, curve, ellipsoid, sweep

SIDES = (-1, 1)
CORNERS = [(-1, -1), (-1, 1), (1, -1), (1, 1)]
WOODEN = (*ANY, OAK, WALNUT, MAHOGANY)
CUSHIONED = ANY


def chair(rng: np.random.Generator, style: str) -> list[Solid]:
    depth, width = rng.uniform(0.42, 0.52), rng.uniform(0.42, 0.52)
    seat, back, leg = rng.uniform(0.42, 0.52), rng.uniform(0.45, 0.62), rng.uniform(0.022, 0.034)
    lean, splay = rng.uniform(0.04, 0.14), rng.uniform(0.0, 0.06)
    x, y = depth / 2 - leg, width / 2 - leg
    solids = [box(depth + 0.04, width + 0.04, 0.055, 0.02).shifted(0, 0, seat)]
    for end, side in CORNERS:
        solids.append(
            sweep(
                [(end * (x + splay), side * (y + splay), 0), (end * x, side * y, seat - 0.02)], [leg * 0.8, leg], 10
            ).shaded(0.6)
        )
    rear = np.array([-x, -x - lean * 0.4, -x - lean])
    for side in SIDES:
        post = np.stack([rear, np.full(3, side * y), seat + back * np.array([0, 0.5, 1])], axis=1)
        solids.append(sweep(curve(post, 8), leg * 0.95, 10).shaded(0.6))

    def at(share):  # x of the back at a share of its height
        return -x - lean * share

    if style == "panel":
        solids.append(
            box(0.03, 2 * y, back * 0.6, 0.012)
            .turned("y", -np.degrees(np.arctan(lean / back)))
            .shifted(at(0.65), 0, seat + back * 0.66)
        )
    elif style == "ladder":
        for share in np.linspace(0.35, 0.93, rng.integers(3, 5)):
            bow = [(at(share), -y, 0), (at(share) - 0.03, 0, 0), (at(share), y, 0)]
            solids.append(sweep(curve(bow, 8), 0.02, 10).scaled(z=1.4).shifted(z=seat + back * share))
    else:
        if style == "rocking":
            solids += rockers(x, y, seat)
        solids.append(box(0.04, 2 * y + 0.08, 0.09, 0.02).shifted(at(0.97), 0, seat + back * 0.97))
        for place in np.linspace(-0.7, 0.7, rng.integers(3, 6)) * y:
            solids.append(sweep([(at(0), place, seat), (at(0.97), place, seat + back * 0.95)], 0.016, 8).shaded(0.8))
    return solids


def rockers(x: float, y: float, seat: float) -> list[Solid]:
    """Runners and armrests of a rocking chair."""
    solids = []
    for side in SIDES:
        runner = curve(
            [(-2.6 * x, side * y, 0.1), (-x, side * y, -0.01), (0.3 * x, side * y, -0.03), (2.0 * x, side * y, 0.07)],
            20,
        )
        solids.append(sweep(runner, 0.024, 10).shaded(0.6))
        arm = [
            (-x - 0.02, side * y, seat + 0.24),
            (0.2 * x, side * (y + 0.02), seat + 0.24),
            (x, side * (y + 0.02), seat + 0.22),
        ]
        solids.append(sweep(curve(arm, 10), 0.024, 10).shaded(0.8))
        solids.append(
            sweep([(0.8 * x, side * y, seat), (0.8 * x, side * (y + 0.02), seat + 0.22)], 0.018, 8).shaded(0.6)
        )
    return solids


def office_chair(rng: np.random.Generator) -> list[Solid]:
    seat, back, width = rng.uniform(0.44, 0.52), rng.uniform(0.45, 0.65), rng.uniform(0.46, 0.54)
    solids = [
        box(0.48, width, 0.09, 0.045).shifted(0, 0, seat),
        box(0.08, width * 0.9, back, 0.04).turned("y", -8).shifted(-0.27, 0, seat + 0.12 + back / 2),
        sweep(curve([(-0.05, 0, seat - 0.05), (-0.28, 0, seat - 0.02), (-0.3, 0, seat + 0.2)], 10), 0.025, 8)
        .shaded(0.35)
        .tinted(BLACK),
        sweep([(0, 0, 0.09), (0, 0, seat)], 0.03, 10).shaded(0.35).tinted(BLACK),
    ]
    for angle in np.arange(5) * 72 + rng.uniform(0, 72):
        solids.append(
            sweep([(0, 0, 0.13), (0.29, 0, 0.07)], [0.035, 0.022], 8).turned("z", angle).shaded(0.35).tinted(BLACK)
        )
        solids.append(
            ellipsoid(0.038, 0.03, 0.038, sides=12, rings=8)
            .shifted(0.29, 0, 0.038)
            .turned("z", angle)
            .shaded(0.2)
            .tinted(BLACK)
        )
    if rng.random() < 0.6:
        for side in SIDES:
            arm = [(-0.05, side * width * 0.5, seat), (-0.05, side * (width * 0.5 + 0.06), seat + 0.2)]
            solids.append(sweep(arm, 0.02, 8).shaded(0.35).tinted(BLACK))
            solids.append(
                box(0.28, 0.06, 0.035).shifted(0, side * (width * 0.5 + 0.06), seat + 0.21).shaded(0.35).tinted(BLACK)
            )
    return solids


def armchair(rng: np.random.Generator) -> list[Solid]:
    width, depth, back = rng.uniform(0.66, 0.8), rng.uniform(0.6, 0.7), rng.uniform(0.75, 0.95)
    seat, arm = rng.uniform(0.36, 0.42), rng.uniform(0.52, 0.6)
    solids = [
        box(depth, width - 0.2, 0.16, 0.06).shifted(0.03, 0, seat - 0.02),
        box(depth - 0.04, width - 0.1, 0.18, 0.03).shifted(0, 0, 0.2).shaded(0.8),
        box(0.18, width - 0.06, back - 0.1, 0.08).turned("y", -8).shifted(-depth / 2 + 0.02, 0, back / 2 + 0.12),
    ]
    for end, side in CORNERS:
        solids.append(
            sweep(
                [(end * depth * 0.4, side * width * 0.4, 0.02), (end * depth * 0.38, side * width * 0.38, 0.14)],
                [0.022, 0.034],
                8,
            )
            .shaded(0.3)
            .tinted(WALNUT)
        )
    for side in SIDES:
        solids.append(
            box(depth, 0.15, arm - 0.1, 0.05).shifted(0, side * (width / 2 - 0.03), arm / 2 + 0.06).shaded(0.9)
        )
        solids.append(
            sweep(
                [(-depth * 0.46, side * (width / 2 - 0.03), arm), (depth * 0.46, side * (width / 2 - 0.03), arm)],
                0.085,
                16,
            )
        )
    return solids


CHAIRS = {style: Style(partial(chair, style=style), WOODEN) for style in ("slats", "ladder", "panel", "rocking")}
CHAIRS |= {"office": Style(office_chair, CUSHIONED), "armchair": Style(armchair, CUSHIONED)}
