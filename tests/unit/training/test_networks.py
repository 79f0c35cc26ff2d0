"""Networks that a study trains: their names, what they become, and faults found before any job runs."""

import json
import math

import numpy as np
import pytest
import yaml
from network_study import ASKED, GOOD, changed
from PIL import Image

from ventral.commands.print_layers import entry_of
from ventral.config.complete import complete
from ventral.core.device import lease
from ventral.core.errors import Fault
from ventral.stimuli import open_images, read_table
from ventral.stimuli.augmentations import apply
from ventral.stimuli.write_set import make
from ventral.training.networks import models_of, networks_of, trained_on, without_baseline


def test_every_share_and_seed_is_a_network_and_a_model():
    config = complete(changed("networks/sweep/seeds", [0, 7]))
    networks = networks_of(config)
    assert list(networks) == [f"sweep_lambda{at}_seed{seed}" for at in ("0", "0.25") for seed in (0, 7)]
    spec = networks["sweep_lambda0.25_seed7"]
    assert (spec["entry"], spec["lambda"], spec["seed"], spec["batch"]) == ("sweep", 0.25, 7, 8)
    assert spec["optimizer"] == {
        **{"kind": "adamw", "lr": 0.001, "weight_decay": 1e-6, "momentum": 0.9, "warmup": 1},
    }
    assert not {"seeds", "layers", "last"} & set(spec)
    model = models_of(config)["sweep_lambda0.25_seed7"]
    assert model["source"] == "trained" and model["file"] == "results/networks/sweep_lambda0.25_seed7/network.pth"
    assert model["preprocess"] == {"size": 224} and model["last"] == 5 and model["baseline"] is False
    assert trained_on(config) == ["training"] and without_baseline(config) == []
    assert without_baseline(complete(changed("networks/sweep/lambda", [0.5]))) == ["sweep"]


def test_the_command_finds_the_network_that_an_entry_trains(tmp_path):
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(GOOD))
    entry = entry_of("sweep", tmp_path / "study.yaml")
    assert entry == {"source": "architecture", "architecture": "resnet18", "preprocess": {"size": 224}}


@pytest.mark.parametrize("wrong", [None, "text"])
def test_the_command_names_an_entry_that_says_nothing(tmp_path, wrong):
    (tmp_path / "study.yaml").write_text(yaml.safe_dump({"models": {"mine": wrong}, "networks": {"sweep": wrong}}))
    for name in ("mine", "sweep"):
        with pytest.raises(Fault, match=f"^{name} in .*study.yaml: must be a mapping of names, not {wrong!r}"):
            entry_of(name, tmp_path / "study.yaml")


def test_two_entries_never_train_networks_of_one_name():
    with pytest.raises(Fault, match=r"networks.sweep_lambda0: .* sweep .* sweep_lambda0_seed0; rename"):
        complete(changed("networks/sweep_lambda0", ASKED))


def test_an_objective_of_right_answers_has_a_network_for_each_seed(tmp_path):
    config = changed("networks/turns", ASKED | {"seeds": [0, 7]})
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(config))
    assert entry_of("turns_seed7", tmp_path / "study.yaml")["architecture"] == "resnet18"
    config = complete(config)
    assert [name for name in networks_of(config) if name.startswith("turns")] == ["turns_seed0", "turns_seed7"]
    spec = networks_of(config)["turns_seed7"]
    assert (spec["entry"], spec["lambda"], spec["seed"]) == ("turns", 0.0, 7)
    assert models_of(config)["turns_seed0"]["file"] == "results/networks/turns_seed0/network.pth"
    assert without_baseline(config) == []
    assert models_of(config)["turns_seed0"]["kind"] == "self_supervised"
    named = ASKED | {"objective": "supervised"}
    for labels, kind in (("own", "supervised"), ("scrambled", "other")):
        config = complete(changed("networks/named", named | {"labels": labels}))
        assert models_of(config)["named_seed0"]["kind"] == kind


def test_numbers_written_otherwise_are_the_same_networks():
    config = changed("networks/sweep/lambda", [-0.0, 0.25])
    config["networks"]["sweep"] |= {"seeds": [0.0], "batch": 8.0, "data": {"stimuli": "training"}}
    assert json.dumps(networks_of(complete(config))) == json.dumps(networks_of(complete(GOOD)))


def test_networks_of_one_seed_differ_in_nothing_but_their_share():
    first, second = networks_of(complete(GOOD)).values()
    assert first | {"lambda": 0.25} == second


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("networks/sweep/objective", "barlow", "(did you mean 'barlow_twins'?)."),
        ("networks/sweep/lamda", [0], "networks.sweep.lamda: unknown key (did you mean 'lambda'?)."),
        ("networks/sweep/lambda", [0, 1.5], "networks.sweep.lambda.1: 1.5 is greater than"),
        ("networks/sweep/lambda", [0, 0], "networks.sweep.lambda: "),
        ("networks/sweep/lambda", [math.nan], "networks.sweep.lambda.0: must be a number, not nan."),
        ("networks/sweep/optimizer", {"lr": math.inf}, "networks.sweep.optimizer.lr: must be a number, not inf."),
        ("networks/sweep", "text", "networks.sweep: must be a mapping of names, not 'text'."),
        ("networks", {"sweep": None}, "networks.sweep: must be a mapping of names, not null."),
        ("networks/sweep/lambda", [0.2, 0.2000001], "does not tell all values apart"),
        ("networks/sweep/data", {"stimuli": "trainin"}, "no stimulus set 'trainin' (did you mean 'training'?)."),
        ("networks/sweep/data", {"stimuli": "training", "folder": "a"}, "needs one of stimuli, folder, torchvision"),
        ("networks/sweep/data", {}, "networks.sweep.data: needs the key 'stimuli' or 'folder' or 'torchvision'."),
        ("networks/sweep/data", {"folder": "no/such"}, "networks.sweep.data.folder: The image folder or file no/such"),
        ("networks/sweep/data", {"torchvision": "CIFAR10"}, "networks.sweep.data.root: "),
        ("networks/sweep/data", {"torchvision": "CIFAR10", "root": "no/such"}, "the folder no/such does not exist"),
        ("networks/sweep/data", {"stimuli": "training", "split": "test"}, "data.split: belongs to `torchvision` only."),
        ("networks/sweep/batch", 9, "there are 16 in all; take no more than 8."),
        ("networks/sweep/accumulate", 3, "networks.sweep.accumulate: 8 pairs per process do not make 3 equal parts"),
        ("networks/sweep/processes", 3, "networks.sweep.processes: 3 processes cannot share 8 pairs evenly"),
        ("networks/sweep/accumulate", 8, "networks.sweep.batch: "),
        ("networks/sweep/ema", 0.9, "networks.sweep.ema: unknown key. It belongs to mmcr ("),
        (
            "networks/sweep/objective",
            "rotation",
            "networks.sweep.lambda: unknown key. It belongs to barlow_twins, mmcr, nt_xent",
        ),
        ("networks/turns", {**ASKED, "projector": [8, 8]}, "networks.turns.projector: unknown key. It belongs to "),
        (
            "networks/turns",
            {**ASKED, "labels": "own"},
            "networks.turns.labels: unknown key. It belongs to supervised (",
        ),
        (
            "networks/turns",
            {**ASKED, "objective": "relative_patch", "size": 32},
            "networks.turns.size: 32 is less than",
        ),
        ("networks/turns", {**ASKED, "objective": "rotations"}, "(did you mean 'rotation'?)."),
        ("networks/sweep/optimizer", {"kind": "sgd"}, "'sgd' is not one of adamw, lars"),
        ("networks/sweep/optimizer", {"weight_decay": "1e-6"}, "YAML takes it for a text without a point"),
        ("networks/sweep/optimizer", {"warmup": 4}, "4 epochs are more than the 3 of training"),
        ("networks/sweep/augmentation", {"crop_area": [0.5, 0.2]}, "[0.5, 0.2] goes down"),
        ("networks/sweep/augmentation", {"flop": 1}, "unknown key (did you mean 'flip'?)."),
        ("networks/sweep/architecture", "resnet81", "torchvision has no architecture 'resnet81'"),
        ("networks/sweep/layers", ["layer9"], "networks.sweep.layers: 'layer9' is not a layer of sweep"),
        (
            "models",
            {"sweep_lambda0_seed0": {"source": "torchvision", "architecture": "alexnet"}},
            "sweep_lambda0_seed0",
        ),
        (
            "models",
            {"sweep": {"source": "torchvision", "architecture": "alexnet"}},
            "networks.sweep: ",
        ),
        (
            "recordings",
            {"simulated": {"kind": "simulated", "stimuli": "training"}},
            "recordings.simulated.stimuli: networks are trained on 'training', so nothing is measured on it",
        ),
        (
            "stimuli/augmented",
            {"kind": "augmentations", "stimuli": "training"},
            "stimuli.augmented.stimuli: networks are trained on 'training'",
        ),
        ("stimuli/augmented", {"kind": "augmentations"}, "stimuli.augmented: needs the key 'folder' or 'stimuli'."),
        ("stimuli/augmented", {"kind": "augmentations", "stimuli": "scene"}, "(did you mean 'scenes'?)."),
        ("stimuli/augmented", {"kind": "augmentations", "stimuli": "augmented"}, "holds augmentations already"),
        ("stimuli/scenes", None, "the study has no images that no network is trained on"),
        ("networks", None, "the file: needs the key 'models' or 'networks' or 'recordings'."),
    ],
)
def test_a_fault_is_named(path, value, sentence):
    with pytest.raises(Fault) as caught:
        complete(changed(path, value))
    assert sentence in str(caught.value)
    assert "1 fault;" in str(caught.value)


def test_faults_of_a_set_and_of_the_networks_trained_on_it_are_told_apart():
    config = changed("stimuli/training/base_scenes", "many")
    config["networks"]["sweep"]["batch"] = 7
    config["networks"]["sweep"]["processes"] = 2
    with pytest.raises(Fault) as caught:
        complete(config)
    assert "stimuli.training.base_scenes: " in str(caught.value)
    assert "networks.sweep.processes: 2 processes cannot share" in str(caught.value) and "2 faults" in str(caught.value)


def test_a_set_of_augmentations_takes_the_images_of_another_set(tmp_path):
    scenes = {"kind": "scenes", "base_scenes": 5, "size": 48, "parameters": [], "levels": 10, "seed": 0}
    make("scenes", scenes, tmp_path / "scenes.h5", tmp_path / "scenes.png")
    spec = {"kind": "augmentations", "stimuli": "scenes", "images": 3, "levels": 5, "size": 32, "seed": 0}
    make("varied", spec, tmp_path / "varied.h5", tmp_path / "varied.png", source=tmp_path / "scenes.h5")
    of_scenes, table = read_table(tmp_path / "scenes.h5"), read_table(tmp_path / "varied.h5")
    assert list(table.scene.unique()) == list(of_scenes.stimulus_id.iloc[[0, 2, 4]])
    assert list(table.label.unique()) == list(of_scenes.label.iloc[[0, 2, 4]].unique())
    with open_images(tmp_path / "scenes.h5") as images, open_images(tmp_path / "varied.h5") as varied:
        assert varied.file.attrs["description"] == "3 images from scenes, each clean and under 4 × 5 augmentations."
        for i, row in enumerate(table.to_dict("records")):
            source = images[of_scenes.index[of_scenes.stimulus_id == row["scene"]][0]]
            np.testing.assert_array_equal(varied[i], apply(source, row, 32))
    assert Image.open(tmp_path / "varied.png").width > 100


def test_a_training_leases_as_many_gpus_as_it_has_processes(monkeypatch, tmp_path):
    monkeypatch.setattr("ventral.core.device.gpus", lambda: ["GPU-a", "GPU-b", "GPU-c"])
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    import os

    with lease("auto", 2) as device:
        assert device == "cuda:0" and os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-a,GPU-b"
        with lease("auto") as device:
            assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-c"
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
    with pytest.raises(Fault, match="needs 4 GPUs and this machine offers 3"), lease("cuda", 4):
        pass
