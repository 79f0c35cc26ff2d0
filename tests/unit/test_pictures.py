"""Pictures of every mode that Pillow opens are shown as viewers show them, or named in a fault."""

import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
import trimesh
from PIL import Image, ImageCms

from ventral.config import complete
from ventral.recordings.pictures import from_zip
from ventral.stimuli import open_images
from ventral.stimuli.colour import to_linear
from ventral.stimuli.images import load_images, load_pictures
from ventral.stimuli.make import make
from ventral.stimuli.meshfiles import load_mesh
from ventral.stimuli.rgb import BACKGROUND, check_picture, open_picture
from ventral.store import Fault, create_hdf5
from ventral.training.sources import check_readable, open_source

H, W = 24, 32
RNG = np.random.default_rng(0)
RAMP = np.tile(np.linspace(0, 1, W), (H, 1))
COLORS = RNG.integers(0, 256, (H, W, 3), dtype=np.uint8)


def gray(levels):
    """What a gray picture should be shown as: levels in [0, 1] in all three channels."""
    return np.repeat(np.rint(255 * levels)[..., None], 3, axis=2)


def saved(path, array, mode=None, **options):
    picture = Image.fromarray(array)
    (picture.convert(mode) if mode else picture).save(path, **options)
    return path


def png(path, levels, bits, kind, transparent=None):
    """A PNG file of any depth, which Pillow cannot write; kind 0 is gray, 2 RGB, 4 and 6 the same with alpha."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    levels = np.asarray(levels)
    if bits < 8:
        rows = np.packbits(np.unpackbits(levels.astype(np.uint8)[..., None], axis=-1)[..., -bits:].reshape(H, -1), 1)
    else:
        rows = levels.astype(f">u{bits // 8}").reshape(H, -1).view(np.uint8)
    head = struct.pack(">IIBBBBB", W, H, bits, kind, 0, 0, 0)
    body = chunk(b"tRNS", struct.pack(f">{len(transparent)}H", *transparent)) if transparent else b""
    body += chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b""))
    return path


def shown(path, **options):
    return np.asarray(open_picture(path, **options)).astype(int)


@pytest.mark.parametrize("suffix", ["png", "tif", "jp2", "pgm"])
@pytest.mark.parametrize("dtype", ["u2", "u1", "f4", "bool"])
def test_gray_levels_are_scaled_to_eight_bits(tmp_path, suffix, dtype):
    if (dtype == "f4" and suffix != "tif") or (dtype == "bool" and suffix in ("jp2", "pgm")):
        return
    top = {"u2": 65535, "u1": 255, "f4": 1, "bool": 1}[dtype]
    levels = np.round(RAMP * top).astype(dtype) if dtype != "f4" else RAMP.astype(dtype)
    path = saved(tmp_path / f"gray.{suffix}", levels)
    np.testing.assert_allclose(shown(path), gray(levels / top), atol=0.51)
    check_picture(path)


@pytest.mark.parametrize(("top", "told"), [(255, True), (65535, False), (0, False)])
def test_eight_bits_saved_as_sixteen_are_told(tmp_path, top, told, caplog):
    path = saved(tmp_path / "dark.png", np.round(RAMP * top).astype(np.uint16))
    np.testing.assert_allclose(shown(path), gray(RAMP * top / 65535), atol=0.51)
    assert ("dark.png" in caplog.text and "nearly black" in caplog.text) == told


@pytest.mark.parametrize("white", [1023, 4095, 65535])
def test_deep_pgm_files_say_which_level_is_white(tmp_path, white):
    levels = np.round(RAMP * white).astype(">u2")
    (tmp_path / "gray.pgm").write_bytes(b"P5 %d %d %d\n" % (W, H, white) + levels.tobytes())
    np.testing.assert_allclose(shown(tmp_path / "gray.pgm"), gray(RAMP), atol=1)


def tiff(path, levels, **tags):
    """An uncompressed little-endian TIFF; tags by number, as `t262`."""
    data = levels.tobytes()
    bits = 8 * levels.dtype.itemsize
    fields = {256: W, 257: H, 258: bits, 259: 1, 262: 1, 273: 8, 277: 1, 278: H, 279: len(data)}
    fields |= {int(tag[1:]): value for tag, value in tags.items()}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(fields.items()))
    head = b"II*\0" + struct.pack("<I", 8 + len(data))
    path.write_bytes(head + data + struct.pack("<H", len(fields)) + entries + struct.pack("<I", 0))
    return path


def test_tiff_files_whose_zero_is_white_are_inverted(tmp_path):
    deep = np.round(RAMP * 65535).astype("<u2")
    np.testing.assert_allclose(shown(tiff(tmp_path / "deep.tif", deep, t262=0)), gray(1 - RAMP), atol=1)
    np.testing.assert_allclose(shown(tiff(tmp_path / "upright.tif", deep)), gray(RAMP), atol=1)
    flat = np.round(RAMP * 255).astype("u1")
    np.testing.assert_allclose(shown(tiff(tmp_path / "flat.tif", flat, t262=0)), gray(1 - RAMP), atol=1)


def test_tiff_files_of_twelve_bits(tmp_path):
    levels = np.round(RAMP * 4095).astype(int)
    pairs = levels.reshape(H, -1, 2)
    packed = np.stack([pairs[..., 0] >> 4, (pairs[..., 0] % 16) * 16 + (pairs[..., 1] >> 8), pairs[..., 1] % 256], -1)
    path = tiff(tmp_path / "twelve.tif", packed.astype(np.uint8), t258=12)
    np.testing.assert_allclose(shown(path), gray(RAMP), atol=1)


@pytest.mark.parametrize(
    ("levels", "tags"),
    [
        ((RAMP * 65535).astype("<i4"), {"t339": 2}),
        ((RAMP * 255).astype("<u4"), {}),
        ((RAMP * 32767).astype("<i2"), {"t339": 2}),
        ((RAMP * 127).astype("i1"), {"t339": 2}),
        ((RAMP * 255).astype("<f4"), {"t339": 3}),
        ((RAMP - 0.5).astype("<f4"), {"t339": 3}),
        (np.where(RAMP > 0.5, np.nan, RAMP).astype("<f4"), {"t339": 3}),
        (RAMP.astype("<f8"), {"t339": 3}),
        (RAMP.astype("<f2"), {"t339": 3}),
    ],
)
def test_levels_without_a_known_white_are_faults(tmp_path, levels, tags):
    path = tiff(tmp_path / "strange.tif", levels, **tags)
    for check in (open_picture, check_picture):
        with pytest.raises(Fault, match=r"strange\.tif"):
            check(path)


@pytest.mark.parametrize("kind", [2, 6, 4])
def test_sixteen_bits_per_channel(tmp_path, kind):
    color = np.stack([RAMP, 1 - RAMP, RAMP.T[:H, :1] * np.ones_like(RAMP)], -1)
    alpha = np.ones((H, W, 1))
    levels = {2: color, 6: np.concatenate([color, alpha], -1), 4: np.stack([RAMP, alpha[..., 0]], -1)}[kind]
    expected = gray(RAMP) if kind == 4 else np.rint(255 * color)
    path = png(tmp_path / "deep.png", np.round(levels * 65535), 16, kind)
    np.testing.assert_allclose(shown(path), expected, atol=1)


SILHOUETTE = np.hypot(*np.mgrid[-12:12, -16:16]) < 8
BLACK_OR_CLEAR = {
    "rgba.png": lambda path: saved(path, np.dstack([np.zeros((H, W, 3)), 255 * SILHOUETTE]).astype(np.uint8)),
    "la.png": lambda path: saved(path, np.dstack([np.zeros((H, W)), 255 * SILHOUETTE]).astype(np.uint8)),
    "rgba.tif": lambda path: saved(path, np.dstack([np.zeros((H, W, 3)), 255 * SILHOUETTE]).astype(np.uint8)),
    "rgba.webp": lambda path: saved(
        path, np.dstack([np.zeros((H, W, 3)), 255 * SILHOUETTE]).astype(np.uint8), lossless=True
    ),
    "gray.png": lambda path: png(path, 9 * ~SILHOUETTE, 8, 0, [9]),
    "bit.png": lambda path: png(path, ~SILHOUETTE, 1, 0, [1]),
    "two_bits.png": lambda path: png(path, 3 * ~SILHOUETTE, 2, 0, [3]),
    "four_bits.png": lambda path: png(path, 5 * ~SILHOUETTE, 4, 0, [5]),
    "gray16.png": lambda path: png(path, 300 * ~SILHOUETTE, 16, 0, [300]),
    "rgb.png": lambda path: png(path, np.repeat(9 * ~SILHOUETTE[..., None], 3, 2), 8, 2, [9, 9, 9]),
    "la16.png": lambda path: png(path, np.dstack([0 * RAMP, 65535 * SILHOUETTE]), 16, 4),
    "palette.png": lambda path: palette(path, transparency=1),
    "palette_alpha.png": lambda path: palette(path, transparency=bytes([255, 0])),
    "palette.gif": lambda path: palette(path, transparency=1),
    "premultiplied.tif": lambda path: tiff_rgba(path, premultiplied=True),
    "pa.tif": lambda path: palette(path, alpha=True),
}


def palette(path, alpha=False, **options):
    numbers = np.zeros((H, W), np.uint8) if alpha else (~SILHOUETTE).astype(np.uint8)
    picture = Image.frombytes("P", (W, H), numbers.tobytes())
    picture.putpalette([0, 0, 0, 250, 100, 50])
    if alpha:
        picture.putalpha(Image.fromarray((255 * SILHOUETTE).astype(np.uint8)))
    picture.save(path, **options)
    return path


def tiff_rgba(path, premultiplied):
    picture = Image.fromarray(np.dstack([np.zeros((H, W, 3)), 255 * SILHOUETTE]).astype(np.uint8))
    picture.save(path, tiffinfo={338: 1 if premultiplied else 2})
    return path


@pytest.mark.parametrize("name", BLACK_OR_CLEAR)
def test_transparent_pictures_are_composed_over_the_background(tmp_path, name):
    path = BLACK_OR_CLEAR[name](tmp_path / name)
    np.testing.assert_array_equal(shown(path), np.where(SILHOUETTE[..., None], 0, BACKGROUND))
    np.testing.assert_array_equal(shown(path, background=(9, 0, 255)), np.where(SILHOUETTE[..., None], 0, (9, 0, 255)))
    check_picture(path)


def test_half_transparent_pixels_are_mixed_with_the_background(tmp_path):
    alpha = RNG.integers(0, 256, (H, W, 1), dtype=np.uint8)
    path = saved(tmp_path / "mixed.png", np.concatenate([COLORS, alpha], axis=2))
    share = alpha / 255
    np.testing.assert_allclose(shown(path), COLORS * share + 128 * (1 - share), atol=1)
    opaque = saved(tmp_path / "opaque.png", np.concatenate([COLORS, np.full_like(alpha, 255)], axis=2))
    np.testing.assert_array_equal(shown(opaque), COLORS)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        *(("rgb.png", None), ("rgb.tif", None), ("rgb.ppm", None), ("rgb.bmp", None), ("rgb.tga", None)),
        *(("ycbcr.tif", "YCbCr"), ("lab.tif", "LAB"), ("cmyk.tif", "CMYK")),
    ],
)
def test_color_spaces(tmp_path, name, mode):
    smooth = np.stack([RAMP, 1 - RAMP, 0.5 * RAMP], -1)
    levels = np.rint(255 * smooth).astype(np.uint8)
    path = saved(tmp_path / name, levels, mode)
    np.testing.assert_allclose(shown(path), levels, atol=24 if mode == "LAB" else 3 if mode else 0)


def test_cmyk_of_adobe_is_not_inverted(tmp_path):
    path = saved(tmp_path / "cmyk.jpg", np.full((H, W, 3), (250, 20, 20), np.uint8), "CMYK", quality=98)
    np.testing.assert_allclose(shown(path), np.broadcast_to((250, 20, 20), (H, W, 3)), atol=4)


TURNED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a),
}


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize(
    "name", ["gray16.png", "gray16.tif", "gray.tif", "rgb.png", "rgb.tif", "float.tif", "rgba.png"]
)
def test_pictures_are_turned_upright(tmp_path, name, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    stored = {
        "gray16": np.round(RAMP * RAMP.T[0, 0] + RAMP * 65535).astype(np.uint16),
        "gray": COLORS[..., 0],
        "float": (COLORS[..., 0] / 255).astype(np.float32),
        "rgba": np.dstack([COLORS, np.full((H, W), 255, np.uint8)]),
    }.get(name.partition(".")[0], COLORS)
    expected = {"gray16": gray(RAMP), "gray": gray(COLORS[..., 0] / 255), "float": gray(COLORS[..., 0] / 255)}
    upright = TURNED[orientation](expected.get(name.partition(".")[0], COLORS))
    path = saved(tmp_path / name, stored, exif=exif)
    np.testing.assert_allclose(shown(path), upright, atol=0.51)


def wide_gamut():
    """A profile whose red and green are exchanged, as far from sRGB as can be."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", profile, 128)
    places = {bytes(profile[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    profile[places[b"rXYZ"] : places[b"rXYZ"] + 4], profile[places[b"gXYZ"] : places[b"gXYZ"] + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


def test_color_profiles_are_converted_to_srgb(tmp_path):
    exchanged = shown(saved(tmp_path / "exchanged.png", COLORS, icc_profile=wide_gamut()))
    np.testing.assert_allclose(exchanged, COLORS[..., [1, 0, 2]], atol=2)
    alpha = np.full((H, W, 1), 255, np.uint8)
    both = saved(tmp_path / "alpha.png", np.concatenate([COLORS, alpha], axis=2), icc_profile=wide_gamut())
    np.testing.assert_array_equal(shown(both), exchanged)


def test_pictures_with_a_profile_of_srgb_keep_every_level(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    np.testing.assert_array_equal(shown(saved(tmp_path / "rgb.png", COLORS, icc_profile=profile)), COLORS)
    flat = saved(tmp_path / "gray.png", COLORS[..., 0], icc_profile=profile)
    np.testing.assert_array_equal(shown(flat), gray(COLORS[..., 0] / 255))


def test_a_damaged_profile_is_ignored_with_a_warning(tmp_path, caplog):
    path = saved(tmp_path / "damaged.png", COLORS, icc_profile=b"no profile at all")
    np.testing.assert_array_equal(shown(path), COLORS)
    assert "damaged.png" in caplog.text and "profile" in caplog.text


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "tif", "avif"])
def test_files_with_several_pictures_are_faults(tmp_path, suffix):
    first, *others = (Image.fromarray(np.full((H, W, 3), level, np.uint8)) for level in (10, 100, 200))
    path = tmp_path / f"moving.{suffix}"
    first.save(path, save_all=True, append_images=others)
    for check in (open_picture, check_picture):
        with pytest.raises(Fault, match=rf"moving\.{suffix} holds 3 pictures"):
            check(path)
    first.save(path, save_all=True)
    assert shown(path).shape == (H, W, 3)


def test_previews_and_thumbnails_are_no_further_pictures(tmp_path):
    first, other = Image.fromarray(COLORS), Image.fromarray(COLORS[::2, ::2].copy())
    first.save(tmp_path / "camera.jpg", format="MPO", save_all=True, append_images=[other], quality=95)
    assert shown(tmp_path / "camera.jpg").shape == (H, W, 3)
    first, other = first.copy(), other.copy()
    first.save(tmp_path / "thumbnail.tif", save_all=True, append_images=[other], tiffinfo={254: 1})
    np.testing.assert_array_equal(shown(tmp_path / "thumbnail.tif"), COLORS)


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "webp", "tif", "ppm", "tga", "jp2", "avif"])
@pytest.mark.parametrize("share", [0, 0.3, 0.6, 0.95])
def test_truncated_pictures_are_faults(tmp_path, suffix, share):
    path = tmp_path / f"cut.{suffix}"
    Image.fromarray(COLORS).convert("P" if suffix == "gif" else "RGB").save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(Fault, match=rf"cut\.{suffix}"):
        open_picture(path)


def test_pictures_without_pixels_and_decompression_bombs_are_faults(tmp_path, monkeypatch):
    (tmp_path / "empty.ppm").write_bytes(b"P6 0 0 255\n")
    with pytest.raises(Fault, match=r"empty\.ppm"):
        open_picture(tmp_path / "empty.ppm")
    path = saved(tmp_path / "large.png", COLORS)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(Fault, match=r"large\.png"):
        open_picture(path)


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


def test_postscript_is_not_run(tmp_path):
    Image.fromarray(COLORS).save(tmp_path / "program.png", format="EPS")
    for check in (open_picture, check_picture):
        with pytest.raises(Fault, match=r"program\.png is a PostScript program"):
            check(tmp_path / "program.png")


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


def test_opening_leaves_files_of_photographs_as_they_were(tmp_path):
    """JPEG files of 8 bits, with which most studies work, give what Pillow gives."""
    for mode in ("RGB", "L"):
        path = saved(tmp_path / f"{mode}.jpg", COLORS if mode == "RGB" else COLORS[..., 0])
        np.testing.assert_array_equal(shown(path), np.asarray(Image.open(io.BytesIO(path.read_bytes())).convert("RGB")))
