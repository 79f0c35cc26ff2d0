"""Animals, fish and human heads."""

# ruff: noqa: RUF005 — here + adds arrays

import numpy as np

from ventral.stimuli.shapes import Solid, blade, body, curve, ellipsoid, loft, sweep

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
            wide = [thick * 1.6, thick, thick * (0.9 if species == "elephant" else 0.6)]
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
    dorsal = {"shark": (0.25, -0.12, 0.36), "angel": (0.3, -0.35, 0.5)}.get(style, (0.35, -0.4, 0.2))
    solids.append(fin(*dorsal, rng.uniform(0.9, 1.2), high, 1))
    under = {"shark": (-0.2, -0.42, 0.14), "angel": (0.2, -0.3, 0.45)}.get(style, (-0.05, -0.42, 0.17))
    solids.append(fin(*under, rng.uniform(0.9, 1.2), high, -1))
    for side in SIDES:
        long = 0.42 if style == "shark" else 0.3
        along = np.linspace(0, 1, 7)[:, None]
        spine = along * [-long * 0.7, side * long * 0.75, -0.16]
        half = (0.1 * np.sin(np.pi * (0.15 + 0.8 * along)) + 0.01) * [0.75, 0, 0.66]
        solids.append(
            blade(spine + half, spine - half, 0.02, (0.3, side, 0.4))
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


def head(rng: np.random.Generator) -> list[Solid]:
    skin = face(rng)
    wide = np.abs(skin.vertices[:, 1]).max()
    neck = sweep([(-0.12, 0, -0.6), (-0.16, 0, -1.35)], [0.42, 0.46], 32).scaled(y=0.95)
    solids = [skin, neck.shaded(0.92)]
    brow = rng.uniform(0.025, 0.045)
    for side in SIDES:
        solids.append(ellipsoid(0.1, 0.125, 0.09).shifted(0.755, side * 0.29, 0.15).shaded(1.95))
        solids.append(ellipsoid(0.03, 0.056, 0.058, sides=16, rings=10).shifted(0.845, side * 0.285, 0.15).shaded(0.05))
        arc = curve([(0.86, side * 0.13, 0.33), (0.84, side * 0.3, 0.385), (0.74, side * 0.45, 0.33)], 10)
        solids.append(sweep(arc, brow, 8).shaded(0.2))
        solids.append(
            ellipsoid(0.13, 0.055, 0.22, sides=20)
            .turned("z", side * 22)
            .shifted(-0.04, side * (wide + 0.015), 0.03)
            .shaded(0.9)
        )
    smile = rng.uniform(-0.02, 0.05)
    for lip, drop, thick in ((0.035, 0.0, 0.034), (-0.028, 0.0, 0.042)):
        mouth = curve([(0.76, -0.21, -0.43 + smile), (0.875, 0, -0.43 + lip - drop), (0.76, 0.21, -0.43 + smile)], 14)
        solids.append(sweep(mouth, thick * np.sin(np.linspace(0.5, np.pi - 0.5, 14)), 10).shaded(0.5))
    solids += hair(rng, wide)
    if rng.random() < 0.25:
        solids += glasses(wide)
    return solids


def face(rng: np.random.Generator) -> Solid:
    """Skull and face: an ellipsoid pushed out to nose, brow, cheeks and chin."""
    ball = ellipsoid(1, 1, 1, sides=72, rings=52)
    x, y, z = ball.vertices.T
    wide, jaw, long = rng.uniform(0.7, 0.82), rng.uniform(0.16, 0.36), rng.uniform(1.06, 1.2)
    low = np.clip(-z, 0, 1)
    front = np.clip(x, 0, 1) > 0

    def bump(at_y, at_z, spread_y, spread_z):
        return np.exp(-(((y - at_y) / spread_y) ** 2) - ((z - at_z) / spread_z) ** 2)

    nose, width = rng.uniform(0.2, 0.32), rng.uniform(0.09, 0.13)
    relief = nose * (bump(0, -0.1, width, 0.13) + 0.55 * bump(0, 0.1, 0.075, 0.2))
    relief += 0.07 * (bump(0.12, -0.15, 0.06, 0.06) + bump(-0.12, -0.15, 0.06, 0.06))
    relief -= 0.1 * (bump(0.38, 0.14, 0.17, 0.12) + bump(-0.38, 0.14, 0.17, 0.12))
    relief += 0.06 * bump(0, 0.34, 0.55, 0.09) + rng.uniform(0.08, 0.16) * bump(0, -0.75, 0.26, 0.15)
    relief += rng.uniform(0.0, 0.07) * (bump(0.5, -0.15, 0.2, 0.18) + bump(-0.5, -0.15, 0.2, 0.18))
    relief -= 0.04 * bump(0, -0.32, 0.3, 0.05)
    shaped = np.stack([x * 0.9 * (1 - 0.1 * low) + relief * front, y * wide * (1 - jaw * low**1.3), z * long], axis=1)
    return Solid(shaped, ball.faces, ball.shade)


def hair(rng: np.random.Generator, wide: float) -> list[Solid]:
    style = rng.choice(["short", "long", "bun", "bald", "cap"], p=[0.35, 0.25, 0.15, 0.1, 0.15])
    if style == "bald":
        return []
    shade = rng.choice([0.15, 0.4, 1.6])
    shell = ellipsoid(0.95, wide + 0.08, 1.13, sides=60, rings=44).shifted(-0.09, 0, 0.11)
    centre = shell.vertices[shell.faces].mean(axis=1)
    line = rng.uniform(0.3, 0.45)
    low = {"short": -0.3, "long": -0.5, "bun": -0.35, "cap": 0.4}[style]
    covered = (centre[:, 2] > low) & (
        (centre[:, 0] < line - 0.12) | (centre[:, 2] > 0.62 + 0.25 * (centre[:, 0] - line))
    )
    if style == "cap":
        covered = centre[:, 2] > 0.42
    solids = [Solid(shell.vertices, shell.faces[covered], shell.shade).scaled(1.03, 1.03, 1.03)]
    if style == "long":
        rows = [(z, 0.62 + 0.1 * drop, wide + 0.1) for z, drop in ((0.3, 0), (-0.4, 0.5), (-1.2, 1))]
        loops = []
        for z, deep, half in rows:
            angle = np.linspace(np.radians(75), np.radians(285), 24)
            outer = np.stack([-0.1 + np.cos(angle) * deep * 1.25, np.sin(angle) * half, np.full(24, z)], axis=1)
            inner = np.stack(
                [-0.1 + np.cos(angle[::-1]) * deep * 0.95, np.sin(angle[::-1]) * half * 0.82, np.full(24, z)], axis=1
            )
            loops.append(np.concatenate([outer, inner]))
        solids.append(loft(loops))
    if style == "bun":
        solids.append(ellipsoid(0.3, 0.34, 0.3).shifted(-0.55, 0, 1.12))
    if style == "cap":
        edge = np.linspace(-0.6, 0.6, 9)
        back = np.stack([0.62 + 0.18 * np.cos(edge * 1.5), edge * 0.9, np.full(9, 0.5)], axis=1)
        solids.append(
            blade(back + np.cos(edge * 2.2)[:, None].clip(0.1) * [0.5, 0, -0.06], back - [0.1, 0, 0], 0.05, (0, 0, 1))
        )
    return [solid.shaded(shade) for solid in solids]


def glasses(wide: float) -> list[Solid]:
    angle = np.linspace(0, 2 * np.pi, 22)
    solids = []
    for side in SIDES:
        rim = np.stack([np.full(22, 0.97), side * 0.3 + 0.2 * np.cos(angle), 0.14 + 0.17 * np.sin(angle)], axis=1)
        solids.append(sweep(rim, 0.022, 8).shaded(0.1))
        solids.append(sweep([(0.95, side * 0.5, 0.18), (0.0, side * (wide + 0.04), 0.16)], 0.02, 6).shaded(0.1))
    return [*solids, sweep([(0.98, -0.1, 0.18), (0.98, 0.1, 0.18)], 0.02, 6).shaded(0.1)]
