"""Batched augmentations on tensors against Pillow's, one picture at a time.

Both round to whole levels after every step, with the same arithmetic: of 41 million values of sampled augmentations, on
x86-64 with Pillow 13, none differed. Where a compiler fuses a product and a sum, a value on the edge of two levels may
fall on the other side; so one step may be off by one level in a few values, and all together by three, since contrast
and saturation enlarge what came before by 1.4 at most.
"""

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image, ImageFilter

from ventral.stimuli.augmentations import JITTER, NEUTRAL, ORDERS, apply, sample
from ventral.training.photometric import photometric

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
FEW = 1e-4  # share of the values that may lie on an edge of levels, of which there are 255 in 2**24 steps


def pictures(n, height=24, width=24, seed=0):
    """Half of them smooth, half of them noise with every level in it."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 256, (n, height, width, 3), dtype=np.uint8)
    for k in range(0, n, 2):
        small = Image.fromarray(rng.integers(0, 256, (4, 4, 3), dtype=np.uint8))
        noise[k] = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))
    return noise


def table(n, **columns):
    return pd.DataFrame(NEUTRAL | columns, index=range(n))


def both(images, rows, device="cpu"):
    """Levels by tensors and by Pillow, of shape (B, H, W, 3)."""
    tensors = photometric(torch.from_numpy(images).permute(0, 3, 1, 2), rows, device)
    assert tensors.dtype == torch.float32 and tensors.device.type == device
    levels = (tensors * 255).permute(0, 2, 3, 1).cpu().numpy()
    np.testing.assert_allclose(levels, levels.round(), atol=1e-4)  # whole levels, up to the division by 255
    one = [apply(image, row, image.shape[0]) for image, (_, row) in zip(images, rows.iterrows(), strict=True)]
    return levels.round().astype(int), np.stack(one).astype(int)


def assert_close(images, rows, most, device):
    tensors, pillow = both(images, rows, device)
    away = np.abs(tensors - pillow)
    assert away.max() <= most and (away > 0).mean() <= FEW


def uniform(low, high, n, seed=1):
    return np.random.default_rng(seed).uniform(low, high, n)


SINGLE = {
    "nothing": {},
    "flip": {"flip": 1},
    **{name: {name: uniform(1 - width, 1 + width, 40)} for name, width in list(JITTER.items())[:3]},
    "hue": {"hue": uniform(-0.1, 0.1, 40)},
    "far_hue": {"hue": uniform(-0.5, 0.5, 40)},
    "grey": {"grey": 1},
    "blur": {"blur": uniform(0.1, 2, 40)},
    "wide_blur": {"blur": uniform(2, 9, 40)},
    "solarize": {"solarize": 1},
}


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("operation", SINGLE)
def test_each_operation_is_that_of_pillow(operation, device):
    exact = operation in ("nothing", "flip", "grey", "blur", "wide_blur", "solarize")  # whole numbers only
    assert_close(pictures(40), table(40, **SINGLE[operation]), 0 if exact else 1, device)


@pytest.mark.parametrize("device", DEVICES)
def test_each_order_of_the_jitter_is_that_of_pillow(device):
    values = {
        name: uniform(*NEUTRAL[name] + np.array([-1, 1]) * width, 48, k)
        for k, (name, width) in enumerate(JITTER.items())
    }
    orders = np.arange(48) % len(ORDERS)
    assert_close(pictures(48), table(48, jitter_order=orders, **values), 3, device)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("kind", ["view_a", "view_b", "photometric"])
def test_all_together_are_those_of_pillow(kind, device):
    rows = sample(np.random.default_rng(0), 200, kind).assign(
        **{name: NEUTRAL[name] for name in ("crop_x", "crop_y", "crop_area", "crop_ratio")}
    )
    assert_close(pictures(200), rows, 3, device)


def test_pictures_need_not_be_square():
    images = pictures(6, height=9, width=17)
    blurred = photometric(torch.from_numpy(images).permute(0, 3, 1, 2), table(6, blur=1.5, flip=1), "cpu")
    for image, levels in zip(images, blurred.mul(255).round().byte().permute(0, 2, 3, 1).numpy(), strict=True):
        expected = Image.fromarray(image[:, ::-1].copy()).filter(ImageFilter.GaussianBlur(1.5))
        np.testing.assert_array_equal(levels, np.asarray(expected))


def test_a_small_picture_is_blurred_by_a_box_wider_than_itself():
    tensors, pillow = both(pictures(4, 3, 3), table(4, blur=8.0))
    np.testing.assert_array_equal(tensors, pillow)


def test_a_row_does_not_depend_on_the_others():
    images, rows = torch.from_numpy(pictures(30)).permute(0, 3, 1, 2), sample(np.random.default_rng(3), 30, "view_a")
    together = photometric(images, rows, "cpu")
    for part in (slice(0, 1), slice(7, 19)):
        assert photometric(images[part], rows[part], "cpu").equal(together[part])


def test_the_images_given_stay_as_they_are():
    images = torch.from_numpy(pictures(30)).permute(0, 3, 1, 2)
    before = images.clone()
    photometric(images, sample(np.random.default_rng(3), 30, "view_b"), "cpu")
    assert images.equal(before)


def test_other_images_are_refused_with_a_sentence():
    with pytest.raises(ValueError, match=r"Augmentations of 2 images .* uint8 of shape \(3, 3, 4, 4\)"):
        photometric(torch.zeros(3, 3, 4, 4, dtype=torch.uint8), table(2), "cpu")
    with pytest.raises(ValueError, match="float32"):
        photometric(torch.zeros(2, 3, 4, 4), table(2), "cpu")
    with pytest.raises(ValueError, match=r"\(2, 4, 4, 3\)"):
        photometric(torch.zeros(2, 4, 4, 3, dtype=torch.uint8), table(2), "cpu")
