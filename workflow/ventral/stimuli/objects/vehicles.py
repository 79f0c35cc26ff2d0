"""Cars, airplanes and boats."""

import numpy as np

from ventral.stimuli.shapes import Solid, blade, body, box, curve, ellipsoid, loft, revolve, sweep, tower

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
            tyre = [(0.05, -0.03), (0.09, -0.03), (0.09, 0.03), (0.05, 0.03)]
            solids.append(
                revolve(tyre, 18).turned("x", 90).shifted(place, side * width * 1.02, depth * 0.75).shaded(0.2)
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
