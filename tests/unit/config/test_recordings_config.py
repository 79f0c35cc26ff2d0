"""Recordings in a configuration: faults of their keys and files are found before any job."""

import copy

import numpy as np
import pytest
from own_recordings import IDS, save
from PIL import Image

from ventral.config.complete import complete
from ventral.core.errors import Fault

STUDY = {
    "stimuli": {"scenes": {"kind": "scenes", "base_scenes": 4}},
    "models": {"alexnet": {"source": "torchvision"}},
}


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"kind": "npz", "stimuli": "scenes"}, "recordings.mine: needs the key 'file'."),
        ({"kind": "npz", "file": "no.npz"}, "recordings.mine: needs the key 'stimuli'."),
        ({"kind": "npz", "file": "no.npz", "stimuli": "scenes"}, "recordings.mine.file: there is no file 'no.npz'."),
        (
            {"kind": "h5", "file": "no.npz", "stimuli": "scenes"},
            "recordings.mine.file: 'no.npz' must be a .h5 or .hdf5",
        ),
        (
            {"kind": "trials", "file": "no.npz", "stimuli": "scenes"},
            "recordings.mine.file: 'no.npz' must be a .csv file",
        ),
        ({"kind": "npz", "file": "no.npz", "stimuli": "scnes"}, "there is no stimulus set 'scnes' (did you mean"),
        ({"kind": "majajhong2015"}, "(did you mean 'majajhong2015_public'?)"),
        ({"kind": "majajhong2015_public", "sise": 3}, "recordings.mine.sise: unknown key (did you mean 'size'?)."),
    ],
)
def test_faults_of_the_configuration_are_named(spec, sentence):
    with pytest.raises(Fault) as fault:
        complete(copy.deepcopy(STUDY) | {"recordings": {"mine": spec}})
    assert sentence in str(fault.value)


def test_your_own_file_with_the_name_of_a_set_is_told_to_name_it(tmp_path):
    (tmp_path / "mine.npz").touch()
    own = {"kind": "npz", "file": str(tmp_path / "mine.npz")}
    for kind, sentence in ((own, "write `stimuli: scenes`"), ({"kind": "majajhong2015_public"}, "its own images")):
        with pytest.raises(Fault, match=f"recordings.scenes: .*{sentence}"):
            complete(copy.deepcopy(STUDY) | {"recordings": {"scenes": kind}})


def test_fixed_splits_need_recordings_that_have_one(tmp_path):
    (tmp_path / "mine.npz").touch()
    mine = {"kind": "npz", "file": str(tmp_path / "mine.npz"), "stimuli": "scenes"}
    study = copy.deepcopy(STUDY) | {"predictivity": {"splits": {"kind": "fixed"}}}
    assert complete(study | {"recordings": {"mine": mine, "humans": {"kind": "rajalingham2018_public"}}})
    with pytest.raises(Fault, match=r"predictivity\.splits\.kind: fixed .* made"):
        complete(study | {"recordings": {"mine": mine, "made": {"kind": "simulated", "stimuli": "scenes"}}})


NETWORK = {
    "objective": "mmcr",
    "lambda": [0],
    "seeds": [0],
    "data": {"stimuli": "trained"},
    "architecture": "resnet18",
    "batch": 4,
    "epochs": 1,
    "optimizer": {"warmup": 0},
}
SETS = {
    "photographs": {"kind": "scenes", "base_scenes": 8},
    "pooled": {"kind": "scenes", "base_scenes": 8, "pooling": "avg"},
}


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ("photographs", ""),
        ("v4", ""),
        ("photograph", "no stimulus set 'photograph'.*'photographs'"),
        ("scenes", "no units .* other images than those of 'scenes'"),
        ("pooled", "`pooling: avg` .* made `pooling: none`"),
        ("trained", "networks are trained on 'trained'"),
    ],
)
def test_components_are_of_a_set_with_other_images_and_the_same_pooling(other, sentence):
    made = {"made": {"kind": "simulated", "stimuli": "scenes"}}
    study = STUDY | {"stimuli": STUDY["stimuli"] | SETS, "recordings": made}
    if other == "v4":
        study["recordings"] = made | {"v4": {"kind": "macaque_v4", "session": 210325}}
    if other == "trained":
        study["stimuli"] = study["stimuli"] | {"trained": {"kind": "scenes", "base_scenes": 8}}
        study["networks"] = {"net": NETWORK}
    study = copy.deepcopy(study | {"predictivity": {"components_from": other}})
    if not sentence:
        assert complete(study)["predictivity"]["components_from"] == other
    else:
        with pytest.raises(Fault, match=rf"predictivity\.components_from: .*{sentence}"):
            complete(study)


@pytest.mark.parametrize("folder", ["photos/cats", "photos", "photos/list"])
def test_nothing_is_simulated_on_images_without_labels(tmp_path, folder):
    (tmp_path / folder).mkdir(parents=True)
    Image.fromarray(np.zeros((20, 20, 3), dtype=np.uint8)).save(tmp_path / folder / "0.png")
    (tmp_path / "photos" / "list.csv").write_text("path\nlist/0.png\n")
    photos = {"kind": "images", "folder": str(tmp_path / ("photos/list.csv" if "list" in folder else "photos"))}
    made = {"made": {"kind": "simulated", "stimuli": "photos"}}
    study = copy.deepcopy(STUDY) | {"recordings": made}
    study["stimuli"] = study["stimuli"] | {"photos": photos}
    if folder == "photos/cats":
        assert complete(study)
    else:
        with pytest.raises(Fault, match=r"recordings\.made\.stimuli: .*'photos' have neither labels"):
            complete(study)


def test_sound_configurations_of_every_kind_pass(tmp_path):
    (tmp_path / "mine.nc").touch()
    (tmp_path / "choices.csv").touch()
    recordings = {
        "choices": {"kind": "trials", "file": str(tmp_path / "choices.csv"), "stimuli": "scenes"},
        "humans": {"kind": "rajalingham2018_public"},
        "mine": {"kind": "netcdf", "file": str(tmp_path / "mine.nc"), "stimuli": "scenes"},
        "it": {"kind": "majajhong2015_public"},
        "v1": {"kind": "freemanziemba2013_public", "size": 224},
    }
    found = complete(copy.deepcopy(STUDY) | {"recordings": recordings})["recordings"]
    assert found["it"]["pooling"] == found["v1"]["pooling"] == "none" and "size" not in found["it"]


@pytest.mark.parametrize(
    ("kind", "name", "content", "named"),
    [
        ("npz", "mine.npz", b"<html></html>", "web page"),
        ("h5", "mine.h5", b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
        ("netcdf", "mine.nc", b"CDF\x05", "CDF-5"),
        ("trials", "mine.csv", b"PK\x03\x04", "zip"),
    ],
)
def test_files_of_another_format_are_named_before_any_job(kind, name, content, named, tmp_path):
    (tmp_path / name).write_bytes(content)
    spec = {"kind": kind, "file": str(tmp_path / name), "stimuli": "scenes"}
    with pytest.raises(Fault, match=rf"recordings\.mine\.file: .*{name}.*{named}"):
        complete(copy.deepcopy(STUDY) | {"recordings": {"mine": spec}})


def test_arrays_that_are_missing_or_transposed_are_named_before_any_job(tmp_path, trials):
    spec = {"kind": "npz", "file": str(tmp_path / "mine.npz"), "stimuli": "scenes"}
    for arrays, named in [
        ({"trials": trials}, "stimulus_id"),
        ({"trials": np.moveaxis(trials, 1, 0), "stimulus_id": IDS}, "transposed"),
    ]:
        save(tmp_path / "mine.npz", arrays)
        with pytest.raises(Fault, match=rf"recordings\.mine\.file: .*{named}"):
            complete(copy.deepcopy(STUDY) | {"recordings": {"mine": spec}})


def test_a_study_may_hold_recordings_of_units_alone(tmp_path, trials):
    file = save(tmp_path / "mine.npz", {"trials": trials, "stimulus_id": IDS})
    own = {"kind": "npz", "file": str(file)}
    assert complete({"recordings": {"mine": own, "it": {"kind": "majajhong2015_public"}}})
    (tmp_path / "choices.csv").touch()
    choices = {"kind": "trials", "file": str(tmp_path / "choices.csv"), "stimuli": "scenes"}
    scenes = {"scenes": {"kind": "scenes", "base_scenes": 4, "levels": 2, "parameters": ["pose"]}}
    accuracy = {"stimuli": "scenes", "classes": "imagenet"}
    for config, named in [
        ({"recordings": {}}, "models: the study has no models and no recordings"),
        ({"recordings": {"mine": choices}, "stimuli": scenes}, "recordings.mine: it has no areas"),
        ({"recordings": {"mine": own}, "stimuli": scenes, "accuracy": accuracy}, "accuracy: the study has no models"),
        (copy.deepcopy(STUDY) | {"recordings": {"mine": own}}, "recordings.mine: needs the key 'stimuli'"),
    ]:
        with pytest.raises(Fault) as caught:
            complete(config)
        assert named in str(caught.value)
