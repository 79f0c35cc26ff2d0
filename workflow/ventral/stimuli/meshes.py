"""Meshes ready for the renderer: smooth normals, surface colors, and one common size.

Meshes are scaled so that their silhouette, averaged over views, has the area of a unit square. A common bounding sphere
would make long objects look small.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene

from ventral.core.random import generator
from ventral.stimuli.color import to_linear
from ventral.stimuli.objects import CATEGORIES, style_of
from ventral.stimuli.shapes import rotation

CREASE = 42.0  # degrees; sharper edges stay edges
VIEWS = [(azimuth, elevation) for elevation in (0, 35) for azimuth in range(0, 180, 36)]


@dataclass(frozen=True)
class Mesh:
    """Triangles with normals and surface, around the origin; up is +z, the front +x.

    Attributes
    ----------
    vertices : float32 array of shape (n_vertices, 3)
    faces : int32 array of shape (n_faces, 3)
    normals : float32 array of shape (n_faces, 3, 3), one unit normal per corner
    shade : float32 array of shape (n_faces, 3)
        Linear light relative to the base color: 0 black, 1 the base color, 2 white.
    tint : float32 array of shape (n_faces, 3, 4) or None
        Natural linear colors of the corners, times the share of the surface that has them, and that share; the rest
        has the shaded base color.
    grain : float
        Contrast of a fine texture on the base color and the tints.
    paint : float32 array of shape (n_faces, 3, 3) or None
        Linear colors of the corners of a mesh that has colors of its own; they replace the base color.
    uv : float32 array of shape (n_faces, 3, 2) or None
    texture : integer array of shape (n_faces,) or None
        Index into `textures`, which multiply the paint; -1 for none.
    textures : tuple of float32 arrays of shape (height, width, 3), linear
    """

    vertices: np.ndarray
    faces: np.ndarray
    normals: np.ndarray
    shade: np.ndarray
    tint: np.ndarray | None = None
    grain: float = 0.0
    paint: np.ndarray | None = None
    uv: np.ndarray | None = None
    texture: np.ndarray | None = None
    textures: tuple[np.ndarray, ...] = ()

    @cached_property
    def bvh(self) -> EmbreeScene:
        """Bounding volume hierarchy, built once and used for every view."""
        scene = EmbreeScene()
        TriangleMesh(scene, self.vertices, self.faces)
        return scene

    @cached_property
    def face_normals(self) -> np.ndarray:
        """Unit normals of the flat faces, shape (n_faces, 3)."""
        normals = cross_products(self.vertices, self.faces)
        return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)

    @cached_property
    def unit(self) -> float:
        """Factor that gives the silhouette the area of a unit square, averaged over views."""
        return 1 / np.sqrt(projected_area(self))


def build(category: str, exemplar: int, palette: str = "natural") -> Mesh:
    """Build an exemplar of a built-in category; the same number gives the same shape everywhere.

    With the palette `random`, parts have no color of their own.
    """
    style = CATEGORIES[category][style_of(category, exemplar)]
    solids = style.build(generator("object", category, exemplar))
    offsets = np.cumsum([0] + [len(solid.vertices) for solid in solids])
    vertices = np.concatenate([solid.vertices for solid in solids])
    faces = np.concatenate([solid.faces + offset for solid, offset in zip(solids, offsets[:-1], strict=True)])
    faces = faces[face_areas(vertices, faces) > 1e-9]
    shade = linear_shade(np.concatenate([solid.shade for solid in solids]))
    if palette == "random":
        return centered(vertices, faces, shade[faces])
    tint = linear_tint(np.concatenate([solid.tint for solid in solids]))
    return centered(vertices, faces, shade[faces], tint=tint[faces], grain=style.grain)


def centered(vertices: np.ndarray, faces: np.ndarray, shade: np.ndarray, **surface) -> Mesh:
    """Mesh from triangles of positive area: centered in a cube from -1 to 1, points merged, with normals."""
    vertices = vertices - (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    vertices = vertices / np.abs(vertices).max()
    kept, number = merged(vertices)
    vertices, faces = vertices[kept], number[faces]
    normals = corner_normals(vertices, faces)
    return Mesh(vertices.astype(np.float32), faces.astype(np.int32), normals, shade.astype(np.float32), **surface)


def projected_area(mesh: Mesh, resolution: int = 40) -> float:
    """Silhouette area averaged over views from the sides and from above, by casting parallel rays."""
    radius = np.linalg.norm(mesh.vertices, axis=1).max() * 1.01
    step = (np.arange(resolution) + 0.5) / resolution * 2 - 1
    u, v = (grid.ravel() * radius for grid in np.meshgrid(step, step))
    starts, directions = [], []
    for azimuth, elevation in VIEWS:
        turned = rotation("z", azimuth) @ rotation("y", elevation)
        starts.append(np.stack([np.full(u.shape, 2 * radius), u, v], axis=1) @ turned.T)
        directions.append(np.broadcast_to(-turned[:, 0], (len(u), 3)))
    hits = mesh.bvh.run(as_rays(np.concatenate(starts)), as_rays(np.concatenate(directions)), query="OCCLUDED")
    return float(np.mean(hits >= 0) * (2 * radius) ** 2)


def corner_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Normal of each corner: the mean over faces that share the vertex and lie within the crease angle.

    Weighted by area; shape (n_faces, 3, 3), float32.
    """
    face_normals = cross_products(vertices, faces)
    unit = face_normals / np.maximum(np.linalg.norm(face_normals, axis=1, keepdims=True), 1e-30)
    point = faces.ravel()
    face = np.arange(len(point)) // 3

    mean = normalized_sums(point, face_normals[face], len(vertices))
    cosine = np.einsum("ij,ij->i", mean[point], unit[face])
    sharp = np.zeros(len(mean), bool)  # faces within half the angle of their mean are within the angle of each other
    sharp[point[cosine < np.cos(np.radians(CREASE / 2))]] = True

    normals = mean[point]
    corners = np.flatnonzero(sharp[point])
    corner, other = pairs_at_points(point[corners])
    corner, other = corners[corner], corners[other]
    smooth = np.einsum("ij,ij->i", unit[face[corner]], unit[face[other]]) > np.cos(np.radians(CREASE))
    number = np.searchsorted(corners, corner[smooth])
    normals[corners] = normalized_sums(number, face_normals[face[other[smooth]]], len(corners))
    return normals.reshape(-1, 3, 3).astype(np.float32)


def normalized_sums(group: np.ndarray, vectors: np.ndarray, n: int) -> np.ndarray:
    """Sum of the vectors of each of n groups, scaled to length 1; shape (n, 3)."""
    sums = np.stack([np.bincount(group, vectors[:, axis], n) for axis in range(3)], axis=1)
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-30)


def pairs_at_points(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All ordered pairs of corners (itself included) that lie at the same point."""
    by_point = np.argsort(point, kind="stable")
    sharing = np.bincount(point)
    first = np.cumsum(sharing) - sharing
    n_pairs = sharing[point]
    corner = np.repeat(np.arange(len(point)), n_pairs)
    turn = np.arange(len(corner)) - np.repeat(np.cumsum(n_pairs) - n_pairs, n_pairs)
    return corner, by_point[first[point[corner]] + turn]


def merged(vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vertices to keep, one per position (to 1e-5), and for each vertex the number of its position among them."""
    cells = np.round((vertices - vertices.min(axis=0)) * 1e5).astype(np.int64)
    _, kept, number = np.unique(cells @ np.array([1 << 40, 1 << 20, 1]), return_index=True, return_inverse=True)
    return kept, number


def cross_products(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Normals of the faces, with twice their areas as lengths."""
    a, b, c = (vertices[faces[:, corner]] for corner in range(3))
    return np.cross(b - a, c - a)


def face_areas(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    return np.linalg.norm(cross_products(vertices, faces), axis=1) / 2


def linear_shade(shade: np.ndarray) -> np.ndarray:
    """Convert a perceptually even shade to linear light, on both sides of the base color."""
    return np.where(shade <= 1, shade, 0) ** 2.2 + np.where(shade > 1, 1 + (shade - 1).clip(0) ** 1.4, 0)


def linear_tint(tint: np.ndarray) -> np.ndarray:
    """Turn tints in sRGB into linear colors times their share, and the share; shape (n, 4), float32."""
    share = tint[:, 3:]
    return np.concatenate([to_linear(tint[:, :3]) * share, share], axis=1).astype(np.float32)


def as_rays(vectors: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(vectors, np.float32)
