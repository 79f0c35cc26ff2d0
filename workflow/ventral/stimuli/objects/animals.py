"""Animals on four legs."""

# ruff: noqa: RUF005 — here + adds arrays

from functools import partial

import numpy as np

from ventral.stimuli.objects.coats import COATS
from ventral.stimuli.objects.object_style import Style
from ventral.stimuli.objects.patterns import ripples
from ventral.stimuli.objects.species import BUILDS, Build
from ventral.stimuli.palettes import (
    BLACK,
    BROWN,
    CHESTNUT,
    CREAM,
    DARK_BROWN,
    GOLD,
    GRAY,
    IVORY,
    ORANGE,
    PINK,
    RUSSET,
    SAND,
    SLATE,
    TAN,
    WHITE,
)
from ventral.stimuli.shapes import Solid, blade, body, curve, ellipsoid, sweep

SIDES = (-1, 1)
GRAIN = 0.15  # of fur or scales
PAWED = ("dog", "hound", "wolf", "bear", "tiger", "leopard")
EYE, NOSE, HORN = (0.07, 0.5, 0.06), (0.03, 0.3, 0.12), (0.11, 0.25, 0.72)


def animal(rng: np.random.Generator, species: str) -> list[Solid]:
    b = BUILDS[species]
    b = Build(**(vars(b) | {key: vars(b)[key] * rng.uniform(0.92, 1.08) for key in ("leg", "depth", "width", "neck")}))
    trunk = body(trunk_stations(b), n=60, sides=44)
    root = np.array([0.36, 0, b.leg + 0.62 * b.depth])
    toward = np.array([np.cos(np.radians(b.rise)), 0, np.sin(np.radians(b.rise))])
    skull = root + toward * (b.neck + 0.06)
    bow = [root - [0.08, 0, 0.06], root + toward * b.neck * 0.5 - [0, 0, 0.01], skull]
    radius = np.interp(np.arange(20), [0, 10, 19], [b.throat, (b.throat + b.skull) * 0.48, b.skull * 0.82])
    neck = sweep(curve(bow, 20), radius, 26).scaled(y=0.72)
    hide = [trunk, neck, *head_of(b, skull), tail_of(b), *legs_of(rng, b)]
    hide += paws_of(b, hide[-4:]) if species in PAWED else []
    coat = COATS[species](rng, b)
    fur = ripples(rng, 0.035)
    hide = [coat(solid.shaded(1 + (0.12 if species == "elephant" else 0.045) * fur(solid.vertices))) for solid in hide]
    return [*hide, *details(species, b, skull), *([] if species in PAWED else hooves_of(b, hide[-4:]))]


def trunk_stations(b: Build) -> list[tuple[float, float, float, float]]:
    """Rows of x, half width, bottom and top from the rump to the chest."""
    top, d, w = b.leg + b.depth, b.depth, b.width
    loin = top - 0.03 - d * b.loin
    return [
        (-0.53, 0.02 * w, top - 0.5 * d, top - 0.36 * d),
        (-0.5, 0.5 * w, top - 0.68 * d, top - 0.16 * d),
        (-0.4, 0.86 * w, loin + 0.08 * d, top - 0.04 * d),
        (-0.25, 0.95 * w, loin, top - 0.015),
        (0.0, 1.0 * w, (loin + b.leg) / 2 - 0.01, top - 0.045),
        (0.24, 0.96 * w, b.leg, top - 0.01),
        (0.4, 0.74 * w, b.leg + 0.08 * d, top - 0.08 * d),
        (0.48, 0.45 * w, b.leg + 0.22 * d, top - 0.28 * d),
        (0.52, 0.03 * w, b.leg + 0.45 * d, top - 0.42 * d),
    ]


def face_axis(b: Build) -> np.ndarray:
    return np.array([np.cos(np.radians(b.down)), 0, -np.sin(np.radians(b.down))])


def head_of(b: Build, skull: np.ndarray) -> list[Solid]:
    """Skull and muzzle as one skin, and ears."""
    axis = face_axis(b)
    along = np.array([-0.45 * b.skull, 0.0, 0.7 * b.skull, 0.62 * b.face + 0.3 * b.skull, b.skull + b.face * 0.8])
    radius = np.array([0.8, 1.0, 0.86, 0.0, 0.0]) * b.skull + [0, 0, 0, 1.12 * b.muzzle, b.muzzle]
    place = np.linspace(along[0], along[-1], 18)
    profile = np.interp(place, along, radius)
    solids = [sweep(skull + place[:, None] * axis, profile, 28).scaled(y=0.88)]
    long, wide, lean = b.ear
    for side in SIDES:
        root = skull + np.array([-0.35 * b.skull, side * b.skull * 0.5, b.skull * 0.72])
        if long > 0.3:  # an elephant's: a sheet that hangs behind the head
            ear = ellipsoid(wide * 0.72, 0.025, long * 0.75, sides=36, rings=24).turned("y", 12).turned("z", side * 22)
            solids.append(ear.shifted(*(skull + [-0.16, side * (b.skull + 0.04), -0.08])).shaded(0.9))
            continue
        height = np.linspace(0, 1, 8)
        loops = wide * 0.5 * (np.sin(np.pi * (0.22 + 0.76 * height)) ** 0.9)
        ear = sweep(np.stack([0 * height, 0 * height, height * long], axis=1), loops, 14).scaled(x=0.3)
        solids.append(ear.turned("x", -side * lean).turned("y", -8).shifted(*root))
    return solids


def legs_of(rng: np.random.Generator, b: Build) -> list[Solid]:
    hock = 0.11 if b.foot < 0.08 else 0.03
    solids = []
    for side in SIDES:
        stride = rng.uniform(-0.1, 0.1, 2)
        rear_x, front_x = np.array([-0.35, -0.33, -0.36 - hock * 0.9, -0.37]), np.array([0.33, 0.31, 0.34, 0.33])
        rear = np.stack(
            [
                rear_x + stride[0] * np.array([0, 0.2, 0.7, 1]),
                [b.leg + 0.5 * b.depth, b.leg + 0.06, 0.46 * b.leg, 0.04],
            ],
            axis=1,
        )
        front = np.stack(
            [
                front_x + stride[1] * np.array([0, 0, 0.5, 1]),
                [b.leg + 0.42 * b.depth, b.leg + 0.02, 0.48 * b.leg, 0.04],
            ],
            axis=1,
        )
        for path, thick in ((rear, 1.1), (front, 0.9)):
            points = np.insert(path, 1, 0, axis=1)
            wide = [b.limb * thick, b.limb * 0.9 * thick, b.foot * 1.15, b.foot]
            place = np.linspace(0, 3, 22)
            radius = np.interp(place, [0, 1, 2, 3], wide)
            leg = sweep(np.stack([np.interp(place, range(4), points[:, i]) for i in range(3)], axis=1), radius, 18)
            solids.append(leg.scaled(y=0.72).shifted(y=side * b.width * 0.52))
    return solids


def ends_of(legs: list[Solid]) -> list[np.ndarray]:
    """Where legs meet the ground."""
    return [leg.vertices[leg.vertices[:, 2] < leg.vertices[:, 2].min() + 0.02].mean(axis=0) for leg in legs]


def hooves_of(b: Build, legs: list[Solid]) -> list[Solid]:
    hoof = ellipsoid(b.foot * 1.25, b.foot * 1.1, 0.045, 0.7, sides=16, rings=10)
    return [hoof.shifted(x + 0.01, y, 0.035).shaded(0.3).tinted(BLACK) for x, y, _ in ends_of(legs)]


def paws_of(b: Build, legs: list[Solid]) -> list[Solid]:
    paw = ellipsoid(b.foot * 1.6, b.foot * 1.15, b.foot * 0.75, sides=18, rings=12)
    return [paw.shifted(x + b.foot * 0.7, y, b.foot * 0.6) for x, y, _ in ends_of(legs)]


def tail_of(b: Build) -> Solid:
    long, thick, drop = b.tail
    start = np.array([-0.5, 0, b.leg + 0.78 * b.depth])
    way = np.array([-np.cos(np.radians(drop)), 0, -np.sin(np.radians(drop))])
    path = curve(
        [start, start + [-0.07, 0, 0.02], start + [-0.07, 0, 0] + way * long * 0.6, start + [-0.05, 0, 0] + way * long],
        20,
    )
    return sweep(path, np.interp(np.arange(20), [0, 8, 19], [thick, thick * 1.05, thick * 0.6]), 12)


def details(species: str, b: Build, skull: np.ndarray) -> list[Solid]:
    """Eyes and nose, and what tells the species."""
    axis = face_axis(b)
    nose = skull + axis * (b.skull + b.face * 0.8)
    solids = []
    for side in SIDES:
        eye = skull + axis * 0.5 * b.skull + np.array([0.02, side * b.skull * 0.68, b.skull * 0.42])
        solids.append(ellipsoid(0.022, 0.018, 0.022, sides=12, rings=8).shifted(*eye).shaded(0.05).tinted(EYE))
    if species in PAWED:
        tip = nose + axis * b.muzzle * 0.75 + [0, 0, b.muzzle * 0.35]
        shade = NOSE if species in ("dog", "hound", "wolf", "bear") else PINK
        solids.append(ellipsoid(0.03, 0.034, 0.026, sides=14, rings=10).shifted(*tip).shaded(0.1).tinted(shade))
    else:
        for side in SIDES:
            hole = nose + axis * b.muzzle * 0.72 + np.array([0.02, side * b.muzzle * 0.45, b.muzzle * 0.25])
            solids.append(ellipsoid(0.016, 0.014, 0.02, sides=10, rings=8).shifted(*hole).shaded(0.1).tinted(NOSE))
    return solids + marks(species, b, skull, nose)


def marks(species: str, b: Build, skull: np.ndarray, nose: np.ndarray) -> list[Solid]:
    """What tells the species: snout, trunk and tusks, horns, mane, or tuft of the tail."""
    solids = []
    if species == "pig":
        disc = ellipsoid(0.03, 0.085, 0.075, sides=20, rings=12).shifted(*(nose + face_axis(b) * b.muzzle * 0.75))
        solids.append(disc.shaded(0.8).tinted((0.02, 0.35, 0.75)))
    if species == "elephant":
        solids += trunk_and_tusks(nose, b)
    if species == "cow":
        for side in SIDES:
            horn = curve([(0, 0, 0), (0.01, side * 0.09, 0.03), (0.04, side * 0.12, 0.12)], 10)
            root = skull + [-0.05, side * b.skull * 0.55, b.skull * 0.75]
            solids.append(sweep(root + horn, np.linspace(0.03, 0.008, 10), 10).shaded(1.7).tinted(HORN))
    if species in ("horse", "zebra"):
        crest = np.linspace(skull + [0.02, 0, b.skull * 0.95], [0.24, 0, b.leg + b.depth + 0.02], 14)
        tall = 0.055 if species == "zebra" else 0.075
        mane = blade(crest + [0.06, 0, -0.07], crest + [-tall, 0, 0.05], 0.06, (0, 1, 0)).shaded(0.3)
        solids.append(mane.tinted(DARK_BROWN) if species == "horse" else mane.tinted(BLACK))
    if species in ("horse", "cow", "zebra"):
        long, _, drop = b.tail
        end = np.array(
            [-0.55 - np.cos(np.radians(drop)) * long, 0, b.leg + 0.78 * b.depth - np.sin(np.radians(drop)) * long]
        )
        solids.append(ellipsoid(0.045, 0.04, 0.12).shifted(*end).shaded(0.3).tinted(DARK_BROWN))
    return solids


def trunk_and_tusks(nose: np.ndarray, b: Build) -> list[Solid]:
    trunk = curve(
        [
            nose - [0.1, 0, -0.12],
            nose + [0.02, 0, -0.06],
            nose + [0.06, 0, -0.3],
            nose + [0.02, 0, -0.52],
            nose + [0.12, 0, -0.62],
        ],
        26,
    )
    rings = 1 + 0.05 * (np.arange(26) % 2)
    solids = [sweep(trunk, np.linspace(0.15, 0.05, 26) * rings, 20)]
    for side in SIDES:
        tusk = curve([(0, 0, 0), (0.13, side * 0.03, -0.14), (0.3, side * 0.02, -0.12)], 12)
        root = nose + [-0.06, side * 0.11, -0.05]
        solids.append(sweep(root + tusk, np.linspace(0.04, 0.012, 12), 10).shaded(1.9).tinted(IVORY))
    return solids


COLORS = {
    "dog": (BLACK, GOLD, BROWN, DARK_BROWN, CREAM, RUSSET),
    "hound": (RUSSET, TAN, BROWN),
    "wolf": (GRAY, TAN, WHITE, SLATE),
    "horse": (RUSSET, CHESTNUT, BROWN, BLACK, GRAY, WHITE),
    "zebra": (WHITE,),
    "cow": (BLACK, BROWN, RUSSET, TAN),
    "elephant": (GRAY, SLATE, BROWN),
    "pig": ((0.03, 0.2, 0.85), TAN, BROWN, GRAY, SLATE),
    "bear": (BROWN, DARK_BROWN, BLACK, IVORY, WHITE),
    "tiger": (ORANGE, GOLD, WHITE),
    "leopard": (SAND, TAN, GOLD),
}

ANIMALS = {species: Style(partial(animal, species=species), COLORS[species], GRAIN) for species in BUILDS}
