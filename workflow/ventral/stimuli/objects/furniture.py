"""Chairs, tables and lamps."""

# ruff: noqa: RUF005 — here + adds arrays

import numpy as np

from ventral.stimuli.shapes import Solid, box, curve, ellipsoid, loft, revolve, rounded_rectangle, sweep

SIDES = (-1, 1)
CORNERS = [(-1, -1), (-1, 1), (1, -1), (1, 1)]


def chair(rng: np.random.Generator) -> list[Solid]:
    style = rng.choice(["slats", "ladder", "panel", "office", "armchair"])
    if style == "office":
        return office_chair(rng)
    if style == "armchair":
        return armchair(rng)
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
        solids.append(box(0.04, 2 * y + 0.08, 0.09, 0.02).shifted(at(0.97), 0, seat + back * 0.97))
        for place in np.linspace(-0.7, 0.7, rng.integers(3, 6)) * y:
            solids.append(sweep([(at(0), place, seat), (at(0.97), place, seat + back * 0.95)], 0.016, 8).shaded(0.8))
    return solids


def office_chair(rng: np.random.Generator) -> list[Solid]:
    seat, back, width = rng.uniform(0.44, 0.52), rng.uniform(0.45, 0.65), rng.uniform(0.46, 0.54)
    solids = [
        box(0.48, width, 0.09, 0.045).shifted(0, 0, seat),
        box(0.08, width * 0.9, back, 0.04).turned("y", -8).shifted(-0.27, 0, seat + 0.12 + back / 2),
        sweep(curve([(-0.05, 0, seat - 0.05), (-0.28, 0, seat - 0.02), (-0.3, 0, seat + 0.2)], 10), 0.025, 8).shaded(
            0.35
        ),
        sweep([(0, 0, 0.09), (0, 0, seat)], 0.03, 10).shaded(0.35),
    ]
    for angle in np.arange(5) * 72 + rng.uniform(0, 72):
        solids.append(sweep([(0, 0, 0.13), (0.29, 0, 0.07)], [0.035, 0.022], 8).turned("z", angle).shaded(0.35))
        solids.append(
            ellipsoid(0.038, 0.03, 0.038, sides=12, rings=8).shifted(0.29, 0, 0.038).turned("z", angle).shaded(0.2)
        )
    if rng.random() < 0.6:
        for side in SIDES:
            arm = [(-0.05, side * width * 0.5, seat), (-0.05, side * (width * 0.5 + 0.06), seat + 0.2)]
            solids.append(sweep(arm, 0.02, 8).shaded(0.35))
            solids.append(box(0.28, 0.06, 0.035).shifted(0, side * (width * 0.5 + 0.06), seat + 0.21).shaded(0.35))
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
            ).shaded(0.3)
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


def table(rng: np.random.Generator) -> list[Solid]:
    style = rng.choice(["legs", "pedestal", "trestle", "shelf"])
    length, width, height = rng.uniform(0.9, 1.4), rng.uniform(0.6, 0.8), rng.uniform(0.62, 0.76)
    plate = rng.uniform(0.04, 0.07)
    if style == "pedestal":
        radius = rng.uniform(0.5, 0.65)
        foot = curve(
            [
                (radius * 0.55, 0.0),
                (radius * 0.5, 0.04),
                (0.07, 0.13),
                (0.05, height * 0.5),
                (0.08, height - 0.12),
                (0.16, height - 0.02),
            ],
            28,
        )
        top = [
            (0, height),
            (radius * 0.97, height),
            (radius, height + plate * 0.4),
            (radius * 0.97, height + plate),
            (0, height + plate),
        ]
        return [revolve([(0, 0), *foot], 32).shaded(0.65), revolve(top, 56)]
    solids = [box(length, width, plate, 0.018).shifted(0, 0, height)]
    x, y, leg = length / 2 - 0.07, width / 2 - 0.06, rng.uniform(0.024, 0.042)
    if style == "trestle":
        for end in SIDES:
            for side in SIDES:
                solids.append(
                    sweep([(end * x * 0.9, side * y, 0), (end * x * 0.8, side * y * 0.3, height - leg)], leg, 8).shaded(
                        0.65
                    )
                )
            solids.append(
                sweep(
                    [(end * x * 0.86, -y * 0.75, height * 0.35), (end * x * 0.86, y * 0.75, height * 0.35)],
                    leg * 0.8,
                    8,
                ).shaded(0.65)
            )
        solids.append(sweep([(-x * 0.86, 0, height * 0.35), (x * 0.86, 0, height * 0.35)], leg * 0.8, 8).shaded(0.65))
        return solids
    splay, square = rng.uniform(0, 0.06), rng.random() < 0.5
    for end, side in CORNERS:
        if square:
            solids.append(box(2 * leg, 2 * leg, height, 0.006).shifted(end * x, side * y, height / 2).shaded(0.65))
        else:
            solids.append(
                sweep(
                    [(end * (x + splay), side * (y + splay), 0), (end * x, side * y, height - leg)],
                    [leg * 0.6, leg * 1.2],
                    10,
                ).shaded(0.65)
            )
    solids.append(box(length - 0.16, width - 0.14, 0.09, 0.01).shifted(0, 0, height - 0.06).shaded(0.8))
    if style == "shelf":
        solids.append(box(length - 0.12, width - 0.1, 0.03).shifted(0, 0, height * 0.3).shaded(0.8))
    return solids


def lamp(rng: np.random.Generator) -> list[Solid]:
    if rng.random() < 0.3:
        return desk_lamp(rng)
    height = rng.uniform(0.6, 0.85)
    bases = {
        "urn": [(0.2, 0), (0.2, 0.035), (0.07, 0.08), (0.16, 0.25), (0.19, 0.36), (0.07, 0.52), (0.025, 0.6)],
        "ball": [(0.17, 0), (0.17, 0.03), (0.06, 0.06), (0.19, 0.22), (0.06, 0.39), (0.025, 0.45)],
        "stem": [(0.22, 0), (0.22, 0.025), (0.035, 0.06), (0.025, 0.2), (0.025, 0.55)],
        "cone": [(0.24, 0), (0.22, 0.03), (0.12, 0.2), (0.05, 0.5), (0.03, 0.6)],
    }
    base = np.array(bases[rng.choice(list(bases))])
    base = curve([*base, (0.022, max(height, 0.62))], 36)
    wide, narrow, tall = rng.uniform(0.32, 0.44), rng.uniform(0.13, 0.3), rng.uniform(0.3, 0.42)
    low = height - 0.1
    if rng.random() < 0.3:
        square = [(wide * 0.85, low), (narrow, low + tall)]
        shade = loft([rounded_rectangle(2 * r, 2 * r, 0.03) + [0, 0, z] for r, z in square], caps=False)
    else:
        profile = [(wide, low), (narrow, low + tall)]
        if rng.random() < 0.35:
            profile = curve([(wide, low), ((wide + narrow) * 0.42, low + tall * 0.5), (narrow * 0.8, low + tall)], 14)
        shade = revolve(profile, 48, caps=False)
    shade = shade.shaded(1.75)
    rims = [sweep(np.append(ring, ring[:1], axis=0), 0.012, 6).shaded(1.3) for ring in shade_rims(shade)]
    bulb = ellipsoid(0.07, 0.07, 0.1).shifted(0, 0, low + 0.15).shaded(2.0)
    return [revolve([(0, 0), *base], 36), shade, bulb, *rims]


def shade_rims(shade: Solid) -> list[np.ndarray]:
    points = shade.vertices[:-2]
    return [points[points[:, 2] == height] for height in (points[:, 2].min(), points[:, 2].max())]


def desk_lamp(rng: np.random.Generator) -> list[Solid]:
    lower, upper = rng.uniform(0.45, 0.6), rng.uniform(0.4, 0.55)
    back, ahead = rng.uniform(20, 35), rng.uniform(45, 65)
    elbow = lower * np.array([-np.sin(np.radians(back)), 0, np.cos(np.radians(back))]) + [0, 0, 0.05]
    wrist = elbow + upper * np.array([np.sin(np.radians(ahead)), 0, np.cos(np.radians(ahead))])
    cup = curve([(0.05, 0.12), (0.07, 0.06), (0.12, 0.0), (rng.uniform(0.18, 0.23), -0.16)], 16)
    cup = np.concatenate([[(0, 0.13)], cup, cup[::-1] * [0.92, 1], [(0, 0.08)]])
    tilt = rng.uniform(-40, -15)
    solids = [
        revolve([(0, 0), (0.22, 0), (0.22, 0.03), (0.2, 0.05), (0, 0.06)], 40).shaded(0.6),
        revolve(cup, 36).turned("y", tilt).shifted(*wrist),
        ellipsoid(0.075, 0.075, 0.085).shifted(0, 0, -0.08).turned("y", tilt).shifted(*wrist).shaded(2.0),
    ]
    for side in SIDES:
        offset = [0, side * 0.025, 0]
        solids += [
            sweep([offset, elbow + offset], 0.016, 8).shaded(0.7),
            sweep([elbow + offset, wrist + offset], 0.016, 8).shaded(0.7),
        ]
    solids += [
        ellipsoid(0.045, 0.05, 0.045, sides=16, rings=10).shifted(*joint).shaded(0.4) for joint in (elbow, wrist)
    ]
    return solids
