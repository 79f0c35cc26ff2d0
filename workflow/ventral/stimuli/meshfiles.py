"""Mesh files: OBJ, PLY, GLB and STL, with their textures and colors.

OBJ and GLB files are assumed to have +y up and the front at +z (as glTF specifies and most OBJ files have), PLY and STL
files +z up and the front at +x.
"""

import logging
from pathlib import Path

import numpy as np
import trimesh
from PIL import Image

from ventral.core.errors import Fault
from ventral.stimuli.color import to_linear
from ventral.stimuli.materials import check_materials
from ventral.stimuli.meshes import Mesh, centered, face_areas
from ventral.stimuli.profiles import in_srgb
from ventral.stimuli.rgb import eight_bits, white_of

Y_UP = (".obj", ".glb")


def load_mesh(path: Path) -> Mesh:
    """Read a mesh file; one without colors takes the scene's base color.

    Raises
    ------
    Fault
        The file cannot be read or holds no surface, or a material file or texture that it names is not beside it.
    """
    if path.is_file():
        check_materials(path, decode=True)
    try:
        parts = [part for part in trimesh.load_scene(path).dump() if isinstance(part, trimesh.Trimesh)]
    except Exception as error:  # trimesh's readers raise exceptions of any type
        reason = str(error).splitlines()[0] if isinstance(error, ValueError | OSError) and str(error) else "damaged"
        raise Fault(f"The mesh {path} cannot be read ({reason}); replace it, or move it elsewhere.") from error
    parts = [with_area(part) for part in parts if len(part.faces)]
    parts = [part for part in parts if len(part.faces)]
    if not parts:
        raise Fault(f"The mesh {path} holds no surface; replace it, or move it elsewhere.")
    triangles = np.concatenate([part.triangles for part in parts])
    if path.suffix.lower() in Y_UP:
        triangles = triangles[..., [2, 0, 1]]
    faces = np.arange(3 * len(triangles)).reshape(-1, 3)
    return centered(triangles.reshape(-1, 3), faces, np.ones(faces.shape), **surface(parts, path))


def with_area(part: trimesh.Trimesh) -> trimesh.Trimesh:
    """The part without triangles of zero area, which have no normal, and without coordinates that are not finite."""
    part.update_faces(face_areas(part.vertices, part.faces) > 1e-12 * np.nanmax(np.abs(part.vertices)) ** 2)
    return part


def surface(parts: list[trimesh.Trimesh], path: Path) -> dict:
    """Paint and textures of all parts, or an empty mapping if no part has colors of its own."""
    if not any(part.visual.defined for part in parts):
        return {}
    paint, uv, texture, textures = [], [], [], []
    for part in parts:
        picture, tint = texture_of(part)
        corners = (len(part.faces), 3)
        paint.append(corner_colors(part) * tint)
        if picture is None:
            uv.append(np.zeros((*corners, 2)))
            texture.append(np.full(len(part.faces), -1))
        else:
            uv.append(part.visual.uv[part.faces])
            texture.append(np.full(len(part.faces), len(textures)))
            textures.append(to_linear(np.asarray(opaque(picture, part, path)) / 255))
    return {
        "paint": np.concatenate(paint).astype(np.float32),
        "uv": np.concatenate(uv).astype(np.float32),
        "texture": np.concatenate(texture),
        "textures": tuple(textures),
    }


def opaque(picture: Image.Image, part: trimesh.Trimesh, path: Path) -> Image.Image:
    """A texture as RGB. Transparent parts are drawn opaque, with a warning if the material asks for transparency."""
    name = f"texture of {path}"
    shown = in_srgb(eight_bits(picture, white_of(picture), False, name), picture.info.get("icc_profile"), name)
    wanted = getattr(part.visual.material, "alphaMode", None) in ("MASK", "BLEND")
    if wanted and shown.mode == "RGBA" and shown.getchannel("A").getextrema()[0] < 255:
        logging.warning("The %s is transparent in places; these are drawn opaque.", name)
    return shown.convert("RGB")


def texture_of(part: trimesh.Trimesh):
    """Texture picture (PIL) or None, and the linear color that multiplies it."""
    material = getattr(part.visual, "material", None)
    if material is None:
        return None, np.ones(3)
    picture = getattr(material, "image", None) or getattr(material, "baseColorTexture", None)
    factor = getattr(material, "baseColorFactor", None)
    if picture is None or part.visual.uv is None:
        return None, to_linear(np.asarray(material.main_color[:3]) / 255)
    return picture, np.ones(3) if factor is None else np.asarray(factor[:3]) / 255  # glTF: linear


def corner_colors(part: trimesh.Trimesh) -> np.ndarray:
    """Linear colors of vertices or faces at every corner, shape (n_faces, 3, 3); white where there are none."""
    kind = part.visual.kind
    if kind == "vertex":
        return to_linear(part.visual.vertex_colors[:, :3] / 255)[part.faces]
    if kind == "face":
        return np.repeat(to_linear(part.visual.face_colors[:, :3] / 255)[:, None], 3, axis=1)
    return np.ones((len(part.faces), 3, 3))
