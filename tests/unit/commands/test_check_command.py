"""The command `ventral check`: all faults of a study's files at once, without running or fetching anything."""

import hashlib

import numpy as np
import pytest
import yaml
from own_recordings import save
from PIL import Image

from ventral.__main__ import main
from ventral.recordings import registry
from ventral.recordings.registry import BRAIN_SCORE, Source

PHOTOS = ("cats/0.png", "cats/1.png", "dogs/0.png")
TABLE = "stimulus_hvm-public.csv"


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study of photographs and of responses to them, whose files have no fault; its folder is the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VENTRAL_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    for photo in PHOTOS:
        (tmp_path / "photos" / photo).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((20, 20, 3), dtype=np.uint8)).save(tmp_path / "photos" / photo)
    save(tmp_path / "mine.npz", {"responses": np.ones((2, 3)), "stimulus_id": PHOTOS})
    return {
        "stimuli": {"photos": {"kind": "images", "folder": "photos"}},
        "models": {
            "pixels": {"source": "python", "factory": "ventral.models.baselines:pixels", "layers": ["pixels"]},
        },
        "recordings": {"mine": {"kind": "npz", "file": "mine.npz", "stimuli": "photos"}},
    }


def check(study):
    with open("study.yaml", "w") as file:
        yaml.safe_dump(study, file)
    main(["check", "study.yaml"])


def faults_of(study):
    with pytest.raises(SystemExit) as end:
        check(study)
    return str(end.value).splitlines()[1:]


def test_sound_files_have_no_faults(study, capsys):
    check(study)
    assert capsys.readouterr().out == "study.yaml has no faults.\n"


def test_faults_of_all_files_are_named_at_once(study, tmp_path):
    (tmp_path / "photos" / PHOTOS[1]).write_bytes(b"no picture")
    np.savez("mine.npz", responses=np.ones((2, 4)), stimulus_id=[*PHOTOS, "cats/2.png"])
    (tmp_path / "classes.txt").write_text("cats\n\ncats\n")
    (tmp_path / "weights.pth").write_bytes(b"no weights")
    study["models"]["alexnet"] = {"source": "checkpoint", "architecture": "alexnet", "file": "weights.pth"}
    study["accuracy"] = {"stimuli": "photos", "classes": "classes.txt"}
    study["recordings"]["gone"] = {"kind": "npz", "file": "gone.npz", "stimuli": "photos"}
    faults = faults_of(study)
    keys = [fault.split(":")[0].strip() for fault in faults]
    assert sorted(keys) == [
        "accuracy.classes",
        "models.alexnet.file",
        "recordings.gone.file",
        "recordings.mine.file",
        "stimuli.photos.folder",
    ]
    assert next(PHOTOS[1] in fault for fault in faults if "photos.folder" in fault)
    assert next("cats/2.png" in fault for fault in faults if "mine.file" in fault)


def test_only_the_first_of_many_bad_pictures_are_named(study, tmp_path):
    for i in range(8):
        (tmp_path / "photos" / "cats" / f"bad{i}.png").write_bytes(b"no picture")
    study["recordings"] = {}
    faults = faults_of(study)
    assert len(faults) == 6 and faults[-1].startswith("  stimuli.photos.folder: 3 more ")


def test_a_picture_that_only_training_uses_is_looked_at(study, tmp_path):
    (tmp_path / "train").mkdir()
    for i in range(20):
        Image.fromarray(np.zeros((20, 20, 3), dtype=np.uint8)).save(tmp_path / "train" / f"{i}.png")
    (tmp_path / "train" / "7.png").write_bytes(b"no picture")
    data = {"folder": str(tmp_path / "train")}
    keys = {"objective": "barlow_twins", "lambda": [0.0], "architecture": "alexnet", "batch": 4}
    study["networks"] = {"mine": keys | {"data": data}}
    (fault,) = faults_of(study)
    assert fault.startswith("  networks.mine.data: ") and "7.png" in fault


def test_files_that_are_to_be_fetched_are_named_and_not_fetched(study, capsys, tmp_path):
    study["recordings"] = {"V4": {"kind": "majajhong2015_public"}}
    check(study)
    first, second = capsys.readouterr().out.splitlines()
    assert TABLE in first and str(tmp_path / "data") in first and second == "study.yaml has no faults."
    assert not any((tmp_path / "data").iterdir())


def test_a_fetched_file_with_another_checksum_is_named(study, tmp_path, monkeypatch):
    study["recordings"] = {"V4": {"kind": "majajhong2015_public"}}
    (tmp_path / "data" / TABLE).write_text("damaged")
    (fault,) = faults_of(study)
    assert fault.startswith("  recordings.V4.kind: ") and TABLE in fault
    digits = hashlib.sha1(b"damaged").hexdigest()
    monkeypatch.setitem(registry.FILES, TABLE, Source(f"{BRAIN_SCORE}/{TABLE}", f"sha1:{digits}"))
    check(study)
