"""Objectives of right answers: what they ask, and that their losses are those of plain loops."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from small_training import small_spec, write_images
from training_results import COLUMNS, all_batches, weights_of

from ventral.core.errors import Fault
from ventral.training import train
from ventral.training.answer_criterion import graded
from ventral.training.image_sources import open_source
from ventral.training.learner import Learner
from ventral.training.objectives import objective_of
from ventral.training.objectives.relative_patch import PATCHES, patches
from ventral.training.objectives.supervised import scrambled

NAMES = ("supervised", "rotation", "relative_patch")


@pytest.fixture
def asking(small):
    """Settings of a small network with an objective of right answers."""

    def settings(objective, **changes):
        size = {"size": 64} if objective == "relative_patch" else {}
        return small(**{"objective": objective, "lambda": 0.0, **size, **changes})

    return settings


def numpy_cross_entropy(logits, right):
    losses = [np.log(np.exp(row).sum()) - row[answer] for row, answer in zip(logits, right, strict=True) if answer >= 0]
    return np.mean(losses)


def test_the_loss_and_the_share_are_over_rows_with_an_answer():
    logits = torch.tensor(np.random.default_rng(0).standard_normal((7, 3)), requires_grad=True)
    right = torch.tensor([0, 2, -1, 1, 1, -1, 0])
    loss, share = graded(logits, right)
    np.testing.assert_allclose(loss.item(), numpy_cross_entropy(logits.detach().numpy(), right.numpy()), rtol=1e-12)
    named = logits.argmax(dim=1).numpy()
    assert share.item() == pytest.approx(np.mean([named[i] == right[i].item() for i in (0, 1, 3, 4, 6)]))
    loss.backward()
    assert not logits.grad[[2, 5]].any() and logits.grad[0].any()
    nothing, none_right = graded(logits, torch.full((7,), -1))
    assert nothing == 0 and none_right == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_views_are_those_of_the_other_objectives(asking, source, name):
    for (mine,), (other,) in zip(
        all_batches(source, asking(name)), all_batches(source, asking(name) | {"objective": "mmcr"}), strict=True
    ):
        assert torch.equal(mine.images, other.images) and torch.equal(mine.labels, other.labels)
        assert other.questions is None and len(mine.questions) == len(mine.images)


@pytest.mark.parametrize("name", NAMES)
def test_questions_are_the_same_from_any_step_in_any_chunks_and_parts(asking, source, monkeypatch, name):
    whole = all_batches(source, asking(name, batch=8))
    monkeypatch.setattr("ventral.training.batches.CHUNK", 3)
    for (batch,), (other,) in zip(whole[2:], all_batches(source, asking(name, batch=8), first=2), strict=True):
        assert torch.equal(batch.questions, other.questions)
    shares = [all_batches(source, asking(name, batch=8, processes=2, accumulate=2), rank=rank)[0] for rank in range(2)]
    views = [[part.questions.unflatten(0, (4, 2)) for part in share] for share in shares]
    in_order = torch.cat([views[rank][part] for part in range(2) for rank in range(2)], dim=1)
    assert torch.equal(in_order, whole[0][0].questions.unflatten(0, (4, 8)))


def test_each_view_has_the_label_of_its_image(asking, source):
    for (batch,) in all_batches(source, asking("supervised")):
        assert torch.equal(batch.questions[:, 0], batch.labels.repeat(2))


def test_scrambled_labels_are_dealt_once_and_keep_the_sizes_of_classes(asking, source):
    labels = np.repeat([0, 1, 2, -1], [20, 30, 40, 10])
    dealt = scrambled(labels, np.random.default_rng(0))
    assert Counter(dealt) == Counter(labels) and (dealt[labels < 0] == -1).all()
    assert 0.25 < (dealt == labels)[:90].mean() < 0.5  # chance is .36
    spec = asking("supervised", labels="scrambled", batch=8, epochs=4)
    taught = scrambled(source.labels, np.random.default_rng(0))
    assert Counter(taught) == Counter(source.labels)
    seen = {}
    for (batch,) in all_batches(source, spec):
        assert not torch.equal(batch.questions[:, 0], batch.labels.repeat(2))
    epochs = np.arange(17).reshape(1, 17).repeat(2, axis=0)
    for seed in (0, 0, 1):
        objective = objective_of(spec | {"seed": seed})
        asked = objective.questions(np.random.default_rng(seed), epochs, source.labels)
        seen.setdefault(seed, []).append(asked[0, :, 0].tolist())
        assert (asked == asked[0]).all()  # one label for all views of an image
    assert seen[0][0] == seen[0][1] != seen[1][0]


def test_the_four_views_of_a_pair_get_the_four_rotations(asking, source):
    for (batch,) in all_batches(source, asking("rotation")):
        turns = batch.questions.view(4, 4).T
        assert all(sorted(row) == [0, 1, 2, 3] for row in turns.tolist())
        assert len({tuple(row) for row in turns.tolist()}) > 1
        views = batch.images.permute(0, 3, 1, 2).float()
        shown = objective_of(asking("rotation")).shown(views, batch.questions)
        for view, turned, turn in zip(views.numpy(), shown.numpy(), batch.questions[:, 0].tolist(), strict=True):
            np.testing.assert_array_equal(turned, np.rot90(view, turn, (1, 2)))


@pytest.mark.parametrize("size", [64, 65, 96, 224])
def test_patches_are_a_fourth_of_the_view_apart_and_inside_it(small, size):
    objective = objective_of(small(**{"objective": "relative_patch", "size": size, "lambda": 0.0}))
    patch, reach = size // 4, objective.reach
    assert reach == {64: 1, 65: 1, 96: 2, 224: 4}[size]
    views = torch.arange(2 * 3 * size * size).float().view(2, 3, size, size)
    for shift in (-reach, 0, reach):
        questions = torch.full((2, 3 * PATCHES), shift, dtype=torch.int8)
        questions[:, 2 * PATCHES :] = 1
        shown = objective.shown(views, questions)
        assert shown.shape == (2, PATCHES, 3, patch, patch)
        assert not shown[:, :, [0, 2]].any()
        corners = [int(each) % size**2 for each in shown[0, :, 1, 0, 0]]
        rows, columns = np.unravel_index(corners, (size, size))
        step = (size - 2 * reach - patch) // 2
        assert rows.tolist() == [reach + shift + step * i for i in range(3) for _ in range(3)]
        assert columns.tolist() == [reach + shift + step * i for i in range(3)] * 3
        assert 0.35 * patch <= step - patch <= 0.5 * patch  # the gap; half a patch as published
        assert rows.max() + patch <= size and columns.max() + patch <= size


def test_patches_move_on_their_own(small):
    views = torch.arange(3 * 64 * 64).float().view(1, 3, 64, 64)
    down, right = torch.arange(9)[None] % 3, torch.arange(9)[None] % 2
    found = patches(views, 16, 23, down, right)
    for place in range(9):
        row, column = 23 * (place // 3) + place % 3, 23 * (place % 3) + place % 2
        assert torch.equal(found[0, place], views[0, :, row : row + 16, column : column + 16])


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_is_that_of_a_plain_loop(asking, source, name):
    spec = asking(name)
    network = Learner(spec, source.classes, 2, "small", "cpu")
    ((part,), *_) = all_batches(source, spec)
    _, measures = network.losses(part)
    views, asked = network.views_of(part), part.questions
    with torch.no_grad():
        head = network.networks.heads["answer"]
        if name == "relative_patch":
            shown = network.objective.shown(views, asked)
            features = network.networks.encoder(shown.flatten(0, 1)).unflatten(0, (len(views), PATCHES))
            around = [place for place in range(PATCHES) if place != PATCHES // 2]
            pairs = [torch.cat([view[PATCHES // 2], view[place]]) for view in features for place in around]
            logits, right = head.layers(torch.stack(pairs)), list(range(8)) * len(views)
        else:
            turned = [torch.rot90(v, int(q), (1, 2)) for v, q in zip(views, asked[:, 0], strict=True)]
            shown = torch.stack(turned) if name == "rotation" else views
            logits, right = head(network.networks.encoder(shown)), asked[:, 0].tolist()
    expected = numpy_cross_entropy(logits.double().numpy(), right)
    np.testing.assert_allclose(measures["loss"].item(), expected, rtol=1e-5)  # float32
    share = np.mean(logits.argmax(dim=1).numpy() == right)
    assert measures["accuracy"].item() == pytest.approx(share)


@pytest.mark.parametrize("name", NAMES)
def test_a_network_is_trained_and_logged(asking, tmp_path, name):
    train(asking(name), tmp_path / "small")
    log = pd.read_csv(tmp_path / "small" / "log.csv")
    assert list(log.columns) == COLUMNS and list(log["step"]) == [2, 4, 6]
    filled = ["loss", "accuracy", "lr", "rank", "std", "probe", "seconds", "waiting"]
    assert np.isfinite(log[filled].to_numpy()).all() and log[["invariant", "equivariant", "factorization"]].isna().all(
        axis=None
    )
    assert not [key for key in weights_of(tmp_path / "small") if "answer" in key or "head" in key]


def placed(folder, n=32, size=96):
    """Pictures whose brightness tells where in the picture one is."""
    ramp = np.linspace(0, 1, size)
    rng = np.random.default_rng(0)
    for i in range(n):
        picture = 255 * (0.75 * ramp[:, None] + 0.25 * ramp)[..., None] + rng.normal(0, 5, (size, size, 3))
        Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(folder / "images" / f"{i}.png")


@pytest.mark.parametrize(("name", "floor"), [("supervised", 0.9), ("rotation", 0.9), ("relative_patch", 0.5)])
def test_what_can_be_told_is_learned(tmp_path, name, floor):
    write_images(tmp_path, 32 if name == "supervised" else 0)  # the classes have two colors
    if name != "supervised":
        (tmp_path / "images").mkdir()
        placed(tmp_path)
    plain = dict.fromkeys(("flip", "jitter", "grey", "blur", "solarize"), 0) | {"crop_area": [0.9, 1.0]}
    optimizer = {"kind": "adamw", "lr": 0.01, "weight_decay": 1e-6, "momentum": 0.9, "warmup": 1}
    spec = small_spec(tmp_path, **{"objective": name, "lambda": 0.0, "size": 64 if name == "relative_patch" else 16})
    train(spec | {"batch": 8, "epochs": 20, "optimizer": optimizer, "augmentation": plain}, tmp_path / "small")
    log = pd.read_csv(tmp_path / "small" / "log.csv")
    assert log["accuracy"].iloc[-1] > floor > log["accuracy"].iloc[0]


def test_scrambled_labels_cannot_be_told(tmp_path):
    write_images(tmp_path, 64)
    train(small_spec(tmp_path, objective="supervised", labels="scrambled", batch=16, epochs=8), tmp_path / "small")
    log = pd.read_csv(tmp_path / "small" / "log.csv")
    assert log["accuracy"].iloc[-1] < 0.7 and log["probe"].iloc[-1] > 0.8  # the probe reads the images' own labels


def test_labels_that_are_missing_are_named(small, tmp_path):
    np.savez(tmp_path / "plain.npz", images=np.zeros((20, 20, 20, 3), np.uint8))
    spec = small(**{"objective": "supervised", "lambda": 0.0, "data": {"folder": str(tmp_path / "plain.npz")}})
    assert open_source(spec["data"]).classes == 0
    with pytest.raises(Fault, match=r"^Network small: supervised needs images of two classes or more"):
        train(spec, tmp_path / "small")


def test_patches_that_the_network_refuses_are_named(small, tmp_path):
    spec = small(**{"objective": "relative_patch", "lambda": 0.0, "size": 64, "architecture": "alexnet"})
    with pytest.raises(Fault, match="Network small: alexnet cannot be trained on images of 16 pixels"):
        train(spec, tmp_path / "small")
