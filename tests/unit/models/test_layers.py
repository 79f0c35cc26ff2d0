"""Layers: found by name, described once, and in the order in which they finish."""

import json
import subprocess
import sys

import pytest
from small_network import FACTORY, RESNET, weights

from ventral.core.errors import Fault
from ventral.models import layer_names, load_model
from ventral.models.found_layers import describe
from ventral.models.known_layers import CATALOG
from ventral.models.layer_choice import _kept, layer_problems, layers_of, relative_depths, resolve_layers
from ventral.models.load import load_untrained
from ventral.models.user_files import code_hash


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
    for wrong, key in (({"last": 0}, "last: 0 "), ({"layers": []}, "layers: mine ")):
        (problem,) = layer_problems("mine", RESNET | wrong)
        assert problem.startswith(key)
    assert layer_problems("mine", RESNET) == []
    with pytest.raises(Fault, match=r"layer5.0"):
        resolve_layers(RESNET | {"layers": "layer5.0"})


def test_the_presets_need_no_torch():
    program = "import sys; from ventral.models.layer_choice import resolve_layers; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("architecture", ["resnet18", "squeezenet1_1", "alexnet", "shufflenet_v2_x1_0", "googlenet"])
def test_the_presets_say_what_the_installed_torchvision_does(architecture):
    network = load_model({"source": "torchvision", "architecture": architecture}).network
    layers = describe(network, 96)
    known = layers_of({"source": "torchvision", "architecture": architecture})
    assert known.names == tuple(layer.name for layer in layers)
    assert known.auto == tuple(layer.name for layer in layers if layer.auto)


def test_every_preset_has_blocks_and_the_file_stays_small():
    catalog = json.loads(CATALOG.read_text())
    assert len(catalog) >= 25 and CATALOG.stat().st_size < 300_000
    for architecture, entry in catalog.items():
        names, auto = entry["layers"].split(), entry["auto"].split()
        assert len(auto) >= 4 and set(auto) <= set(names) and len(set(names)) == len(names), architecture


def test_other_networks_are_described_once(factory, tmp_path):
    spec = {"source": "python", "factory": factory, "layers": "auto"}
    cache = tmp_path / "catalog"
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
    monkeypatch.setattr(
        "ventral.models.layer_choice.ask", lambda *_, **__: {"layers": ["0"], "auto": [], "is_module": True}
    )
    spec = {"source": "timm", "architecture": "test_vit"}
    kept = _kept(spec, tmp_path)
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


def test_a_network_that_cannot_be_described_is_a_problem(tmp_path):
    (tmp_path / "broken.py").write_text("def network():\n    return 3\n")
    spec = {"source": "python", "factory": f"{tmp_path / 'broken.py'}:network", "layers": "auto"}
    (problem,) = layer_problems("mine", spec, tmp_path / "catalog")
    assert "It must return a torch.nn.Module" in problem


def test_a_checkpoint_is_described_without_its_file(checkpoint):
    spec = checkpoint(weights()) | {"file": "nowhere.pth"}
    assert layer_names(load_untrained(spec, "moco"), size=16) == ["0", "1", "2"]
