"""Coats of animals: functions that give the parts of an animal its natural colors, besides the base color."""

from collections.abc import Callable

import numpy as np

from ventral.stimuli.objects.patterns import patches, ripples, step, stripes
from ventral.stimuli.objects.species import Build
from ventral.stimuli.palettes import BLACK, CREAM, DARK_BROWN, WHITE
from ventral.stimuli.shapes import Solid

Coat = Callable[[Solid], Solid]


def plain(rng: np.random.Generator, b: Build) -> Coat:
    """One color, a little lighter below the trunk."""

    def coat(solid: Solid) -> Solid:
        x, _, z = solid.vertices.T
        belly = step(b.leg + 0.2 * b.depth - z, 0, 0.2 * b.depth) * step(z, 0.8 * b.leg, 0.1) * (np.abs(x) < 0.25)
        return solid.tinted(CREAM, 0.25 * belly)

    return coat


def pale_below(rng: np.random.Generator, b: Build) -> Coat:
    field = ripples(rng, 0.2)
    return lambda solid: solid.tinted(
        CREAM, 0.85 * step(-solid.vertices[:, 2] + 0.02 * field(solid.vertices), -b.leg - 0.12 * b.depth, 0.12)
    )


def spotted_white(rng: np.random.Generator, b: Build) -> Coat:
    """White with large patches of the base color."""
    share = patches(rng, rng.uniform(0.45, 0.7), rng.uniform(-0.4, 0.3))
    return lambda solid: solid.tinted(WHITE, 1 - share(solid.vertices))


def hound_coat(rng: np.random.Generator, b: Build) -> Coat:
    """A dark saddle, white below, on the base color; or a white coat with small spots."""
    if rng.random() < 0.5:
        spots = patches(rng, 0.12, 1.0)
        return lambda solid: solid.tinted(WHITE).tinted(BLACK, spots(solid.vertices))
    field = ripples(rng, 0.3)

    def coat(solid: Solid) -> Solid:
        x, _, z = solid.vertices.T
        wavy = 0.03 * field(solid.vertices)
        saddle = step(z + wavy, b.leg + 0.45 * b.depth, 0.05) * step(0.34 - x + wavy, 0, 0.05)
        below = step(b.leg + 0.1 * b.depth - z + wavy, 0, 0.06)
        return solid.tinted(BLACK, saddle).tinted(WHITE, below)

    return coat


def socks(rng: np.random.Generator, b: Build) -> Coat:
    """White feet or dark ones."""
    color = WHITE if rng.random() < 0.4 else DARK_BROWN
    return lambda solid: solid.tinted(color, step(0.32 * b.leg - solid.vertices[:, 2], 0, 0.05))


def zebra_coat(rng: np.random.Generator, b: Build) -> Coat:
    bands = stripes(rng, 0.13, 0.25)

    def coat(solid: Solid) -> Solid:
        x, y, z = solid.vertices.T
        leg = step(0.9 * b.leg - z, 0, 0.1)
        across = step(np.sin(2 * np.pi * z / 0.09), 0.0, 0.5)
        dark = bands(np.stack([x + 0.25 * (z - b.leg) * (x > 0.3), y, z], axis=1)) * (1 - leg) + across * leg
        return solid.tinted(WHITE).tinted(BLACK, dark)

    return coat


def tiger_coat(rng: np.random.Generator, b: Build) -> Coat:
    bands = stripes(rng, 0.11, 0.5, at=0.35)

    def coat(solid: Solid) -> Solid:
        z = solid.vertices[:, 2]
        below = step(b.leg + 0.1 * b.depth - z, 0, 0.12)
        return solid.tinted(WHITE, 0.9 * below).tinted(BLACK, bands(solid.vertices) * (1 - 0.6 * below))

    return coat


def leopard_coat(rng: np.random.Generator, b: Build) -> Coat:
    spots, below = patches(rng, 0.075, 0.75), pale_below(rng, b)
    return lambda solid: below(solid).tinted(DARK_BROWN, spots(solid.vertices))


COATS = {
    "dog": plain, "hound": hound_coat, "wolf": pale_below, "horse": socks, "zebra": zebra_coat, "cow": spotted_white,
    "elephant": lambda rng, b: lambda solid: solid, "pig": plain, "bear": lambda rng, b: lambda solid: solid,
    "tiger": tiger_coat, "leopard": leopard_coat,
}  # fmt: skip
