"""Models: the same spec gives the same network, weights fit or say why not, and layers are found by name."""

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
import urllib.error
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ventral.__main__ import main
from ventral.models import extract, layer_names, load_model
from ventral.models.architectures import construct, headless, torchvision_models
from ventral.models.catalogue import describe
from ventral.models.entries import unfitting_weights
from ventral.models.layers import CATALOGUE, _key, layer_problems, layers_of, relative_depths, resolve_layers
from ventral.models.model import Preprocessing
from ventral.models.published import _with_digest, of_file, of_weights
from ventral.models.sources import without_weights
from ventral.models.user_files import code_hash
from ventral.store import Fault

RESNET = {"source": "torchvision", "architecture": "resnet18", "weights": None, "seed": 0, "layers": "auto"}
SQUEEZE = {"source": "torchvision", "architecture": "squeezenet1_1"}
FACTORY = """
import torch

def network(channels=4):
    return torch.nn.Sequential(torch.nn.Conv2d(3, channels, 3), torch.nn.ReLU(inplace=True), torch.nn.Flatten())
"""


@pytest.fixture
def factory(tmp_path):
    """A user's own file with a small network."""
    (tmp_path / "mine.py").write_text(FACTORY)
    return f"{tmp_path / 'mine.py'}:network"


@pytest.fixture
def checkpoint(tmp_path, factory):
    """Saves what is given and returns the spec of a small network with these weights."""

    def save(content, **more):
        torch.save(content, tmp_path / "weights.pth")
        return {
            "source": "checkpoint",
            "architecture": factory,
            "file": str(tmp_path / "weights.pth"),
            "arguments": {"channels": 4},
        } | more

    return save


def weights(seed=1, channels=4):
    generator = torch.Generator().manual_seed(seed)
    return {
        "0.weight": torch.rand(channels, 3, 3, 3, generator=generator),
        "0.bias": torch.rand(channels, generator=generator),
    }


# Sources


def test_random_weights_follow_the_seed_only():
    before = torch.get_rng_state()
    first = load_model(SQUEEZE | {"seed": 3})
    torch.rand(5)
    again, other = load_model(SQUEEZE | {"seed": 3}), load_model(SQUEEZE | {"seed": 4})
    assert first.fingerprint == again.fingerprint != other.fingerprint
    torch.set_rng_state(before)
    load_model(SQUEEZE | {"seed": 5})
    assert torch.equal(torch.get_rng_state(), before)  # and leave the caller's generator alone


def test_preprocessing_changes_the_fingerprint_and_a_choice_of_layers_does_not():
    plain = load_model(SQUEEZE)
    assert load_model(SQUEEZE | {"layers": ["features.3"]}).fingerprint == plain.fingerprint
    assert load_model(SQUEEZE | {"preprocess": {"size": 96}}).fingerprint != plain.fingerprint


def test_an_unknown_architecture_or_source_names_the_nearest():
    with pytest.raises(Fault, match=r"no architecture 'resnet81' .did you mean 'resnet18'"):
        load_model({"source": "torchvision", "architecture": "resnet81"})
    with pytest.raises(Fault, match="no source 'keras'; use torchvision, timm"):
        load_model({"source": "keras"})


def test_unknown_weights_are_listed():
    with pytest.raises(Fault, match="no weights 'IMAGENET' of squeezenet1_1; it has IMAGENET1K_V1, DEFAULT"):
        load_model(SQUEEZE | {"weights": "IMAGENET"})


def test_a_failed_download_says_from_where_and_what_to_do(monkeypatch, tmp_path):
    def unreachable(*arguments, **keywords):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", unreachable)
    with pytest.raises(Fault, match=r"squeeze could not be downloaded from https://.*squeezenet1_1-\w+\.pth.*no route"):
        load_model(SQUEEZE | {"weights": "IMAGENET1K_V1"}, "squeeze")
    with pytest.raises(Fault, match=r"could not be downloaded from https://example.org/w.pth.*set `file:"):
        load_model({"source": "checkpoint", "architecture": "squeezenet1_1", "url": "https://example.org/w.pth"})


def test_downloaded_weights_bring_their_preprocessing(monkeypatch, tmp_path):
    published = load_model(SQUEEZE | {"seed": 9}).network.state_dict()

    def download(url, path, hash_prefix=None, progress=True):
        torch.save(published, path)

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", download)
    model = load_model(SQUEEZE | {"weights": "IMAGENET1K_V1"})
    assert torch.equal(model.network.features[0].weight, published["features.0.weight"])
    assert model.preprocess.mean == (0.485, 0.456, 0.406) and model.preprocess.std == (0.229, 0.224, 0.225)
    assert "IMAGENET1K_V1" in model.source


def test_weights_of_torchvision_can_be_a_local_file(tmp_path):
    file = tmp_path / "squeezenet1_1.pth"
    torch.save(load_model(SQUEEZE | {"seed": 9}).network.state_dict(), file)
    model = load_model(SQUEEZE | {"weights": str(file)})
    assert model.fingerprint == load_model(SQUEEZE | {"seed": 9}).fingerprint  # the same network, whatever the way


def test_torch_hub_loads_a_local_repository(tmp_path):
    (tmp_path / "hubconf.py").write_text(FACTORY)
    spec = {"source": "torchhub", "repository": str(tmp_path), "architecture": "network", "arguments": {"channels": 6}}
    assert load_model(spec).network[0].out_channels == 6
    with pytest.raises(Fault, match="entry nothing"):
        load_model(spec | {"architecture": "nothing"})


def test_timm_models_know_their_preprocessing():
    pytest.importorskip("timm")
    model = load_model({"source": "timm", "architecture": "test_vit", "preprocess": {"std": [1, 1, 1]}})
    assert model.preprocess.mean == (0.5, 0.5, 0.5) and model.preprocess.std == (1.0, 1.0, 1.0)
    with pytest.raises(Fault, match=r"timm has no architecture 'resnet18x' .did you mean"):
        load_model({"source": "timm", "architecture": "resnet18x"})


def test_a_python_factory_is_seeded_and_its_return_is_checked(factory, tmp_path):
    spec = {"source": "python", "factory": factory, "seed": 2}
    assert load_model(spec).fingerprint == load_model(spec).fingerprint
    (tmp_path / "wrong.py").write_text("def network():\n    return 3\n")
    with pytest.raises(Fault, match=r"returned int. It must return a torch.nn.Module, or a callable"):
        load_model({"source": "python", "factory": f"{tmp_path / 'wrong.py'}:network"})
    with pytest.raises(Fault, match="cannot be imported"):
        load_model({"source": "python", "factory": "no_such_package:network"})


def test_a_callable_needs_no_torch(tmp_path):
    (tmp_path / "mean.py").write_text(
        "class Mean:\n    layers = ['mean']\n    def __call__(self, images):\n"
        "        return {'mean': images.mean((1, 2))}\n"
    )
    program = f"""
import sys, numpy as np
from ventral.models import extract, layer_names, load_model
model = load_model({{"source": "python", "factory": {str(tmp_path / "mean.py")!r} + ":Mean"}})
extract(model, np.zeros((3, 8, 8, 3), np.uint8), layer_names(model), {str(tmp_path / "a.h5")!r})
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_callable_is_identified_by_its_code(tmp_path):
    code = (
        "def colour(images):\n    return {'mean': images.mean((1, 2))}\n"
        "colour.layers = ['mean']\ndef make():\n    return colour\n"
    )
    (tmp_path / "mean.py").write_text(code)
    spec = {"source": "python", "factory": f"{tmp_path / 'mean.py'}:make"}
    before = load_model(spec).fingerprint
    assert load_model(spec).fingerprint == before
    (tmp_path / "mean.py").write_text(code + "# changed")
    assert load_model(spec).fingerprint != before
    with pytest.raises(Fault, match=r"make failed with `arguments` {'size': 3}"):
        load_model(spec | {"arguments": {"size": 3}})


def test_torchvision_is_imported_without_the_compiler_and_the_compiler_still_works():
    program = """
import sys
from ventral.models import load_model
load_model({"source": "torchvision", "architecture": "squeezenet1_1"})
assert "torch._dynamo" not in sys.modules
import torch, torchvision
boxes = torch.tensor([[0.0, 0.0, 0.0, 3.0, 3.0]])
assert torchvision.ops.roi_align(torch.ones(1, 1, 4, 4), boxes, 2).mean() == 1
assert torch.compile(lambda x: x + 1, backend="eager")(torch.ones(1)) == 2
"""
    subprocess.run([sys.executable, "-c", program], check=True)


# Checkpoints


@pytest.mark.parametrize("wrapped", [lambda w: w, lambda w: {"state_dict": w, "epoch": 3}])
def test_a_checkpoint_is_loaded(checkpoint, wrapped):
    model = load_model(checkpoint(wrapped(weights())))
    assert torch.equal(model.network[0].weight, weights()["0.weight"])


def test_prefixes_are_stripped_or_replaced_and_other_keys_left_out(checkpoint):
    wrapped = {f"module.{key}": value for key, value in weights().items()} | {"queue": torch.zeros(3)}
    model = load_model(checkpoint({"model": wrapped}, state_dict="model", key_prefix="module."))
    assert torch.equal(model.network[0].bias, weights()["0.bias"])

    encoder = {key.replace("0.", "encoder.stem."): value for key, value in weights().items()}
    model = load_model(checkpoint(encoder, key_prefix={"encoder.stem.": "0."}))
    assert torch.equal(model.network[0].bias, weights()["0.bias"])


def test_a_forgotten_prefix_is_proposed(checkpoint):
    spec = checkpoint({f"module.{key}": value for key, value in weights().items()})
    with pytest.raises(Fault, match=r"lacks 0.weight, 0.bias; it holds module.0.weight.*set `key_prefix: 'module.'`"):
        load_model(spec, "moco")


def test_a_size_mismatch_is_named_and_can_be_ignored(checkpoint, caplog):
    spec = checkpoint(weights() | {"0.weight": torch.zeros(8, 3, 3, 3), "fc.bias": torch.zeros(2)})
    with pytest.raises(Fault, match=r"0.weight is 8×3×3×3 in the file and 4×3×3×3 in the network"):
        load_model(spec)
    model = load_model(spec | {"ignore": ["0.weight", "fc.*"]}, "moco")
    assert torch.equal(model.network[0].bias, weights()["0.bias"])
    assert "moco: 0.weight keep their random initial values" in caplog.text


def test_the_key_of_the_tensors_must_exist(checkpoint):
    with pytest.raises(Fault, match="has no key 'ema' but model, epoch"):
        load_model(checkpoint({"model": weights(), "epoch": 1}, state_dict="ema"))
    with pytest.raises(Fault, match=r"holds model, epoch and no mapping of tensors.*set `state_dict`"):
        load_model(checkpoint({"model": weights(), "epoch": 1}))


@pytest.mark.parametrize(
    ("key", "change", "problem"),
    [
        ("0.bias", lambda tensor: tensor.to("meta"), "holds 0.bias without values"),
        ("0.bias", lambda tensor: tensor.to_sparse(), "holds 0.bias as a sparse tensor"),
        (3, lambda tensor: tensor, "holds a tensor under 3, which names no"),
    ],
)
def test_tensors_that_cannot_be_loaded_are_named(checkpoint, key, change, problem):
    with pytest.raises(Fault, match=problem):
        load_model(checkpoint(weights() | {key: change(weights()["0.bias"])}, ignore="fc.*"))


def test_an_empty_file_of_weights_is_named_with_a_reason(checkpoint, tmp_path):
    spec = checkpoint(weights())
    (tmp_path / "weights.pth").write_bytes(b"")
    with pytest.raises(Fault, match=r"not a torch checkpoint \([^)]+\)\.$"):
        load_model(spec)


class Harmless:
    """Something that only code can rebuild."""


def test_code_in_a_checkpoint_is_not_run(checkpoint):
    with pytest.raises(Fault, match=r"more than tensors and plain values.*could run code"):
        load_model(checkpoint({"state_dict": weights(), "arguments": Harmless()}))


def test_a_damaged_or_missing_checkpoint_is_named(checkpoint, tmp_path):
    spec = checkpoint(weights())
    whole = (tmp_path / "weights.pth").read_bytes()
    (tmp_path / "weights.pth").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Fault, match=r"weights.pth, the weights of model moco, is damaged"):
        load_model(spec, "moco")
    with pytest.raises(Fault, match="does not exist"):
        load_model(spec | {"file": str(tmp_path / "other.pth")})


@pytest.mark.parametrize("flipped", ["weights", "names"])
def test_a_flipped_bit_of_a_checkpoint_is_named_and_the_users_file_left_alone(checkpoint, tmp_path, flipped):
    spec, path = checkpoint(weights()), tmp_path / "weights.pth"
    content = bytearray(path.read_bytes())
    flipped_bytes = {"weights": weights()["0.weight"].numpy().tobytes(), "names": b"0.weight"}[flipped]
    content[content.find(flipped_bytes) + 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(Fault, match=r"weights.pth, the weights of model moco, is damaged") as told:
        load_model(spec, "moco")
    assert "elete" not in str(told.value) and path.exists()


def test_only_a_fetched_checkpoint_of_another_sha256_is_to_be_deleted(checkpoint, tmp_path, monkeypatch):
    spec = checkpoint(weights(), sha256="0123")
    with pytest.raises(Fault, match=r"its SHA-256 is .* the config says 0123. Name another `file`") as told:
        load_model(spec)
    assert "elete" not in str(told.value)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(
        Fault, match="Ventral downloaded this file: delete it, so that it is downloaded again, or correct `sha256`"
    ):
        load_model(spec)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_torchscript_file_is_named_and_so_is_what_to_do(tmp_path, checkpoint):
    spec = checkpoint(weights())
    torch.jit.script(torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3))).save(spec["file"])
    with pytest.raises(Fault, match=r"is a TorchScript file.*torch.jit.load\('.*weights.pth'\).state_dict"):
        load_model(spec)


def test_half_precision_weights_fill_a_network(checkpoint):
    model = load_model(checkpoint({key: value.half() for key, value in weights().items()}))
    assert torch.equal(model.network[0].weight, weights()["0.weight"].half().float())


def test_a_checksum_is_verified(checkpoint, tmp_path):
    spec = checkpoint(weights())
    digest = hashlib.sha256((tmp_path / "weights.pth").read_bytes()).hexdigest()
    load_model(spec | {"sha256": digest[:12]})
    with pytest.raises(Fault, match=f"its SHA-256 is {digest} and the config says 0123"):
        load_model(spec | {"sha256": "0123"})


@pytest.mark.parametrize(
    ("architecture", "features"),
    [("resnet18", 512), ("squeezenet1_1", 512), ("vgg11", 4096), ("timm:resnet18", 512), ("timm:convnext_atto", 320)],
)
def test_a_network_without_its_classifier_gives_features_under_the_same_names(architecture, features):
    network = construct({"architecture": architecture}).eval()
    names = [name for name, _ in network.named_modules()]
    cut = headless(network)
    assert [name for name, _ in cut.named_modules()] == names
    with torch.no_grad():
        assert cut(torch.zeros(2, 3, 64, 64)).shape == (2, features)


def test_a_network_without_a_classifier_stays_as_it_is(factory):
    network = construct({"architecture": factory})
    assert list(headless(network).state_dict()) == list(network.state_dict())


def test_a_trained_network_says_its_architecture(tmp_path):
    file = tmp_path / "network.pth"
    trained = headless(load_model(SQUEEZE | {"seed": 8}).network).state_dict()
    torch.save({"architecture": "squeezenet1_1", "state_dict": trained}, file)
    spec = {"source": "trained", "architecture": "squeezenet1_1", "file": str(file)}
    assert torch.equal(load_model(spec).network.features[0].bias, trained["features.0.bias"])
    with pytest.raises(Fault, match="of architecture squeezenet1_1, and model mine says resnet18"):
        load_model(spec | {"architecture": "resnet18"}, "mine")


# Preprocessing


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_images_are_normalised_as_the_formula_says(seed):
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
    timm = pytest.importorskip("timm")
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
    timm = pytest.importorskip("timm")

    def two():
        return torch.nn.ModuleList([timm.create_model("test_vit"), timm.create_model("resnet10t")])

    assert preprocess_of(source="python", factory=two) == Preprocessing()


def test_networks_that_were_trained_here_are_shown_what_they_were_trained_on(tmp_path):
    pytest.importorskip("timm")
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
    monkeypatch.setattr("ventral.models.checkpoints.fit", lambda *_: None)
    (tmp_path / "w.pth").touch()
    entries = [
        {"source": "torchvision", "architecture": "googlenet", "weights": str(tmp_path / "w.pth")},
        {"source": "checkpoint", "architecture": "googlenet", "file": str(tmp_path / "w.pth")},
    ]
    assert [load_model(entry).network.transform_input for entry in entries] == [True, True]
    assert load_model(entries[1] | {"arguments": {"transform_input": False}}).network.transform_input is False


# Layers


def test_auto_means_the_last_blocks():
    assert resolve_layers(RESNET) == ["layer2.1", "layer3.0", "layer3.1", "layer4.0", "layer4.1"]
    assert resolve_layers(RESNET | {"last": 1}) == ["layer4.1"]
    assert len(resolve_layers(RESNET | {"last": 100})) == 8


def test_layers_come_in_the_order_in_which_they_finish():
    asked = RESNET | {"layers": ["layer4.1", "fc", "layer?.*.relu", "conv1", "layer4.1"]}
    resolved = resolve_layers(asked)
    assert resolved[0] == "conv1" and resolved[-2:] == ["layer4.1", "fc"] and len(resolved) == 3 + 8
    depths = list(relative_depths(asked).values())
    assert depths == sorted(depths) and depths[0] == 0 and depths[-1] == 1


def test_wrong_layers_become_sentences_with_near_names():
    (problem,) = layer_problems("mine", RESNET | {"layers": ["layer1.0", "layer5.0"]})
    assert problem.startswith("layers: 'layer5.0' is not a layer of mine (did you mean 'layer4.0'")
    (problem,) = layer_problems("mine", RESNET | {"layers": "block*"})
    assert "'block*' fits no layer of mine" in problem
    assert layer_problems("mine", RESNET | {"last": 0}) == ["last: 0 is not a number of layers, 1 or more."]
    assert layer_problems("mine", RESNET | {"layers": []}) == ["layers: mine needs at least one layer."]
    assert layer_problems("mine", RESNET) == []
    with pytest.raises(Fault, match=r"layer5.0"):
        resolve_layers(RESNET | {"layers": "layer5.0"})


def test_the_presets_need_no_torch():
    program = "import sys; from ventral.models.layers import resolve_layers; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("architecture", ["resnet18", "squeezenet1_1", "alexnet", "shufflenet_v2_x1_0", "googlenet"])
def test_the_presets_say_what_the_installed_torchvision_does(architecture):
    network = load_model({"source": "torchvision", "architecture": architecture}).network
    layers = describe(network, 96)
    known = layers_of({"source": "torchvision", "architecture": architecture})
    assert known.names == tuple(layer.name for layer in layers)
    assert known.auto == tuple(layer.name for layer in layers if layer.auto)


def test_every_preset_has_blocks_and_the_file_stays_small():
    catalogue = json.loads(CATALOGUE.read_text())
    assert len(catalogue) >= 25 and CATALOGUE.stat().st_size < 300_000
    for architecture, entry in catalogue.items():
        names, auto = entry["layers"].split(), entry["auto"].split()
        assert len(auto) >= 4 and set(auto) <= set(names) and len(set(names)) == len(names), architecture


def test_other_networks_are_described_once(factory, tmp_path):
    spec = {"source": "python", "factory": factory, "layers": "auto"}
    cache = tmp_path / "catalogue"
    assert resolve_layers(spec, cache) == ["1"]  # no blocks: the nonlinearity
    (kept,) = cache.iterdir()
    kept.write_text(json.dumps({"layers": ["kept"], "auto": ["kept"]}))
    assert resolve_layers(spec, cache) == ["kept"]
    kept.write_text('{"layers": ["ke')
    assert resolve_layers(spec, cache) == ["1"]

    before = code_hash(spec)
    (tmp_path / "mine.py").write_text(FACTORY + "\n# changed\n")
    assert code_hash(spec) != before
    assert resolve_layers(spec, cache) == ["1"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"layers": "0"}', '{"layers": [0], "auto": []}', "\x00"])
def test_a_cache_that_cannot_be_read_is_written_again(content, monkeypatch, tmp_path):
    monkeypatch.setattr("ventral.models.layers.ask", lambda *_, **__: {"layers": ["0"], "auto": [], "is_module": True})
    spec = {"source": "timm", "architecture": "test_vit"}
    kept = tmp_path / f"{_key(spec)}.json"
    kept.write_text(content)
    assert layers_of(spec, tmp_path).names == ("0",)
    assert json.loads(kept.read_text())["layers"] == ["0"]


NOISE = """
import atexit, os, sys
print("loading", end="")
sys.__stdout__.write('{}\\n')
os.write(1, b"from a library in C\\n")
atexit.register(print, "bye")
"""


def test_what_user_code_prints_is_no_layer(tmp_path):
    (tmp_path / "loud.py").write_text(NOISE + FACTORY)
    spec = {"source": "python", "factory": f"{tmp_path}/loud.py:network"}
    for _ in range(2):
        assert layers_of(spec, tmp_path / "cache").names == ("0", "1", "2")


@pytest.mark.parametrize("layers", ["[1, 2]", "'mean'", "('mean', None)"])
def test_layers_of_a_callable_are_texts(layers, tmp_path):
    (tmp_path / "mean.py").write_text(
        f"class Mean:\n    layers = {layers}\n    def __call__(self, images):\n        return {{}}\n"
    )
    with pytest.raises(Fault, match="`layers` must be a list of texts"):
        load_model({"source": "python", "factory": f"{tmp_path}/mean.py:Mean"})


def test_arguments_decide_which_layers_there_are(tmp_path):
    spec = {"source": "torchvision", "architecture": "mobilenet_v2"}
    short = spec | {"arguments": {"inverted_residual_setting": [[1, 16, 1, 1], [6, 24, 1, 2]]}}
    assert len(layers_of(short, tmp_path).auto) < len(layers_of(spec, tmp_path).auto)
    (problem,) = layer_problems("mine", spec | {"arguments": {"widht_mult": 2}}, tmp_path)
    assert "cannot be built with `arguments`" in problem and "widht_mult" in problem


@pytest.mark.parametrize(
    "architecture, key, value",
    [
        ("resnet18", "num_classes", -1),
        ("resnet18", "num_classes", -(2**62)),
        ("resnet18", "num_classes", "ten"),
        ("mobilenet_v2", "width_mult", float("inf")),
        ("vit_b_16", "num_heads", 0),
        ("timm:resnet18", "in_chans", -3),
        ("timm:vit_tiny_patch16_224", "patch_size", 0),
    ],
)
def test_sizes_that_no_network_can_have_are_named_with_the_model(architecture, key, value):
    with pytest.raises(Fault, match=rf"Model mine: {architecture} cannot be built with `arguments`.*{key}"):
        construct({"architecture": architecture, "arguments": {key: value}}, "mine")


def test_wrong_arguments_of_published_weights_are_not_taken_for_a_failed_download():
    spec = {"source": "timm", "architecture": "resnet18", "weights": "default", "arguments": {"in_chans": -3}}
    with pytest.raises(Fault, match=r"cannot be built with `arguments`.*in_chans"):
        load_model(spec)


def test_a_network_that_cannot_be_described_is_a_problem(tmp_path):
    (tmp_path / "broken.py").write_text("def network():\n    return 3\n")
    spec = {"source": "python", "factory": f"{tmp_path / 'broken.py'}:network", "layers": "auto"}
    (problem,) = layer_problems("mine", spec, tmp_path / "catalogue")
    assert "It must return a torch.nn.Module" in problem


def test_a_checkpoint_is_described_without_its_file(checkpoint):
    spec = checkpoint(weights()) | {"file": "nowhere.pth"}
    assert layer_names(load_model(without_weights(spec)), size=16) == ["0", "1", "2"]


def test_weights_that_are_no_real_numbers_are_refused(checkpoint):
    quantized = {key: (100 * value).to(torch.int8) for key, value in weights().items()}
    with pytest.raises(Fault, match=r"0.weight holds int8.*quantized"):
        load_model(checkpoint(quantized))
    halved = {key: value.half() for key, value in weights().items()}
    assert next(load_model(checkpoint(halved)).network.parameters()).dtype == torch.float32


def test_the_command_says_which_size_its_shapes_are_of(capsys, tmp_path):
    main(["layers", "timm:vit_tiny_patch16_224", "--size", "100", "--config", str(no_config(tmp_path))])
    said = capsys.readouterr()
    assert "196 × 192" in said.out and "images of 100 pixels" in said.err and "of 224" in said.err


def test_networks_of_torchvision_that_classify_no_images_are_named():
    with pytest.raises(Fault, match="raft_small classifies no images"):
        load_model({"source": "torchvision", "architecture": "raft_small"})


def no_config(folder):
    (folder / "config.yaml").write_text("models: {}\n")
    return folder / "config.yaml"


def test_the_command_prints_names_shapes_and_stars(capsys, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("models: {small: {source: torchvision, architecture: squeezenet1_1}}")
    main(["layers", "small", "--config", str(config), "--size", "64"])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split() == ["*", "features.3", "128", "×", "15", "×", "15"] for line in lines)
    with pytest.raises(SystemExit, match="no architecture 'resnet81'"):
        main(["layers", "resnet81", "--config", str(config)])


CALLABLE = """import numpy as np
def make():
    def respond(images):
        return {}
    respond.layers = {}
    return respond
"""


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("make = 3\n", "is not a function but 3"),
        ("def make(): pass\n", "returned nothing"),
        ("def make(): raise ZeroDivisionError('boom\\nmore')\n", "boom"),
        ("def make(): raise SystemExit('bye')\n", "bye"),
        ("raise SystemExit('bye')\n", "bye"),
        ("1 / 0\n", "division by zero"),
        ("def make(:\n", "invalid syntax"),
        ("import torch\ndef make(): return torch.nn.Identity\n", "the class Identity"),
        ("import torch\ndef make(): return torch.nn.LazyLinear(3)\n", "parameters without values"),
        ("import torch\ndef make(): return torch.nn.Linear(3, 3, device='meta')\n", "parameters without values"),
        (CALLABLE.format("None", "['a']"), "returned nothing for images"),
        (CALLABLE.format("[1]", "['a']"), "returned a value of type list for images"),
        (CALLABLE.format("1 / 0", "['a']"), "division by zero"),
        (CALLABLE.format("{'a': [['x']] * len(images)}", "['a']"), "not an array of real numbers"),
        (CALLABLE.format("{'a': [[1], [1, 2]] * len(images)}", "['a']"), "not an array of real numbers"),
        (CALLABLE.format("{'a': np.ones((len(images), 3), dtype=complex)}", "['a']"), "complex"),
        (CALLABLE.format("{'a': np.ones((len(images), 0))}", "['a']"), "(2, 0)"),
    ],
)
def test_what_the_users_own_code_does_wrong_is_a_sentence_with_the_model(code, named, tmp_path):
    (tmp_path / "mine.py").write_text(code)
    images = np.zeros((2, 32, 32, 3), dtype=np.uint8)
    with pytest.raises(Fault) as fault:
        model = load_model({"source": "python", "factory": f"{tmp_path}/mine.py:make"}, "mine")
        extract(model, images, ["a"], tmp_path / "out" / "mine.h5")
    assert "odel mine" in str(fault.value) and named in str(fault.value)
    assert len(str(fault.value).splitlines()) == 1 and not list(tmp_path.glob("out/*"))


def test_a_repository_that_is_neither_a_folder_nor_an_address_is_named():
    with pytest.raises(Fault, match="no_such_folder"):
        load_model({"source": "torchhub", "repository": "no_such_folder", "architecture": "net"}, "mine")


@pytest.mark.parametrize("content", [b"", b"\x10\0\0\0\0\0\0\0{}", b"\x80\x04.", b"PK\x03\x04", bytes(range(256))])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors", ".bin"])
def test_files_of_weights_with_any_content_are_named(content, suffix, tmp_path):
    (tmp_path / f"bad{suffix}").write_bytes(content)
    spec = {"source": "checkpoint", "architecture": "squeezenet1_1", "file": str(tmp_path / f"bad{suffix}")}
    with pytest.raises(Fault, match=rf"bad{suffix}"):
        load_model(spec, "mine")


STUDY = """
models:
  squeezenet1_1: {source: torchvision, weights: IMAGENET1K_V1}
  test_vit: {source: timm}
  old: {source: checkpoint, architecture: "timm:test_vit", file: nowhere.pth}
  mine: {source: python, factory: "mine_of_the_test:network"}
  gabor: {source: python, factory: "ventral.models.baselines:gabor_energy"}
networks:
  sweep: {objective: mmcr, lambda: [0, 0.5], seeds: [0], architecture: squeezenet1_1, data: {stimuli: a}, size: 64}
"""


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("squeezenet1_1", "features.3 128 × 55 × 55"),
        ("test_vit", "blocks.0 197 × 64"),
        ("old", "blocks.0 197 × 64"),
        ("mine", "0 4 × 222 × 222"),
        ("gabor", "energy"),
        ("sweep", "features.3 128 × 15 × 15"),
        ("sweep_lambda0.5_seed0", "features.3 128 × 15 × 15"),
        ("timm:test_vit", "blocks.0 197 × 64"),
        ("mine_of_the_test.py:network", "0 4 × 222 × 222"),
    ],
)
def test_the_command_knows_every_model_of_the_config(name, line, capsys, tmp_path, monkeypatch):
    pytest.importorskip("timm")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(STUDY)
    (tmp_path / "mine_of_the_test.py").write_text(FACTORY)
    monkeypatch.delitem(sys.modules, "mine_of_the_test", raising=False)
    main(["layers", name])
    printed = [" ".join(line.replace("*", "").split()) for line in capsys.readouterr().out.splitlines()]
    assert any(one.startswith(line) for one in printed), printed


def test_the_command_refuses_no_size_and_no_file(capsys, tmp_path):
    for size in ("0", "-5", "1.5", "big"):
        with pytest.raises(SystemExit):
            main(["layers", "squeezenet1_1", "--size", size])
        assert "is not a number of pixels" in capsys.readouterr().err or size == "-5"
    with pytest.raises(SystemExit, match="does not exist"):
        main(["layers", "squeezenet1_1", "--config", str(tmp_path / "absent.yaml")])


def test_the_command_ends_quietly_in_a_closed_pipe(tmp_path):
    program = "import sys; from ventral.__main__ import main; main(['layers', 'squeezenet1_1', '--size', '64'])"
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=writer, stderr=subprocess.PIPE, cwd=tmp_path)
    os.close(writer)
    assert process.communicate()[1] == b"" and process.returncode == 0


def test_the_command_names_a_full_disk_in_one_sentence(tmp_path):
    program = "import sys; from ventral.__main__ import main; main(['layers', 'squeezenet1_1', '--size', '64'])"
    with open("/dev/full", "w") as full:
        process = subprocess.run([sys.executable, "-c", program], stdout=full, stderr=subprocess.PIPE, cwd=tmp_path)
    said = process.stderr.decode()
    assert process.returncode == 1 and "No space left" in said and len(said.splitlines()) == 1


# Weights, before any job


def found_wrong(spec, tmp_path, here=True):
    """What is said about the weights of an entry; asked twice, since what is right is remembered."""
    problems = [list(unfitting_weights({"mine": spec}, here, tmp_path / "weights")) for _ in range(2)]
    assert problems[0] == problems[1]
    return " ".join(problem for _, problem in problems[0])


def test_weights_that_do_not_fit_are_found_before_any_job(checkpoint, tmp_path):
    spec = checkpoint(weights())
    assert found_wrong(spec, tmp_path) == ""
    torch.save(weights(channels=6), spec["file"])
    assert "0.weight is 6×3×3×3 in the file and 4×3×3×3 in the network" in found_wrong(spec, tmp_path)
    assert found_wrong(spec, tmp_path, here=False) == ""
    assert "its SHA-256 is" in found_wrong(spec | {"sha256": "0" * 64}, tmp_path)
    (tmp_path / "weights.pth").write_bytes(b"")
    assert "weights.pth" in found_wrong(spec, tmp_path)


def test_names_of_weights_and_arguments_are_checked_before_any_job(tmp_path):
    pytest.importorskip("timm")
    vit, mnasnet = {"source": "timm", "weights": "DEFAULT"}, {"source": "torchvision", "architecture": "mnasnet0_5"}
    entries = {
        "no weights 'IMAGENET1K_V7'": mnasnet | {"weights": "IMAGENET1K_V7"},
        "no weights 'r999' of test_vit": vit | {"architecture": "test_vit.r999"},
        "classifier.1.weight": SQUEEZE | {"weights": "DEFAULT", "arguments": {"num_classes": 7}},
        "dropuot": SQUEEZE | {"weights": "DEFAULT", "arguments": {"dropuot": 0.1}},
    }
    sound = {
        "a": mnasnet | {"weights": "IMAGENET1K_V1"},
        "b": vit | {"architecture": "test_vit"},
        "c": SQUEEZE | {"weights": "DEFAULT", "arguments": {"dropout": 0.1}},
    }
    for _ in range(2):
        said = dict(unfitting_weights(entries | sound, False, tmp_path))
        assert set(said) == set(entries) and all(key in sentence for key, sentence in said.items())
