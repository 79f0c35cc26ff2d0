"""Every fault of a configuration is found, named by its path, and offered the nearest right name."""

import copy

import pytest
import yaml
from checkout import ROOT
from sound_config import GOOD, changed
from things_files import write_tvsd

from ventral.config.complete import complete, duplicates
from ventral.core.errors import Fault
from ventral.recordings.kinds import recording_entry


def test_defaults_are_filled_in():
    config = complete(GOOD)
    assert config["seed"] == 0 and config["device"] == "auto" and config["keep_activations"] is True
    assert config["geometry"]["thresholds"][2] == 0.9
    assert config["stimuli"]["scenes"]["pooling"] == "none" and config["stimuli"]["scenes"]["size"] == 224
    assert config["models"]["alexnet"]["layers"] == "auto" and config["models"]["alexnet"]["weights"] is None
    assert config["recordings"]["simulated"]["repeats"] == 8
    assert config["predictivity"]["splits"] == {"kind": "kfold", "folds": 5, "seed": 1}


def test_every_kind_of_stimuli_gets_its_defaults(tmp_path):
    (tmp_path / "a.mp4").touch()
    (tmp_path / "a.png").touch()
    kinds = ("images", "movies", "augmentations")
    config = GOOD | {"stimuli": GOOD["stimuli"] | {kind: {"kind": kind, "folder": str(tmp_path)} for kind in kinds}}
    stimuli = complete(config)["stimuli"]
    assert all(spec["size"] == 224 and spec["pooling"] == "none" for spec in stimuli.values())
    assert (stimuli["movies"]["frames"], stimuli["movies"]["step"], stimuli["movies"]["clips"]) == (10, 1, 100)
    assert (stimuli["augmentations"]["images"], stimuli["augmentations"]["levels"]) == (50, 20)
    assert stimuli["images"]["grayscale"] is stimuli["scenes"]["grayscale"] is False


@pytest.mark.parametrize(
    "file", ["config.yaml", *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("workflow/studies/*.yaml"))]
)
def test_the_studies_that_ship_are_sound(file, tmp_path, nothing_is_fetched):
    for i in range(2048):  # in place of the photographs that a user brings
        (tmp_path / f"{i}.jpg").touch()
    write_tvsd(tmp_path / "TVSD")
    of_nsd = {"kind": "nsd", "folder": str(tmp_path), "subject": 1, "areas": ["V1", "ventral"], "reliability": 0.1}
    nsd = recording_entry(of_nsd)
    sessions = [name for session in nsd.numbers for name in nsd.files_of_space.betas(session)]
    for name in (*nsd.needed(), *sessions):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    text = (ROOT / file).read_text().replace("path/to/imagenet/train", str(tmp_path))
    text = text.replace("path/to/TVSD", str(tmp_path / "TVSD")).replace("path/to/object_images", str(tmp_path))
    text = text.replace("path/to/nsd", str(tmp_path))
    complete(yaml.safe_load(text), [ROOT / file])


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("divice", "cpu", "divice: unknown key (did you mean 'device'?)."),
        ("device", "gpu", "device: 'gpu' is not one of auto, cpu, cuda"),
        ("seed", "zero", "seed: "),
        ("stimuli/scenes/level", 3, "stimuli.scenes.level: unknown key (did you mean 'levels'?)."),
        ("stimuli/scenes/parameters", ["pse"], "stimuli.scenes.parameters.0: 'pse' is not one of pose,"),
        ("stimuli/a b", {"kind": "scenes", "base_scenes": 4}, "stimuli.a b: "),
        ("stimuli/photos", {"kind": "images"}, "stimuli.photos: needs the key 'folder'."),
        ("stimuli/photos", {"kind": "images", "folder": "no/such"}, "stimuli.photos.folder: "),
        ("stimuli/clips", {"kind": "movis", "folder": "a"}, "(did you mean 'movies'?)."),
        ("stimuli/clips", {"kind": "movies"}, "stimuli.clips: needs the key 'folder'."),
        (
            "stimuli/clips",
            {"kind": "movies", "folder": "no/such"},
            "stimuli.clips.folder: ",
        ),
        ("stimuli/clips", {"kind": "movies", "folder": str(ROOT / "workflow")}, "workflow holds no videos (.avi,"),
        ("stimuli/clips", {"kind": "movies", "folder": str(ROOT / "README.md")}, "nor a video file (.avi,"),
        ("stimuli/varied", {"kind": "augmentations", "folder": "no/such"}, "stimuli.varied.folder: "),
        ("stimuli/varied", {"kind": "augmentations", "folder": "a", "level": 3}, "(did you mean 'levels'?)."),
        (
            "stimuli/scenes/like",
            "scnes",
            "stimuli.scenes.like: there is no stimulus set 'scnes' (did you mean 'scenes'?)",
        ),
        ("stimuli/scenes/grayscale", "yes", "stimuli.scenes.grayscale: "),
        ("models/alexnet/source", "torchvison", "(did you mean 'torchvision'?)"),
        ("models/alexnet/layers", ["features.99"], "models.alexnet.layers: "),
        ("models/alexnet/layers", 3, "models.alexnet.layers: "),
        ("recordings/simulated/stimuli", "scnes", "no stimulus set 'scnes' (did you mean 'scenes'?)."),
        ("recordings/scenes", {"kind": "macaque_v4", "session": 210325}, "recordings.scenes: "),
        ("recordings/v4", {"kind": "macaque_v4", "session": 210326}, "recordings.v4.session: "),
        ("stimuli/scenes/categories", ["car", "chiar"], "there is no 'chiar' (did you mean 'chair'?)."),
        ("stimuli/scenes/meshes", "no/meshes", "stimuli.scenes.meshes: "),
        ("stimuli/scenes/backgrounds", "no/such", "stimuli.scenes.backgrounds: "),
        ("stimuli/scenes/ranges", {"azimut": [0, 1]}, "stimuli.scenes.ranges: "),
        ("stimuli/scenes/ranges", {"size": ["a", 1]}, "stimuli.scenes.ranges.size.0: must be a number, not 'a'."),
        ("stimuli/scenes/ranges", {"size": [1]}, "stimuli.scenes.ranges.size: must be a list of 2, not [1]."),
        ("stimuli/scenes/ranges", {"size": 1}, "stimuli.scenes.ranges.size: must be a list, not 1."),
        ("stimuli/scenes/ranges", {"yaw": [0, float("nan")]}, "ranges.yaw.1: must be a number, not nan."),
        ("geometry", {"thresholds": [0.9, 2]}, "geometry.thresholds.1: 2 is greater than"),
    ],
)
def test_a_fault_is_named(path, value, sentence):
    with pytest.raises(Fault) as caught:
        complete(changed(path, value))
    assert sentence in str(caught.value)
    assert "1 fault;" in str(caught.value)


@pytest.mark.parametrize("section", ["stimuli", "models", "recordings"])
def test_a_name_that_is_no_text_is_a_sentence(section):
    config = copy.deepcopy(GOOD)
    config[section][210325] = next(iter(config[section].values()))
    with pytest.raises(Fault, match=rf"{section}\.210325: "):
        complete(config)


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("list.csv", b"", "is empty; name its images"),
        ("list.csv", b'path\n"a', "is not a table"),
        ("list.csv", b"path\n\xff.png\n", "is not text in UTF-8"),
        ("list.txt", b"\xff.png\n", "is not text in UTF-8"),
    ],
)
def test_a_list_of_images_that_cannot_be_read_is_a_sentence(tmp_path, file, content, sentence):
    (tmp_path / file).write_bytes(content)
    with pytest.raises(Fault, match=r"stimuli\.photos\.folder: ") as caught:
        complete(changed("stimuli/photos", {"kind": "images", "folder": str(tmp_path / file)}))
    assert sentence in str(caught.value)


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


def test_a_key_that_is_no_text_is_found(tmp_path):
    file = tmp_path / "study.yaml"
    file.write_text("? [a, b]\n: 1\nmodels:\n  ? {a: b}\n  : 2\n  1: {source: timm, source: timm}\n")
    found = duplicates(file)
    assert len(found) == 3
    assert found[0].startswith("a key on line 1") and found[1].startswith("models: a key on line 4")
    assert found[2].startswith("models.1.source: written twice")


def test_broken_yaml_is_a_sentence(tmp_path):
    file = tmp_path / "study.yaml"
    file.write_text("models: [unclosed")
    (found,) = duplicates(file)
    assert "is not valid YAML" in found and "\n" not in found


@pytest.mark.parametrize("section", ["stimuli", "models", "networks", "recordings"])
@pytest.mark.parametrize("value", [[], "all", 3])
def test_a_section_that_is_no_mapping_is_one_fault(section, value):
    with pytest.raises(Fault) as fault:
        complete(GOOD | {section: value})
    head, line = str(fault.value).splitlines()
    assert "1 fault;" in head and line.strip().startswith(f"{section}: must be a mapping")


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        ("seed", None, "null"),
        ("device", None, "null"),
        ("device", True, "true"),
        ("stimuli/scenes/base_scenes", False, "false"),
        ("title", ["a" * 1000], "aaa…"),
    ],
)
def test_values_are_repeated_as_yaml_writes_them_and_not_at_length(path, value, shown):
    with pytest.raises(Fault) as fault:
        complete(changed(path, value))
    assert shown in str(fault.value) and "None" not in str(fault.value) and len(str(fault.value)) < 300
