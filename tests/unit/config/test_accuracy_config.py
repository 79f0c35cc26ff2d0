"""The entry `accuracy` names images with labels and the classes of outputs, and its faults are found before any job."""

import pytest
from sound_config import GOOD

from ventral.config.complete import complete
from ventral.core.errors import Fault
from ventral.study import Study

SYNSETS = ("n01440764", "n01443537", "n02056570")


@pytest.fixture
def photos(tmp_path):
    """A folder of three synset ids with an image each, and a folder without images, which is no class."""
    for synset in SYNSETS:
        (tmp_path / "photos" / synset).mkdir(parents=True)
        (tmp_path / "photos" / synset / "a.jpg").touch()
    (tmp_path / "photos" / "notes").mkdir()
    return tmp_path / "photos"


def study_of(photos, stimuli="photos", **accuracy):
    sets = GOOD["stimuli"] | {"photos": {"kind": "images", "folder": str(photos)}}
    return GOOD | {"stimuli": sets, "accuracy": {"stimuli": stimuli} | accuracy}


def test_folders_of_synset_ids_need_one_key(photos):
    study = Study(complete(study_of(photos)))
    assert study.accuracy.stimuli == "photos" and study.accuracy.classes == "imagenet1k"
    assert study.accuracy_hash is None and "accuracy" in study.summary_tables
    assert Study(complete(GOOD)).accuracy is None and "accuracy" not in Study(complete(GOOD)).summary_tables


def test_a_change_of_the_names_of_classes_is_noticed(photos, tmp_path):
    file = tmp_path / "classes.txt"
    hashes = []
    for more in ("cat", "dog"):
        file.write_text("\n".join([*SYNSETS, more]))
        hashes.append(Study(complete(study_of(photos, classes=str(file)))).accuracy_hash)
    assert None not in hashes and hashes[0] != hashes[1]


@pytest.mark.parametrize(
    ("accuracy", "sentence"),
    [
        ({}, "accuracy: needs the key 'stimuli'."),
        ({"stimuli": "photo"}, "accuracy.stimuli: there is no stimulus set 'photo' (did you mean 'photos'?)."),
        ({"stimuli": "scenes"}, "accuracy.stimuli: 'scenes' shows each scene in variants"),
        ({"stimuli": "photos", "classes": "absent.txt"}, "accuracy.classes: "),
        ({"stimuli": "photos", "clases": "imagenet1k"}, "accuracy.clases: unknown key (did you mean 'classes'?)."),
    ],
)
def test_faults_are_found_by_their_key(photos, accuracy, sentence):
    with pytest.raises(Fault) as fault:
        complete(study_of(photos) | {"accuracy": accuracy})
    assert sentence in str(fault.value) and "1 fault" in str(fault.value)


def test_folders_that_are_no_class_are_named(photos):
    (photos / "robot").mkdir()
    (photos / "robot" / "a.png").touch()
    with pytest.raises(Fault, match=r"accuracy\.stimuli: 'photos': none of the 1000 classes .* robot"):
        complete(study_of(photos))


def test_a_folder_without_classes_has_no_labels(tmp_path):
    (tmp_path / "a.png").touch()
    with pytest.raises(Fault, match=r"accuracy\.stimuli: no image .* has a label"):
        complete(study_of(tmp_path))


@pytest.mark.parametrize(("column", "sentence"), [("label", "labels robot"), ("lable", "no image .* has a label")])
def test_labels_of_a_list_are_checked(photos, tmp_path, column, sentence):
    (tmp_path / "list.csv").write_text(
        f"path,{column}\nphotos/{SYNSETS[0]}/a.jpg,{SYNSETS[0]}\nphotos/{SYNSETS[1]}/a.jpg,robot\n"
    )
    with pytest.raises(Fault, match=rf"1 fault;(.|\n)*accuracy\.stimuli: .*{sentence}"):
        complete(study_of(tmp_path / "list.csv"))


def test_categories_of_scenes_are_classes(photos, tmp_path):
    rendered = {"kind": "scenes", "base_scenes": 4, "categories": ["car", "boat"]}
    study = study_of(photos, "rendered") | {"stimuli": GOOD["stimuli"] | {"rendered": rendered}}
    with pytest.raises(Fault, match=r"accuracy\.stimuli: 'rendered': .* labels boat, car"):
        complete(study)
    (tmp_path / "classes.txt").write_text("boat\ncar\n")
    complete(study | {"accuracy": {"stimuli": "rendered", "classes": str(tmp_path / "classes.txt")}})
    (tmp_path / "meshes").mkdir()
    rendered.pop("categories")
    rendered["meshes"] = str(tmp_path / "meshes")
    with pytest.raises(Fault, match=r"1 fault;(.|\n)*stimuli\.rendered\.meshes: "):
        complete(study)


def test_images_that_networks_are_trained_on_are_refused(photos):
    network = {"objective": "mmcr", "lambda": [0], "batch": 2, "data": {"stimuli": "photos"}}
    for more in "bcd":
        (photos / SYNSETS[0] / f"{more}.jpg").touch()
    network |= {"architecture": "resnet18", "size": 32, "epochs": 3}
    with pytest.raises(Fault, match=r"accuracy\.stimuli: networks are trained on 'photos'"):
        complete(study_of(photos) | {"networks": {"mine": network}})
