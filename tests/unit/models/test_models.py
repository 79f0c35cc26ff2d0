"""Models: the same entry gives the same network, and what user code or an entry does wrong is named."""

import subprocess
import sys
import urllib.error

import numpy as np
import pytest
import torch
from small_network import FACTORY, SQUEEZE

from ventral.core.errors import Fault
from ventral.models import extract, load_model
from ventral.models.architectures import construct, headless
from ventral.models.sources import model_entry


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
    with pytest.raises(Fault, match=r"no source 'keras'; use .*torchvision"):
        load_model({"source": "keras"})


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        (SQUEEZE, "untrained"),
        (SQUEEZE | {"weights": "IMAGENET1K_V1"}, "supervised"),
        (SQUEEZE | {"weights": "w.pth"}, "unknown"),
        (SQUEEZE | {"weights": "w.pth", "kind": "auxiliary"}, "auxiliary"),
        ({"source": "timm", "architecture": "resnet18"}, "untrained"),
        ({"source": "timm", "architecture": "resnet50.a1_in1k", "weights": "DEFAULT"}, "supervised"),
        ({"source": "timm", "architecture": "vit_small_patch16_224.dino", "weights": "DEFAULT"}, "self_supervised"),
        ({"source": "timm", "architecture": "vit_base_patch16_clip_224.openai", "weights": "DEFAULT"}, "unknown"),
        ({"source": "timm", "architecture": "resnet50", "weights": {"package": "p"}}, "unknown"),
        ({"source": "architecture", "architecture": "resnet18"}, "untrained"),
        ({"source": "python", "factory": "a:b", "baseline": True}, "baseline"),
        ({"source": "python", "factory": "a:b"}, "unknown"),
        ({"source": "checkpoint", "architecture": "resnet18", "file": "w.pth"}, "unknown"),
    ],
)
def test_how_a_model_was_trained_is_known_or_said(spec, kind):
    assert model_entry(spec).training_kind() == kind
    assert model_entry(spec | {"kind": "other"}).training_kind() == "other"


def test_random_weights_cannot_be_said_to_be_trained():
    assert [*model_entry(SQUEEZE | {"kind": "supervised"}).problems()] == [
        "kind: supervised needs `weights`; without them the weights are random."
    ]
    assert [*model_entry(SQUEEZE | {"kind": "untrained"}).problems()] == []


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
    model = load_model({"source": "timm", "architecture": "test_vit", "preprocess": {"std": [1, 1, 1]}})
    assert model.preprocess.mean == (0.5, 0.5, 0.5) and model.preprocess.std == (1.0, 1.0, 1.0)
    with pytest.raises(Fault, match=r"timm has no architecture 'resnet18x' .did you mean"):
        load_model({"source": "timm", "architecture": "resnet18x"})


def test_a_python_factory_is_seeded_and_its_return_is_checked(factory, tmp_path):
    spec = {"source": "python", "factory": factory, "seed": 2}
    assert load_model(spec).fingerprint == load_model(spec).fingerprint
    (tmp_path / "wrong.py").write_text("def network():\n    return 3\n")
    with pytest.raises(Fault, match=r"returned int"):
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
        "def color(images):\n    return {'mean': images.mean((1, 2))}\n"
        "color.layers = ['mean']\ndef make():\n    return color\n"
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


def test_timm_is_imported_without_the_compiler_and_its_mark_still_works():
    program = """
import sys
from ventral.models import load_model
load_model({"source": "timm", "architecture": "resnet10t"})
assert "torch._dynamo" not in sys.modules
import torch
torch.compiler.disable(lambda: None)
assert "torch._dynamo" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


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
    with pytest.raises(Fault, match=r"squeezenet1_1, .* resnet18"):
        load_model(spec | {"architecture": "resnet18"}, "mine")


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


def test_networks_of_torchvision_that_classify_no_images_are_named():
    with pytest.raises(Fault, match="raft_small classifies no images"):
        load_model({"source": "torchvision", "architecture": "raft_small"})


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
