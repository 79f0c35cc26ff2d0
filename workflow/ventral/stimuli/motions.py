"""Motions: the frames of a clip in which the object of a base scene, or the camera, moves along a straight path.

A variable v that a motion changes has, at time t from 0 (first frame) to 1 (last frame)::

    v(t) = m + e · (s(t) − 1/2)
    s(t) = t + a · (sin(2πt + φ) − sin φ) / 2π

e is the extent of the path, with a random sign or direction, and no more than its limits allow. Its middle m is the
value of the base scene, or the nearest one from which the path stays inside its limits. The speed, 1 + a · cos(2πt + φ)
relative to its mean, changes smoothly; a ≤ 1/2 and φ are random. All else is fixed, so that pixels differ between
frames because of the motion alone.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ventral.stimuli.scenes import Scene

Ends = dict[str, tuple[float, float]]

TURN = (40, 120)  # degrees, the least and the greatest extent
ORBIT = (25, 60)  # degrees
MOVE = (0.35, 0.75)  # half sides of the frame
PAN = (0.3, 0.6)  # half sides of the frame
IN_VIEW = 0.6  # the center of a moving object is at most this part of the crop's half side away from the crop's center
SPEED = 0.5  # largest change of the speed, as a share of its mean


def motion(scene: "Scene", name: str, frames: int, rng: np.random.Generator) -> Iterator[dict[str, float]]:
    """The variables that a motion changes, frame by frame. More frames show the same motion in finer steps.

    Parameters
    ----------
    scene : Scene
        The base scene, near the middle of the clip.
    name : str
        One of `MOTIONS`.
    frames : int
        Two or more.
    rng : Generator
        For the extent, the direction and the speed.
    """
    ends = MOTIONS[name](scene, rng)
    for share in progress(frames, rng):
        yield {variable: float(first + share * (last - first)) for variable, (first, last) in ends.items()}


def progress(frames: int, rng: np.random.Generator) -> np.ndarray:
    """Shares of the path that are covered at each frame, from 0 to 1."""
    change, phase = rng.uniform(0, SPEED), rng.uniform(0, 2 * np.pi)
    t = np.linspace(0, 1, frames)
    return t + change * (np.sin(2 * np.pi * t + phase) - np.sin(phase)) / (2 * np.pi)


def object_turns(scene: "Scene", rng: np.random.Generator) -> Ends:
    """The object turns about its vertical axis."""
    return {"yaw": path(scene.yaw, extent(rng, TURN))}


def object_moves(scene: "Scene", rng: np.random.Generator) -> Ends:
    """The object moves across the picture in any direction."""
    reach = IN_VIEW * float(np.sqrt(scene.crop_area))
    x, y = across(rng, MOVE)
    return {
        "x": path(scene.x, x, scene.crop_x - reach, scene.crop_x + reach),
        "y": path(scene.y, y, scene.crop_y - reach, scene.crop_y + reach),
    }


def camera_orbits(scene: "Scene", rng: np.random.Generator) -> Ends:
    """The camera circles the object at one height; the background passes behind it as far as its picture reaches."""
    angle = extent(rng, ORBIT)
    return {
        "orbit_azimuth": path(scene.orbit_azimuth, angle),
        "background_x": path(scene.background_x, -angle / ORBIT[1], 0, 1),
    }


def camera_pans(scene: "Scene", rng: np.random.Generator) -> Ends:
    """The camera pans in any direction: object and background shift together."""
    from ventral.stimuli.backgrounds import ZOOM  # imports Pillow

    beyond, border = 2 * (1 / ZOOM - 1), 1 - float(np.sqrt(scene.crop_area))
    right, down = beyond * scene.background_x, beyond * scene.background_y  # by which the frame is shifted
    x, y = across(rng, PAN)
    return {
        "crop_x": path(scene.crop_x, x, -border - right, border + beyond - right),
        "crop_y": path(scene.crop_y, y, -border - beyond + down, border + down),
    }


MOTIONS: dict[str, Callable[["Scene", np.random.Generator], Ends]] = {
    "object_turns": object_turns,
    "object_moves": object_moves,
    "camera_orbits": camera_orbits,
    "camera_pans": camera_pans,
}
CLIPS = ("time", *MOTIONS)  # parameters whose levels are the frames of a clip


def path(middle: float, extent: float, low: float = -np.inf, high: float = np.inf) -> tuple[float, float]:
    """First and last value of a path of this signed extent, or of one between the limits if these are closer."""
    half = min(abs(extent), high - low) / 2
    middle = float(np.clip(middle, low + half, high - half))
    change = float(np.copysign(half, extent))
    return middle - change, middle + change


def extent(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    """An extent within limits, with a random sign."""
    return float(rng.uniform(*limits) * rng.choice([-1, 1]))


def across(rng: np.random.Generator, limits: tuple[float, float]) -> tuple[float, float]:
    """The two components of an extent in a random direction."""
    length, angle = rng.uniform(*limits), rng.uniform(0, 2 * np.pi)
    return float(length * np.cos(angle)), float(length * np.sin(angle))
