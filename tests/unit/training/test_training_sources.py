"""What networks train on: stimulus sets, folders and standard data sets, or a sentence."""

import pickle
from hashlib import md5

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from training_results import images_of, weights_of

from ventral.core.errors import Fault
from ventral.stimuli import write_stimuli
from ventral.training import train
from ventral.training.image_sources import datasets, open_source


def test_a_stimulus_set_gives_the_images_and_labels_that_its_folder_gives(small, tmp_path):
    images = [np.asarray(Image.open(path).resize((20, 20))) for path in images_of(tmp_path)]
    labels = [path.parent.name for path in images_of(tmp_path)]
    table = pd.DataFrame({"stimulus_id": map(str, range(17)), "scene": "", "parameter": "", "level": -1})
    write_stimuli(tmp_path / "set.h5", images, table.assign(label=labels), "images", "Some.")
    np.savez(tmp_path / "set.npz", images=np.stack(images), label=labels)
    one = open_source({"stimuli": "set"}, tmp_path / "set.h5")
    other = open_source({"folder": str(tmp_path / "set.npz")})
    np.testing.assert_array_equal(one.labels, other.labels)
    assert len(one) == 17 and one.classes == other.classes == 2
    for i in range(17):
        np.testing.assert_array_equal(one[i], images[i])
        np.testing.assert_array_equal(other[i], images[i])
    train(small(data={"stimuli": "set"}), tmp_path / "one", stimuli=tmp_path / "set.h5")
    train(small(data={"folder": str(tmp_path / "set.npz")}), tmp_path / "other")
    trained, others = weights_of(tmp_path / "one"), weights_of(tmp_path / "other")
    assert all(torch.equal(trained[key], others[key]) for key in trained)


def test_a_set_larger_than_memory_is_read_image_by_image(small, tmp_path, monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (17, 20, 20, 3), dtype=np.uint8)
    table = pd.DataFrame({"stimulus_id": map(str, range(17)), "scene": "", "parameter": "", "level": -1, "label": ""})
    write_stimuli(tmp_path / "set.h5", images, table, "images", "Some.")
    train(small(data={"stimuli": "set"}), tmp_path / "whole", stimuli=tmp_path / "set.h5", threads=2)
    monkeypatch.setattr("ventral.training.image_sources.KEPT_BYTES", 1000)
    train(small(data={"stimuli": "set"}), tmp_path / "large", stimuli=tmp_path / "set.h5", threads=2)
    assert torch.equal(weights_of(tmp_path / "whole")["0.weight"], weights_of(tmp_path / "large")["0.weight"])


@pytest.fixture
def standard(tmp_path, monkeypatch):
    """Small files in the formats of CIFAR and STL10, whose own checksums are those of the full data sets."""
    rng, known = np.random.default_rng(0), datasets()

    def write(path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return [path.name, md5(content).hexdigest()]

    for name, key, parts in (("CIFAR10", "labels", 2), ("CIFAR100", "fine_labels", 1)):
        kind = getattr(known, name)
        folder = tmp_path / kind.base_folder
        files = {
            split: [
                write(
                    folder / f"{split}{i}",
                    pickle.dumps({"data": rng.integers(0, 256, (6, 3072), np.uint8), key: [*map(int, range(6))]}),
                )
                for i in range(parts)
            ]
            for split in ("train", "test")
        }
        monkeypatch.setattr(kind, "train_list", files["train"])
        monkeypatch.setattr(kind, "test_list", files["test"][:1])
        names, digest = write(folder / kind.meta["filename"], pickle.dumps({kind.meta["key"]: list("abcdef")}))
        monkeypatch.setattr(kind, "meta", {**kind.meta, "filename": names, "md5": digest})
    folder = tmp_path / known.STL10.base_folder
    pictures = {name: rng.integers(0, 256, (n, 3, 96, 96), np.uint8) for name, n in (("train", 4), ("unlabeled", 5))}
    labels = bytes([1, 3, 10, 2])
    lists = [write(folder / f"{name}_X.bin", values.tobytes()) for name, values in pictures.items()]
    lists.insert(1, write(folder / "train_y.bin", labels))
    monkeypatch.setattr(known.STL10, "train_list", lists)
    tests = [write(folder / "test_X.bin", pictures["train"].tobytes()), write(folder / "test_y.bin", labels)]
    monkeypatch.setattr(known.STL10, "test_list", tests)
    return tmp_path, pictures


@pytest.mark.parametrize(
    ("name", "split", "n", "size", "classes"),
    [
        ("CIFAR10", None, 12, 32, 6),
        ("CIFAR10", "test", 6, 32, 6),
        ("CIFAR100", "train", 6, 32, 6),
        ("STL10", "train", 4, 96, 10),
        ("STL10", "test", 4, 96, 10),
        ("STL10", "unlabeled", 5, 96, 0),
    ],
)
def test_standard_data_sets_are_read_from_disk(standard, name, split, n, size, classes):
    root, pictures = standard
    data = {"torchvision": name, "root": str(root)} | ({"split": split} if split else {})
    source = open_source(data)
    assert len(source) == n and source.classes == classes
    assert source[n - 1].size == (size, size) and source[0].mode == "RGB"
    assert (source.labels is None) == (classes == 0)
    assert source.digest == open_source(data).digest
    if name == "STL10" and split != "test":  # stored column by column
        np.testing.assert_array_equal(source[1], pictures[split][1].transpose(2, 1, 0))


def test_a_standard_data_set_is_trained_on(standard, small, tmp_path):
    data = {"torchvision": "CIFAR10", "root": str(standard[0]), "split": "train"}
    train(small(data=data, batch=3, epochs=1), tmp_path / "small")
    assert (tmp_path / "small" / "network.pth").exists()


def test_data_sets_that_are_not_there_are_named(tmp_path, standard):
    with pytest.raises(
        Fault, match=r"STL10 has no split 'unlabelled' \(did you mean 'unlabeled'\?\); it has train, test"
    ):
        open_source({"torchvision": "STL10", "root": str(tmp_path), "split": "unlabelled"})
    for name in ("CIFAR10", "CIFAR100", "STL10"):
        with pytest.raises(Fault, match=f"{name} is not under .*absent, or its files are damaged"):
            open_source({"torchvision": name, "root": str(tmp_path / "absent")})
    (standard[0] / datasets().CIFAR10.base_folder / "train0").write_bytes(b"")
    with pytest.raises(Fault, match="CIFAR10 is not under"):
        open_source({"torchvision": "CIFAR10", "root": str(standard[0])})
    with pytest.raises(Fault, match="absent/train does not exist"):
        open_source({"torchvision": "ImageFolder", "root": str(tmp_path / "absent"), "split": "train"})


def test_an_image_folder_has_its_splits_as_folders(small, tmp_path):
    whole = open_source({"torchvision": "ImageFolder", "root": str(tmp_path / "images")})
    split = open_source({"torchvision": "ImageFolder", "root": str(tmp_path / "images"), "split": "a"})
    assert (len(whole), whole.classes) == (17, 2) and (len(split), split.classes) == (9, 0)
