"""Folders of images, movies and meshes: what is hidden, what is linked, and what lies above the classes."""

import os

import numpy as np
import pytest
from PIL import Image

from ventral.core.errors import Fault
from ventral.stimuli.folders import files_in, has_class_folders, refuse_splits
from ventral.stimuli.image_lists import VIDEOS, list_images, list_meshes
from ventral.stimuli.images import load_pictures
from ventral.stimuli.kinds import stimulus_entry
from ventral.training.image_sources import open_source
from ventral.training.networks import problems
from ventral.training.training_data import TrainingData

SOURCES = {
    "images": lambda folder: load_pictures(folder)[1].label.tolist(),
    "training": lambda folder: open_source({"folder": str(folder)}).labels.tolist(),
    "ImageFolder": lambda folder: open_source({"torchvision": "ImageFolder", "root": str(folder)}).labels.tolist(),
}


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".png":
            Image.fromarray(np.full((9, 9, 3), len(name), np.uint8)).save(path)
        else:
            path.touch()
    return folder


def names(folder, suffixes=(".png",)):
    return sorted(path.relative_to(folder).as_posix() for path in files_in(folder, suffixes))


def test_hidden_files_and_folders_are_skipped(tmp_path):
    hidden = ".ipynb_checkpoints/0-checkpoint.png", "a/.git/0.png", "__MACOSX/a/0.png", "a/._0.png", "@eaDir/0.png"
    touch(tmp_path / ".set", "a/0.png", "b/deep/1.PNG", "a/notes.txt", *hidden)
    (tmp_path / ".set/b/folder.png").mkdir()
    assert names(tmp_path / ".set") == ["a/0.png", "b/deep/1.PNG"]


def test_links_to_folders_and_files_count_where_they_lie(tmp_path):
    touch(tmp_path, "set/a/0.png", "elsewhere/c/1.png", "elsewhere/c/deep/2.png", "set/.store/d/3.png", "4.png")
    (tmp_path / "set/c").symlink_to(tmp_path / "elsewhere/c")
    (tmp_path / "set/d").symlink_to(".store/d")  # hidden, so that it is listed through the link only
    (tmp_path / "set/a/4.png").symlink_to("../../4.png")
    (tmp_path / "linked").symlink_to("set")
    expected = ["a/0.png", "a/4.png", "c/1.png", "c/deep/2.png", "d/3.png"]
    assert names(tmp_path / "set") == names(tmp_path / "linked") == expected


@pytest.mark.parametrize("source", SOURCES)
def test_linked_classes_are_classes(tmp_path, source):
    touch(tmp_path, "set/a/0.png", "set/a/1.png", "set/b/0.png", "set/.hidden/0.png", "elsewhere/0.png")
    (tmp_path / "set/c").symlink_to(tmp_path / "elsewhere")
    labels = SOURCES[source](tmp_path / "set")
    assert [labels.count(label) for label in sorted({*labels})] == [2, 1, 1]


@pytest.mark.parametrize(
    "links",
    [
        {"set/a/loop": ".."},
        {"set/loop": "."},
        {"set/up": "../.."},  # above the folder itself
        {"set/c": "../x", "x/d": "../y", "y/back": "../x", "y/home": "../set"},
        {"set/again": "a"},
        {"set/x": "../x", "set/y": "../x"},
    ],
)
def test_every_folder_is_listed_once_however_links_lead_to_it(tmp_path, links, caplog):
    touch(tmp_path / "here", "set/a/0.png", "set/b/1.png", "x/2.png", "y/3.png")
    for place, target in links.items():
        (tmp_path / "here" / place).symlink_to(target, target_is_directory=True)
    with caplog.at_level("INFO"):
        found = names(tmp_path / "here/set")
    stems = [name.rpartition("/")[2] for name in found]
    assert len({*stems}) == len(stems) and {"a/0.png", "b/1.png"} <= {*found}
    assert "is skipped" in caplog.text


def test_broken_links_and_names_are_faults(tmp_path):
    touch(tmp_path, "a/0.png")
    (tmp_path / "a/1.png").symlink_to("nowhere.png")
    with pytest.raises(Fault, match=r"1\.png links to nowhere\.png"):
        list_images(tmp_path)
    (tmp_path / "a/1.png").unlink()
    (tmp_path / "b").symlink_to("c")
    (tmp_path / "c").symlink_to("b")
    with pytest.raises(Fault, match=r"links to [bc]"):
        list_images(tmp_path)
    (tmp_path / "b").unlink()
    (tmp_path / "c").unlink()
    strange = os.fsencode(tmp_path) + b"/\xff.png"
    open(strange, "w").close()
    with pytest.raises(Fault, match="UTF-8"):
        list_images(tmp_path)


def test_folders_that_cannot_be_listed_are_named(tmp_path, monkeypatch):
    touch(tmp_path, "a/0.png", "b/0.png")
    scan = os.scandir

    def refusing(folder):
        if str(folder).endswith("b"):
            raise PermissionError(13, "Permission denied", str(folder))
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(Fault, match=r"/b cannot be listed \(Permission denied\)"):
        list_images(tmp_path)


def test_files_of_other_kinds_are_counted_in_the_log(tmp_path, caplog):
    touch(tmp_path, "0.png", "1.heic", "2.heic", "README")
    with caplog.at_level("INFO"):
        list_images(tmp_path)
    assert "1 without suffix, 2 .heic" in caplog.text


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (["train/a/0", "train/b/0", "val/a/0"], "train and val"),
        (["Training/a/0", "TEST/0"], "TEST and Training"),
        (["train/a/0", "train/b/0"], "has train above"),
        (["set/train/a/0", "set/validation/b/0"], "set has train and validation"),
        (["train/a/0", "notes/readme"], "has train above"),
        (["train/a/0", "test/b/0", "c/0"], "test and train"),
        (["dev/a/0", "test/a/0"], "dev and test"),
        (["train2017/a/0", "val2017/a/0"], "train2017 and val2017"),
        (["img_train/a/0", "img-VAL/a/0", "notes/readme"], "img-VAL and img_train"),
        (["Train Images/a/0", "test/a/0"], "Train Images and test"),
    ],
)
@pytest.mark.parametrize("kind", ["images", "movies", "augmentations", "meshes", "training", "ImageFolder"])
def test_splits_above_classes_are_named(tmp_path, files, sentence, kind):
    suffix = {"movies": ".mp4", "meshes": ".stl"}.get(kind, ".png")
    touch(tmp_path, *(file + (".txt" if "readme" in file else suffix) for file in files))
    listing = {
        "meshes": lambda: list_meshes(tmp_path),
        "training": lambda: open_source({"folder": str(tmp_path)}),
        "ImageFolder": lambda: open_source({"torchvision": "ImageFolder", "root": str(tmp_path)}),
    }.get(kind, lambda: stimulus_entry({"kind": kind, "folder": str(tmp_path)}).files())
    with pytest.raises(Fault, match=sentence):
        listing()


@pytest.mark.parametrize(
    "files",
    [
        ["train/0", "test/0"],  # two classes, or two unlabeled parts
        ["train/steam/0", "car/small/0", "plane/jet/0"],  # the vehicle
        ["a/train/0", "b/train/0"],
        ["a/0", "b/train/x/0"],
        ["toy_train/red/0", "test-tube/glass/0", "car/0"],
        ["toy_train/red/0"],
        ["trainer/a/0", "valley/b/0"],
    ],
)
def test_folders_that_are_classes_are_not_taken_for_splits(tmp_path, files):
    touch(tmp_path, *(file + ".png" for file in files))
    refuse_splits(tmp_path, (".png",))
    assert len(list_images(tmp_path)) == len(files)


def test_backgrounds_have_no_classes(tmp_path):
    touch(tmp_path, "train/a/0.png", "val/a/0.png")
    assert len(list_images(tmp_path, labeled=False)) == 2


def test_a_flat_folder_with_hidden_folders_has_no_classes(tmp_path):
    touch(tmp_path, "0.png", ".ipynb_checkpoints/0.png")
    assert not has_class_folders(tmp_path)
    assert has_class_folders(touch(tmp_path, "a/0.png"))


def test_movies_are_listed_as_images_are(tmp_path):
    touch(tmp_path, "set/a/0.mp4", "set/.cache/0.mp4", "elsewhere/1.mkv")
    (tmp_path / "set/b").symlink_to("../elsewhere")
    assert names(tmp_path / "set", VIDEOS) == ["a/0.mp4", "b/1.mkv"]


def test_files_behind_a_training_follow_links(tmp_path):
    touch(tmp_path, "set/train/a/0.png", "set/train/.hidden/1.png", "elsewhere/2.png")
    (tmp_path / "set/train/b").symlink_to(tmp_path / "elsewhere")
    data = {"torchvision": "ImageFolder", "root": str(tmp_path / "set"), "split": "train"}
    assert [path.name for path in TrainingData.of(data).files()] == ["0.png", "2.png"]


@pytest.mark.parametrize("source", ["folder", "root"])
def test_a_configuration_names_splits_above_the_classes_of_training_data(tmp_path, source):
    touch(tmp_path, "train/a/0.png", "val/a/0.png")
    data = {"folder": str(tmp_path)} if source == "folder" else {"torchvision": "ImageFolder", "root": str(tmp_path)}
    spec = {
        **{"data": data, "batch": 2, "accumulate": 1, "processes": 1, "ema": None, "objective": "mmcr", "epochs": 1},
        **{"lambda": [0.0], "seeds": [0], "augmentation": {}, "optimizer": {"warmup": 0}},
        **{"architecture": "torchvision:resnet18", "arguments": {}, "size": 32, "layers": "auto", "last": 2},
    }
    faults = list(problems("sweep", spec, {"results": "results", "models": {}, "stimuli": {}}))
    assert any(fault.startswith(f"data.{source}: ") and "train and val" in fault for fault in faults), faults


def test_a_path_that_is_too_long_names_no_image(tmp_path):
    (tmp_path / "list.txt").write_text("a" * 5000)
    with pytest.raises(Fault, match=r"1 images of the list .*list.txt do not exist"):
        list_images(tmp_path / "list.txt")


@pytest.mark.parametrize(("name", "content"), [("list.csv", "path,label\na/0.png,cat\n"), ("list.txt", "a/0.png\n")])
def test_lists_may_begin_with_the_mark_that_spreadsheets_write(tmp_path, name, content):
    touch(tmp_path, "a/0.png")
    (tmp_path / name).write_text(content, encoding="utf-8-sig")
    assert list_images(tmp_path / name) == [tmp_path / "a/0.png"]
