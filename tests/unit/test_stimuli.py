"""Stimuli: rendering with known answers, sets in which one thing varies, and images from elsewhere."""

import colorsys
from dataclasses import asdict

import h5py
import numpy as np
import pandas as pd
import pytest
import trimesh
from PIL import Image, ImageEnhance

from ventral.stimuli import open_images, read_contents, read_table, write_stimuli
from ventral.stimuli.backgrounds import procedural
from ventral.stimuli.colour import hsv_to_rgb, jitter, to_display, to_linear
from ventral.stimuli.files import list_images, list_meshes
from ventral.stimuli.images import load_images
from ventral.stimuli.make import make
from ventral.stimuli.meshes import build, centred, corner_normals, projected_area
from ventral.stimuli.meshfiles import load_mesh
from ventral.stimuli.objects import CATEGORIES
from ventral.stimuli.render import DISTANCE, FRAME, SLOPE, render
from ventral.stimuli.scenes import PARAMETERS, RANGES, design, table_of
from ventral.stimuli.shapes import ellipsoid
from ventral.stimuli.studio import Props, foreground, mesh_of, pictures, without_surroundings
from ventral.store import Fault

FOUR = ["pose", "background", "lighting", "viewpoint"]
SMALL = {"kind": "scenes", "base_scenes": 3, "levels": 2, "parameters": FOUR, "size": 40}
HEAD_ON = {"colour": np.full(3, 0.5), "rotation": np.eye(3), "up": np.array([0, 0, 1.0])}


def sphere(radius=1.0, place=(0, 0, 0)):
    ball = trimesh.creation.icosphere(subdivisions=5, radius=radius)
    return ball.vertices + np.asarray(place), ball.faces


def solid(*parts):
    """Mesh of several (vertices, faces), in the base colour."""
    faces = np.concatenate([f + sum(len(v) for v, _ in parts[:i]) for i, (_, f) in enumerate(parts)])
    return centred(np.concatenate([v for v, _ in parts]), faces, np.ones(faces.shape))


def test_silhouette_of_a_sphere_is_that_of_perspective_geometry():
    alpha = render(solid(sphere()), size=200, light=np.array([0, -1.0, 0]), **HEAD_ON)[..., 3]
    radius = 1 / np.sqrt(np.pi)  # normalised: its silhouette seen from afar has the area 1
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


def test_every_object_is_visible_in_base_scenes():
    shots = design("some", {"base_scenes": 3 * len(CATEGORIES), "parameters": []}, CATEGORIES)
    for shot in shots:
        alpha = foreground(without_surroundings(shot.scene), 48, Props())[..., 3]
        assert 0.03 < alpha.mean() < 0.45, shot.scene
        assert alpha[1:-1, 1:-1].sum() > 0.7 * alpha.sum()


def test_levels_change_one_parameter_and_hold_all_else():
    spec = SMALL | {"parameters": list(PARAMETERS), "levels": 4, "base_scenes": 6}
    table = table_of(design("some", spec, CATEGORIES), CATEGORIES)
    variables = [variable for names in PARAMETERS.values() for variable in names]
    held = [*variables, "category", "exemplar", "facing"]
    for (parameter, _), levels in table.groupby(["parameter", "scene"]):
        changing = {variable for variable in held if levels[variable].nunique() > 1}
        assert changing == set(PARAMETERS[parameter])
        assert (levels[list(PARAMETERS[parameter])].nunique() == 4).all()
    for _, scene in table.groupby("scene"):
        for parameter, own in PARAMETERS.items():  # and what is held is the base scene's, in every parameter's levels
            others = scene[scene["parameter"] != parameter]
            assert (others[list(own)].nunique() == 1).all()
    within = table[table["parameter"] == "pose"]
    assert within["y"].abs().max() <= 0.6 and within["yaw"].abs().max() <= 90
    numbers = table.drop(columns=["stimulus_id", "scene", "parameter", "label"])
    assert all(pd.api.types.is_numeric_dtype(numbers[column]) for column in numbers)


def test_the_object_centre_stays_in_the_crop():
    spec = SMALL | {"parameters": ["viewpoint"], "levels": 30, "base_scenes": 10}
    for shot in design("some", spec, CATEGORIES):
        scene, half = shot.scene, np.sqrt(shot.scene.crop_area)
        assert abs(scene.crop_x) + half <= 1 + 1e-9 and abs(scene.crop_y) + half <= 1 + 1e-9
        assert max(abs(scene.x - scene.crop_x), abs(scene.y - scene.crop_y)) <= half


def test_adding_scenes_and_levels_changes_none_that_were_there():
    few = design("some", SMALL, CATEGORIES)
    many = {shot.stimulus_id: shot for shot in design("some", SMALL | {"base_scenes": 20, "levels": 5}, CATEGORIES)}
    assert all(many[shot.stimulus_id] == shot for shot in few)
    other = design("other", SMALL, CATEGORIES)
    assert all(a.scene.exemplar != b.scene.exemplar for a, b in zip(few, other, strict=True))


def test_colour_and_backgrounds_do_not_tell_the_category():
    shots = design("some", {"base_scenes": 1400, "parameters": []}, CATEGORIES)
    table = table_of(shots, CATEGORIES)
    assert (table["label"].value_counts() == 100).all()
    for variable in ("colour_hue", "colour_saturation", "colour_value", "size", "x", "y", "background"):
        between = table.groupby("label")[variable].mean().var() * 100
        assert between / table[variable].var() < 3  # F with (13, 1386) degrees of freedom; p < 0.001 beyond 2.7


def test_backgrounds_have_natural_spectra_and_low_contrast():
    slopes = []
    for number in range(12):
        grey = np.asarray(procedural(number), float).mean(axis=2) / 255
        assert 0.02 < grey.std() < 0.12 and 0.25 < grey.mean() < 0.8
        window = np.hanning(len(grey))
        amplitude = np.abs(np.fft.fft2((grey - grey.mean()) * window * window[:, None]))
        frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(len(grey)), np.fft.fftfreq(len(grey))))
        bins = np.digitize(frequency, np.geomspace(0.015, 0.25, 9))
        mean = [[np.log(frequency[bins == b].mean()), np.log(amplitude[bins == b].mean())] for b in range(1, 9)]
        slopes.append(np.polyfit(*np.transpose(mean), 1)[0])
    assert -1.7 < np.mean(slopes) < -0.7  # 40 photographs of BSDS500, measured in the same way: -1.20 ± 0.24 (SD)


def test_bytes_do_not_depend_on_the_run_or_on_the_number_of_workers(tmp_path):
    files = [tmp_path / f"{i}.h5" for i in range(3)]
    for file, threads in zip(files, (1, 1, 2), strict=True):
        foreground.cache_clear(), mesh_of.cache_clear(), procedural.cache_clear()
        make("some", SMALL, file, file.with_suffix(".png"), threads=threads)
    images = []
    for file in files:
        with open_images(file) as dataset:
            images.append(dataset[:])
    np.testing.assert_array_equal(images[0], images[1])
    np.testing.assert_array_equal(images[0], images[2])
    table = read_table(files[0])
    assert len(table) == len(images[0]) == 3 * 2 * 4
    assert table["stimulus_id"].is_unique and images[0].std() > 20
    assert Image.open(tmp_path / "0.png").width > 500


def test_an_image_does_not_depend_on_those_made_before_it():
    shots = design("some", SMALL, CATEGORIES)
    foreground.cache_clear()
    together = pictures([shot.scene for shot in shots[:8]], 40, Props())
    foreground.cache_clear()
    np.testing.assert_array_equal(together[5], pictures([shots[5].scene], 40, Props())[0])


def test_only_what_varies_changes_in_the_image():
    shots = design("some", SMALL | {"parameters": ["background"], "base_scenes": 1, "size": 64}, CATEGORIES)
    one, two = pictures([shot.scene for shot in shots], 64, Props())
    alpha = foreground(without_surroundings(shots[0].scene), 64, Props())[..., 3]
    covered = alpha == 1
    contrast = abs(shots[0].scene.contrast - 1)  # contrast jitter is relative to the whole picture's mean grey
    assert np.abs(one[covered].astype(int) - two[covered]).max() <= 1 + 255 * contrast * 0.3
    assert np.abs(one[alpha == 0].astype(int) - two[alpha == 0]).mean() > 5


def test_ranges_of_the_config_replace_the_built_in_ones():
    spec = SMALL | {"parameters": ["pose"], "ranges": {"yaw": [5, 6], "size": [2, 2]}, "levels": 5}
    for shot in design("some", spec, CATEGORIES):
        assert 5 <= shot.scene.yaw <= 6 and shot.scene.size == pytest.approx(2)
    plain = design("some", SMALL | {"parameters": ["pose"], "levels": 5}, CATEGORIES)
    ranged = design("some", spec, CATEGORIES)
    changed = {
        key
        for a, b in zip(plain, ranged, strict=True)
        for key in RANGES
        if asdict(a.scene)[key] != asdict(b.scene)[key]
    }
    assert changed == {"yaw", "size"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"parameters": ["poze"]}, "unknown parameter 'poze'"),
        ({"ranges": {"yow": [0, 1]}}, "no range for 'yow'"),
        ({"ranges": {"yaw": [3, 1]}}, "range of yaw"),
        ({"categories": ["car", "unicorn"]}, "no category unicorn"),
        ({"meshes": "nowhere"}, "nowhere does not exist"),
        ({"backgrounds": "nowhere"}, "nowhere does not exist"),
    ],
)
def test_faults_of_a_config_are_sentences(tmp_path, change, sentence):
    with pytest.raises(Fault, match=sentence):
        make("some", SMALL | change, tmp_path / "some.h5", tmp_path / "some.png")
    assert not list(tmp_path.iterdir())


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


# --- meshes and images of the user


def test_meshes_of_a_folder_keep_their_colours(tmp_path):
    (tmp_path / "balls").mkdir()
    ball = trimesh.creation.icosphere(subdivisions=3)
    ball.export(tmp_path / "balls" / "plain.obj")
    ball.visual.vertex_colors = [255, 0, 0, 255]
    ball.export(tmp_path / "balls" / "red.ply")
    picture = Image.fromarray(np.full((4, 4, 3), (0, 255, 0), np.uint8))
    textured = trimesh.creation.box()
    textured.visual = trimesh.visual.TextureVisuals(
        uv=np.random.default_rng(0).uniform(size=(len(textured.vertices), 2)), image=picture
    )
    textured.export(tmp_path / "cube.glb")

    found = list_meshes(tmp_path)
    assert {category: len(paths) for category, paths in found.items()} == {"balls": 2, "cube": 1}
    plain, red = (load_mesh(path) for path in found["balls"])
    green = load_mesh(found["cube"][0])
    settings = HEAD_ON | {"light": np.array([0.3, -0.9, 0.3]), "size": 40}
    colours = [
        image[image[..., 3] == 1][:, :3].mean(axis=0) for image in (render(m, **settings) for m in (plain, red, green))
    ]
    assert np.ptp(colours[0]) < 0.01
    assert colours[1][0] > 3 * colours[1][1] and colours[2][1] > 3 * colours[2][0]

    spec = SMALL | {"meshes": str(tmp_path), "base_scenes": 4}
    make("own", spec, tmp_path / "own.h5", tmp_path / "own.png")
    assert set(read_table(tmp_path / "own.h5")["label"]) == {"balls", "cube"}


def test_mesh_folders_without_meshes_and_broken_meshes_are_named(tmp_path):
    with pytest.raises(Fault, match="holds no meshes"):
        list_meshes(tmp_path)
    (tmp_path / "broken.glb").write_bytes(b"glTF broken")
    with pytest.raises(Fault, match=r"broken\.glb cannot be read"):
        load_mesh(list_meshes(tmp_path)["broken"][0])
    (tmp_path / "absent.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n")
    with pytest.raises(Fault, match=r"absent\.obj cannot be read \(damaged\)"):
        load_mesh(tmp_path / "absent.obj")
    (tmp_path / "empty.obj").write_text("v 0 0 0\n")
    with pytest.raises(Fault, match=r"empty\.obj"):
        load_mesh(tmp_path / "empty.obj")


@pytest.fixture
def photographs(tmp_path):
    folder = tmp_path / "photographs"
    for label, value in (("bright", 200), ("dark", 40)):
        (folder / label).mkdir(parents=True)
        for i in range(2):
            image = np.full((20, 30, 3), value, np.uint8)
            image[:, 15:] += np.uint8(i * 20)
            Image.fromarray(image).save(folder / label / f"{i}.png")
    return folder


def test_folders_lists_and_arrays_of_images_give_the_same_set(tmp_path, photographs):
    names = [path.relative_to(tmp_path).as_posix() for path in list_images(photographs)]
    (tmp_path / "list.txt").write_text("# my images\n" + "\n".join(names))
    pd.DataFrame({"path": names, "label": list("aabb")}).to_csv(tmp_path / "list.csv", index=False)
    stack = np.stack([np.asarray(Image.open(tmp_path / name)) for name in names])
    np.savez(tmp_path / "array.npz", images=stack, label=list("aabb"))
    sources = [photographs, *(tmp_path / name for name in ("list.txt", "list.csv", "array.npz"))]
    sets = {source.suffix: load_images({"folder": source, "size": 16}) for source in sources}
    contents = {suffix: (np.stack(list(images)), table) for suffix, (images, table) in sets.items()}
    for images, table in contents.values():
        assert images.shape == (4, 16, 16, 3) and table["stimulus_id"].is_unique
        np.testing.assert_array_equal(images, contents[""][0])
    assert list(contents[""][1]["label"]) == ["bright", "bright", "dark", "dark"]
    assert list(contents[".csv"][1]["label"]) == list(contents[".npz"][1]["label"]) == list("aabb")
    assert list(contents[".txt"][1]["label"]) == [""] * 4


def test_folders_and_files_at_fault_are_named(tmp_path, photographs):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Fault, match="empty holds no images"):
        load_images({"folder": tmp_path / "empty", "size": 16})
    with pytest.raises(Fault, match="nowhere does not exist"):
        load_images({"folder": tmp_path / "nowhere", "size": 16})
    (tmp_path / "list.txt").write_text("absent.png")
    with pytest.raises(Fault, match=r"1 images of the list .*absent\.png"):
        list_images(tmp_path / "list.txt")
    (tmp_path / "array.npz").write_bytes(b"PK")
    with pytest.raises(Fault, match=r"array\.npz cannot be read"):
        load_images({"folder": tmp_path / "array.npz", "size": 16})
    Image.effect_noise((64, 64), 50).save(photographs / "dark" / "cut.png")
    whole = (photographs / "dark" / "cut.png").read_bytes()
    (photographs / "dark" / "cut.png").write_bytes(whole[: len(whole) // 2])
    spec = {"kind": "images", "folder": photographs, "size": 16}
    with pytest.raises(Fault, match=r"dark/cut\.png cannot be read"):
        make("photos", spec, tmp_path / "photos.h5", tmp_path / "photos.png")
    assert not (tmp_path / "photos.h5").exists()
    (photographs / "dark" / "cut.png").unlink()
    make("photos", spec, tmp_path / "photos.h5", tmp_path / "photos.png")
    assert list(read_table(tmp_path / "photos.h5")["label"]) == ["bright", "bright", "dark", "dark"]


def test_photographs_can_be_backgrounds(tmp_path, photographs):
    spec = SMALL | {"backgrounds": str(photographs), "parameters": [], "base_scenes": 2}
    make("on_photographs", spec, tmp_path / "some.h5", tmp_path / "some.png")
    assert len(read_table(tmp_path / "some.h5")) == 2


def test_images_and_scenes_can_be_without_colour(tmp_path, photographs):
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)).save(photographs / "dark" / "colourful.png")
    scenes = SMALL | {"parameters": [], "base_scenes": 2}
    for spec in ({"kind": "images", "folder": str(photographs), "size": 20}, scenes):
        make("some", spec, tmp_path / "colour.h5", tmp_path / "colour.png")
        grey_spec = spec | {"grayscale": True} | ({"like": "some"} if spec is scenes else {})
        make("grey", grey_spec, tmp_path / "grey.h5", tmp_path / "grey.png")
        with open_images(tmp_path / "colour.h5") as colour, open_images(tmp_path / "grey.h5") as grey:
            assert np.ptp(colour[:], axis=3).max() > 50
            luma = np.repeat((colour[:] @ [0.299, 0.587, 0.114])[..., None], 3, axis=3)
            np.testing.assert_allclose(grey[:], luma, atol=0.51)
            assert grey.file.attrs["description"] == colour.file.attrs["description"][:-1] + "; without colour."
        pd.testing.assert_frame_equal(read_table(tmp_path / "grey.h5"), read_table(tmp_path / "colour.h5"))


def test_files_round_trip_and_say_what_is_wrong(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (5, 8, 6, 3), dtype=np.uint8)
    table = pd.DataFrame(
        {"stimulus_id": list("abcde"), "scene": ["", "s", "s", "é", ""], "level": range(5), "yaw": rng.random(5)}
    )
    write_stimuli(tmp_path / "set.h5", iter(images), table, "images", "Five images.")
    pd.testing.assert_frame_equal(read_table(tmp_path / "set.h5"), table, check_dtype=False)
    with open_images(tmp_path / "set.h5") as dataset:
        np.testing.assert_array_equal(dataset[:], images)
        assert dataset.file.attrs["description"] == "Five images."
    for wrong in (images[:4], np.concatenate([images, images[:1]]), images.astype(float), [*images[:4], images[4][:7]]):
        with pytest.raises(ValueError, match="image"):
            write_stimuli(tmp_path / "wrong.h5", wrong, table, "images", "")
    assert not (tmp_path / "wrong.h5").exists()


def test_pictures_are_known_by_their_pixels(tmp_path):
    table = pd.DataFrame({"stimulus_id": list("abcd"), "scene": "", "parameter": "", "level": -1, "label": ""})
    pictures = [np.full((8, 8, 3), value, dtype=np.uint8) for value in (3, 4, 3, 5)]
    write_stimuli(tmp_path / "set.h5", pictures, table, "images", "four pictures")
    a, b, c, d = read_contents(tmp_path / "set.h5")
    assert a == c and len({a, b, d}) == 3


def test_a_shade_has_no_hue_of_its_own():
    ball = ellipsoid(1, 1, 1)
    for shade in (0.0, 0.6, 1.0, 1.5, 2.0):
        mesh = centred(ball.vertices, ball.faces[4:-4], np.full((len(ball.faces) - 8, 3), shade))
        image = render(mesh, **(HEAD_ON | {"colour": np.full(3, 0.4), "light": np.array([0, -1.0, 0]), "size": 24}))
        assert np.ptp(image[..., :3], axis=-1).max() < 1e-5


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_ids_and_labels_of_arrays_are_texts_whatever_they_were_stored_as(suffix, tmp_path):
    images = np.zeros((3, 8, 8, 3), dtype=np.uint8)
    for stored, expected in [
        (np.array([b"a", b"b", b"c"]), ["a", "b", "c"]),
        (np.array(["a", "b", "é"], dtype=object), ["a", "b", "é"]),
        (np.array([1.0, 2, 3]), ["1", "2", "3"]),
    ]:
        path = tmp_path / f"images{suffix}"
        if suffix == ".npz":
            np.savez(path, images=images, stimulus_id=stored, label=stored)
        else:
            with h5py.File(path, "w") as file:
                file.update({"images": images, "stimulus_id": stored, "label": stored})
        _, table = load_images({"folder": path, "size": 8})
        assert table.stimulus_id.tolist() == table.label.tolist() == expected


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"label": ["a", "b"]}, "'label' has 2 entries for 3 images"),
        ({"stimulus_id": list("abcd")}, "'stimulus_id' has 4 entries for 3 images"),
        ({"stimulus_id": ["a", "", "c"]}, "without a name, number 1"),
        ({"stimulus_id": np.array(["a", None, "c"], dtype=object)}, "'stimulus_id' has no value at place 1"),
    ],
)
def test_ids_and_labels_that_are_missing_are_named(changed, named, tmp_path):
    np.savez(tmp_path / "images.npz", images=np.zeros((3, 8, 8, 3), dtype=np.uint8), **changed)
    with pytest.raises(Fault, match=f"images.npz.*{named}"):
        load_images({"folder": tmp_path / "images.npz", "size": 8})


@pytest.mark.parametrize(
    ("content", "labels"),
    [
        ("path,label\n0.png,a\n1.png,b\n", ["a", "b"]),
        ("path, label\n0.png, a\n1.png, b\n", ["a", "b"]),
        ("Path,LABEL \n0.png,a\n\n1.png,b\n", ["a", "b"]),
        ("label,name,path\n01,x,0.png\n1,y,1.png\n", ["01", "1"]),
        ("\ufeffpath,label\r\n0.png,NA\r\n1.png\r\n", ["NA", ""]),
        ('path,stimulus_id\n"0.png",a\n1.png,b\n', ["", ""]),
    ],
)
def test_columns_of_a_list_are_known_by_their_names(content, labels, tmp_path, caplog):
    for name in ("0.png", "1.png"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    (tmp_path / "list.csv").write_bytes(content.encode())
    with caplog.at_level("INFO"):
        table = load_images({"folder": tmp_path / "list.csv", "size": 8})[1]
    assert table.stimulus_id.tolist() == ["0.png", "1.png"] and table.label.tolist() == labels
    left_out = {"name", "stimulus_id"} & set(content.splitlines()[0].split(","))
    assert [name for name in ("name", "stimulus_id") if f"left out: {name}" in caplog.text] == [*left_out]


@pytest.mark.parametrize(
    "content",
    [
        b"path,label\na.png,x\na.png,x,y,z\n",
        b"path,label\na.png,x,y\n",
        b"path,label,Label\na.png,x,y\n",
        bytes(range(1, 128)),
    ],
)
def test_a_list_that_is_no_table_is_one_line(content, tmp_path):
    (tmp_path / "list.csv").write_bytes(content)
    with pytest.raises(Fault, match=r"list\.csv") as fault:
        list_images(tmp_path / "list.csv")
    assert len(str(fault.value).splitlines()) == 1


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_one_image_is_not_taken_for_a_stack_of_gray_ones(channels, tmp_path):
    one = np.random.default_rng(0).integers(0, 256, (8, 9, channels), np.uint8)
    np.savez(tmp_path / "one.npz", images=one)
    with pytest.raises(Fault, match=rf"one\.npz.*\(1, 8, 9, {channels}\)"):
        list_images(tmp_path / "one.npz")
    np.savez(tmp_path / "one.npz", images=one[None])
    assert len(load_images({"folder": tmp_path / "one.npz", "size": 8})[1]) == 1
