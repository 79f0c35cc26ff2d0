"""Lamps."""

# ruff: noqa: RUF005 — here + adds arrays

from functools import partial

import numpy as np

from ventral.stimuli.objects.object_style import Style
from ventral.stimuli.palettes import ANY, BROWN, CREAM, GOLD, GRAY, IVORY, LEAF, RED, TAN, TEAL, WHITE, YELLOW
from ventral.stimuli.shapes import Solid, curve, ellipsoid, loft, revolve, rounded_rectangle, sweep

SIDES = (-1, 1)
SHADES = (CREAM, IVORY, WHITE, TAN, YELLOW, GRAY, RED, LEAF, BROWN, TEAL)
STANDING = (*ANY, GOLD)
READING = ANY


def lamp(rng: np.random.Generator, style: str) -> list[Solid]:
    height = rng.uniform(0.6, 0.85)
    bases = {
        "urn": [(0.2, 0), (0.2, 0.035), (0.07, 0.08), (0.16, 0.25), (0.19, 0.36), (0.07, 0.52), (0.025, 0.6)],
        "ball": [(0.17, 0), (0.17, 0.03), (0.06, 0.06), (0.19, 0.22), (0.06, 0.39), (0.025, 0.45)],
        "stem": [(0.22, 0), (0.22, 0.025), (0.035, 0.06), (0.025, 0.2), (0.025, 0.55)],
        "cone": [(0.24, 0), (0.22, 0.03), (0.12, 0.2), (0.05, 0.5), (0.03, 0.6)],
    }
    base = np.array(bases[style])
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
    color = SHADES[rng.integers(len(SHADES))]
    shade = shade.shaded(1.75).tinted(color)
    rims = [sweep(np.append(ring, ring[:1], axis=0), 0.012, 6).shaded(1.3).tinted(color) for ring in shade_rims(shade)]
    bulb = ellipsoid(0.07, 0.07, 0.1).shifted(0, 0, low + 0.15).shaded(2.0).tinted(WHITE)
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
        ellipsoid(0.075, 0.075, 0.085).shifted(0, 0, -0.08).turned("y", tilt).shifted(*wrist).shaded(2.0).tinted(WHITE),
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


LAMPS = {style: Style(partial(lamp, style=style), STANDING) for style in ("urn", "ball", "stem", "cone")}
LAMPS |= {"desk": Style(desk_lamp, READING)}
