"""Solids that the built-in objects consist of; each is a skin over closed loops.

Up is +z and an object's front is +x. A solid's shade is relative to the object's one base color: 0 is black, 1 the
base color itself, 2 white. A tint is the color that a part has in nature, whatever the base color; sets with random
colors do without it.
"""

# ruff: noqa: RUF005 — here + adds arrays

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import PchipInterpolator

from ventral.stimuli.color import hsv_to_rgb
from ventral.stimuli.palettes import Hsv


@dataclass(frozen=True)
class Solid:
    """Triangles with a shade, and perhaps with a color of their own.

    Attributes
    ----------
    vertices : array of shape (n_vertices, 3)
    faces : integer array of shape (n_faces, 3)
    shade : array of shape (n_vertices,), from 0 (black) over 1 (base color) to 2 (white)
    tint : array of shape (n_vertices, 4)
        Natural color in sRGB, each in [0, 1], and how much of the surface has it rather than the shaded base color.
    """

    vertices: np.ndarray
    faces: np.ndarray
    shade: np.ndarray
    tint: np.ndarray

    def shifted(self, x=0.0, y=0.0, z=0.0) -> "Solid":
        return replace(self, vertices=self.vertices + np.array([x, y, z]))

    def scaled(self, x=1.0, y=1.0, z=1.0) -> "Solid":
        return replace(self, vertices=self.vertices * np.array([x, y, z]))

    def turned(self, axis: str, degrees: float) -> "Solid":
        return replace(self, vertices=self.vertices @ rotation(axis, degrees).T)

    def shaded(self, shade: float | np.ndarray) -> "Solid":
        return replace(self, shade=np.broadcast_to(np.asarray(shade, float), len(self.vertices)))

    def tinted(self, color: Hsv, where: float | np.ndarray = 1.0) -> "Solid":
        """The solid with this natural color over its own, everywhere or as much as `where` says, in [0, 1]."""
        where = np.broadcast_to(np.asarray(where, float), len(self.vertices))[:, None]
        over = np.append(hsv_to_rgb(*color), 1.0)
        share = np.maximum(where + self.tint[:, 3:] * (1 - where), 1e-9)
        rgb = (over[:3] * where + self.tint[:, :3] * self.tint[:, 3:] * (1 - where)) / share
        return replace(self, tint=np.concatenate([rgb, share * (share > 1e-6)], axis=1))


def loft(loops, caps: bool = True) -> Solid:
    """Skin over closed loops of equally many points, array of shape (n_loops, n_points, 3), closed by caps or open."""
    loops = np.asarray(loops, float)
    n_loops, n_points = loops.shape[:2]
    here = np.arange(n_loops * n_points).reshape(n_loops, n_points)
    beside = np.roll(here, -1, axis=1)
    first, last = n_loops * n_points, n_loops * n_points + 1
    faces = [
        np.stack([here[:-1], beside[:-1], beside[1:]], axis=-1),
        np.stack([here[:-1], beside[1:], here[1:]], axis=-1),
        np.stack([np.full(n_points, first), beside[0], here[0]], axis=-1),
        np.stack([np.full(n_points, last), here[-1], beside[-1]], axis=-1),
    ]
    faces = faces if caps else faces[:2]
    vertices = np.concatenate([loops.reshape(-1, 3), loops[[0, -1]].mean(axis=1)])
    faces = np.concatenate([f.reshape(-1, 3) for f in faces])
    return Solid(vertices, faces, np.ones(len(vertices)), np.zeros((len(vertices), 4)))


def revolve(profile, sides: int = 40, caps: bool = True) -> Solid:
    """Surface of revolution about z; profile rows are (radius, height)."""
    radius, height = np.asarray(profile, float).T
    loops = radius[:, None, None] * circle(sides)
    loops[..., 2] += height[:, None]
    return loft(loops, caps)


def sweep(path, radius, sides: int = 14) -> Solid:
    """Round tube along a path of shape (n, 3), with rounded ends; radius is one number or one per point."""
    path = np.asarray(path, float)
    radius = np.broadcast_to(np.asarray(radius, float), len(path))
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)

    bend = np.radians([80, 55, 25])
    start = path[0] - along[0] * radius[0] * np.sin(bend)[:, None]
    end = path[-1] + along[-1] * radius[-1] * np.sin(bend[::-1])[:, None]
    path = np.concatenate([start, path, end])
    along = np.concatenate([along[[0, 0, 0]], along, along[[-1, -1, -1]]])
    radius = np.concatenate([radius[0] * np.cos(bend), radius, radius[-1] * np.cos(bend[::-1])])

    across = np.empty_like(path)
    across[0] = np.cross(along[0], np.eye(3)[np.argmin(np.abs(along[0]))])
    for i, direction in enumerate(along):  # carry the frame along without twist
        carried = across[max(i - 1, 0)]
        carried = carried - direction * (carried @ direction)
        across[i] = carried / np.linalg.norm(carried)
    ring = circle(sides)
    spokes = ring[:, :1] * across[:, None] + ring[:, 1:2] * np.cross(along, across)[:, None]
    return loft(path[:, None] + radius[:, None, None] * spokes)


def box(length: float, width: float, height: float, bevel: float = 0.015) -> Solid:
    """Box with rounded edges around the origin; length along x, width along y, height along z."""
    bevel = min(bevel, 0.49 * min(length, width, height))
    bend = np.radians([90, 45, 0, 0, 45, 90])
    upward = np.repeat([-1, 1], 3) * (height / 2 - bevel * (1 - np.sin(bend)))
    loops = []
    for angle, z in zip(bend, upward, strict=True):
        inset = 2 * bevel * (1 - np.cos(angle))
        loops.append(rounded_rectangle(length - inset, width - inset, bevel * max(np.cos(angle), 0.2)) + [0, 0, z])
    return loft(loops)


def ellipsoid(x: float, y: float, z: float, square: float = 1.0, sides: int = 28, rings: int = 16) -> Solid:
    """Superellipsoid with these radii; square 1 is an ellipsoid, towards 0 it becomes a box."""
    latitude = np.linspace(-np.pi / 2, np.pi / 2, rings)
    loops = power(np.cos(latitude), square)[:, None, None] * superellipse(1, 1, square, sides)
    loops[..., 2] = power(np.sin(latitude), square)[:, None]
    return loft(loops * [x, y, z])


def blade(front, back, thickness, normal) -> Solid:
    """Thin body between two edges of shape (n, 3): a wing, fin, leaf or sail; normal is its thin direction."""
    front, back = np.asarray(front, float), np.asarray(back, float)
    thickness = np.broadcast_to(np.asarray(thickness, float), len(front))
    middle, half = (front + back) / 2, (front - back) / 2
    ring = circle(14)
    thin = thickness[:, None, None] / 2 * np.asarray(normal, float)
    return loft(middle[:, None] + ring[:, :1] * half[:, None] + ring[:, 1:2] * thin)


def body(stations, square: float = 1.0, n: int = 32, sides: int = 30) -> Solid:
    """Loft along x; rows of `stations` are (x, half width, bottom, top), joined by smooth curves."""
    x, half, bottom, top = curve(stations, n).T[..., None]
    across, upward, _ = superellipse(1, 1, square, sides).T
    loops = [x + 0 * across, half * across, (bottom + top) / 2 + (top - bottom) / 2 * upward]
    return loft(np.stack(loops, axis=-1))


def tower(levels, square: float = 0.35, sides: int = 32) -> Solid:
    """Loft along z of rounded boxes; rows of `levels` are (z, rear x, front x, half width)."""
    z, rear, front, half = np.asarray(levels, float).T[..., None]
    along, across, _ = superellipse(1, 1, square, sides).T
    loops = [(rear + front) / 2 + (front - rear) / 2 * along, half * across, z + 0 * along]
    return loft(np.stack(loops, axis=-1))


def curve(points, n: int = 24) -> np.ndarray:
    """Smooth curve of n points through control points, without overshoot between them."""
    points = np.asarray(points, float)
    place = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return PchipInterpolator(place, points)(np.linspace(0, place[-1], n))


def circle(n: int) -> np.ndarray:
    """Unit circle in the plane z = 0, shape (n, 3)."""
    angle = np.arange(n) / n * 2 * np.pi
    return np.stack([np.cos(angle), np.sin(angle), np.zeros(n)], axis=1)


def superellipse(x: float, y: float, square: float, n: int = 28) -> np.ndarray:
    """Closed loop in the plane z = 0 with radii x and y, shape (n, 3); square as in `ellipsoid`."""
    return power(circle(n), square) * [x, y, 0]


def rounded_rectangle(length: float, width: float, radius: float) -> np.ndarray:
    """Closed loop in the plane z = 0 with rounded corners, shape (12, 3)."""
    angle = np.radians(np.arange(4)[:, None] * 90 + [0, 45, 90]).ravel()
    sign = np.repeat([(1, 1), (-1, 1), (-1, -1), (1, -1)], 3, axis=0)
    corners = sign * [length / 2 - radius, width / 2 - radius]
    loop = corners + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.concatenate([loop, np.zeros((12, 1))], axis=1)


def rotation(axis: str, degrees: float) -> np.ndarray:
    """Right-handed rotation about x, y or z as a 3 × 3 matrix."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, -s, s, c
    return matrix


def power(x: np.ndarray, exponent: float) -> np.ndarray:
    """Power of the magnitude, keeping the sign."""
    return np.sign(x) * np.abs(x) ** exponent
