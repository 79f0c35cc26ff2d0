"""Transparency, color spaces, color profiles and orientation of pictures are shown as viewers show them."""

import struct

import numpy as np
import pytest
from picture_files import BLACK_OR_CLEAR, COLORS, RAMP, RNG, SILHOUETTE, H, W, gray, saved, shown
from PIL import Image, ImageCms

from ventral.stimuli.rgb import BACKGROUND, check_picture


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
