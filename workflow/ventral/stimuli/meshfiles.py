"""Mesh files: OBJ, PLY, GLB and STL from a folder, with their textures and colours.

OBJ and GLB files are taken to have +y up (as glTF says and most OBJ files have), PLY and STL +z up; the front is
+z or +x.
"""

from pathlib import Path

import numpy as np
import trimesh

from ventral.stimuli.colour import to_linear
from ventral.stimuli.meshes import Mesh, face_areas, normalised
from ventral.store import Fault

SUFFIXES = (".obj", ".ply", ".glb", ".stl")
Y_UP = (".obj", ".glb")


def list_meshes(folder: str | Path) -> dict[str, tuple[Path, ...]]:
    """Mesh files by category: a sub-folder is a category, and so is a single file by its name.

    Raises
    ------
    Fault
        The folder does not exist or holds no mesh.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise Fault(f"The mesh folder {folder} does not exist; correct its path in the config.")
    categories: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            inside = path.relative_to(folder)
            categories.setdefault(inside.parts[0] if len(inside.parts) > 1 else path.stem, []).append(path)
    if not categories:
        raise Fault(f"The folder {folder} holds no meshes ({', '.join(SUFFIXES)}); correct its path in the config.")
    return {category: tuple(paths) for category, paths in categories.items()}


def load_mesh(path: Path) -> Mesh:
    """Read a mesh file; one without colours takes the scene's base colour.

    Raises
    ------
    Fault
        The file cannot be read or holds no surface.
    """
    try:
        parts = [part for part in trimesh.load_scene(path).dump() if isinstance(part, trimesh.Trimesh)]
    except Exception as error:  # trimesh's readers raise whatever their format's parser does
        raise Fault(
            f"The mesh {path} cannot be read ({type(error).__name__}: {error}); replace or remove it."
        ) from error
    parts = [with_area(part) for part in parts if len(part.faces)]
    parts = [part for part in parts if len(part.faces)]
    if not parts:
        raise Fault(f"The mesh {path} holds no surface; replace or remove it.")
    triangles = np.concatenate([part.triangles for part in parts])
    if path.suffix.lower() in Y_UP:
        triangles = triangles[..., [2, 0, 1]]
    if not np.isfinite(triangles).all():
        raise Fault(f"The mesh {path} has coordinates that are not finite; replace or remove it.")
    return normalised(triangles, np.ones(triangles.shape[:2]), **surface(parts))


def with_area(part: trimesh.Trimesh) -> trimesh.Trimesh:
    """The part without triangles of no area, which have no normal."""
    part.update_faces(face_areas(part.triangles) > 1e-12 * np.ptp(part.vertices) ** 2)
    return part


def surface(parts: list[trimesh.Trimesh]) -> dict:
    """Paint and textures of all parts, or nothing where no part has colours of its own."""
    if not any(part.visual.defined for part in parts):
        return {}
    paint, uv, texture, textures = [], [], [], []
    for part in parts:
        picture, tint = texture_of(part)
        corners = (len(part.faces), 3)
        paint.append(corner_colours(part) * tint)
        if picture is None:
            uv.append(np.zeros((*corners, 2)))
            texture.append(np.full(len(part.faces), -1))
        else:
            uv.append(part.visual.uv[part.faces])
            texture.append(np.full(len(part.faces), len(textures)))
            textures.append(to_linear(np.asarray(picture.convert("RGB")) / 255))
    return {
        "paint": np.concatenate(paint).astype(np.float32),
        "uv": np.concatenate(uv).astype(np.float32),
        "texture": np.concatenate(texture),
        "textures": tuple(textures),
    }


def texture_of(part: trimesh.Trimesh):
    """Texture picture (PIL) or None, and the linear colour that multiplies it."""
    material = getattr(part.visual, "material", None)
    if material is None:
        return None, np.ones(3)
    picture = getattr(material, "image", None) or getattr(material, "baseColorTexture", None)
    factor = getattr(material, "baseColorFactor", None)
    if picture is None or part.visual.uv is None:
        return None, to_linear(np.asarray(material.main_color[:3]) / 255)
    return picture, np.ones(3) if factor is None else to_linear(np.asarray(factor[:3]) / 255)


def corner_colours(part: trimesh.Trimesh) -> np.ndarray:
    """Linear colours of vertices or faces at every corner, shape (n_faces, 3, 3); white where there are none."""
    kind = part.visual.kind
    if kind == "vertex":
        return to_linear(part.visual.vertex_colors[:, :3] / 255)[part.faces]
    if kind == "face":
        return np.repeat(to_linear(part.visual.face_colors[:, :3] / 255)[:, None], 3, axis=1)
    return np.ones((len(part.faces), 3, 3))
