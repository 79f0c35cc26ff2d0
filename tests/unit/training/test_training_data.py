"""Images that networks are trained on: what is known of them before any job, and which are measured too."""

import pytest
from network_study import ASKED, changed

from ventral.config.complete import complete
from ventral.core.errors import Fault
from ventral.report.training_section import training_notes
from ventral.training.image_sources import datasets
from ventral.training.networks import shown_in_training, trained_on
from ventral.training.objectives import network_entry


def test_labels_that_images_do_not_have_are_named_before_any_job(tmp_path):
    for i in range(16):
        (tmp_path / f"{i}.png").touch()
    entry = ASKED | {"objective": "supervised", "data": {"folder": str(tmp_path)}}
    with pytest.raises(Fault, match=r"networks\.named\.data: has no labels"):
        complete(changed("networks/named", entry))
    photographs = {"kind": "images", "folder": str(tmp_path)}
    config = changed("networks/named", entry | {"data": {"stimuli": "photographs"}})
    config["stimuli"]["photographs"] = photographs
    with pytest.raises(Fault, match=r"networks\.named\.data: has no labels"):
        complete(config)
    (tmp_path / "stl10_binary").mkdir()
    stl = {"torchvision": "STL10", "root": str(tmp_path), "split": "unlabeled"}
    with pytest.raises(Fault, match=r"networks\.named\.data: has no labels"):
        complete(changed("networks/named", entry | {"data": stl}))
    complete(changed("networks/named", entry | {"data": stl | {"split": "train"}}))


def test_images_of_one_class_are_named_before_any_job(tmp_path):
    (tmp_path / "cat").mkdir()
    for i in range(16):
        (tmp_path / "cat" / f"{i}.png").touch()
    (tmp_path / "list.csv").write_text("\n".join(["path,label", *(f"cat/{i}.png,cat" for i in range(16))]))
    for images in (tmp_path, tmp_path / "list.csv"):
        entry = ASKED | {"objective": "supervised", "data": {"folder": str(images)}}
        with pytest.raises(Fault, match=r"1 fault;(.|\n)*networks\.named\.data: has images of one class, cat"):
            complete(changed("networks/named", entry))
    complete(changed("networks/named", entry | {"objective": "rotation"}))
    config = changed("networks/named", ASKED | {"objective": "supervised"})
    config["stimuli"]["training"]["categories"] = ["car"]
    with pytest.raises(Fault, match=r"networks\.named\.data: has images of one class, car"):
        complete(config)


def test_measured_images_of_a_training_are_marked(tmp_path):
    photographs = {"kind": "images", "folder": str(tmp_path / "a" / ".." / "a" / "train")}
    stimuli = {
        "training": {"kind": "scenes", "like": "origin"},
        **{"origin": {"kind": "scenes"}, "again": {"kind": "scenes", "like": "origin"}, "other": {"kind": "scenes"}},
        **{"varied": {"kind": "augmentations", "stimuli": "again"}, "photographs": photographs},
    }
    config = {"stimuli": stimuli, "networks": {"sweep": {"data": {"stimuli": "training"}}}}
    assert list(shown_in_training(config)) == ["origin", "again", "varied"]
    for data in ({"folder": str(tmp_path / "a")}, {"torchvision": "ImageFolder", "root": str(tmp_path / "a")}):
        config["networks"] = {"sweep": {"data": data}}
        assert shown_in_training(config) == {"photographs": str(tmp_path / "a" / "train")}
    notes = training_notes({}, [], shown_in_training(config))
    assert notes[0].startswith("photographs: Networks of this study were trained on these images")
    assert shown_in_training({"stimuli": stimuli}) == {}


def test_a_batch_is_held_against_the_images_of_a_folder(tmp_path):
    (tmp_path / "a").mkdir()
    for i in range(15):
        (tmp_path / "a" / f"{i}.png").touch()
    with pytest.raises(Fault, match=r"there are 15 in all; take no more than 7\."):
        complete(changed("networks/sweep/data", {"folder": str(tmp_path)}))
    (tmp_path / "a" / "15.png").touch()
    config = complete(changed("networks/sweep/data", {"folder": str(tmp_path)}))
    assert len(network_entry(config["networks"]["sweep"]).data.files()) == 16
    assert trained_on(config) == []


@pytest.mark.parametrize(
    ("data", "folder"),
    [
        ({"torchvision": "CIFAR10", "split": "test"}, "cifar-10-batches-py"),
        ({"torchvision": "CIFAR100"}, "cifar-100-python"),
        ({"torchvision": "STL10", "split": "unlabeled"}, "stl10_binary"),
        ({"torchvision": "ImageFolder", "split": "val"}, "val"),
        ({"torchvision": "ImageFolder"}, "."),
    ],
)
def test_of_torchvisions_root_only_the_data_set_is_looked_at(tmp_path, data, folder):
    data = data | {"root": str(tmp_path)}
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    if folder != ".":
        assert folder == getattr(getattr(datasets(), data["torchvision"]), "base_folder", data.get("split"))
        with pytest.raises(Fault, match=f"sweep.data.root: {data['torchvision']} .*{folder} "):
            complete(changed("networks/sweep/data", data))
    (tmp_path / folder / "a").mkdir(parents=True)
    (tmp_path / folder / "a" / "0").touch()
    entry = network_entry(complete(changed("networks/sweep/data", data))["networks"]["sweep"])
    files = [tmp_path / folder / "a" / "0"] + ([tmp_path / "other" / "file"] if folder == "." else [])
    assert entry.data.files() == files


def test_a_split_that_a_data_set_of_torchvision_has_not_is_named(tmp_path):
    (tmp_path / "stl10_binary").mkdir()
    data = {"torchvision": "STL10", "root": str(tmp_path), "split": "unlabelled"}
    with pytest.raises(Fault, match=r"sweep\.data\.split: STL10 has no split 'unlabelled' \(did you mean"):
        complete(changed("networks/sweep/data", data))
