"""Animals and fish."""

# ruff: noqa: RUF005 — here + adds arrays

import numpy as np

from ventral.stimuli.shapes import Solid, blade, body, curve, ellipsoid, sweep

SIDES = (-1, 1)

# leg length, neck length, neck angle above the horizon, body radius, head radius, snout length, ear length, tail drop
SPECIES = {
    "dog": (0.5, 0.32, 50, 0.23, 0.17, 0.24, 0.17, -0.25),
    "horse": (0.82, 0.72, 52, 0.29, 0.16, 0.36, 0.13, 0.5),
    "cow": (0.55, 0.34, 22, 0.36, 0.19, 0.28, 0.15, 0.5),
    "giraffe": (1.0, 1.35, 66, 0.3, 0.14, 0.26, 0.12, 0.4),
    "elephant": (0.6, 0.22, 28, 0.46, 0.3, 0.1, 0.42, 0.35),
    "pig": (0.3, 0.18, 15, 0.34, 0.23, 0.16, 0.14, 0.0),
}


def animal(rng: np.random.Generator) -> list[Solid]:
    species = rng.choice(list(SPECIES))
    leg, neck, angle, radius, head, snout, ear, tail = SPECIES[species]
    leg, neck, radius = leg * rng.uniform(0.88, 1.12), neck * rng.uniform(0.88, 1.12), radius * rng.uniform(0.9, 1.1)
    long = 0.62 * rng.uniform(0.92, 1.1)
    back = leg + 2 * radius * 0.92
    slope = 0.16 if species == "giraffe" else 0.0
    stations = [
        (-long, 0.05, back - radius * 1.05, back - radius * 0.75),
        (-long + 0.06, radius * 0.6, back - radius * 1.65, back - radius * 0.25),
        (-long * 0.6, radius * 0.88, back - radius * 1.95, back),
        (0.0, radius * 0.92, back - radius * 2.0, back - 0.03 + slope / 2),
        (long * 0.6, radius * 0.85, back - radius * 2.0, back + slope),
        (long - 0.03, radius * 0.6, back - radius * 1.7, back - radius * 0.1 + slope),
        (long + 0.06, 0.05, back - radius * 1.1, back - radius * 0.7),
    ]
    solids = [body(stations, n=36)]
    shoulder = np.array([long * 0.72, 0, back - radius * 0.55 + slope])
    toward = np.array([np.cos(np.radians(angle)), 0, np.sin(np.radians(angle))])
    skull = shoulder + toward * (neck + 0.1)
    bow = [shoulder, shoulder + toward * neck * 0.5 + [0.02, 0, 0.01], skull]
    solids.append(sweep(curve(bow, 12), np.linspace(max(radius * 0.62, head * 0.9), head * 0.72, 12), 22))
    solids += head_of(rng, species, skull, head, snout, ear)
    thick = radius * (0.36 if species in ("elephant", "pig") else 0.27)
    for side in SIDES:
        for x, knee in ((-long * 0.72, -0.07), (long * 0.72, 0.04)):
            foot = np.array([x + rng.uniform(-0.08, 0.08), side * radius * 0.52, 0.03])
            hip = np.array([x, side * radius * 0.5, back - radius * 1.25])
            joint = (hip + foot) / 2 + [knee if species != "elephant" else 0, 0, 0]
            wide = [thick * 1.3, thick * 0.95, thick * (0.9 if species == "elephant" else 0.6)]
            solids.append(sweep(curve([hip, joint, foot], 12), np.interp(np.arange(12), [0, 6, 11], wide), 14))
            solids.append(
                ellipsoid(thick * 1.05, thick * 0.9, 0.05, sides=16, rings=10)
                .shifted(foot[0] + 0.02, foot[1], 0.035)
                .shaded(0.3)
            )
    end = np.array([-long - (0.24 if tail < 0.2 else 0.12), 0, back - radius * 0.5 - tail])
    path = curve(
        [(-long + 0.02, 0, back - radius * 0.55), (-long - 0.12, 0, back - radius * 0.5 - tail * 0.2), end], 12
    )
    solids.append(sweep(path, np.linspace(0.05, 0.022, 12), 10).shaded(0.7))
    if species in ("horse", "cow", "giraffe"):
        solids.append(ellipsoid(0.05, 0.05, 0.15 if species == "horse" else 0.08).shifted(*end).shaded(0.35))
    if species == "horse":
        crest = np.linspace(skull + [-0.02, 0, head * 0.9], shoulder + [-0.08, 0, radius * 0.55], 10)
        solids.append(blade(crest + [0.08, 0, -0.1], crest + [-0.1, 0, 0.05], 0.07, (0, 1, 0)).shaded(0.35))
    return solids


def head_of(rng, species, skull, head, snout, ear) -> list[Solid]:
    """Head with muzzle, ears, eyes and what tells the species: trunk, horns or knobs."""
    down = {"horse": 50, "giraffe": 32, "cow": 38, "elephant": 50, "pig": 18}.get(species, 14)
    axis = np.array([np.cos(np.radians(down)), 0, -np.sin(np.radians(down))])
    nose = skull + axis * (head * 0.7 + snout)
    solids = [ellipsoid(head * 1.1, head * 0.88, head).shifted(*skull)]
    muzzle = 0.62 if species in ("cow", "pig", "horse") else 0.48
    solids.append(sweep([skull + axis * head * 0.3, nose], [head * 0.75, head * muzzle], 20))
    if species == "elephant":
        trunk = curve([nose, nose + [0.13, 0, -0.25], nose + [0.12, 0, -0.55], nose + [0.26, 0, -0.72]], 18)
        solids.append(sweep(trunk, np.linspace(head * 0.46, 0.06, 18), 18))
    else:
        solids.append(
            ellipsoid(head * 0.16, head * 0.4, head * 0.28).shifted(*(nose + axis * head * muzzle * 0.95)).shaded(0.25)
        )
    flop = species == "dog" and rng.random() < 0.5
    for side in SIDES:
        solids.append(
            ellipsoid(0.032, 0.032, 0.036, sides=12, rings=8)
            .shifted(*(skull + [head * 0.72, side * head * 0.66, head * 0.38]))
            .shaded(0.05)
        )
        root = skull + np.array([-head * 0.2, side * head * 0.6, head * 0.7])
        if species == "elephant":
            solids.append(
                ellipsoid(0.3, 0.035, 0.36)
                .turned("z", side * 28)
                .shifted(*(skull + [-0.26, side * 0.34, 0.0]))
                .shaded(0.85)
            )
        else:
            lean = {"cow": 85, "pig": 40}.get(species, 135 if flop else 20)
            solids.append(
                ellipsoid(0.035, ear * 0.36, ear * 0.75)
                .shifted(0, 0, ear * 0.5)
                .turned("x", -side * lean)
                .shifted(*root)
                .shaded(0.6)
            )
        if species == "cow":
            horn = curve([(0, 0, 0), (0.02, side * 0.14, 0.06), (0.04, side * 0.17, 0.2)], 10)
            solids.append(sweep(root + horn, np.linspace(0.04, 0.012, 10), 10).shaded(1.7))
        if species == "giraffe":
            solids.append(sweep([root, root + [0, side * 0.01, 0.16]], [0.02, 0.03], 10).shaded(0.4))
        if species == "elephant":
            tusk = curve([(0, 0, 0), (0.2, side * 0.03, -0.14), (0.36, side * 0.02, -0.06)], 12)
            solids.append(sweep(nose + [0, side * 0.14, -0.05] + tusk, np.linspace(0.05, 0.015, 12), 10).shaded(1.9))
    return solids


def fish(rng: np.random.Generator) -> list[Solid]:
    style = rng.choice(["trout", "bream", "angel", "shark"])
    high = {"trout": 0.27, "bream": 0.42, "angel": 0.56, "shark": 0.24}[style] * rng.uniform(0.9, 1.12)
    wide = {"trout": 0.19, "bream": 0.19, "angel": 0.17, "shark": 0.22}[style] * rng.uniform(0.9, 1.15)
    rows = [
        (0.9, 0.1, 0.1),
        (0.82, 0.45, 0.42),
        (0.55, 0.85, 0.82),
        (0.2, 1.0, 1.0),
        (-0.3, 0.6, 0.62),
        (-0.68, 0.2, 0.2),
        (-0.78, 0.14, 0.18),
    ]
    stations = [(x, wide * across, -high * up, high * up) for x, across, up in rows]
    trunk = body(stations, n=44, sides=32)
    x, _, z = trunk.vertices.T
    belly = np.where(z < -0.35 * high * np.cos(x), 1.5, 1.0)
    if rng.random() < 0.6 and style != "shark":
        bars = np.sin(x * rng.uniform(9, 15) + rng.uniform(0, 6)) > 0.25
        belly = np.where(bars, 0.4, belly)
    solids = [trunk.shaded(belly)]

    fork, reach = rng.uniform(0.16, 0.3), rng.uniform(0.3, 0.4) * (1.2 if style == "shark" else 1.0)
    for up, size in ((1, 1.25 if style == "shark" else 1.0), (-1, 0.8 if style == "shark" else 1.0)):
        root, tip = np.array([-0.68, 0, 0]), np.array([-0.8 - reach, 0, up * (high * 0.5 + 0.18) * size])
        notch = np.array([-0.8 - reach * (1 - fork * 2), 0, 0])
        lobe = np.linspace(0, 1, 8)[:, None]
        front = root + lobe * (tip - root) + np.sin(np.pi * lobe) * [0.05, 0, up * 0.06]
        solids.append(blade(front, notch + lobe * (tip - notch), 0.035, (0, 1, 0)).shaded(0.65))
    dorsal = {"shark": (0.25, -0.12, 0.3), "angel": (0.3, -0.45, 0.45)}.get(style, (0.4, -0.5, 0.08))
    solids.append(fin(*dorsal, rng.uniform(0.9, 1.2), high, 1))
    under = {"shark": (-0.2, -0.42, 0.14), "angel": (0.2, -0.3, 0.45)}.get(style, (-0.05, -0.42, 0.17))
    solids.append(fin(*under, rng.uniform(0.9, 1.2), high, -1))
    for side in SIDES:
        long = 0.42 if style == "shark" else 0.3
        along = np.linspace(0, 1, 7)[:, None]
        spine = along * [-long * 0.45, side * long * 0.75, -long * 0.55]
        half = (0.12 * np.sin(np.pi * (0.2 + 0.75 * along)) + 0.01) * [1.0, 0, 0.15]
        solids.append(
            blade(spine + half, spine - half, 0.02, (0, 0.6, side * 0.8))
            .shifted(0.38, side * wide * 0.85, -high * 0.2)
            .shaded(0.6)
        )
        eye = np.array([0.68, side * wide * 0.58, high * 0.2])
        size = 0.035 if style == "shark" else 0.062
        solids.append(ellipsoid(size, size * 0.55, size, sides=18, rings=12).shifted(*eye).shaded(1.95))
        solids.append(
            ellipsoid(size * 0.55, size * 0.4, size * 0.55, sides=14, rings=10)
            .shifted(*(eye + [0.008, side * size * 0.35, 0]))
            .shaded(0.03)
        )
        gill = curve(
            [
                (0.46, side * wide * 0.93, high * 0.4),
                (0.4, side * wide * 1.0, 0),
                (0.46, side * wide * 0.9, -high * 0.4),
            ],
            10,
        )
        solids.append(sweep(gill, 0.014, 6).shaded(0.45))
    return solids


def fin(front: float, back: float, tall: float, lean: float, high: float, up: int) -> Solid:
    """Fin on the back (up 1) or the belly (up -1) of a fish, as a blade from its foot to its tip."""
    rise = np.linspace(0, 1, 8)[:, None]
    foot = high * 0.55
    tip = np.array([back - 0.06 * lean, 0, up * (foot + high * 0.35 + tall)])
    leading = np.array([front, 0, up * foot]) * (1 - rise) + tip * rise + np.sin(np.pi * rise) * [0.06, 0, up * 0.05]
    trailing = np.array([back, 0, up * foot * 0.8]) * (1 - rise) + (tip - [0.01, 0, 0]) * rise
    return blade(leading, trailing, 0.035, (0, 1, 0)).shaded(0.65)
