"""Proportions of the species of animals."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Build:
    """Proportions of a species, in lengths of its trunk.

    Attributes
    ----------
    leg, depth, loin, width : height of the belly, depth of the chest, of the loin relative to it, half width
    neck, rise, throat : length of the neck, its angle above the horizon, radius at its root
    skull, face, muzzle, down : radius of the skull, length from there to the nose, radius there, angle downward
    ear : length, width, and lean of the ears to the side in degrees
    limb, foot : radius of the upper leg and of the foot
    tail : length, radius, and angle below the horizon
    """

    leg: float
    depth: float
    loin: float
    width: float
    neck: float
    rise: float
    throat: float
    skull: float
    face: float
    muzzle: float
    down: float
    ear: tuple[float, float, float]
    limb: float
    foot: float
    tail: tuple[float, float, float]


BUILDS = {
    "dog": Build(
        0.46, 0.36, 0.68, 0.15, 0.27, 48, 0.15, 0.125, 0.22, 0.062, 14,
        (0.17, 0.09, 150), 0.1, 0.04, (0.42, 0.032, -25),
    ),
    "hound": Build(
        0.44, 0.37, 0.7, 0.15, 0.27, 45, 0.14, 0.12, 0.22, 0.065, 12,
        (0.2, 0.1, 165), 0.1, 0.042, (0.42, 0.025, -45),
    ),
    "wolf": Build(
        0.48, 0.36, 0.72, 0.15, 0.28, 35, 0.17, 0.125, 0.25, 0.055, 12,
        (0.15, 0.1, 15), 0.1, 0.042, (0.42, 0.055, 60),
    ),
    "horse": Build(
        0.64, 0.42, 0.84, 0.18, 0.5, 50, 0.19, 0.12, 0.33, 0.075, 58,
        (0.12, 0.06, 12), 0.12, 0.045, (0.6, 0.05, 78),
    ),
    "zebra": Build(
        0.56, 0.42, 0.88, 0.19, 0.42, 48, 0.19, 0.12, 0.31, 0.078, 52,
        (0.16, 0.08, 18), 0.115, 0.045, (0.45, 0.025, 80),
    ),
    "cow": Build(
        0.4, 0.48, 0.95, 0.23, 0.3, 18, 0.19, 0.14, 0.28, 0.1, 42,
        (0.17, 0.09, 95), 0.12, 0.05, (0.5, 0.022, 86),
    ),
    "elephant": Build(
        0.52, 0.56, 0.95, 0.27, 0.18, 25, 0.26, 0.23, 0.16, 0.14, 55,
        (0.5, 0.42, 0), 0.17, 0.115, (0.45, 0.02, 86),
    ),
    "pig": Build(
        0.24, 0.44, 0.95, 0.22, 0.14, 8, 0.21, 0.18, 0.24, 0.09, 22,
        (0.16, 0.1, 40), 0.1, 0.045, (0.14, 0.018, 10),
    ),
    "bear": Build(
        0.34, 0.48, 0.95, 0.25, 0.24, 12, 0.25, 0.17, 0.2, 0.075, 18,
        (0.09, 0.09, 35), 0.15, 0.085, (0.08, 0.05, 50),
    ),
    "tiger": Build(
        0.4, 0.36, 0.82, 0.17, 0.22, 22, 0.17, 0.15, 0.13, 0.085, 16,
        (0.09, 0.09, 35), 0.11, 0.062, (0.75, 0.032, 62),
    ),
    "leopard": Build(
        0.38, 0.33, 0.82, 0.155, 0.2, 25, 0.15, 0.135, 0.12, 0.075, 16,
        (0.08, 0.08, 35), 0.1, 0.055, (0.75, 0.032, 55),
    ),
}  # fmt: skip
