"""Training: what networks see, how they learn, what they leave behind, and what stops them."""

import json
import logging
import math
import pickle
import subprocess
import sys
import time
from functools import partial
from hashlib import md5

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from small_training import small_spec, write_images

from ventral.models import extract, load_model
from ventral.stimuli import write_stimuli
from ventral.stimuli.augmentations import apply
from ventral.store import Fault, open_hdf5
from ventral.training import learner, train
from ventral.training.batches import draw_epoch, load_batches
from ventral.training.checkpoint import resumable, save
from ventral.training.encoder import build
from ventral.training.learner import Learner
from ventral.training.monitor import effective_rank, spread
from ventral.training.objectives import OBJECTIVES, equivariant_loss
from ventral.training.optimizer import learning_rate, optimizer_of
from ventral.training.sources import datasets, open_source

COLUMNS = ["epoch", "step", "images", "loss", "invariant", "equivariant", "factorization"]
COLUMNS += ["lr", "rank", "std", "probe", "seconds", "waiting"]


@pytest.fixture
def small(tmp_path):
    """Settings of a small network with changes; 17 images of two classes."""
    write_images(tmp_path)
    return partial(small_spec, tmp_path)


@pytest.fixture
def source(small):
    return open_source(small()["data"])


def all_batches(source, spec, first=0, **options):
    return [list(parts) for parts in load_batches(source, spec, first, **options)]


def weights_of(folder):
    return torch.load(folder / "network.pth", weights_only=True)["state_dict"]


# What networks see


def test_halves_are_disjoint_and_drawn_anew_in_each_epoch():
    drawn = [draw_epoch(101, 3, epoch, {}) for epoch in range(4)]
    for epoch in drawn:
        assert epoch.images.shape == (2, 50) and len({*epoch.images.ravel()}) == 100
        assert all(len(view) == 50 for view in epoch.views)
    assert len({epoch.images.tobytes() for epoch in drawn}) == 4
    again, other = draw_epoch(101, 3, 2, {}), draw_epoch(101, 4, 2, {})
    np.testing.assert_array_equal(again.images, drawn[2].images)
    pd.testing.assert_frame_equal(again.views[1], drawn[2].views[1])
    assert (other.images != again.images).any() and (other.views[0] != again.views[0]).any(axis=None)
    assert again.views[0]["blur_applied"].all() and not again.views[0]["solarize"].any()  # view A as published
    assert 0 < again.views[1]["solarize"].mean() < 0.5


def test_pairs_get_the_same_two_augmentations(small, source):
    spec = small(augmentation={"crop_area": [0.3, 0.9]})
    epoch = draw_epoch(17, 0, 1, spec["augmentation"])
    (batch,) = all_batches(source, spec)[3]  # the second step of the second epoch
    shown = batch.images.view(2, 2, 4, 16, 16, 3)  # view, half, pair
    for view in range(2):
        for half in range(2):
            for pair in range(4):
                image, row = source[epoch.images[half, 4 + pair]], epoch.views[view].iloc[4 + pair]
                np.testing.assert_array_equal(shown[view, half, pair], apply(image, row, 16))
    np.testing.assert_array_equal(batch.labels, source.labels[epoch.images[:, 4:8]].ravel())


def test_equal_images_come_out_equal_under_paired_augmentations(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    np.savez(tmp_path / "same.npz", images=np.stack([image] * 10))
    source = open_source({"folder": str(tmp_path / "same.npz")})
    for (batch,) in all_batches(source, small_spec(tmp_path)):
        views = batch.images.view(2, 2, 4, 16, 16, 3)
        assert torch.equal(views[:, 0], views[:, 1]) and not torch.equal(views[0], views[1])


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_are_the_same_from_any_step_with_any_workers(small, source, workers):
    spec = small(accumulate=2)
    whole, later = all_batches(source, spec), all_batches(source, spec, first=3, workers=workers)
    assert len(whole) == 6 and len(later) == 3
    for parts, others in zip(whole[3:], later, strict=True):
        assert all(torch.equal(part.images, other.images) for part, other in zip(parts, others, strict=True))


def test_processes_and_parts_share_a_batch(small, source, monkeypatch):
    monkeypatch.setattr("ventral.training.batches.CHUNK", 2)
    ((whole,), *_) = all_batches(source, small(batch=8))
    shares = [all_batches(source, small(batch=8, processes=2, accumulate=2), rank=rank)[0] for rank in range(2)]
    views = [[part.images.view(4, 2, 16, 16, 3) for part in share] for share in shares]
    in_order = torch.cat([views[rank][part] for part in range(2) for rank in range(2)], dim=1)
    assert torch.equal(in_order, whole.images.view(4, 8, 16, 16, 3))


def test_a_chunk_does_not_decide_what_a_batch_holds(small, source, monkeypatch):
    whole = all_batches(source, small())
    monkeypatch.setattr("ventral.training.batches.CHUNK", 3)
    for (batch,), (other,) in zip(whole, all_batches(source, small()), strict=True):
        assert torch.equal(batch.images, other.images) and torch.equal(batch.labels, other.labels)


def test_batched_augmentations_give_the_views_that_pillow_gives(small, source, monkeypatch):
    monkeypatch.setattr("ventral.training.batches.CHUNK", 3)
    spec = small(batch=8)
    network = Learner(spec, 0, 1, "small", "cpu")
    for (plain,), (cropped,) in zip(all_batches(source, spec), all_batches(source, spec, only_crop=True), strict=True):
        assert cropped.table is not None and plain.table is None
        difference = network.views_of(plain) - network.views_of(cropped)
        assert difference.abs().max() * 0.229 <= 8 / 255  # rounding that operations after it enlarge
        assert difference.abs().mean() * 0.229 < 0.5 / 255


def test_images_are_decoded_once_up_to_a_limit(small):
    source = open_source(small()["data"])
    assert source[0] is source[0] and source[3] is source[3]
    source = open_source(small()["data"])
    source.kept_bytes = 4 * source[0].width * source[0].height - 1
    assert source[0] is source[0] and source[5] is not source[5]


# How they learn


def test_the_rate_rises_and_falls_as_published():
    settings = {"lr": 2.0, "warmup": 3}
    rates = np.array([learning_rate(step, 10, 20, settings) for step in range(200)])
    np.testing.assert_allclose(rates[:30], 2 * np.arange(1, 31) / 30)
    assert (np.diff(rates[29:]) < 0).all() and rates[-1] == pytest.approx(2e-3)
    middle = rates[29] * (0.001 + 0.999 * 0.5)
    assert rates[114] == pytest.approx(middle, rel=0.01)  # half way down
    assert learning_rate(0, 1, 1, {"lr": 2.0, "warmup": 0}) == 2.0
    assert learning_rate(0, 4, 2, {"lr": 2.0, "warmup": 0.5}) == pytest.approx(1.0)


@pytest.mark.parametrize("kind", ["adamw", "lars"])
def test_norms_and_biases_do_not_decay(kind, small):
    networks = build(small(), 0, "small")
    settings = {"kind": kind, "lr": 0.1, "weight_decay": 0.5, "momentum": 0.9}
    optimizer = optimizer_of(list(networks.parameters()), settings)
    before = {key: value.clone() for key, value in networks.named_parameters()}
    for parameter in networks.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    for key, parameter in networks.named_parameters():
        shrinks = parameter.ndim > 1
        assert (parameter.norm() < before[key].norm()) == shrinks or not before[key].any(), key


def test_networks_of_one_seed_begin_the_same_whatever_their_objective(small):
    networks = [
        build(small(**changes), classes, "small")
        for changes, classes in (
            ({"lambda": 0}, 0),
            ({"lambda": 0.5}, 2),
            ({"objective": "mmcr", "entry": "other"}, 3),
            ({"seed": 1}, 0),
        )
    ]
    first, *others = [each.state_dict() for each in networks]
    shared = [key for key in first if key.split(".")[0] in ("encoder", "invariant")]
    assert networks[0].equivariant is None and networks[1].equivariant is not None
    assert all(torch.equal(first[key], other[key]) for other in others[:2] for key in shared)
    assert not all(torch.equal(first[key], others[2][key]) for key in shared)
    projectors = networks[1].invariant[0].weight, networks[1].equivariant[0].weight
    assert not torch.equal(*projectors)


def test_the_probe_changes_no_weight(small, tmp_path):
    train(small(), tmp_path / "probed")
    arrays = {"images": np.stack([np.asarray(Image.open(path).resize((20, 20))) for path in images_of(tmp_path)])}
    for name, extra in (("with", {"label": ["a"] * 8 + ["b"] * 9}), ("without", {})):
        np.savez(tmp_path / f"{name}.npz", **arrays, **extra)
        train(small(data={"folder": str(tmp_path / f"{name}.npz")}), tmp_path / name)
    one, other = weights_of(tmp_path / "with"), weights_of(tmp_path / "without")
    assert all(torch.equal(one[key], other[key]) for key in one)
    assert pd.read_csv(tmp_path / "without" / "log.csv")["probe"].isna().all()
    assert pd.read_csv(tmp_path / "with" / "log.csv")["probe"].between(0, 1).all()


def images_of(folder):
    return sorted((folder / "images").rglob("*.png"))


def test_parts_of_a_batch_are_batches_of_their_own(small, source):
    spec = small(batch=8, accumulate=2)
    parts = all_batches(source, spec)[0]
    network = Learner(spec, 0, 1, "small", "cpu")
    expected = {}
    for part in parts:
        loss, _ = network.losses(part)
        (loss / 2).backward()
    expected = {key: value.grad.clone() for key, value in network.networks.named_parameters()}
    found = Learner(spec, 0, 1, "small", "cpu")
    step = found.optimizers["networks"].step
    grads = {}
    found.optimizers["networks"].step = lambda *a, **k: (
        grads.update({key: value.grad.clone() for key, value in found.networks.named_parameters()}),
        step(*a, **k),
    )
    measures = found.learn(iter(parts), 0)
    assert all(torch.equal(grads[key], expected[key]) for key in expected)
    assert measures["loss"] == pytest.approx(0.7 * measures["invariant"] + 0.3 * measures["equivariant"], rel=1e-6)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"lambda": 0},
        {"lambda": 1},
        {"objective": "nt_xent"},
        {"objective": "mmcr", "ema": 0.9},
        {"objective": "mmcr", "ema": 0.9, "lambda": 0},
        {"precision": "mixed", "factorization": 0.2},
        {"architecture": "timm:resnet18", "arguments": {"channels": [4, 4, 8, 8]}},
        {"architecture": "resnet18", "arguments": {"width_per_group": 64, "zero_init_residual": True}},
    ],
    ids=str,
)
def test_a_network_is_trained_and_measured(small, tmp_path, changes):
    spec = small(**changes)
    train(spec, tmp_path / "small")
    assert sorted(path.name for path in (tmp_path / "small").iterdir()) == [".log.csv.sha256", "log.csv", "network.pth"]
    log = pd.read_csv(tmp_path / "small" / "log.csv")
    assert list(log.columns) == COLUMNS
    assert list(log["epoch"]) == [1, 2, 3] and list(log["step"]) == [2, 4, 6] and list(log["images"]) == [16, 32, 48]
    assert np.isfinite(log.to_numpy()).all() and (log["waiting"].between(0, 1) & (log["seconds"] > 0)).all()
    assert (log["equivariant"] == 0).all() == (spec["lambda"] == 0)
    expected = (1 - spec["lambda"]) * log["invariant"] + spec["lambda"] * log["equivariant"]
    np.testing.assert_allclose(log["loss"], expected + spec["factorization"] * log["factorization"], rtol=1e-5)

    entry = {"source": "trained", "file": str(tmp_path / "small" / "network.pth"), "preprocess": {"size": 16}}
    model = load_model(entry | {key: spec[key] for key in ("architecture", "arguments")}, "small")
    trained = model.network.state_dict()
    assert all(torch.equal(value, trained[key]) for key, value in weights_of(tmp_path / "small").items())
    initial = build(spec, 0, "small").encoder.state_dict()
    assert any(not torch.equal(value, initial[key]) for key, value in trained.items() if "weight" in key)
    layer = [name for name, _ in model.network.named_modules() if name][-1]
    images = np.random.default_rng(0).integers(0, 256, (3, 20, 20, 3), dtype=np.uint8)
    extract(model, images, [layer], tmp_path / "responses.h5")
    with open_hdf5(tmp_path / "responses.h5") as file:
        assert file[layer].shape == (3, model.network(torch.zeros(1, 3, 16, 16)).shape[1])


def test_training_makes_the_loss_smaller_and_classes_separable(tmp_path):
    write_images(tmp_path, 64)
    optimizer = {"kind": "adamw", "lr": 0.005, "weight_decay": 1e-6, "momentum": 0.9, "warmup": 1}
    train(small_spec(tmp_path, batch=16, epochs=15, optimizer=optimizer), tmp_path / "small")
    log = pd.read_csv(tmp_path / "small" / "log.csv")
    assert log["loss"].tail(3).mean() < 0.9 * log["loss"].head(3).mean()
    assert log["probe"].tail(3).mean() > 0.8  # the two classes have two colours; grey views lose them


@pytest.mark.parametrize("weight", [0, 0.3, 1])
def test_what_is_trained_is_the_equivariant_loss_and_is_watched(small, source, weight):
    network = Learner(small(**{"lambda": weight}), 0, 1, "small", "cpu")
    ((part,), *_) = all_batches(source, network.spec)
    loss, measures = network.losses(part)
    with torch.no_grad():
        invariant, equivariant, _ = network.networks(network.views_of(part))
    (z1a, z2a), (z1b, z2b) = of_differences = learner.halves(equivariant if weight else invariant)
    expected = equivariant_loss(OBJECTIVES["barlow_twins"], learner.halves(invariant), of_differences, weight)
    torch.testing.assert_close(loss, expected)
    watched = invariant if weight < 1 else torch.cat([z1a - z1b, z2a - z2b])
    found = dict(zip(learner.MEASURES, measures.tolist(), strict=True))
    assert found["rank"] == pytest.approx(effective_rank(watched).item(), rel=1e-5)
    assert found["std"] == pytest.approx(spread(watched).item(), rel=1e-5)


def test_averages_follow_the_networks(small, source):
    spec = small(objective="mmcr", ema=0.75)
    network = Learner(spec, 0, 2, "small", "cpu")
    before = {key: value.clone() for key, value in network.networks.named_parameters()}
    network.learn(iter(all_batches(source, spec)[0]), 0)
    for key, value in network.averages.module.named_parameters():
        expected = 0.75 * before[key] + 0.25 * dict(network.networks.named_parameters())[key]
        torch.testing.assert_close(value, expected)
    assert network.averages.module.training  # statistics of the batch, as in the networks


# What they train on


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
    monkeypatch.setattr("ventral.training.sources.KEPT_BYTES", 1000)
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


# What stops them


def test_too_few_images_are_named(small, tmp_path):
    with pytest.raises(Fault, match=r"Network small: 17 images are less than two batches of 9, .* at most 8"):
        train(small(batch=9), tmp_path / "small")


def test_unreadable_images_are_named_before_training(small, tmp_path):
    (tmp_path / "images" / "a" / "4.png").write_bytes(b"no picture")
    (tmp_path / "images" / "b" / "5.png").write_bytes(b"")
    with pytest.raises(Fault, match=r"2 of 17 images cannot be read: .*4\.png, .*5\.png\. Replace or remove"):
        train(small(), tmp_path / "small")


@pytest.mark.parametrize("threads", [1, 2])
def test_an_image_that_breaks_off_is_named(small, tmp_path, threads):
    file = tmp_path / "images" / "a" / "4.png"
    file.write_bytes(file.read_bytes()[:-200])  # its head can be read
    with pytest.raises(Fault, match=r"^The image .*4\.png cannot be read"):
        train(small(), tmp_path / "small", threads=threads)


def test_a_size_that_the_network_refuses_is_named(small, tmp_path):
    spec = small(architecture="timm:vit_tiny_patch16_224", arguments={})
    with pytest.raises(
        Fault, match="Network small: timm:vit_tiny_patch16_224 cannot be trained on images of 16 pixels"
    ):
        train(spec, tmp_path / "small")


@pytest.mark.parametrize("architecture", ["googlenet", "inception_v3"])
def test_auxiliary_classifiers_are_named(small, architecture):
    spec = small(architecture=architecture, size=75)
    with pytest.raises(Fault, match=r"Network small: .* auxiliary .* Set `arguments: \{aux_logits: false\}`\."):
        build(spec, 0, "small")
    build(spec | {"arguments": {"aux_logits": False, "init_weights": False}}, 0, "small")


def test_what_a_network_gives_in_training_is_looked_at_and_changes_nothing(small, tmp_path):
    code = (tmp_path / "mine.py").read_text()
    before = build(small(), 0, "small").encoder
    assert before.get_buffer("1.num_batches_tracked") == 0 and not before.get_buffer("1.running_mean").any()
    code += """
class Two(nn.Sequential):
    def forward(self, x):
        return (super().forward(x), x) if self.training else super().forward(x)

def two():
    return Two(*network())
"""
    (tmp_path / "two.py").write_text(code)
    with pytest.raises(Fault, match=r"two cannot be trained on images of 16 pixels \(it gave tuple and no tensor"):
        build(small(architecture=f"{tmp_path / 'two.py'}:two"), 0, "small")


def test_a_loss_that_is_no_number_stops_the_training(small, tmp_path, monkeypatch):
    monkeypatch.setitem(OBJECTIVES, "barlow_twins", lambda z1, z2: (z1 - z2).sum() * math.nan)
    with pytest.raises(Fault, match=r"Network small: the loss became nan in epoch 1, step 1\. Lower `optimizer.lr`"):
        train(small(), tmp_path / "small")
    assert not (tmp_path / "small" / "network.pth").exists()


def test_a_collapsed_network_is_stopped(small, tmp_path, monkeypatch):
    monkeypatch.setitem(OBJECTIVES, "barlow_twins", lambda z1, z2: ((z1 - 1).square() + (z2 - 1).square()).mean())
    optimizer = {"kind": "adamw", "lr": 0.02, "weight_decay": 0, "momentum": 0, "warmup": 1}
    with pytest.raises(
        Fault, match=r"Network small collapsed: in epoch \d+ its embeddings have .* of 12, and a standard"
    ):
        train(small(**{"lambda": 0}, epochs=200, optimizer=optimizer), tmp_path / "small")


def test_ranks_and_spreads_of_known_embeddings():
    rng = np.random.default_rng(0)
    isotropic = torch.from_numpy(rng.normal(size=(20000, 8))).float()
    assert effective_rank(isotropic).item() == pytest.approx(8, rel=0.01)
    assert spread(isotropic).item() == pytest.approx(1 / math.sqrt(8), rel=0.01)
    line = torch.from_numpy(np.outer(rng.normal(size=50), rng.normal(size=200))).float()
    assert effective_rank(line).item() == pytest.approx(1, rel=1e-4)
    assert effective_rank(torch.ones(20, 6)) == 0 and spread(torch.ones(20, 6)) < 1e-6
    wide = torch.from_numpy(rng.normal(size=(30, 100))).double()
    eigenvalues = np.linalg.eigvalsh(np.cov(wide.T.numpy()))
    expected = eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
    assert effective_rank(wide).item() == pytest.approx(expected, rel=1e-4)  # float32


# States that are not gone on from


def interrupted(monkeypatch, spec, folder, after=3):
    """Train until a step, with a state after each."""
    real = Learner.learn

    def learn(self, parts, step):
        if step == after:
            raise KeyboardInterrupt
        return real(self, parts, step)

    with monkeypatch.context() as patch:
        patch.setattr(learner.Learner, "learn", learn)
        with pytest.raises(KeyboardInterrupt):
            train(spec, folder, checkpoint_every=0)
    assert (folder / "state.pth").exists()


@pytest.mark.parametrize("change", ["damage", "spec", "code", "images", "none"])
def test_a_state_that_does_not_fit_is_begun_anew(small, tmp_path, monkeypatch, caplog, change):
    caplog.set_level(logging.INFO)
    spec, folder = small(), tmp_path / "small"
    interrupted(monkeypatch, spec, folder)
    if change == "damage":
        content = bytearray((folder / "state.pth").read_bytes())
        (folder / "state.pth").write_bytes(content[: len(content) // 2])
    elif change == "spec":
        spec = small(epochs=4)
    elif change == "code":
        code = (tmp_path / "mine.py").read_text()
        (tmp_path / "mine.py").write_text(code.replace("8, 16, 3", "8, 12, 3").replace("(16)", "(12)"))
    elif change == "images":
        (tmp_path / "images" / "a" / "0.png").rename(tmp_path / "images" / "a" / "zero.png")
    train(spec, folder)
    said = {
        "damage": "Network small: .*state.pth is damaged .* so training begins anew",
        "spec": "Network small: .*state.pth is of other settings, code or images, so training begins anew",
        "code": "is of other settings, code or images, so training begins anew",
        "images": "is of other settings, code or images, so training begins anew",
        "none": "Network small resumes after step 3 of 6",
    }
    assert pd.Series(caplog.messages).str.contains(said[change]).sum() == 1
    train(spec, tmp_path / "again")
    one, other = weights_of(folder), weights_of(tmp_path / "again")
    assert all(torch.equal(one[key], other[key]) for key in one)
    assert not (folder / "state.pth").exists()


def test_a_flipped_bit_of_a_state_is_noticed(tmp_path, caplog):
    path = tmp_path / "state.pth"
    save(path, {"digest": "x", "weights": torch.ones(50)})
    assert resumable(path, "x", "small") is not None
    content = bytearray(path.read_bytes())
    content[content.find(torch.ones(50).numpy().tobytes()) + 2] ^= 1
    path.write_bytes(content)
    assert resumable(path, "x", "small") is None and "state.pth is damaged" in caplog.text


def test_states_are_read_without_running_code(small, tmp_path, monkeypatch, caplog):
    spec, folder = small(), tmp_path / "small"
    folder.mkdir()

    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    torch.save({"digest": Evil()}, folder / "state.pth")
    train(spec, folder)
    assert "is damaged" in caplog.text and not (tmp_path / "ran").exists()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("precision", ["float32", "mixed"])
def test_a_gpu_trains_as_the_cpu(small, tmp_path, precision):
    """The same images under the same augmentations; convolutions of a GPU round to 10 bits, as bfloat16 does to 8."""
    train(small(epochs=1), tmp_path / "cpu")
    train(small(epochs=1, precision=precision), tmp_path / "gpu", device="cuda:0", threads=3)
    cpu, gpu = (pd.read_csv(tmp_path / name / "log.csv") for name in ("cpu", "gpu"))
    np.testing.assert_allclose(
        cpu[["loss", "invariant", "equivariant"]], gpu[["loss", "invariant", "equivariant"]], rtol=0.1
    )
    assert all(value.device.type == "cpu" for value in weights_of(tmp_path / "gpu").values())


# Several processes


def test_two_processes_train_as_one_and_go_on_when_killed(small, tmp_path, caplog):
    """LARS moves weights in proportion to gradients, so rounding, in which sums differ, stays rounding."""
    caplog.set_level(logging.INFO)
    lars = {"kind": "lars", "lr": 0.02, "weight_decay": 1e-6, "momentum": 0.9, "warmup": 1}
    spec = small(optimizer=lars, epochs=8, batch=8, accumulate=2)
    train(spec, tmp_path / "one")
    spec["processes"] = 2
    train(spec, tmp_path / "two", threads=2)
    one, two = (pd.read_csv(tmp_path / name / "log.csv") for name in ("one", "two"))
    steady = [column for column in COLUMNS if column not in ("seconds", "waiting", "probe")]
    np.testing.assert_allclose(one[steady], two[steady], rtol=2e-4)
    for key, value in weights_of(tmp_path / "one").items():
        torch.testing.assert_close(weights_of(tmp_path / "two")[key], value, rtol=1e-3, atol=1e-5)

    arguments = f"{json.dumps(spec)!r}), {str(tmp_path / 'killed')!r}, threads=2, checkpoint_every=0"
    code = f"import json; from ventral.training import train; train(json.loads({arguments})"
    killed = subprocess.Popen([sys.executable, "-c", code])
    while not (tmp_path / "killed" / "state.pth").exists():
        assert killed.poll() is None
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    time.sleep(1)  # in which its processes end with it
    step = torch.load(tmp_path / "killed" / "state.pth", weights_only=True)["log"]["step"]
    assert 0 < step < 8
    train(spec, tmp_path / "killed", threads=2)
    assert f"Network killed resumes after step {step} of 8." in caplog.messages
    pd.testing.assert_frame_equal(two[steady], pd.read_csv(tmp_path / "killed" / "log.csv")[steady])
    trained, others = weights_of(tmp_path / "two"), weights_of(tmp_path / "killed")
    assert all(torch.equal(trained[key], others[key]) for key in trained)


def test_processes_need_as_many_gpus(small, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(
        Fault, match=r"Network small: `processes: 2` needs as many GPUs, and 1 can be used here\. Lower"
    ):
        train(small(processes=2), tmp_path / "small", device="cuda:0")


def test_a_fault_in_one_of_several_processes_is_the_faults_sentence(small, tmp_path):
    file = tmp_path / "images" / "a" / "4.png"
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(Fault, match=r"^The image .*4\.png cannot be read"):
        train(small(processes=2), tmp_path / "small")
