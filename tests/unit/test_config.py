"""Every fault of a configuration is found, named by its path, and offered the nearest right name."""

import copy
from pathlib import Path

import pytest
import yaml

from ventral.config import complete, duplicates
from ventral.store import Fault

ROOT = Path(__file__).parent.parent.parent

GOOD = {
    "stimuli": {"scenes": {"kind": "scenes", "base_scenes": 4, "levels": 3, "parameters": ["pose"]}},
    "models": {"alexnet": {"source": "torchvision"}},
    "recordings": {"simulated": {"kind": "simulated", "stimuli": "scenes"}},
}


def changed(path: str, value) -> dict:
    config = copy.deepcopy(GOOD)
    *parents, last = path.split("/")
    place = config
    for parent in parents:
        place = place[parent]
    place[last] = value
    return config


def test_defaults_are_filled_in():
    config = complete(GOOD)
    assert config["seed"] == 0 and config["device"] == "auto" and config["keep_activations"] is True
    assert config["geometry"]["thresholds"][2] == 0.9
    assert config["stimuli"]["scenes"]["pooling"] == "none" and config["stimuli"]["scenes"]["size"] == 224
    assert config["models"]["alexnet"]["layers"] == "auto" and config["models"]["alexnet"]["weights"] is None
    assert config["recordings"]["simulated"]["repeats"] == 8
    assert config["predictivity"]["splits"] == {"kind": "kfold", "folds": 5, "seed": 1}


@pytest.mark.parametrize(
    "file", ["config.yaml", *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("workflow/studies/*.yaml"))]
)
def test_the_studies_that_ship_are_sound(file):
    complete(yaml.safe_load((ROOT / file).read_text()), [ROOT / file])


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("divice", "cpu", "divice: unknown key (did you mean 'device'?)."),
        ("device", "gpu", "device: 'gpu' is not one of auto, cpu, cuda"),
        ("seed", "zero", "seed: must be a whole number, not 'zero'."),
        ("stimuli/scenes/level", 3, "stimuli.scenes.level: unknown key (did you mean 'levels'?)."),
        ("stimuli/scenes/parameters", ["pse"], "stimuli.scenes.parameters.0: 'pse' is not one of pose,"),
        ("stimuli/a b", {"kind": "scenes", "base_scenes": 4}, "stimuli.a b: a name holds letters"),
        ("stimuli/photos", {"kind": "images"}, "stimuli.photos: needs the key 'folder'."),
        ("stimuli/photos", {"kind": "images", "folder": "no/such"}, "stimuli.photos.folder: "),
        ("models/alexnet/source", "torchvison", "(did you mean 'torchvision'?)"),
        ("models/alexnet/layers", ["features.99"], "models.alexnet.layers: "),
        ("models/alexnet/layers", 3, "models.alexnet.layers: must be a text or a list of texts"),
        ("recordings/simulated/stimuli", "scnes", "no stimulus set 'scnes' (did you mean 'scenes'?)."),
        ("recordings/scenes", {"kind": "macaque_v4", "session": 210325}, "recordings.scenes: brings its own images"),
        ("recordings/v4", {"kind": "macaque_v4", "session": 210326}, "recordings.v4.session: "),
        ("stimuli/scenes/categories", ["car", "chiar"], "there is no 'chiar' (did you mean 'chair'?)."),
        ("stimuli/scenes/meshes", "no/meshes", "stimuli.scenes.meshes: The mesh folder no/meshes does not exist"),
        ("stimuli/scenes/backgrounds", "no/such", "stimuli.scenes.backgrounds: "),
        ("stimuli/scenes/ranges", {"azimut": [0, 1]}, "stimuli.scenes.ranges: "),
        ("geometry", {"thresholds": [0.9, 2]}, "geometry.thresholds.1: 2 is greater than"),
    ],
)
def test_a_fault_is_named(path, value, sentence):
    with pytest.raises(Fault) as caught:
        complete(changed(path, value))
    assert sentence in str(caught.value)
    assert "1 fault;" in str(caught.value)


def test_all_faults_are_listed_at_once():
    config = changed("divice", "cpu")
    config["seed"] = "zero"
    config["models"]["alexnet"]["layers"] = ["features.99"]
    config["recordings"]["simulated"]["stimuli"] = "scnes"
    with pytest.raises(Fault) as caught:
        complete(config)
    assert "4 faults;" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 5


def test_a_key_written_twice_is_found(tmp_path):
    file = tmp_path / "study.yaml"
    file.write_text("models:\n  a: {source: timm}\n  b: {source: timm, source: timm}\n  a: {source: timm}\n")
    found = duplicates(file)
    assert len(found) == 2
    assert found[0].startswith("models.b.source: written twice") and "lines 3 and 3" in found[0]
    assert found[1].startswith("models.a: written twice") and "lines 2 and 4" in found[1]


def test_broken_yaml_is_a_sentence(tmp_path):
    file = tmp_path / "study.yaml"
    file.write_text("models: [unclosed")
    (found,) = duplicates(file)
    assert "is not valid YAML" in found and "\n" not in found
