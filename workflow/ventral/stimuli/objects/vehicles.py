"""Cars and airplanes."""

import numpy as np

from ventral.stimuli.shapes import Solid, blade, body, box, ellipsoid, revolve, sweep, tower

SIDES = (-1, 1)


def car(rng: np.random.Generator) -> list[Solid]:
    style = rng.choice(["saloon", "hatchback", "van", "pickup"])
    width, wheel = rng.uniform(0.4, 0.47), rng.uniform(0.17, 0.215)
    waist = wheel + rng.uniform(0.25, 0.31)
    rear, front, roof_rear, roof_front, cabin = {
        "saloon": (-0.66, 0.42, -0.42, 0.1, 0.29),
        "hatchback": (-0.93, 0.44, -0.74, 0.1, 0.31),
        "van": (-0.96, 0.74, -0.93, 0.42, 0.46),
        "pickup": (-0.2, 0.46, -0.12, 0.14, 0.31),
    }[style]
    roof = waist + cabin * rng.uniform(0.9, 1.12)
    nose, tail = rng.uniform(0.05, 0.12), rng.uniform(0.0, 0.06)
    floor = wheel * 0.75
    stations = [
        (-1.0, width * 0.86, floor + 0.08, waist - 0.12),
        (-0.97, width * 0.95, floor, waist - tail),
        (-0.5, width, floor, waist),
        (0.4, width, floor, waist),
        (0.93, width * 0.93, floor, waist - nose),
        (1.0, width * 0.82, floor + 0.06, waist - nose - 0.1),
    ]
    top = width * rng.uniform(0.72, 0.82)
    rim = 0.9 * cabin
    glass = [
        (waist - 0.05, rear, front, width * 0.94),
        (waist + rim * 0.5, (rear + roof_rear) / 2, (front + roof_front) / 2, (width * 0.94 + top) / 2),
        (roof - 0.02, roof_rear, roof_front, top),
    ]
    roof_plate = [
        (roof - 0.045, roof_rear - 0.02, roof_front + 0.03, top * 1.02),
        (roof - 0.01, roof_rear, roof_front, top * 0.98),
        (roof, roof_rear + 0.06, roof_front - 0.05, top * 0.85),
    ]
    solids = [body(stations, square=0.3), tower(glass, 0.25).shaded(0.3), tower(roof_plate, 0.25)]
    posts = [(front, roof_front), (rear, roof_rear)]
    posts += [(x, x) for x in np.arange(roof_front - 0.3, roof_rear + 0.2, -0.36)]
    for side in SIDES:
        for low, high in posts:
            foot, head = (low * 0.98, side * width * 0.93, waist - 0.03), (high, side * top * 0.98, roof - 0.03)
            solids.append(sweep([foot, head], 0.026, 8))
        solids.append(box(0.06, 0.05, 0.07, 0.02).shifted(front - 0.02, side * (width + 0.03), waist + 0.03))
        solids.append(
            ellipsoid(0.05, 0.09, 0.05, 0.6).shifted(0.965, side * width * 0.62, waist - nose - 0.09).shaded(1.95)
        )
        solids.append(ellipsoid(0.04, 0.07, 0.06, 0.6).shifted(-0.975, side * width * 0.68, waist - 0.1).shaded(0.35))
        for x in (-0.6, 0.6):
            solids += [part.shifted(x, side * width, wheel) for part in wheel_of(wheel, side)]
    solids.append(box(0.05, width * 0.8, 0.09).shifted(0.97, 0, floor + 0.12).shaded(0.3))
    if style == "pickup":
        rail = waist + 0.07
        for side in SIDES:
            solids.append(box(0.76, 0.06, 0.14).shifted(-0.59, side * width * 0.9, rail - 0.05))
        solids.append(box(0.06, width * 1.8, 0.14).shifted(-0.95, 0, rail - 0.05))
        solids.append(box(0.68, width * 1.6, 0.02).shifted(-0.58, 0, waist + 0.005).shaded(0.35))
    return solids


def wheel_of(radius: float, side: int) -> list[Solid]:
    tyre = [(radius * 0.6, -0.09), (radius * 0.93, -0.09), (radius, -0.06), (radius, 0.03), (radius * 0.9, 0.05)]
    hub = [(radius * 0.62, 0.0), (radius * 0.6, 0.045), (radius * 0.3, 0.03), (radius * 0.12, 0.055), (0, 0.055)]
    arch = [(radius * 1.17, -0.03), (radius * 1.17, 0.004), (0, 0.004)]
    parts = [
        revolve([(0, -0.09), *tyre, (radius * 0.62, 0.05), (0, 0.03)], 32).shaded(0.22),
        revolve([(0, 0), *hub], 24).shaded(1.6),
        revolve([(0, -0.03), *arch], 32).shaded(0.25),
    ]
    return [part.turned("x", -90 * side) for part in parts]


def airplane(rng: np.random.Generator) -> list[Solid]:
    style = rng.choice(["airliner", "propeller", "fighter"])
    radius = {"airliner": 0.125, "propeller": 0.15, "fighter": 0.1}[style] * rng.uniform(0.9, 1.15)
    span = {"airliner": 0.95, "propeller": 1.0, "fighter": 0.6}[style] * rng.uniform(0.92, 1.08)
    sweep_back = {"airliner": 0.5, "propeller": 0.03, "fighter": 0.62}[style] * rng.uniform(0.85, 1.15)
    chord = {"airliner": 0.42, "propeller": 0.36, "fighter": 0.8}[style] * rng.uniform(0.9, 1.1)
    tip = {"airliner": 0.14, "propeller": 0.26, "fighter": 0.12}[style]
    height = radius * {"airliner": -0.5, "propeller": rng.choice([-0.6, 0.75]), "fighter": 0.0}[style]
    nose = {"airliner": 0.55, "propeller": 0.8, "fighter": 0.12}[style]
    stations = [
        (-1.0, radius * 0.15, radius * 0.3, radius * 0.62),
        (-0.6, radius * 0.62, -radius * 0.35, radius * 0.85),
        (-0.2, radius, -radius, radius),
        (0.6, radius, -radius, radius),
        (0.88, radius * (0.5 + nose / 2), -radius * 0.85, radius * 0.65),
        (0.98, radius * nose, -radius * nose, radius * nose * 0.6),
        (1.0, radius * nose * 0.4, -radius * nose * 0.5, radius * nose * 0.3),
    ]
    solids = [body(stations)]
    root, dihedral = rng.uniform(0.2, 0.34), span * rng.uniform(0.03, 0.12)
    tail_span, fin = span * rng.uniform(0.36, 0.44), rng.uniform(0.3, 0.4)
    for side in SIDES:
        solids.append(wing((root, 0, height), (root - sweep_back, side * span, height + dihedral), chord, tip))
        solids.append(
            wing((-0.7, 0, radius * 0.4), (-0.74 - sweep_back * 0.3, side * tail_span, radius * 0.45), 0.26, 0.13)
        )
    solids.append(wing((-0.6, 0, radius * 0.3), (-0.82, 0, radius * 0.6 + fin), 0.36, 0.17, (0, 1, 0)).shaded(0.55))
    if style == "propeller":
        solids.append(
            revolve([(0, 0), (0.06, 0.0), (0.04, 0.06), (0, 0.09)], 20).turned("y", 90).shifted(0.99).shaded(0.4)
        )
        turn = rng.uniform(0, 90)
        for angle in (0, 180) if rng.random() < 0.5 else (0, 120, 240):
            edge = np.array([[0, 0, 0.0], [0, 0, 0.1], [0, 0, 0.26], [0, 0, 0.3]])
            half = np.array([0.015, 0.035, 0.03, 0.004])[:, None] * [0, 1, 0]
            solids.append(
                blade(edge + half, edge - half, 0.015, (1, 0, 0)).turned("x", turn + angle).shifted(1.03).shaded(0.3)
            )
        solids.append(ellipsoid(0.24, radius * 0.72, radius * 0.75).shifted(0.28, 0, radius * 0.75).shaded(0.3))
    else:
        canopy = (0.3, 0.5) if style == "fighter" else (0.1, 0.86)
        solids.append(
            ellipsoid(canopy[0], radius * 0.6, radius * 0.55).shifted(canopy[1], 0, radius * 0.62).shaded(0.3)
        )
    if style == "airliner":
        engines = rng.choice([1, 2])
        for side in SIDES:
            for place in np.array([0.33, 0.6])[:engines]:
                x, z = root - sweep_back * place + 0.06, height + dihedral * place - 0.075
                solids += [part.shifted(x, side * span * place, z) for part in engine(0.06 if engines == 2 else 0.075)]
            for x in np.arange(-0.45, 0.72, 0.09):
                solids.append(
                    ellipsoid(0.022, 0.01, 0.026, sides=8, rings=6)
                    .shifted(x, side * radius * 0.97, radius * 0.25)
                    .shaded(0.2)
                )
    if style == "fighter":
        for side in SIDES:
            solids += [part.shifted(-0.88, side * radius * 0.5, radius * 0.3) for part in engine(0.075)]
            solids.append(
                box(0.5, radius * 0.5, radius * 0.9, 0.03)
                .shifted(0.15, side * radius * 1.05, -radius * 0.1)
                .shaded(0.85)
            )
    return solids


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
    cowl = revolve([*shell, (radius * 0.8, 0.08)], 20).turned("y", 90).shaded(0.6)
    return [cowl, revolve([(0, 0.08), (radius * 0.85, 0.081), (0, 0.082)], 16).turned("y", 90).shaded(0.15)]
