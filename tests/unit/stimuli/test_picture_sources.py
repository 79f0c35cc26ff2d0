"""Arrays, archives, textures, training data and stimulus sets show a picture alike."""

import zipfile

import numpy as np
import pytest
import trimesh
from picture_files import BLACK_OR_CLEAR, COLORS, RAMP, SILHOUETTE, H, W, gray, saved, shown
from PIL import Image

from ventral.config.complete import complete
from ventral.core.errors import Fault
from ventral.core.hdf5 import create_hdf5
from ventral.recordings.archives import from_zip
from ventral.stimuli import open_images
from ventral.stimuli.color import to_linear
from ventral.stimuli.images import load_images, load_pictures
from ventral.stimuli.meshfiles import load_mesh
from ventral.stimuli.write_set import make
from ventral.training.image_sources import check_readable, open_source


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (COLORS[None], COLORS),
        (np.round(COLORS / 255 * 65535).astype(np.uint16)[None], COLORS),
        (np.round(COLORS / 255 * 65535).astype(">u2")[None], COLORS),
        ((COLORS / 255)[None], COLORS),
        ((COLORS / 255).astype(np.float32)[None], COLORS),
        (COLORS[None, ..., 0], COLORS[..., [0, 0, 0]]),
        (COLORS[None, ..., :1], COLORS[..., [0, 0, 0]]),
        (np.dstack([0 * COLORS, 255 * SILHOUETTE])[None].astype(np.uint8), gray(np.where(SILHOUETTE, 0, 128 / 255))),
        (np.dstack([0 * RAMP, SILHOUETTE])[None].astype(float), gray(np.where(SILHOUETTE, 0, 128 / 255))),
    ],
)
def test_arrays_are_shown_as_pictures_are(tmp_path, suffix, images, expected):
    path = tmp_path / f"array{suffix}"
    if suffix == ".npz":
        np.savez(path, images=images)
    else:
        with create_hdf5(path) as file:
            file["images"] = images
    (opened,), _ = load_pictures(path)
    np.testing.assert_array_equal(np.asarray(opened()), expected)


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 8, 8, 3), np.int64),
        np.zeros((2, 8, 8, 3), np.int16),
        np.full((2, 8, 8, 3), 255.0),
        np.full((2, 8, 8, 3), -0.1),
        np.full((2, 8, 8, 3), np.nan),
        np.zeros((2, 3, 8, 8), np.uint8),
        np.zeros((8, 8), np.uint8),
        np.zeros((2, 0, 8, 3), np.uint8),
        np.zeros((0, 8, 8, 3), np.uint8),
        np.zeros((2, 8, 8, 3), complex),
    ],
)
def test_arrays_without_a_known_white_are_faults(tmp_path, images):
    np.savez(tmp_path / "strange.npz", images=images)
    with pytest.raises(Fault, match=r"strange\.npz"):
        load_pictures(tmp_path / "strange.npz")
    if images.dtype.kind != "f":  # known from the header, before any job runs
        config = {"stimuli": {"strange": {"kind": "images", "folder": str(tmp_path / "strange.npz")}}, "models": {}}
        with pytest.raises(Fault, match=r"stimuli\.strange\.folder: .*strange\.npz"):
            complete(config)


def test_pictures_that_a_recording_brings_are_shown_alike(tmp_path):
    exif = Image.Exif()
    exif[274] = 6
    files = [
        saved(tmp_path / "gray16.png", np.round(RAMP * 65535).astype(np.uint16)),
        BLACK_OR_CLEAR["rgba.png"](tmp_path / "clear.png"),
        saved(tmp_path / "turned.png", COLORS, exif=exif),
        saved(tmp_path / "wrong.tif", np.float32(255 * RAMP)),
    ]
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        for file in files:
            archive.write(file, file.name)
    images = from_zip("mine", tmp_path / "images.zip", [file.name for file in files])
    for file in files[:3]:
        np.testing.assert_array_equal(next(images), shown(file))
    with pytest.raises(Fault, match=r"wrong\.tif of .*images\.zip"):
        next(images)


@pytest.mark.parametrize("mode", ["OPAQUE", "BLEND"])
def test_textures_of_meshes_are_opaque_and_of_eight_bits(tmp_path, mode, caplog):
    picture = Image.fromarray(np.concatenate([COLORS, np.full((H, W, 1), 100, np.uint8)], axis=2))
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=picture, alphaMode=mode)
    corners, triangles = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]), [[0, 1, 2], [0, 2, 3], [0, 3, 1]]
    visual = trimesh.visual.TextureVisuals(uv=corners[:, :2], material=material)
    trimesh.Trimesh(corners, triangles, visual=visual, process=False).export(tmp_path / "leaf.glb")
    (texture,) = load_mesh(tmp_path / "leaf.glb").textures
    np.testing.assert_allclose(texture, to_linear(COLORS / 255), atol=1e-6)
    assert ("leaf.glb is transparent in places" in caplog.text) == (mode == "BLEND")


def test_the_background_of_a_set_is_a_key_of_it_and_is_recorded(tmp_path):
    (tmp_path / "set").mkdir()
    for name in ("a", "b"):
        BLACK_OR_CLEAR["rgba.png"](tmp_path / "set" / f"{name}.png")
    config = {
        "models": {"pixels": {"source": "torchvision", "architecture": "alexnet", "weights": None}},
        "stimuli": {"plain": {"kind": "images", "folder": str(tmp_path / "set"), "size": 16}},
    }
    for given, background in ((None, (128, 128, 128)), ([255, 255, 255], (255, 255, 255))):
        config["stimuli"]["plain"] |= {"background": given} if given else {}
        spec = complete(config)["stimuli"]["plain"]
        make("plain", spec, tmp_path / "plain.h5", tmp_path / "plain.png")
        with open_images(tmp_path / "plain.h5") as images:
            assert tuple(images[0, 0, 0]) == tuple(images.file.attrs["background"]) == background
            assert images[:].min() == 0
        image = next(load_images(spec)[0])
        assert tuple(image[0, 0]) == background
    config["stimuli"]["plain"]["background"] = [0, 0, 300]
    with pytest.raises(Fault, match=r"stimuli\.plain\.background"):
        complete(config)


def test_training_sees_the_same_pictures_and_names_bad_ones_first(tmp_path):
    BLACK_OR_CLEAR["rgba.png"](tmp_path / "clear.png")
    saved(tmp_path / "deep.png", np.round(RAMP * 65535).astype(np.uint16))
    source = open_source({"folder": str(tmp_path)})
    for i, name in enumerate(("clear.png", "deep.png")):
        np.testing.assert_array_equal(np.asarray(source[i]), shown(tmp_path / name))
    check_readable(source)
    saved(tmp_path / "float.tif", np.float32(255 * RAMP))
    (tmp_path / "junk.png").write_bytes(b"junk")
    with pytest.raises(Fault, match=r"2 of 4 images cannot be read: .*float\.tif, .*junk\.png"):
        check_readable(open_source({"folder": str(tmp_path)}))
