"""Boats: sailing boats, tugs, yachts and rowing boats."""

from functools import partial

import numpy as np

from ventral.stimuli.objects.object_style import Style
from ventral.stimuli.palettes import (
    ANY,
    BLACK,
    BLUE,
    BROWN,
    CREAM,
    DARK_RED,
    GREEN,
    NAVY,
    OAK,
    ORANGE,
    PINE,
    RED,
    SILVER,
    SLATE,
    TAN,
    WHITE,
    YELLOW,
)
from ventral.stimuli.shapes import Solid, blade, box, curve, loft, revolve, sweep, tower

SIDES = (-1, 1)
GLASS = (0.58, 0.3, 0.16)
CLOTHS = (WHITE, WHITE, CREAM, TAN, DARK_RED)
CONTAINERS = (RED, BLUE, ORANGE, GREEN, WHITE, YELLOW, BROWN, SILVER, NAVY)


def boat(rng: np.random.Generator, style: str) -> list[Solid]:
    width, depth, equip = PLANS[style]
    width, depth = width * rng.uniform(0.9, 1.12), depth * rng.uniform(0.9, 1.1)
    x = np.linspace(-1, 1, 30)
    half = width * (1 - np.clip((x + 0.1) / 1.1, 0, 1) ** 2.4) * (0.8 + 0.2 * np.clip((x + 1) / 0.5, 0, 1)) + 0.004
    sheer = depth * (1 + rng.uniform(0.25, 0.5) * np.clip(x, 0, 1) ** 2 + 0.12 * x**2)
    keel = depth * 0.75 * np.clip((x - 0.55) / 0.45, 0, 1) ** 2
    bottom = (DARK_RED, NAVY, BLACK)[rng.integers(3)]
    shell = hull(x, half, sheer, keel, sheer - 0.04)
    below = shell.vertices[:, 2] < 0.3 * np.median(sheer)
    solids = [shell.shaded(np.where(below, 0.55, 1.0)).tinted(bottom, below)]
    rim = (WHITE, OAK, NAVY, BROWN)[rng.integers(4)]
    for side in SIDES:
        solids.append(sweep(np.stack([x, side * half, sheer], axis=1), 0.018, 8).shaded(1.7).tinted(rim))
    equip(rng, solids, width, depth)
    return solids


def hull(x, half, sheer, keel, deck) -> Solid:
    """Round-bottomed hull with a deck below its rim."""
    angle = np.linspace(np.pi, 2 * np.pi, 26)
    loops = []
    for place, wide, rim, bottom, floor in zip(x, half, sheer, keel, deck, strict=True):
        across = np.cos(angle) * wide * (1 + 0.12 * np.sin(angle))
        shell = np.stack([np.full(26, place), across, rim + (rim - bottom) * np.sin(angle)], axis=1)
        inner = np.linspace(0.93, -0.93, 6) * wide
        floor = np.stack([np.full(6, place), inner, np.full(6, max(floor, bottom))], axis=1)
        loops.append(np.concatenate([shell, floor]))
    return loft(loops)


def add_rig(rng, solids, width, depth) -> None:
    top, cloth = rng.uniform(1.5, 1.95), CLOTHS[rng.integers(len(CLOTHS))]
    solids.append(sweep([(0.1, 0, depth * 0.7), (0.1, 0, top)], [0.026, 0.014], 10).shaded(0.5).tinted(SILVER))
    solids.append(sweep([(0.1, 0, depth + 0.14), (-0.82, 0, depth + 0.16)], 0.02, 8).shaded(0.5).tinted(SILVER))
    solids.append(sail((0.075, depth + 0.18), (-0.8, depth + 0.2), (0.07, top * 0.97)).shaded(1.75).tinted(cloth))
    if rng.random() < 0.8:
        solids.append(
            sail((0.16, depth + 0.2), (0.93, depth * 1.5), (0.13, top * rng.uniform(0.75, 0.92)))
            .shaded(1.55)
            .tinted(WHITE)
        )
    solids.append(box(0.5, width, 0.12, 0.04).shifted(-0.1, 0, depth + 0.03).shaded(1.3).tinted(WHITE))


def sail(tack, clew, head) -> Solid:
    """Triangular sail, bellied to one side; corners are (x, z)."""
    up = np.linspace(0, 1, 12)[:, None]
    tack, clew, head = ([corner[0], 0, corner[1]] for corner in map(np.asarray, (tack, clew, head)))
    belly = 0.13 * np.sin(np.pi * up) * [0, 1, 0]
    luff = np.asarray(tack) + up * np.subtract(head, tack)
    leech = np.asarray(clew) + up * np.subtract(head, clew)
    return blade(luff + belly * 0.2, leech + belly, 0.02, (0, 1, 0))


def add_containers(rng, solids, width, depth) -> None:
    """Stacks of containers on deck, and the bridge behind them."""
    for x in np.linspace(-0.42, 0.66, 7):
        for side in (-0.5, 0.0, 0.5):
            for layer in range(rng.integers(1, 4)):
                unit = box(0.165, width * 0.5, 0.11, 0.006).shifted(
                    x, side * width * 1.04, depth + 0.03 + 0.112 * layer
                )
                solids.append(unit.shaded(rng.uniform(0.7, 1.5)).tinted(CONTAINERS[rng.integers(len(CONTAINERS))]))
    add_bridge(rng, solids, width, depth, -0.72, 5)


def add_bridge(rng, solids, width, depth, x, decks) -> None:
    """White house of several decks with rows of windows, and a funnel."""
    for deck in range(decks):
        z, half = depth + 0.1 * deck, width * (0.92 - 0.06 * deck)
        house = box(0.24, 2 * half, 0.1, 0.01).shifted(x, 0, z + 0.05)
        solids.append(house.shaded(1.8).tinted(WHITE))
        solids.append(box(0.245, 1.9 * half, 0.035, 0.005).shifted(x, 0, z + 0.06).shaded(0.25).tinted(GLASS))
    top = depth + 0.1 * decks
    solids.append(box(0.1, 0.12, 0.18, 0.02).shifted(x - 0.14, 0, top).shaded(1.0))
    solids.append(sweep([(x, 0, top), (x, 0, top + 0.22)], 0.012, 8).shaded(1.7).tinted(WHITE))


def add_decks(rng, solids, width, depth) -> None:
    """Decks of a passenger ship with rows of windows, and its funnels."""
    decks = rng.integers(2, 4)
    for deck in range(decks):
        z, rear, ahead = depth + 0.09 * deck, -0.8 + 0.08 * deck, 0.62 - 0.09 * deck
        half = width * (0.9 - 0.05 * deck)
        levels = [(z - 0.02, rear, ahead, half), (z + 0.085, rear, ahead - 0.02, half * 0.98)]
        solids.append(tower(levels, 0.3).shaded(1.8).tinted(WHITE))
        for x in np.arange(rear + 0.08, ahead - 0.1, 0.07):
            solids.append(box(0.036, 2 * half + 0.012, 0.034, 0.005).shifted(x, 0, z + 0.04).shaded(0.25).tinted(GLASS))
    top, color = depth + 0.09 * decks, (RED, BLACK, NAVY, WHITE, ORANGE)[rng.integers(5)]
    for x in (-0.35, 0.0, 0.28)[: rng.integers(1, 4)]:
        funnel = revolve([(0, 0), (0.075, 0), (0.07, 0.22), (0, 0.2)], 20).turned("y", -12).shifted(x, 0, top - 0.02)
        solids.append(funnel.shaded(0.8).tinted(color))


def add_cabin(rng, solids, width, depth) -> None:
    rear, long, tall = rng.uniform(-0.75, -0.6), rng.uniform(1.0, 1.2), rng.uniform(0.2, 0.26)
    lower = [(depth - 0.05, rear, rear + long, width * 0.72), (depth + tall, rear, rear + long * 0.78, width * 0.66)]
    pane = [
        (depth + tall * 0.4, rear + 0.1, rear + long * 0.94, width * 0.72),
        (depth + tall * 0.8, rear + 0.1, rear + long * 0.84, width * 0.695),
    ]
    solids += [tower(lower, 0.25).shaded(1.75).tinted(WHITE), tower(pane, 0.25).shaded(0.25).tinted(GLASS)]
    bridge = rear + rng.uniform(0.1, 0.25)
    upper = [
        (depth + tall - 0.02, bridge, bridge + 0.55, width * 0.5),
        (depth + tall * 1.75, bridge, bridge + 0.38, width * 0.46),
    ]
    glass = [
        (depth + tall * 1.2, bridge + 0.06, bridge + 0.51, width * 0.515),
        (depth + tall * 1.6, bridge + 0.06, bridge + 0.43, width * 0.49),
    ]
    solids += [tower(upper, 0.25).shaded(1.75).tinted(WHITE), tower(glass, 0.25).shaded(0.25).tinted(GLASS)]
    for side in SIDES:
        rail = [
            (0.45, side * width * 0.75, depth + 0.12),
            (0.75, side * width * 0.5, depth + 0.24),
            (0.97, 0, depth + 0.32),
        ]
        solids.append(sweep(curve(rail, 10), 0.013, 6).shaded(1.6).tinted(PINE))


def add_two_masts(rng, solids, width, depth) -> None:
    """Two masts with a sail behind each, headsails before them, and a bowsprit."""
    top, color = rng.uniform(1.15, 1.4), CLOTHS[rng.integers(len(CLOTHS))]
    for x, tall, reach in ((0.3, top * 0.92, 0.5), (-0.3, top, 0.6)):
        solids.append(sweep([(x, 0, depth * 0.7), (x, 0, tall)], [0.024, 0.012], 10).shaded(0.5).tinted(PINE))
        boom = [(x, 0, depth + 0.12), (x - reach, 0, depth + 0.15)]
        solids.append(sweep(boom, 0.014, 8).shaded(0.5).tinted(PINE))
        cloth = sail((x - 0.025, depth + 0.15), (x - reach * 0.97, depth + 0.19), (x - 0.03, tall * 0.96))
        solids.append(cloth.shaded(1.7).tinted(color))
    solids.append(sweep([(0.85, 0, depth * 1.35), (1.3, 0, depth * 1.7)], 0.018, 8).shaded(0.5).tinted(PINE))
    for foot, tall in ((1.25, 0.85), (0.95, 0.68)):
        cloth = sail((foot - 0.45, depth * 1.6), (foot, depth * 1.65), (0.33, top * tall))
        solids.append(cloth.shaded(1.55).tinted(color))


PLANS = {  # half width, depth, what stands on deck
    "sail": (0.27, 0.25, add_rig),
    "freighter": (0.19, 0.2, add_containers),
    "liner": (0.16, 0.19, add_decks),
    "yacht": (0.3, 0.32, add_cabin),
    "schooner": (0.2, 0.2, add_two_masts),
}

COLORS = {
    "sail": ANY, "freighter": ANY,
    "liner": (WHITE, NAVY, BLACK, SLATE), "yacht": (WHITE, *ANY),
    "schooner": ANY,
}  # fmt: skip

BOATS = {style: Style(partial(boat, style=style), COLORS[style]) for style in COLORS}
