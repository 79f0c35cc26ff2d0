"""Training: how networks learn, what they leave behind, and what stops them."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from small_training import small_spec, write_images
from training_results import COLUMNS, all_batches, images_of, weights_of

from ventral.core.errors import Fault
from ventral.core.hdf5 import open_hdf5
from ventral.models import extract, load_model
from ventral.training import barlow_twins, equivariant_loss, train
from ventral.training.encoder import build
from ventral.training.learner import Learner
from ventral.training.monitor import effective_rank, spread
from ventral.training.objectives.barlow_twins import BarlowTwins
from ventral.training.optimizer import learning_rate, optimizer_of
from ventral.training.view_criterion import halves

# How networks learn


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
    shared = [key for key in first if key.startswith(("encoder.", "heads.invariant."))]
    assert [*networks[0].heads] == ["invariant"] and [*networks[1].heads] == ["invariant", "equivariant"]
    assert all(torch.equal(first[key], other[key]) for other in others[:2] for key in shared)
    assert not all(torch.equal(first[key], others[2][key]) for key in shared)
    projectors = [head[0].weight for head in networks[1].heads.values()]
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
    assert log["accuracy"].isna().all() and np.isfinite(log.drop(columns="accuracy").to_numpy()).all()
    assert (log["waiting"].between(0, 1) & (log["seconds"] > 0)).all()
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
    assert log["probe"].tail(3).mean() > 0.8  # the two classes have two colors; gray views lose them


@pytest.mark.parametrize("weight", [0, 0.3, 1])
def test_what_is_trained_is_the_equivariant_loss_and_is_watched(small, source, weight):
    network = Learner(small(**{"lambda": weight}), 0, 1, "small", "cpu")
    ((part,), *_) = all_batches(source, network.spec)
    loss, measures = network.losses(part)
    with torch.no_grad():
        outputs, _ = network.networks(network.views_of(part))
    (z1a, z2a), (z1b, z2b) = of_differences = halves(outputs["equivariant" if weight else "invariant"])
    expected = equivariant_loss(barlow_twins, halves(outputs["invariant"]), of_differences, weight)
    torch.testing.assert_close(measures["loss"], expected)
    assert loss == measures["loss"]  # there is no probe
    watched = outputs["invariant"] if weight < 1 else torch.cat([z1a - z1b, z2a - z2b])
    assert measures["rank"].item() == pytest.approx(effective_rank(watched).item(), rel=1e-5)
    assert measures["std"].item() == pytest.approx(spread(watched).item(), rel=1e-5)


def test_averages_follow_the_networks(small, source):
    spec = small(objective="mmcr", ema=0.75)
    network = Learner(spec, 0, 2, "small", "cpu")
    before = {key: value.clone() for key, value in network.networks.named_parameters()}
    network.learn(iter(all_batches(source, spec)[0]), 0)
    for key, value in network.averages.module.named_parameters():
        expected = 0.75 * before[key] + 0.25 * dict(network.networks.named_parameters())[key]
        torch.testing.assert_close(value, expected)
    assert network.averages.module.training  # statistics of the batch, as in the networks


# What stops them


def test_too_few_images_are_named(small, tmp_path):
    with pytest.raises(Fault, match=r"Network small: 17 images .* 9, .* at most 8"):
        train(small(batch=9), tmp_path / "small")


def test_unreadable_images_are_named_before_training(small, tmp_path):
    (tmp_path / "images" / "a" / "4.png").write_bytes(b"no picture")
    (tmp_path / "images" / "b" / "5.png").write_bytes(b"")
    with pytest.raises(Fault, match=r"2 of 17 images cannot be read: .*4\.png, .*5\.png\."):
        train(small(), tmp_path / "small")


@pytest.mark.parametrize("threads", [1, 2])
def test_an_image_that_breaks_off_is_named(small, tmp_path, threads):
    file = tmp_path / "images" / "a" / "4.png"
    file.write_bytes(file.read_bytes()[:-200])  # its head can be read
    with pytest.raises(Fault, match=r"^The image .*4\.png cannot be read"):
        train(small(), tmp_path / "small", threads=threads)


def test_a_size_that_the_network_refuses_is_named(small, tmp_path):
    spec = small(architecture="timm:vit_tiny_patch16_224", arguments={})
    with pytest.raises(Fault, match=r"Network small: timm:vit_tiny_patch16_224 .* 16 pixels"):
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
    with pytest.raises(Fault, match=r"two .* 16 pixels \(it gave tuple"):
        build(small(architecture=f"{tmp_path / 'two.py'}:two"), 0, "small")


def test_a_loss_that_is_no_number_stops_the_training(small, tmp_path, monkeypatch):
    monkeypatch.setattr(BarlowTwins, "loss", staticmethod(lambda z1, z2: (z1 - z2).sum() * math.nan))
    with pytest.raises(Fault, match=r"Network small: .*nan in epoch 1, step 1\. Lower `optimizer.lr`"):
        train(small(), tmp_path / "small")
    assert not (tmp_path / "small" / "network.pth").exists()


def test_a_collapsed_network_is_stopped(small, tmp_path, monkeypatch):
    to_one = staticmethod(lambda z1, z2: ((z1 - 1).square() + (z2 - 1).square()).mean())
    monkeypatch.setattr(BarlowTwins, "loss", to_one)
    optimizer = {"kind": "adamw", "lr": 0.02, "weight_decay": 0, "momentum": 0, "warmup": 1}
    with pytest.raises(Fault, match=r"Network small collapsed: in epoch \d+ .* of 12, "):
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


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
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
