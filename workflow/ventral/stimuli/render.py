"""Ray casting of one object: visibility from Embree, plain shading on top.

The camera stands at the origin of its own frame and looks along +y, with x to the right and z up. Rays are transformed
into the space of the object, so its hierarchy is built once for all views. Each pixel is sampled on a regular 3 × 3
grid, so there is no noise that a network could mistake for a scene variable, and the bytes are always the same.
"""

import numpy as np

from ventral.stimuli.meshes import Mesh, as_rays

FIELD_OF_VIEW = 30.0  # degrees, the whole frame
FRAME = 2.9  # side of the frame at the object's distance, so that an object of size 1 covers 1 / 2.9² = 12 %
SAMPLES = 3  # per pixel and axis
SLOPE = np.tan(np.radians(FIELD_OF_VIEW / 2))
DISTANCE = FRAME / 2 / SLOPE
SPECULAR, GLOSS = 0.12, 30.0
KEY, AMBIENT = 1.6, 1.1  # light on a surface that faces the key light, or the sky
GRAIN_WAVES = np.float32(  # wave vectors; the mesh lies in a cube from -1 to 1, so that wavelengths are 0.045 to 0.12
    [
        (70, 20, 40),
        (-45, 90, 30),
        (25, -60, 85),
        (100, 40, -70),
        (-30, -35, 55),
        (60, -110, 20),
        (-95, 50, 75),
        (15, 65, -50),
    ]
)


def render(
    mesh: Mesh,
    *,
    size: int,
    color: np.ndarray,
    rotation: np.ndarray,
    position: tuple[float, float] = (0.0, 0.0),
    scale: float = 1.0,
    light: np.ndarray,
    up: np.ndarray,
    ambient: float = 0.35,
    window: tuple[float, float, float] = (0.0, 0.0, 1.0),
) -> np.ndarray:
    """Render an object without a background.

    Parameters
    ----------
    mesh : Mesh
    size : int
        Side of the image in pixels.
    color : array of shape (3,)
        Linear base color.
    rotation : array of shape (3, 3)
        From the object's frame to the camera's.
    position : (x, y)
        Place of the object's center, right and up; ±1 is the border of the frame.
    scale : float
        1 covers 12 % of the frame on average over views.
    light, up : arrays of shape (3,)
        Unit vectors towards the key light and the sky, in the camera's frame.
    ambient : float
        Share of the light that comes from all directions, in [0, 1].
    window : (x, y, half side)
        Part of the frame that the image shows, in the units of `position`.

    Returns
    -------
    array of shape (size, size, 4)
        Linear RGB premultiplied by coverage, and coverage; float32.
    """
    image = np.zeros((size, size, 4), np.float32)
    rotation, scale = np.asarray(rotation, np.float32), np.float32(scale * mesh.unit)
    offset = np.array([position[0] * FRAME / 2, DISTANCE, position[1] * FRAME / 2], np.float32)
    rows, columns = covered_pixels(mesh.vertices @ rotation.T * scale + offset, size, window)
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return image

    origin = (-offset / scale) @ rotation
    directions = sample_directions(rows, columns, size, window) @ rotation
    hit = mesh.bvh.run(as_rays(np.broadcast_to(origin, directions.shape)), as_rays(directions), output=True)
    seen = np.flatnonzero(hit["primID"] >= 0)
    face, u, v, far = (hit[key][seen] for key in ("primID", "u", "v", "tfar"))
    weights = np.stack([1 - u - v, u, v], axis=1)
    directions = directions[seen]

    samples = np.zeros((len(hit["primID"]), 4), np.float32)
    samples[seen, :3] = shade(
        mesh, face, weights, origin + directions * far[:, None], directions,
        np.asarray(color, np.float32), as_rays(light) @ rotation, as_rays(up) @ rotation, np.float32(ambient),
    )  # fmt: skip
    samples[seen, 3] = 1
    height, width = rows.stop - rows.start, columns.stop - columns.start
    image[rows, columns] = samples.reshape(height, SAMPLES, width, SAMPLES, 4).mean(axis=(1, 3))
    return image


def covered_pixels(points: np.ndarray, size: int, window: tuple[float, float, float]) -> tuple[slice, slice]:
    """Rows and columns of the image that can show any of these points of the camera's frame."""
    x, y, half = window
    across = (points[:, 0] / points[:, 1] / SLOPE - x) / half
    upward = (points[:, 2] / points[:, 1] / SLOPE - y) / half
    limits = np.array([[-upward.max(), -upward.min()], [across.min(), across.max()]])
    pixels = np.clip((limits + 1) / 2 * size + [-1, 1], 0, size)
    (top, bottom), (left, right) = np.floor(pixels).astype(int)
    return slice(top, bottom), slice(left, right)


def sample_directions(rows: slice, columns: slice, size: int, window: tuple[float, float, float]) -> np.ndarray:
    """Directions through the samples of these pixels, row by row, shape (n, 3), not normalized."""
    x, y, half = window
    place = (np.arange(size * SAMPLES) + 0.5) / (size * SAMPLES) * 2 - 1
    across = (x + half * place)[columns.start * SAMPLES : columns.stop * SAMPLES] * SLOPE
    upward = (y - half * place)[rows.start * SAMPLES : rows.stop * SAMPLES] * SLOPE
    directions = np.ones((len(upward), len(across), 3), np.float32)
    directions[..., 0] = across
    directions[..., 2] = upward[:, None]
    return directions.reshape(-1, 3)


def shade(mesh, face, weights, points, directions, color, light, up, ambient) -> np.ndarray:
    """Linear RGB of surface points, shape (n, 3); all vectors are in the object's frame."""
    flat = mesh.face_normals[face]
    towards_viewer = -np.sign(dot(flat, directions))[:, None]
    flat = flat * towards_viewer
    normals = unit(np.einsum("nc,nci->ni", weights, mesh.normals[face])) * towards_viewer

    facing = np.clip(normals @ light, 0, None) * (flat @ light > 0)
    lit = np.flatnonzero(facing > 0)
    blocked = mesh.bvh.run(
        as_rays(points[lit] + flat[lit] * 2e-3), as_rays(np.broadcast_to(light, (len(lit), 3))), query="OCCLUDED"
    )
    facing[lit[blocked >= 0]] = 0

    halfway = unit(light - unit(directions))
    specular = SPECULAR * np.clip(dot(normals, halfway), 0, 1) ** GLOSS * (facing > 0)
    sky = 0.65 + 0.35 * (normals @ up)
    key = KEY * (1 - ambient)
    diffuse = AMBIENT * ambient * sky + key * facing
    return albedo(mesh, face, weights, color) * diffuse[:, None] + (key * specular)[:, None]


def albedo(mesh: Mesh, face: np.ndarray, weights: np.ndarray, color: np.ndarray) -> np.ndarray:
    """Linear surface color, shape (n, 3): the base color and natural tints, or paint and textures of the mesh."""
    if mesh.paint is None:
        shade = np.einsum("nc,nc->n", weights, mesh.shade[face])[:, None]
        base = color * np.minimum(shade, 1) + (1 - color) * np.clip(shade - 1, 0, 1)
        if mesh.tint is None:
            return base
        tint = np.einsum("nc,nci->ni", weights, mesh.tint[face])
        color = base * (1 - tint[:, 3:]) + tint[:, :3]
        if mesh.grain:
            color *= grain(np.einsum("nc,nci->ni", weights, mesh.vertices[mesh.faces[face]]), mesh.grain)[:, None]
        return color
    paint = np.einsum("nc,nci->ni", weights, mesh.paint[face])
    for index, texture in enumerate(mesh.textures):
        here = np.flatnonzero(mesh.texture[face] == index)
        uv = np.einsum("nc,nci->ni", weights[here], mesh.uv[face[here]]) % 1
        height, width = texture.shape[:2]
        row = np.minimum(((1 - uv[:, 1]) * height).astype(int), height - 1)
        column = np.minimum((uv[:, 0] * width).astype(int), width - 1)
        paint[here] *= texture[row, column]
    return paint


def grain(points: np.ndarray, contrast: float) -> np.ndarray:
    """Fine texture at points of a mesh, shape (n,): a sum of waves, of mean 1 and with this standard deviation."""
    waves = np.cos(points @ GRAIN_WAVES.T + np.arange(len(GRAIN_WAVES), dtype=np.float32)).sum(axis=1)
    return np.clip(1 + np.float32(contrast * np.sqrt(2 / len(GRAIN_WAVES))) * waves, 0, None)


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.einsum("ni,ni->n", a, b)


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.sqrt(dot(vectors, vectors))[:, None], 1e-12)
