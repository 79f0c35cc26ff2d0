"""Makes the picture of a scene from its variables: object, background, crop and color jitter."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from threadpoolctl import ThreadpoolController

from ventral.stimuli.backgrounds import background
from ventral.stimuli.color import hsv_to_rgb, jitter, to_display, to_linear
from ventral.stimuli.meshes import Mesh, build
from ventral.stimuli.render import render
from ventral.stimuli.scenes import Scene
from ventral.stimuli.shapes import rotation

OFF_FRONT = 60  # degrees between an object's front and the camera at yaw 0; most objects are recognized best from there


@dataclass(frozen=True)
class Props:
    """Sources of objects and backgrounds; empty for the built-in ones.

    Attributes
    ----------
    meshes : mapping from category to mesh files, as (category, paths) pairs
    photographs : paths of photographs
    palette : `natural`, with which parts of built-in objects have colors of their own, or `random`
    """

    meshes: tuple[tuple[str, tuple[Path, ...]], ...] = ()
    photographs: tuple[Path, ...] = ()
    palette: str = "natural"


def pictures(scenes: Iterable[Scene], size: int, props: Props) -> list[np.ndarray]:
    """Pictures of scenes, as uint8 arrays of shape (size, size, 3); equal foregrounds are rendered once."""
    with linear_algebra().limit(limits=1):
        return [picture(scene, size, props) for scene in scenes]


@cache
def linear_algebra() -> ThreadpoolController:
    """This process's libraries of linear algebra, which are searched once and not for every scene."""
    return ThreadpoolController()


def picture(scene: Scene, size: int, props: Props) -> np.ndarray:
    above = foreground(without_surroundings(scene), size, props)
    below = background(
        scene.background, (scene.background_x, scene.background_y), window_of(scene), size, props.photographs
    )
    image = to_display(above[..., :3] + below * (1 - above[..., 3:]))
    image = jitter(image, scene.brightness, scene.contrast, scene.saturation, scene.hue)
    return (image * 255 + 0.5).astype(np.uint8)


@lru_cache(maxsize=8)
def foreground(scene: Scene, size: int, props: Props) -> np.ndarray:
    """The object without a background, premultiplied linear RGBA of shape (size, size, 4)."""
    camera = rotation("x", scene.orbit_elevation) @ rotation("z", -scene.orbit_azimuth)
    return render(
        mesh_of(scene.category, scene.exemplar, props),
        size=size,
        color=to_linear(hsv_to_rgb(scene.colour_hue, scene.colour_saturation, scene.colour_value)),
        rotation=camera @ turned(scene),
        position=(scene.x, scene.y),
        scale=scene.size,
        light=camera @ direction(scene.light_azimuth, scene.light_elevation),
        up=camera[:, 2],
        ambient=scene.light_ambient,
        window=window_of(scene),
    )


def without_surroundings(scene: Scene) -> Scene:
    """The scene with background and jitter set to zero, which determines the foreground."""
    return replace(scene, background=0, background_x=0, background_y=0, brightness=0, contrast=0, saturation=0, hue=0)


@lru_cache(maxsize=4)
def mesh_of(category: str, exemplar: int, props: Props) -> Mesh:
    if not props.meshes:
        return build(category, exemplar, props.palette)
    from ventral.stimuli.meshfiles import load_mesh  # imports trimesh

    files = dict(props.meshes)[category]
    return load_mesh(files[exemplar % len(files)])


def turned(scene: Scene) -> np.ndarray:
    """Rotation from the object's frame (front +x) to one in which the camera looks along +y."""
    away = OFF_FRONT - 90 if scene.facing > 0 else -OFF_FRONT - 90
    return rotation("y", scene.roll) @ rotation("x", scene.pitch) @ rotation("z", away + scene.yaw)


def direction(azimuth: float, elevation: float) -> np.ndarray:
    """Unit vector; azimuth 0 points to the camera and 90 to the right, and elevation 90 points up."""
    azimuth, elevation = np.radians([azimuth, elevation])
    return np.array([np.sin(azimuth) * np.cos(elevation), -np.cos(azimuth) * np.cos(elevation), np.sin(elevation)])


def window_of(scene: Scene) -> tuple[float, float, float]:
    return scene.crop_x, scene.crop_y, float(np.sqrt(scene.crop_area))
