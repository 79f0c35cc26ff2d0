"""Picture files of every depth and format are shown as viewers show them, or named in a fault."""

import io
import struct

import numpy as np
import pytest
from picture_files import COLORS, RAMP, H, W, gray, png, saved, shown
from PIL import Image

from ventral.core.errors import Fault
from ventral.stimuli.rgb import check_picture, open_picture


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


def test_postscript_is_not_run(tmp_path):
    Image.fromarray(COLORS).save(tmp_path / "program.png", format="EPS")
    for check in (open_picture, check_picture):
        with pytest.raises(Fault, match=r"program\.png is a PostScript program"):
            check(tmp_path / "program.png")


def test_opening_leaves_files_of_photographs_as_they_were(tmp_path):
    """JPEG files of 8 bits, with which most studies work, give what Pillow gives."""
    for mode in ("RGB", "L"):
        path = saved(tmp_path / f"{mode}.jpg", COLORS if mode == "RGB" else COLORS[..., 0])
        np.testing.assert_array_equal(shown(path), np.asarray(Image.open(io.BytesIO(path.read_bytes())).convert("RGB")))
