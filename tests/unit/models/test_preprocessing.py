"""Preprocessing: images are resized, cropped and normalized as published networks expect."""

import dataclasses
import hashlib
from types import SimpleNamespace

import numpy as np
import pytest
import timm
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from small_network import SQUEEZE

from ventral.core.errors import Fault
from ventral.models import load_model
from ventral.models.architectures import construct, headless, torchvision_models
from ventral.models.model import Preprocessing
from ventral.models.published import _with_digest, of_file, of_weights


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_images_are_normalized_as_the_formula_says(seed):
    images = np.random.default_rng(seed).integers(0, 256, (2, 6, 6, 3), dtype=np.uint8)
    x = Preprocessing(mean=(0.1, 0.2, 0.3), std=(0.5, 1, 2))(images).numpy()
    expected = (images / 255 - [0.1, 0.2, 0.3]) / [0.5, 1, 2]
    np.testing.assert_allclose(x, expected.transpose(0, 3, 1, 2), atol=1e-6)  # float32


def test_the_memory_layout_changes_nothing():
    images = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    plain, last = Preprocessing()(images), Preprocessing(channels_last=True)(images)
    assert plain.is_contiguous() and last.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(plain, last)


def test_resizing_keeps_the_mean_colour_and_gives_the_size():
    images = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), dtype=np.uint8)
    x = Preprocessing(size=16, mean=(0, 0, 0), std=(1, 1, 1))(images)
    assert x.shape == (1, 3, 16, 16)
    assert x.mean().item() == pytest.approx(images.mean() / 255, abs=0.01)  # the border weighs a little differently


@pytest.mark.parametrize(("interpolation", "pillow"), [("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)])
def test_images_are_resampled_and_cropped_as_published_code_does(interpolation, pillow):
    image = np.random.default_rng(0).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    prepared = Preprocessing(32, (0, 0, 0), (1, 1, 1), interpolation, crop=0.875)(image[None])[0].permute(1, 2, 0)
    expected = np.asarray(Image.fromarray(image).resize((36, 36), pillow))[2:34, 2:34]  # 32 / 0.875 is 36.57
    np.testing.assert_allclose(255 * prepared.numpy(), expected, atol=1.01)  # Pillow rounds twice to whole numbers


def test_without_a_size_the_crop_keeps_the_pixels():
    images = np.random.default_rng(0).integers(0, 256, (2, 40, 64, 3), dtype=np.uint8)
    x = Preprocessing(mean=(0, 0, 0), std=(1, 1, 1), crop=0.5)(images)
    np.testing.assert_allclose(255 * x.permute(0, 2, 3, 1).numpy(), images[:, 10:30, 16:48], atol=1e-4)


def test_nearest_takes_pixels_and_a_wrong_interpolation_or_crop_is_a_sentence():
    images = np.random.default_rng(0).integers(0, 256, (1, 9, 9, 3), dtype=np.uint8)
    x = Preprocessing(3, (0, 0, 0), (1, 1, 1), "nearest")(images)
    np.testing.assert_allclose(255 * x.permute(0, 2, 3, 1).numpy(), images[:, 1::3, 1::3], atol=1e-4)
    with pytest.raises(Fault, match="interpolation"):
        Preprocessing(interpolation="cubic")
    with pytest.raises(Fault, match="crop"):
        load_model(SQUEEZE | {"preprocess": {"crop": 1.5}})


def preprocess_of(**spec):
    return dataclasses.replace(load_model(spec).preprocess, channels_last=False)


def test_weights_of_timm_are_prepared_for_alike_however_they_are_named(tmp_path):
    file = tmp_path / "vit.pth"
    torch.save(timm.create_model("test_vit").state_dict(), file)
    (tmp_path / "hubconf.py").write_text("import timm\ndef vit():\n    return timm.create_model('test_vit')\n")
    own = Preprocessing(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5), interpolation="bicubic")
    assert preprocess_of(source="timm", architecture="test_vit") == own
    assert preprocess_of(source="timm", architecture="test_vit", weights=str(file)) == own
    assert preprocess_of(source="checkpoint", architecture="timm:test_vit", file=str(file)) == own
    assert preprocess_of(source="torchhub", repository=str(tmp_path), architecture="vit") == own
    assert preprocess_of(source="python", factory=f"{tmp_path}/hubconf.py:vit") == own
    for wrapped in (torch.nn.Sequential, torch.nn.DataParallel, torch.compile):
        assert (
            preprocess_of(source="python", factory=lambda wrapped=wrapped: wrapped(timm.create_model("test_vit")))
            == own
        )
    clip = preprocess_of(source="timm", architecture="test_vit", preprocess={"crop": 0.9, "mean": [0, 0, 0]})
    assert clip == dataclasses.replace(own, crop=0.9, mean=(0, 0, 0))


def test_wrapped_networks_with_different_settings_get_none_of_them():
    def two():
        return torch.nn.ModuleList([timm.create_model("test_vit"), timm.create_model("resnet10t")])

    assert preprocess_of(source="python", factory=two) == Preprocessing()


def test_networks_that_were_trained_here_are_shown_what_they_were_trained_on(tmp_path):
    trained = headless(construct({"architecture": "timm:test_vit"})).state_dict()
    torch.save({"architecture": "timm:test_vit", "state_dict": trained}, tmp_path / "network.pth")
    spec = {"source": "trained", "architecture": "timm:test_vit", "file": str(tmp_path / "network.pth")}
    assert preprocess_of(**spec) == Preprocessing()


def test_weights_of_torchvision_are_prepared_for_alike_however_they_are_named(monkeypatch, tmp_path):
    name = "efficientnet_b0"
    state = construct({"architecture": name}).state_dict()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", lambda url, path, *_, **__: torch.save(state, path))
    own = Preprocessing(interpolation="bicubic")
    assert preprocess_of(source="torchvision", architecture=name, weights="DEFAULT") == own
    (file,) = tmp_path.rglob("*.pth")
    assert preprocess_of(source="torchvision", architecture=name, weights=str(file)) == own
    assert preprocess_of(source="checkpoint", architecture=name, file=str(file)) == own
    assert preprocess_of(source="torchvision", architecture=name) == Preprocessing()


def test_published_files_are_known_by_name_and_by_digest(tmp_path):
    known = torchvision_models().get_model_weights("vit_b_16")
    assert of_weights(known.IMAGENET1K_SWAG_E2E_V1).interpolation == "bicubic"
    for file, interpolation in {
        "vit_b_16-c867db91.pth": "bilinear",
        "0123456789ab-vit_b_16_swag-9ac1b537.pth": "bicubic",
        "mine.pth": "bilinear",  # as the default weights
    }.items():
        (tmp_path / file).write_bytes(b"weights")
        assert of_file("vit_b_16", tmp_path / file, "vit").interpolation == interpolation
    digits = hashlib.sha256(b"weights").hexdigest()[:8]
    published = [SimpleNamespace(url=f"https://example.org/a-{digits}.pth"), SimpleNamespace(url="b-01234567.pth")]
    assert _with_digest(tmp_path / "mine.pth", published) is published[0]


def test_a_checkpoint_of_inception_converts_its_images_as_torchvision_does(monkeypatch, tmp_path):
    monkeypatch.setattr("ventral.models.checkpoints.fit", lambda *_, **__: None)
    (tmp_path / "w.pth").touch()
    entries = [
        {"source": "torchvision", "architecture": "googlenet", "weights": str(tmp_path / "w.pth")},
        {"source": "checkpoint", "architecture": "googlenet", "file": str(tmp_path / "w.pth")},
    ]
    assert [load_model(entry).network.transform_input for entry in entries] == [True, True]
    assert load_model(entries[1] | {"arguments": {"transform_input": False}}).network.transform_input is False
