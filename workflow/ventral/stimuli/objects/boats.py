"""Boats: sailing boats, tugs, yachts and rowing boats."""

import numpy as np

from ventral.stimuli.shapes import Solid, blade, box, curve, loft, revolve, sweep, tower

SIDES = (-1, 1)


def boat(rng: np.random.Generator) -> list[Solid]:
    style = rng.choice(["sail", "tug", "yacht", "rowing"])
    width = {"sail": 0.27, "tug": 0.36, "yacht": 0.3, "rowing": 0.34}[style] * rng.uniform(0.9, 1.12)
    depth = {"sail": 0.25, "tug": 0.36, "yacht": 0.32, "rowing": 0.3}[style] * rng.uniform(0.9, 1.1)
    x = np.linspace(-1, 1, 30)
    half = width * (1 - np.clip((x + 0.1) / 1.1, 0, 1) ** 2.4) * (0.8 + 0.2 * np.clip((x + 1) / 0.5, 0, 1)) + 0.004
    if style == "rowing":
        half = width * (1 - np.abs(x) ** 2.6) ** 0.8 * 0.96 + 0.01
    sheer = depth * (1 + rng.uniform(0.25, 0.5) * np.clip(x, 0, 1) ** 2 + 0.12 * x**2)
    keel = depth * 0.75 * np.clip((x - 0.55) / 0.45, 0, 1) ** 2
    open_deck = style == "rowing"
    solids = [hull(x, half, sheer, keel, sheer - (0.2 if open_deck else 0.04))]
    for side in SIDES:
        solids.append(sweep(np.stack([x, side * half, sheer], axis=1), 0.022, 8).shaded(1.7))
    {"sail": add_rig, "tug": add_wheelhouse, "yacht": add_cabin, "rowing": add_oars}[style](rng, solids, width, depth)
    return solids


def hull(x, half, sheer, keel, deck) -> Solid:
    """Round-bottomed hull, darker below the waterline, with a deck below its rim."""
    angle = np.linspace(np.pi, 2 * np.pi, 26)
    loops = []
    for place, wide, rim, bottom, floor in zip(x, half, sheer, keel, deck, strict=True):
        across = np.cos(angle) * wide * (1 + 0.12 * np.sin(angle))
        shell = np.stack([np.full(26, place), across, rim + (rim - bottom) * np.sin(angle)], axis=1)
        inner = np.linspace(0.93, -0.93, 6) * wide
        floor = np.stack([np.full(6, place), inner, np.full(6, max(floor, bottom))], axis=1)
        loops.append(np.concatenate([shell, floor]))
    solid = loft(loops)
    height = solid.vertices[:, 2]
    return solid.shaded(np.where(height < 0.3 * np.median(sheer), 0.55, 1.0))


def add_rig(rng, solids, width, depth) -> None:
    top = rng.uniform(1.5, 1.95)
    solids.append(sweep([(0.1, 0, depth * 0.7), (0.1, 0, top)], [0.026, 0.014], 10).shaded(0.5))
    solids.append(sweep([(0.1, 0, depth + 0.14), (-0.82, 0, depth + 0.16)], 0.02, 8).shaded(0.5))
    solids.append(sail((0.075, depth + 0.18), (-0.8, depth + 0.2), (0.07, top * 0.97)).shaded(1.75))
    if rng.random() < 0.8:
        solids.append(
            sail((0.16, depth + 0.2), (0.93, depth * 1.5), (0.13, top * rng.uniform(0.75, 0.92))).shaded(1.55)
        )
    solids.append(box(0.5, width, 0.12, 0.04).shifted(-0.1, 0, depth + 0.03).shaded(1.3))


def sail(tack, clew, head) -> Solid:
    """Triangular sail, bellied to one side; corners are (x, z)."""
    up = np.linspace(0, 1, 12)[:, None]
    tack, clew, head = ([corner[0], 0, corner[1]] for corner in map(np.asarray, (tack, clew, head)))
    belly = 0.13 * np.sin(np.pi * up) * [0, 1, 0]
    luff = np.asarray(tack) + up * np.subtract(head, tack)
    leech = np.asarray(clew) + up * np.subtract(head, clew)
    return blade(luff + belly * 0.2, leech + belly, 0.02, (0, 1, 0))


def add_wheelhouse(rng, solids, width, depth) -> None:
    x, tall = rng.uniform(-0.1, 0.15), rng.uniform(0.42, 0.56)
    house = [(depth - 0.05, x - 0.3, x + 0.25, width * 0.62), (depth + tall, x - 0.27, x + 0.22, width * 0.56)]
    solids.append(tower(house, 0.15).shaded(1.7))
    pane = [
        (depth + tall * 0.58, x - 0.2, x + 0.25, width * 0.6),
        (depth + tall * 0.85, x - 0.2, x + 0.24, width * 0.585),
    ]
    solids.append(tower(pane, 0.12).shaded(0.25))
    solids.append(box(0.64, width * 1.4, 0.05).shifted(x - 0.02, 0, depth + tall + 0.01))
    funnel = [
        (0, depth - 0.1),
        (0.1, depth - 0.1),
        (0.09, depth + tall + 0.22),
        (0.07, depth + tall + 0.22),
        (0, depth + tall),
    ]
    shades = 1 - 0.75 * (np.repeat(np.asarray(funnel)[:, 1], 24) > depth + tall)
    stack = revolve(funnel, 24).shifted(x=x - 0.46)
    solids.append(stack.shaded(np.concatenate([shades, [1, 0.2]])))
    solids.append(sweep([(x, 0, depth + tall), (x, 0, depth + tall + 0.42)], 0.016, 8).shaded(0.4))
    for side in SIDES:
        for place in (-0.6, -0.2, 0.2):
            tyre = [(0.05, -0.03), (0.09, -0.03), (0.09, 0.03), (0.05, 0.03), (0.05, -0.03)]
            solids.append(
                revolve(tyre, 18, caps=False)
                .turned("x", 90)
                .shifted(place, side * width * 1.02, depth * 0.75)
                .shaded(0.2)
            )


def add_cabin(rng, solids, width, depth) -> None:
    rear, long, tall = rng.uniform(-0.75, -0.6), rng.uniform(1.0, 1.2), rng.uniform(0.2, 0.26)
    lower = [(depth - 0.05, rear, rear + long, width * 0.72), (depth + tall, rear, rear + long * 0.78, width * 0.66)]
    pane = [
        (depth + tall * 0.4, rear + 0.1, rear + long * 0.94, width * 0.72),
        (depth + tall * 0.8, rear + 0.1, rear + long * 0.84, width * 0.695),
    ]
    solids += [tower(lower, 0.25).shaded(1.75), tower(pane, 0.25).shaded(0.25)]
    bridge = rear + rng.uniform(0.1, 0.25)
    upper = [
        (depth + tall - 0.02, bridge, bridge + 0.55, width * 0.5),
        (depth + tall * 1.75, bridge, bridge + 0.38, width * 0.46),
    ]
    glass = [
        (depth + tall * 1.2, bridge + 0.06, bridge + 0.51, width * 0.515),
        (depth + tall * 1.6, bridge + 0.06, bridge + 0.43, width * 0.49),
    ]
    solids += [tower(upper, 0.25).shaded(1.75), tower(glass, 0.25).shaded(0.25)]
    for side in SIDES:
        rail = [
            (0.45, side * width * 0.75, depth + 0.12),
            (0.75, side * width * 0.5, depth + 0.24),
            (0.97, 0, depth + 0.32),
        ]
        solids.append(sweep(curve(rail, 10), 0.013, 6).shaded(1.6))


def add_oars(rng, solids, width, depth) -> None:
    for x in (-0.45, 0.1, 0.55)[: rng.integers(2, 4)]:
        solids.append(box(0.16, width * 1.85, 0.03).shifted(x, 0, depth * 0.9).shaded(1.6))
    lean = rng.uniform(0.25, 0.5)
    for side in SIDES:
        grip, lock, end = np.array(
            [[0.2, side * 0.1, depth * 1.3], [-0.1, side * width, depth * 1.15], [-lean, side * 0.95, depth * 0.55]]
        )
        solids.append(sweep([grip, lock, end], 0.02, 8).shaded(1.6))
        wide = np.array([[0.07, 0, 0], [0.07, 0, 0], [0.01, 0, 0]])
        spine = end + np.array([[0, 0, 0], [-0.06, side * 0.2, -0.09], [-0.08, side * 0.24, -0.11]])
        solids.append(blade(spine + wide, spine - wide, 0.02, (0, 0, 1)).shaded(1.6))
