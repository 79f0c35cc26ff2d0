"""Defines scenes, and sets of scenes in which one parameter varies and everything else is fixed.

A base scene draws every variable from a moderate range, so that its object is well visible. For parameter P
and base scene i, the levels are new draws of P's variables from a wider range, with all other variables fixed. In the
frames of a clip, variables follow a path (`ventral.stimuli.motions`).

Ranges of `background`, `lighting` (color jitter) and `viewpoint` (square crop) are those of Lindsey & Issa
(eLife 13:91685, 2024) and its public code. Those of `pose` are from memory and were not checked against the text of the
paper: rotation ±90° on three axes, position ±30 % horizontally and ±60 % vertically of the way from the center to the
border, size times or divided by 1.6. `light`, `orbit` and `colour` are further parameters, not in the paper.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.stimuli.motions import MOTIONS, motion

if TYPE_CHECKING:
    import pandas as pd  # takes half a second, which the processes that render need not spend


@dataclass(frozen=True)
class Scene:
    """All variables of an image. Angles are in degrees, positions in half sides of the frame.

    Attributes
    ----------
    category, exemplar : which object
    facing : the side to which its front points, 1 right or -1 left
    colour_hue, colour_saturation, colour_value : base color of the object, each in [0, 1]
    yaw, pitch, roll : turn about the vertical, the horizontal and the viewing axis, from a view 60° off the front
    x, y : place of the object's center, right and up; ±1 is the border
    size : factor of the side; at 1 the object covers 12 % of the frame on average over views
    background : seed of a procedural background, or index of a photograph
    background_x, background_y : which part of it, each in [0, 1]
    brightness, contrast, saturation, hue : color jitter of the whole image; three factors and a shift in turns
    crop_area, crop_x, crop_y : the square part of the frame that is shown: its area, and the place of its center
    light_azimuth, light_elevation : direction towards the key light; 0, 0 is from the camera
    light_ambient : share of the light that comes from all around
    orbit_azimuth, orbit_elevation : turn of the camera (with object and light held) about the object
    """

    category: str
    exemplar: int
    facing: int
    colour_hue: float
    colour_saturation: float
    colour_value: float
    yaw: float
    pitch: float
    roll: float
    x: float
    y: float
    size: float
    background: int
    background_x: float
    background_y: float
    brightness: float
    contrast: float
    saturation: float
    hue: float
    crop_area: float
    crop_x: float
    crop_y: float
    light_azimuth: float
    light_elevation: float
    light_ambient: float
    orbit_azimuth: float
    orbit_elevation: float


PARAMETERS = {
    "pose": ("yaw", "pitch", "roll", "x", "y", "size"),
    "background": ("background", "background_x", "background_y"),
    "lighting": ("brightness", "contrast", "saturation", "hue"),
    "viewpoint": ("crop_area", "crop_x", "crop_y"),
    "light": ("light_azimuth", "light_elevation", "light_ambient"),
    "orbit": ("orbit_azimuth", "orbit_elevation"),
    "colour": ("colour_hue", "colour_saturation", "colour_value"),
}

RANGES = {  # of base scenes, of levels
    "colour_hue": ((0, 1), (0, 1)),
    "colour_saturation": ((0.25, 0.9), (0.25, 0.9)),
    "colour_value": ((0.45, 0.95), (0.45, 0.95)),
    "yaw": ((-30, 30), (-90, 90)),
    "pitch": ((-10, 15), (-90, 90)),
    "roll": ((-12, 12), (-90, 90)),
    "x": ((-0.16, 0.16), (-0.3, 0.3)),
    "y": ((-0.16, 0.16), (-0.6, 0.6)),
    "size": ((0.8, 1.2), (1 / 1.6, 1.6)),
    "background_x": ((0, 1), (0, 1)),
    "background_y": ((0, 1), (0, 1)),
    "brightness": ((0.9, 1.1), (0.6, 1.4)),
    "contrast": ((0.9, 1.1), (0.6, 1.4)),
    "saturation": ((0.9, 1.1), (0.6, 1.4)),
    "hue": ((-0.02, 0.02), (-0.1, 0.1)),
    "crop_area": ((0.75, 1.0), (0.2, 1.0)),
    "light_azimuth": ((-70, 70), (-120, 120)),
    "light_elevation": ((20, 65), (0, 85)),
    "light_ambient": ((0.25, 0.4), (0.15, 0.5)),
    "orbit_azimuth": ((-10, 10), (-60, 60)),
    "orbit_elevation": ((8, 25), (-20, 60)),
}
GEOMETRIC = ("size",)  # drawn evenly in the logarithm
MANY = 1 << 20  # exemplars and procedural backgrounds to draw from
KEEP_INSIDE = 0.9  # a crop's center is at most this part of its half side away from the object's center


@dataclass(frozen=True)
class Shot:
    """One image of a set: a scene and its place in the design."""

    stimulus_id: str
    scene_id: str
    parameter: str
    level: int
    scene: Scene


def design(name: str, spec: dict, categories: Iterable[str]) -> list[Shot]:
    """Lay out a set of scenes; adding base scenes, levels or motions never changes the others.

    Parameters
    ----------
    name : str
        Name of the set; two sets with one seed share no scene.
    spec : dict
        `base_scenes`, `parameters` (names from PARAMETERS), `levels`, `motions` (names from
        `ventral.stimuli.motions.MOTIONS`), `frames`; with neither parameters nor motions, base scenes only. Optionally
        `seed`, `ranges` ({variable: [low, high]}, for base scenes and levels alike), and `palette`: with `random`,
        with `meshes`, and where a range is given, colors do not depend on the category.
    categories : object categories, from which scenes take turns in shuffled order

    Raises
    ------
    Fault
        An unknown parameter, motion or variable, or an empty range.
    """
    parameters, motions, seed = tuple(spec.get("parameters", ())), tuple(spec.get("motions", ())), spec.get("seed", 0)
    for what, given, known in (("parameter", parameters, PARAMETERS), ("motion", motions, MOTIONS)):
        for one in given:
            if one not in known:
                raise Fault(f"Stimuli {name}: unknown {what} {one!r}; choose from {', '.join(known)}.")
    base_ranges, level_ranges = ranges(name, spec.get("ranges", {}))
    random = spec.get("palette") == "random" or spec.get("meshes") is not None
    natural = () if random else tuple(v for v in PARAMETERS["colour"] if v not in spec.get("ranges", {}))
    shots = []
    for i, category in enumerate(balanced(sorted(categories), spec["base_scenes"], seed, name)):
        scene_id = f"scene{i:04d}"
        base = base_scene(generator(seed, name, "scene", i), category, base_ranges, natural)
        if not (parameters or motions):
            shots.append(Shot(scene_id, scene_id, "", -1, base))
        for parameter in parameters:
            rng = generator(seed, name, parameter, i)
            for level in range(spec["levels"]):
                varied = redrawn(rng, base, PARAMETERS[parameter], level_ranges, natural)
                shots.append(Shot(f"{scene_id}_{parameter}{level:02d}", scene_id, parameter, level, varied))
        for moving in motions:
            for frame, values in enumerate(motion(base, moving, spec["frames"], generator(seed, name, moving, i))):
                shown = replace(base, **values)
                shots.append(Shot(f"{scene_id}_{moving}{frame:02d}", scene_id, moving, frame, shown))
    return shots


def table_of(shots: list[Shot], categories: Iterable[str]) -> "pd.DataFrame":
    """One row per image: place in the design, label, and every variable as a number."""
    import pandas as pd

    number = {category: i for i, category in enumerate(sorted(categories))}
    return pd.DataFrame(
        {
            "stimulus_id": shot.stimulus_id,
            "scene": shot.scene_id,
            "parameter": shot.parameter,
            "level": shot.level,
            "label": shot.scene.category,
            **asdict(shot.scene),
            "category": number[shot.scene.category],
        }
        for shot in shots
    )


def balanced(categories: list[str], n: int, seed: int, name: str) -> list[str]:
    """Categories of the n base scenes: every category once, in random order, then every one again."""
    rounds = -(-n // len(categories))
    orders = [generator(seed, name, "categories", i).permutation(categories) for i in range(rounds)]
    return [str(category) for category in np.concatenate(orders)[:n]]


def base_scene(rng: np.random.Generator, category: str, ranges: dict, natural: tuple[str, ...]) -> Scene:
    neutral = {field.name: 0 for field in fields(Scene)} | {"category": category}
    neutral["exemplar"] = int(rng.integers(MANY))
    neutral["facing"] = int(rng.choice([-1, 1]))
    everything = [variable for variables in PARAMETERS.values() for variable in variables]
    return redrawn(rng, Scene(**neutral), everything, ranges, natural)


def redrawn(
    rng: np.random.Generator, scene: Scene, variables: Iterable[str], ranges: dict, natural: tuple[str, ...]
) -> Scene:
    """The scene with new values of these variables; each takes one random number, whatever its range or palette."""
    values, draws = {}, {}
    for variable in variables:
        draw = draws[variable] = rng.uniform()
        if variable == "background":
            values[variable] = int(draw * MANY)
        elif variable in ("crop_x", "crop_y"):
            values[variable] = draw
        elif variable in GEOMETRIC:
            low, high = np.log(ranges[variable])
            values[variable] = float(np.exp(low + draw * (high - low)))
        else:
            low, high = ranges[variable]
            values[variable] = float(low + draw * (high - low))
    if natural and "colour_hue" in values:
        from ventral.stimuli.objects import natural_color  # imports trimesh, which takes half a second

        color = natural_color(scene.category, scene.exemplar, tuple(draws[v] for v in PARAMETERS["colour"]))
        values |= {v: number for v, number in zip(PARAMETERS["colour"], color, strict=True) if v in natural}
    scene = replace(scene, **values)
    if "crop_area" in values:
        half = np.sqrt(scene.crop_area)
        scene = replace(
            scene, crop_x=crop_center(scene.x, half, scene.crop_x), crop_y=crop_center(scene.y, half, scene.crop_y)
        )
    return scene


def crop_center(place: float, half: float, share: float) -> float:
    """Center of a crop inside the frame that shows the object's center, at a share of the available range."""
    reach = KEEP_INSIDE * half
    low, high = (float(np.clip(place + side * reach, half - 1, 1 - half)) for side in (-1, 1))
    return low + share * (high - low)


def ranges(name: str, given: dict) -> tuple[dict, dict]:
    """Ranges of base scenes and of levels, with those of the config in place of the built-in ones."""
    for variable, limits in given.items():
        if variable not in RANGES:
            raise Fault(f"Stimuli {name}: no range for {variable!r}; choose from {', '.join(RANGES)}.")
        lowest = 0 if variable in GEOMETRIC else -np.inf
        match limits:
            case [int() | float() as low, int() | float() as high] if lowest < low <= high < np.inf:
                continue
        raise Fault(f"Stimuli {name}: the range of {variable} must be [low, high], not {limits}.")
    base = {variable: given.get(variable, limits[0]) for variable, limits in RANGES.items()}
    levels = {variable: given.get(variable, limits[1]) for variable, limits in RANGES.items()}
    return base, levels
