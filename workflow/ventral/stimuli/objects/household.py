"""Mugs, bottles and hammers."""

import numpy as np

from ventral.stimuli.shapes import Solid, body, box, curve, ellipsoid, revolve, sweep


def mug(rng: np.random.Generator) -> list[Solid]:
    style = rng.choice(["straight", "tapered", "barrel", "flared", "tankard"])
    radius, height, wall = rng.uniform(0.34, 0.44), rng.uniform(0.75, 1.0), 0.045
    shape = {  # radius at the foot, at the middle and at the rim
        "straight": (1.0, 1.0, 1.0),
        "tapered": (0.72, 0.87, 1.0),
        "barrel": (0.8, 1.08, 0.88),
        "flared": (0.75, 0.82, 1.12),
        "tankard": (1.12, 1.0, 0.9),
    }[style]
    height *= 1.2 if style == "tankard" else 1.0
    foot, middle, rim = radius * np.array(shape)
    outer = curve([(foot, 0.03), (middle, height / 2), (rim, height)], 20)
    inner = np.maximum(outer[::-1] - [wall, 0], [0.05, 0.07])
    profile = [(0, 0), (foot - 0.05, 0), *outer, (rim - wall / 2, height + 0.015), *inner, (0, 0.06)]
    solids = [revolve(profile, 52)]
    top, bottom = height * rng.uniform(0.78, 0.9), height * rng.uniform(0.14, 0.28)
    reach, thick = rng.uniform(0.28, 0.4), rng.uniform(0.042, 0.062)
    x_top, x_bottom = (np.interp(z, outer[:, 1], outer[:, 0]) - 0.02 for z in (top, bottom))
    handle = {
        "round": [
            (x_top, top),
            (x_top + reach * 0.75, top + 0.01),
            (x_top + reach, (top + bottom) / 2),
            (x_bottom + reach * 0.7, bottom),
            (x_bottom, bottom),
        ],
        "square": [
            (x_top, top),
            (x_top + reach, top),
            (x_top + reach, top - 0.08),
            (x_bottom + reach, bottom + 0.08),
            (x_bottom + reach, bottom),
            (x_bottom, bottom),
        ],
        "ear": [
            (x_top, top),
            (x_top + reach * 0.8, top + 0.08),
            (x_top + reach, top - 0.12),
            (x_bottom + reach * 0.35, bottom + 0.12),
            (x_bottom, bottom),
        ],
    }[rng.choice(["round", "square", "ear"])]
    path = curve([(x, 0, z) for x, z in handle], 30)
    solids.append(sweep(path, thick, 14).scaled(y=rng.uniform(1.0, 1.5)))
    if rng.random() < 0.5:
        low, high = np.sort(rng.uniform(0.2, 0.85, 2)) * height
        bands = np.linspace(low, min(max(high, low + 0.1), height * 0.9), 6)
        ring = [(np.interp(z, outer[:, 1], outer[:, 0]) + 0.006, z) for z in bands]
        solids.append(revolve(ring, 52, caps=False).shaded(rng.choice([0.45, 1.7])))
    return solids


def bottle(rng: np.random.Generator) -> list[Solid]:
    profiles = {  # radius, height
        "bordeaux": [(0.19, 0), (0.2, 0.03), (0.2, 0.62), (0.17, 0.7), (0.075, 0.78), (0.065, 0.98)],
        "burgundy": [(0.22, 0), (0.23, 0.03), (0.23, 0.42), (0.17, 0.6), (0.085, 0.74), (0.065, 0.98)],
        "beer": [(0.17, 0), (0.18, 0.02), (0.18, 0.42), (0.13, 0.56), (0.08, 0.68), (0.065, 0.86)],
        "cola": [(0.16, 0), (0.18, 0.06), (0.15, 0.25), (0.19, 0.46), (0.16, 0.6), (0.08, 0.74), (0.07, 0.86)],
        "milk": [(0.22, 0), (0.23, 0.03), (0.23, 0.45), (0.2, 0.54), (0.12, 0.66), (0.12, 0.76)],
        "detergent": [(0.24, 0), (0.25, 0.03), (0.24, 0.3), (0.21, 0.42), (0.23, 0.56), (0.12, 0.7), (0.09, 0.74)],
    }
    style = rng.choice(list(profiles))
    wide, tall = rng.uniform(0.88, 1.12), rng.uniform(0.92, 1.1)
    outline = curve(np.array(profiles[style]) * [wide, tall], 44)
    neck, top = outline[-1]
    flat = rng.uniform(0.55, 0.7) if style == "detergent" else 1.0
    lip = [(neck * 1.25, top - 0.03), (neck * 1.25, top), (0, top + 0.005)]
    solids = [revolve([(0, 0), *outline, *lip], 44).scaled(y=flat)]
    cap = rng.uniform(0.06, 0.11)
    cap_profile = [
        (0, top - 0.01),
        (neck * 1.4, top - 0.01),
        (neck * 1.4, top + cap - 0.01),
        (neck * 1.25, top + cap),
        (0, top + cap),
    ]
    solids.append(revolve(cap_profile, 28).scaled(y=max(flat, 0.8)).shaded(rng.choice([0.3, 1.7])))
    low, high = {"bordeaux": (0.18, 0.52), "burgundy": (0.12, 0.38), "beer": (0.12, 0.36)}.get(style, (0.3, 0.44))
    band = np.linspace(low, high, 8) * tall
    skin = [(np.interp(z, outline[:, 1], outline[:, 0]) + 0.006, z) for z in band]
    solids.append(revolve(skin, 44, caps=False).scaled(y=flat).shaded(1.75))
    if style == "detergent":
        grip = [
            (0.2 * wide, 0, 0.62 * tall),
            (0.36, 0, 0.56 * tall),
            (0.36, 0, 0.3 * tall),
            (0.22 * wide, 0, 0.24 * tall),
        ]
        solids.append(sweep(curve(grip, 18), 0.035, 10))
    return solids


def hammer(rng: np.random.Generator) -> list[Solid]:
    style = rng.choice(["claw", "ball", "sledge", "mallet"])
    length = {"claw": 0.82, "ball": 0.8, "sledge": 0.9, "mallet": 0.75}[style] * rng.uniform(0.92, 1.12)
    grip, waist = rng.uniform(0.055, 0.07), rng.uniform(0.04, 0.052)
    handle = curve(
        [(grip * 0.7, 0), (grip, 0.06), (grip * 0.9, length * 0.3), (waist, length * 0.55), (waist * 1.05, length)], 24
    )
    solids = [revolve([(0, -0.02), *handle, (0, length + 0.03)], 24).scaled(x=1.25)]
    if rng.random() < 0.5:
        rubber = curve([(grip * 0.85, -0.01), (grip * 1.2, 0.06), (grip * 1.1, length * 0.3), (grip, length * 0.4)], 14)
        solids.append(revolve([(0, -0.03), *rubber], 24).scaled(x=1.25).shaded(0.3))
    head = {"claw": claw_head, "ball": ball_head, "sledge": sledge_head, "mallet": mallet_head}[style](rng)
    return solids + [solid.shifted(z=length - 0.02) for solid in head]


def claw_head(rng: np.random.Generator) -> list[Solid]:
    reach, drop, shade = rng.uniform(0.22, 0.3), rng.uniform(0.08, 0.2), rng.uniform(0.3, 0.5)
    solids = [box(0.15, 0.13, 0.16, 0.04), peen(reach, 0.075)]
    for side in (-1, 1):
        prong = [
            (-0.05, side * 0.03, 0.02),
            (-0.2, side * 0.045, 0.03),
            (-0.34, side * 0.065, -0.03),
            (-0.42, side * 0.075, -drop),
        ]
        solids.append(sweep(curve(prong, 14), np.linspace(0.06, 0.018, 14), 10))
    return [solid.shaded(shade) for solid in solids]


def ball_head(rng: np.random.Generator) -> list[Solid]:
    ball, shade = rng.uniform(0.09, 0.115), rng.uniform(0.3, 0.5)
    solids = [ellipsoid(0.1, 0.085, 0.1, 0.7), peen(rng.uniform(0.22, 0.28), 0.085)]
    solids += [sweep([(0, 0, 0), (-0.2, 0, 0)], 0.05, 14), ellipsoid(ball, ball, ball).shifted(x=-0.2 - ball * 0.6)]
    return [solid.shaded(shade) for solid in solids]


def sledge_head(rng: np.random.Generator) -> list[Solid]:
    length, thick, shade = rng.uniform(0.5, 0.66), rng.uniform(0.2, 0.26), rng.uniform(0.3, 0.5)
    stations = [
        (-length / 2, thick * 0.36),
        (-length / 2 + 0.03, thick * 0.48),
        (-0.05, thick * 0.5),
        (0.05, thick * 0.5),
        (length / 2 - 0.03, thick * 0.48),
        (length / 2, thick * 0.36),
    ]
    return [body([(x, half, -half, half) for x, half in stations], square=0.4, n=18).shaded(shade)]


def mallet_head(rng: np.random.Generator) -> list[Solid]:
    length, radius = rng.uniform(0.42, 0.56), rng.uniform(0.15, 0.19)
    drum = [
        (0, -length / 2),
        (radius * 0.92, -length / 2),
        (radius, -length / 2 + 0.03),
        (radius * 1.05, 0),
        (radius, length / 2 - 0.03),
        (radius * 0.92, length / 2),
        (0, length / 2),
    ]
    solid = revolve(drum, 32).turned("y", 90)
    return [solid.shaded(np.where(np.abs(solid.vertices[:, 0]) > 0.34 * length, 0.4, 0.75))]


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
