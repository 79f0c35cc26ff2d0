"""Models in a configuration: every fault of keys, weights and layers is found before any job."""

from pathlib import Path

import pytest
import torch
from sound_config import changed

from ventral.config.complete import complete
from ventral.core.errors import Fault

FACTORY = "ventral.models.baselines:pixels"


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (
            {"source": "torchvision", "preprocess": {"sice": 64}},
            "h.preprocess.sice: unknown key (did you mean 'size'?).",
        ),
        (
            {"source": "torchvision", "preprocess": {"size": "64"}},
            "h.preprocess.size: ",
        ),
        (
            {"source": "torchvision", "preprocess": {"mean": [0, 0]}},
            "h.preprocess.mean: must be a list of 3, not [0, 0].",
        ),
        ({"source": "torchvision", "preprocess": {"std": [1, 1, 0]}}, "h.preprocess.std.2: 0 is less than or equal to"),
        ({"source": "torchvision", "repository": "a/b"}, "h.repository: unknown key."),
        ({"source": "timm", "factory": FACTORY}, "h.factory: unknown key."),
        ({"source": "torchhub", "architecture": "resnet18"}, "h: needs the key 'repository'."),
        ({"source": "torchhub", "repository": "a/b", "weights": None}, "h.weights: unknown key."),
        ({"source": "checkpoint", "architecture": "resnet18"}, "h: needs the key 'file' or 'url'."),
        ({"source": "python"}, "h: needs the key 'factory'."),
        ({"source": "python", "factory": FACTORY, "architecture": "resnet18"}, "h.architecture: unknown key."),
        ({"source": "trained", "file": "a.pth"}, "h.source: 'trained' is not one of checkpoint, python,"),
        ({"source": "checkpoint", "architecture": "alexnet", "file": "no.pth"}, "h.file: there is no file 'no.pth'."),
        ({"source": "torchvision", "architecture": "alexnet", "weights": "a/b"}, "h.weights: there is no file 'a/b'."),
        (
            {"source": "torchvision", "architecture": "alexnet", "weights": "b.pth"},
            "h.weights: there is no file 'b.pth'.",
        ),
        (
            {"source": "torchvision", "architecture": "alexnet", "weights": "DEFAULT", "keys": "by_order"},
            "h.keys: belongs to weights of a file",
        ),
        (
            {"source": "torchvision", "architecture": "alexnet", "weights": "DEFAULT", "sha256": "0" * 64},
            "h.sha256: belongs to weights of a file",
        ),
        (
            {"source": "torchvision", "architecture": "alexnet", "weights": "DEFAULT", "kind": "untrained"},
            "h.kind: published weights are trained",
        ),
        ({"source": "torchvision", "architecture": "resnet10"}, "h: Model resnet10: torchvision has no architecture"),
    ],
)
def test_a_model_has_the_keys_of_its_source(model, sentence):
    with pytest.raises(Fault) as caught:
        complete(changed("models/h", model))
    assert f"models.{sentence}" in str(caught.value)
    assert "1 fault;" in str(caught.value)


def test_sound_models_of_each_source_get_their_defaults(tmp_path):
    (tmp_path / "a.pth").touch()
    config = changed("models/resnet18", {"source": "checkpoint", "file": str(tmp_path / "a.pth")})
    config["models"]["pixels"] = {"source": "python", "factory": FACTORY, "layers": ["pixels"]}
    config["models"]["alexnet"] |= {"weights": str(tmp_path / "a.pth"), "preprocess": {"size": 64, "std": [1, 1, 1]}}
    models = complete(config)["models"]
    assert all(model["last"] == 5 and model["baseline"] is False for model in models.values())
    assert models["resnet18"]["architecture"] == "resnet18" and "architecture" not in models["pixels"]


ALEXNET = {"source": "torchvision", "architecture": "alexnet"}
VIT = {"source": "timm", "architecture": "test_vit"}


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (ALEXNET | {"weights": "None"}, "weights: 'None'"),
        (VIT | {"weights": "none"}, "weights: 'none'"),
        (ALEXNET | {"weights": "imagenet"}, "it has IMAGENET1K_V1, DEFAULT"),
        (VIT | {"weights": "IMAGENET1K_V1"}, "timm knows DEFAULT"),
        (ALEXNET | {"arguments": {"weights": "DEFAULT"}}, "arguments.weights: "),
        (VIT | {"arguments": {"pretrained": True}}, "arguments.pretrained: "),
        (ALEXNET | {"arguments": {"dropuot": 0.5}}, "dropuot"),
        (ALEXNET | {"layers": [0, "features.2"]}, "layers: .* write 0 in quotes"),
        (ALEXNET | {"layers": 1.5}, "layers: .* write 1.5 in quotes"),
        (ALEXNET | {"preprocess": {"interpolation": "cubic"}}, "interpolation: "),
        (ALEXNET | {"preprocess": {"crop": 0}}, "crop: "),
        (
            {"source": "python", "factory": FACTORY, "layers": ["pixels"], "preprocess": {"size": 64}},
            "not a torch network",
        ),
    ],
)
def test_faults_of_models_are_found_before_any_job(model, sentence):
    with pytest.raises(Fault, match=rf"1 fault;(.|\n)*models\.h.*{sentence}"):
        complete(changed("models/h", model))


def test_layers_that_snakemake_would_read_otherwise_are_refused(tmp_path, monkeypatch):
    names = ["{stem}", "a{", "b}", "<stem>", "stimulus_id"]
    monkeypatch.chdir(tmp_path)
    Path("odd.py").write_text(
        "import torch\ndef net():\n    n = torch.nn.Sequential()\n"
        f"    for name in {names}:\n        n.add_module(name, torch.nn.ReLU())\n    return n\n"
    )
    with pytest.raises(Fault) as caught:
        complete(changed("models/h", {"source": "python", "factory": "odd.py:net", "layers": names}))
    assert all(f"models.h.layers: the name {name!r} " in str(caught.value) for name in names)


def test_a_gpu_that_is_not_there_is_a_fault_where_the_study_runs(monkeypatch):
    monkeypatch.setattr("ventral.config.complete.gpus", list)
    complete(changed("device", "cuda"))
    complete(changed("device", "auto"), here=True)
    with pytest.raises(Fault, match="device: cuda needs an NVIDIA GPU"):
        complete(changed("device", "cuda"), here=True)


def test_files_of_weights_are_opened_where_the_study_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"stem": torch.zeros(2)}, "a.pth")
    config = changed("models/h", {"source": "checkpoint", "architecture": "squeezenet1_1", "file": "a.pth"})
    complete(config)
    with pytest.raises(Fault, match=r"models\.h\.file: a.pth "):
        complete(config, here=True)


def test_a_network_that_breaks_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("breaks.py").write_text("def network():\n    raise KeyError('stem')\n")
    with pytest.raises(Fault, match=r"models\.h: .*breaks\.py:network.*'stem'"):
        complete(changed("models/h", {"source": "python", "factory": "breaks.py:network"}))
