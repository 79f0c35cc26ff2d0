"""Baselines: gratings whose energy is known, and what nothing but color or position changes."""

import numpy as np
import pytest

from ventral.core.errors import Fault
from ventral.models.baselines import averaging, gabor_energy, pixels

SIDE = 112
FREQUENCIES = (4, 6, 9, 14, 21, 32)


def grating(cycles, angle=0.0, phase=0.0, contrast=0.4, side=SIDE):
    """A gray grating, (1, side, side, 3); at angle 0 its bars are vertical."""
    y, x = np.mgrid[:side, :side] / side
    wave = np.cos(2 * np.pi * cycles * (x * np.cos(angle) + y * np.sin(angle)) + phase)
    gray = np.round(128 + 255 * contrast * wave).astype(np.uint8)
    return np.repeat(gray[None, ..., None], 3, axis=3)


def energies(images, **options):
    """Compressed energy of the first image by scale and orientation, averaged over the cells."""
    bank = gabor_energy(**options)
    found = bank(images)
    scales = [found[layer][0] for layer in bank.layers if layer.startswith("cycles")]
    return np.array(scales).reshape(len(scales), bank.orientations, -1).mean(axis=2)


@pytest.mark.parametrize("scale", range(6))
@pytest.mark.parametrize("orientation", range(8))
def test_a_grating_drives_the_channel_of_its_frequency_and_orientation_most(scale, orientation):
    found = energies(grating(FREQUENCIES[scale], np.pi * orientation / 8))
    assert np.unravel_index(found.argmax(), found.shape) == (scale, orientation)


def test_energy_of_a_matched_grating_is_a_quarter_of_its_squared_amplitude():
    matched = energies(grating(14, contrast=0.4))[3, 0]
    assert matched == pytest.approx((0.4**2 / 4) ** 0.25, rel=2e-3)  # eight-bit gray levels


@pytest.mark.parametrize("phase", [0.5, 1.5, np.pi])
def test_energy_does_not_know_the_phase(phase):
    np.testing.assert_allclose(energies(grating(9, phase=phase))[2, 0], energies(grating(9))[2, 0], rtol=2e-3)


def test_every_cell_sees_its_own_part_of_the_image():
    images = np.full((1, SIDE, SIDE, 3), 128, dtype=np.uint8)
    images[:, 64:96, 16:48] = grating(14)[:, 64:96, 16:48]
    cells = gabor_energy()(images)["cycles_14"].reshape(8, 7, 7)[0]
    assert np.unravel_index(cells.argmax(), cells.shape) in [(4, 1), (4, 2), (5, 1), (5, 2)]
    assert cells[0, 5] < 0.3 * cells.max()


def test_a_uniform_image_has_colour_and_no_energy():
    red = np.zeros((1, 64, 64, 3), dtype=np.uint8)
    red[..., 0] = 255
    found = gabor_energy()(red)
    light, red_green, blue_yellow = found["opponent"].reshape(3, -1)
    np.testing.assert_allclose([light.mean(), red_green.mean(), blue_yellow.mean()], [1 / 3, 1, -0.5], atol=1e-5)
    assert max(found[f"cycles_{f}"].max() for f in FREQUENCIES) < 0.01


def test_energy_layer_is_all_others_side_by_side_whatever_the_batch():
    images = np.random.default_rng(0).integers(256, size=(3, 96, 128, 3), dtype=np.uint8)
    bank = gabor_energy(frequencies=(4, 8), orientations=6, grid=5)
    found = bank(images)
    assert list(found) == bank.layers == ["cycles_4", "cycles_8", "opponent", "energy"]
    assert found["energy"].shape == (3, 2 * 6 * 25 + 3 * 25) and found["energy"].dtype == np.float32
    np.testing.assert_array_equal(np.hstack([found[layer] for layer in bank.layers[:-1]]), found["energy"])
    np.testing.assert_allclose(bank(images[1:2])["energy"], found["energy"][1:2], atol=1e-5)


def test_images_that_cannot_hold_the_finest_frequency_are_named():
    with pytest.raises(Fault, match=r"48 × 48 pixels .* 32 cycles"):
        gabor_energy()(np.zeros((1, 48, 48, 3), dtype=np.uint8))


def test_pixels_are_means_of_cells():
    images = np.random.default_rng(0).integers(256, size=(2, 8, 12, 3), dtype=np.uint8)
    found = pixels(grid=4)(images)["pixels"].reshape(2, 4, 4, 3)
    np.testing.assert_allclose(found, images.reshape(2, 4, 2, 4, 3, 3).mean(axis=(2, 4)) / 255, rtol=1e-5)


@pytest.mark.parametrize(("length", "cells"), [(112, 7), (24, 7), (5, 7), (64, 28)])
def test_cells_share_out_every_sample(length, cells):
    weights = averaging(length, cells)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(weights.sum(axis=0), cells / length, rtol=1e-5)
