"""Meshes ready for the renderer: smooth normals, surface colours, and one common size.

Every mesh is scaled so that its silhouette, averaged over views, has the area of a unit square. A common
bounding sphere instead would make long objects look small.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene

from ventral.stimuli.objects import CATEGORIES
from ventral.stimuli.shapes import Solid, rotation
from ventral.store import generator

CREASE = 42.0  # degrees; sharper edges stay edges
VIEWS = [(azimuth, elevation) for elevation in (0, 35) for azimuth in range(0, 180, 36)]


@dataclass(frozen=True)
class Mesh:
    """Triangles with normals and surface, around the origin; up is +z, the front +x.

    Attributes
    ----------
    triangles : float32 array of shape (n_faces, 3, 3)
    normals : float32 array of shape (n_faces, 3, 3), one unit normal per corner
    shade : float32 array of shape (n_faces, 3)
        Linear light relative to the base colour: 0 black, 1 the base colour, 2 white.
    paint : float32 array of shape (n_faces, 3, 3) or None
        Linear colours of the corners of a mesh that brings its own; they replace the base colour.
    uv : float32 array of shape (n_faces, 3, 2) or None
    texture : integer array of shape (n_faces,) or None
        Index into `textures`, which multiply the paint; -1 for none.
    textures : tuple of float32 arrays of shape (height, width, 3), linear
    """

    triangles: np.ndarray
    normals: np.ndarray
    shade: np.ndarray
    paint: np.ndarray | None = None
    uv: np.ndarray | None = None
    texture: np.ndarray | None = None
    textures: tuple[np.ndarray, ...] = ()

    @cached_property
    def bvh(self) -> EmbreeScene:
        """Bounding volume hierarchy, built once and used for every view."""
        return hierarchy(self.triangles)

    @cached_property
    def vertices(self) -> np.ndarray:
        """Distinct corners, shape (n, 3): enough to bound the silhouette."""
        return np.unique(self.triangles.reshape(-1, 3), axis=0)


def build(category: str, exemplar: int) -> Mesh:
    """Build an exemplar of a built-in category; the same number gives the same shape everywhere."""
    solids = CATEGORIES[category](generator("object", category, exemplar))
    offsets = np.cumsum([0] + [len(solid.vertices) for solid in solids])
    whole = Solid(
        np.concatenate([solid.vertices for solid in solids]),
        np.concatenate([solid.faces + offset for solid, offset in zip(solids, offsets[:-1], strict=True)]),
        np.concatenate([solid.shade for solid in solids]),
    )
    triangles = whole.vertices[whole.faces]
    solid_faces = face_areas(triangles) > 1e-9
    return normalised(triangles[solid_faces], linear_shade(whole.shade[whole.faces[solid_faces]]))


def normalised(triangles: np.ndarray, shade: np.ndarray, **surface) -> Mesh:
    """Centre and scale triangles of positive area, and add their normals."""
    points = triangles.reshape(-1, 3)
    triangles = triangles - (points.min(axis=0) + points.max(axis=0)) / 2
    triangles = triangles / np.abs(triangles).max()
    triangles = triangles / np.sqrt(projected_area(triangles))
    return Mesh(triangles.astype(np.float32), corner_normals(triangles), shade.astype(np.float32), **surface)


def projected_area(triangles: np.ndarray, resolution: int = 40) -> float:
    """Silhouette area averaged over views from the sides and from above, by casting parallel rays."""
    bvh = hierarchy(triangles.astype(np.float32))
    radius = np.linalg.norm(triangles, axis=-1).max() * 1.01
    step = (np.arange(resolution) + 0.5) / resolution * 2 - 1
    u, v = (grid.ravel() * radius for grid in np.meshgrid(step, step))
    starts, directions = [], []
    for azimuth, elevation in VIEWS:
        turned = rotation("z", azimuth) @ rotation("y", elevation)
        starts.append(np.stack([np.full(u.shape, 2 * radius), u, v], axis=1) @ turned.T)
        directions.append(np.broadcast_to(-turned[:, 0], (len(u), 3)))
    hits = bvh.run(as_rays(np.concatenate(starts)), as_rays(np.concatenate(directions)))
    return float(np.mean(hits >= 0) * (2 * radius) ** 2)


def corner_normals(triangles: np.ndarray) -> np.ndarray:
    """Normal of each corner: the mean over faces that share the point and lie within the crease angle.

    Weighted by area; shape (n_faces, 3, 3), float32.
    """
    face_normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    unit = face_normals / np.linalg.norm(face_normals, axis=1, keepdims=True)

    point = same_points(triangles.reshape(-1, 3))
    by_point = np.argsort(point, kind="stable")
    sharing = np.bincount(point)
    first = np.cumsum(sharing) - sharing
    n_pairs = sharing[point]
    corner = np.repeat(np.arange(len(point)), n_pairs)
    turn = np.arange(len(corner)) - np.repeat(np.cumsum(n_pairs) - n_pairs, n_pairs)
    face, other = corner // 3, by_point[first[point[corner]] + turn] // 3

    smooth = np.einsum("ij,ij->i", unit[face], unit[other]) > np.cos(np.radians(CREASE))
    weighted = face_normals[other] * smooth[:, None]
    sums = np.stack([np.bincount(corner, weighted[:, axis], len(point)) for axis in range(3)], axis=1)
    return (sums / np.linalg.norm(sums, axis=1, keepdims=True)).reshape(-1, 3, 3).astype(np.float32)


def same_points(points: np.ndarray) -> np.ndarray:
    """Number points so that points at the same place (to 1e-5 of the extent) share a number."""
    cells = np.round((points - points.min(axis=0)) / np.ptp(points) * 1e5).astype(np.int64)
    return np.unique(cells @ np.array([1 << 40, 1 << 20, 1]), return_inverse=True)[1]


def face_areas(triangles: np.ndarray) -> np.ndarray:
    return np.linalg.norm(np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1) / 2


def linear_shade(shade: np.ndarray) -> np.ndarray:
    """Turn a shade that is even to the eye into one in linear light, on both sides of the base colour."""
    return np.where(shade <= 1, shade, 0) ** 2.2 + np.where(shade > 1, 1 + (shade - 1).clip(0) ** 1.4, 0)


def hierarchy(triangles: np.ndarray) -> EmbreeScene:
    scene = EmbreeScene()
    TriangleMesh(scene, np.ascontiguousarray(triangles, np.float32))
    return scene


def as_rays(vectors: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(vectors, np.float32)
