"""Rendering: silhouettes, light and shadow with known answers, meshes, and colors."""

import colorsys

import numpy as np
import pytest
import trimesh
from PIL import Image, ImageEnhance
from small_scenes import HEAD_ON

from ventral.stimuli.color import hsv_to_rgb, jitter, to_display, to_linear
from ventral.stimuli.meshes import build, centered, corner_normals, projected_area
from ventral.stimuli.objects import CATEGORIES
from ventral.stimuli.render import DISTANCE, FRAME, SLOPE, grain, render
from ventral.stimuli.shapes import ellipsoid


def sphere(radius=1.0, place=(0, 0, 0)):
    ball = trimesh.creation.icosphere(subdivisions=5, radius=radius)
    return ball.vertices + np.asarray(place), ball.faces


def solid(*parts):
    """Mesh of several (vertices, faces), in the base color."""
    faces = np.concatenate([f + sum(len(v) for v, _ in parts[:i]) for i, (_, f) in enumerate(parts)])
    return centered(np.concatenate([v for v, _ in parts]), faces, np.ones(faces.shape))


def test_silhouette_of_a_sphere_is_that_of_perspective_geometry():
    alpha = render(solid(sphere()), size=200, light=np.array([0, -1.0, 0]), **HEAD_ON)[..., 3]
    radius = 1 / np.sqrt(np.pi)  # normalized: its silhouette seen from afar has the area 1
    tangent = radius / np.sqrt(DISTANCE**2 - radius**2) / SLOPE  # half sides of the frame
    assert alpha.mean() == pytest.approx(np.pi * tangent**2 / 4, rel=0.01)
    assert alpha.mean() == pytest.approx(1 / FRAME**2, rel=0.05)  # what `size` promises


@pytest.mark.parametrize("light", [(0.6, -0.8, 0), (-0.6, -0.7, 0.4), (0, -0.6, -0.8)])
def test_a_sphere_is_brightest_where_it_faces_the_light(light):
    light = np.array(light) / np.linalg.norm(light)
    up = np.array([0, -1.0, 0])  # the sky behind the camera adds no side
    image = render(solid(sphere()), size=160, scale=2, light=light, **(HEAD_ON | {"up": up, "ambient": 0.0}))
    brightest = np.argwhere(image[..., 0] > 0.99 * image[..., 0].max()).mean(axis=0)
    offset = (brightest - 79.5) / 80 * FRAME / 2 / (2 / np.sqrt(np.pi))  # in radii of the sphere
    assert offset[1] * light[0] >= 0 and -offset[0] * light[2] >= 0
    # the highlight lies between the point that faces the light and the one halfway to the camera
    assert np.hypot(*offset) == pytest.approx(np.hypot(light[0], light[2]), abs=0.3)


def test_an_object_between_surface_and_light_casts_a_shadow():
    floor = trimesh.creation.box((4, 4, 0.1))
    ball = sphere(0.5, (0, 0, 1.2))
    from_above = {"light": np.array([0, -1.0, 0.0]), "size": 120, "scale": 0.5, "ambient": 0.3}
    facing = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float)  # the floor's upper side faces the camera
    aside = np.array([0.6, -0.8, 0])
    settings = HEAD_ON | from_above | {"rotation": facing, "light": aside, "up": np.array([0, -1.0, 0])}
    alone = render(solid((floor.vertices, floor.faces)), **settings)
    both = render(solid((floor.vertices, floor.faces), ball), **settings)
    lit = np.median(alone[alone[..., 3] == 1][:, 0])
    shadow = (both[..., 3] == 1) & (both[..., 0] < 0.6 * lit)
    left = np.argwhere(shadow)[:, 1].mean()
    assert shadow.sum() > 50 and left < 58  # the light comes from the right
    assert not ((alone[..., 3] == 1) & (alone[..., 0] < 0.6 * lit)).any()


def test_a_window_shows_the_same_as_a_crop_of_the_frame():
    mesh, settings = build("car", 1), HEAD_ON | {"light": np.array([0.5, -0.6, 0.6]), "position": (0.1, -0.2)}
    whole = render(mesh, size=96, **settings)
    part = render(mesh, size=48, window=(0.25, -0.25, 0.5), **settings)
    np.testing.assert_allclose(part, whole[36:84, 36:84], atol=2e-3)


@pytest.mark.parametrize("category", CATEGORIES)
def test_meshes_are_sound_differ_and_have_unit_area(category):
    meshes = [build(category, exemplar) for exemplar in range(3)]
    for mesh in meshes:
        assert np.isfinite(mesh.vertices).all() and np.isfinite(mesh.normals).all()
        assert mesh.faces.max() < len(mesh.vertices) and len(mesh.faces) > 500
        np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=2), 1, atol=1e-4)
        assert mesh.shade.min() >= 0 and mesh.shade.max() <= 2
        finer = projected_area(mesh, resolution=120) * mesh.unit**2
        assert finer == pytest.approx(1, abs=0.08)  # 40 rays across find thin legs to a few per cent
    assert len({len(mesh.vertices) for mesh in meshes} | {mesh.unit for mesh in meshes}) > 2
    np.testing.assert_array_equal(build(category, 1).vertices, meshes[1].vertices)


def test_smooth_surfaces_have_smooth_normals_and_edges_stay_edges():
    vertices, faces = sphere()
    np.testing.assert_allclose(corner_normals(vertices, faces), vertices[faces], atol=0.01)
    cube = trimesh.creation.box()
    flat = np.repeat(cube.face_normals[:, None], 3, axis=1)
    np.testing.assert_allclose(corner_normals(cube.vertices, cube.faces), flat, atol=1e-6)


def test_jitter_is_that_of_pillow_which_torchvision_uses():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    picture = Image.fromarray(image)
    for change, amount in (("Brightness", 1.2), ("Contrast", 0.7), ("Color", 1.3)):
        picture = getattr(ImageEnhance, change)(picture).enhance(amount)
    ours = jitter(image / np.float32(255), brightness=1.2, contrast=0.7, saturation=1.3)
    np.testing.assert_allclose(ours * 255, np.asarray(picture, float), atol=3)  # rounded at each step

    pixels = rng.uniform(size=(4, 4, 3)).astype(np.float32)
    for ours, before in zip(jitter(pixels, hue=0.08).reshape(-1, 3), pixels.reshape(-1, 3), strict=True):
        hue, saturation, value = colorsys.rgb_to_hsv(*before)
        np.testing.assert_allclose(ours, colorsys.hsv_to_rgb((hue + 0.08) % 1, saturation, value), atol=1e-5)
    np.testing.assert_allclose(jitter(pixels), pixels, atol=1e-6)


def test_colour_conversions_are_inverse_and_known():
    values = np.linspace(0, 1, 50)
    np.testing.assert_allclose(to_display(to_linear(values)), values, atol=1e-6)
    assert to_linear(np.array(0.5)) == pytest.approx(0.21404, abs=1e-5)
    np.testing.assert_allclose(hsv_to_rgb(1 / 3, 1.0, 0.8), [0, 0.8, 0], atol=1e-6)


def test_a_shade_has_no_hue_of_its_own():
    ball = ellipsoid(1, 1, 1)
    for shade in (0.0, 0.6, 1.0, 1.5, 2.0):
        mesh = centered(ball.vertices, ball.faces[4:-4], np.full((len(ball.faces) - 8, 3), shade))
        image = render(mesh, **(HEAD_ON | {"color": np.full(3, 0.4), "light": np.array([0, -1.0, 0]), "size": 24}))
        assert np.ptp(image[..., :3], axis=-1).max() < 1e-5


def test_a_tint_replaces_the_base_color_as_far_as_it_reaches():
    ball = ellipsoid(1, 1, 1)
    red = (0.0, 1.0, 0.5)
    assert (ball.tint == 0).all()
    whole = ball.shaded(0.2).tinted(red)
    np.testing.assert_allclose(whole.tint, np.broadcast_to([0.5, 0, 0, 1], whole.tint.shape))
    np.testing.assert_allclose(whole.tinted((1 / 3, 1.0, 0.5), 0.5).tint[0], [0.25, 0.25, 0, 1], atol=1e-6)
    np.testing.assert_allclose(ball.tinted(red, 0.5).tint[0], [0.5, 0, 0, 0.5])

    tint = np.broadcast_to(np.float32([0.5 * 0.214, 0, 0, 0.5]), (len(ball.faces) - 8, 3, 4))
    plain = np.ones((len(ball.faces) - 8, 3))
    settings = HEAD_ON | {"color": np.full(3, 0.4), "light": np.array([0, -1.0, 0]), "size": 24, "ambient": 1.0}
    bare, half = (
        render(centered(ball.vertices, ball.faces[4:-4], plain, **own), **settings) for own in ({}, {"tint": tint})
    )
    seen = bare[..., 3] == 1
    np.testing.assert_allclose(half[seen][:, 0], bare[seen][:, 0] * (0.5 + 0.5 * 0.214 / 0.4), rtol=1e-4)
    np.testing.assert_allclose(half[seen][:, 1], bare[seen][:, 1] * 0.5, rtol=1e-4)


def test_grain_has_mean_one_and_the_contrast_asked_for():
    points = np.random.default_rng(0).uniform(-1, 1, (20000, 3)).astype(np.float32)
    values = grain(points, 0.15)
    assert values.mean() == pytest.approx(1, abs=0.01) and values.std() == pytest.approx(0.15, rel=0.05)
