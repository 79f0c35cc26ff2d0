"""A response that depends on the other images of its batch, or on chance, is refused."""

import numpy as np
import pytest
import torch
from small_models import Functional, Outputs, images, model_of, responses
from torch import nn

from ventral.core.errors import Fault


class Noise(nn.Module):
    def forward(self, x):
        return x + torch.randn_like(x)


class AlwaysTraining(nn.Sequential):
    def train(self, mode=True):
        return super().train(True)


def normed(norm):
    return nn.Sequential(nn.Conv2d(3, 4, 3), norm, nn.ReLU())


@pytest.mark.parametrize(
    ("build", "layer", "where"),
    [
        (lambda: normed(nn.BatchNorm2d(4, track_running_stats=False)), "2", r"1 \(BatchNorm2d, which has no running"),
        (lambda: AlwaysTraining(*normed(nn.BatchNorm2d(4))), "2", r"1 \(BatchNorm2d, which is in training mode"),
        (lambda: nn.Sequential(Functional(nn.functional.dropout), nn.Identity()), "1", r"0 \(Functional\)"),
        (lambda: AlwaysTraining(*normed(nn.Dropout(0.5))), "2", r"1 \(Dropout, which is in training mode"),
        (lambda: AlwaysTraining(*normed(nn.Dropout(0.5, inplace=True))), "1", r"1 \(Dropout"),
        (lambda: normed(Noise()), "2", r"1 \(Noise\)"),
        (lambda: nn.Sequential(Functional(lambda x: x - x.mean(0))), "0", r"0 \(Functional\)"),
        (lambda: nn.Sequential(Functional(lambda x: x * (torch.rand(len(x), 1, 1, 1) > 0.1))), "0", "0 "),
    ],
)
@pytest.mark.parametrize("n", [1, 2, 5])
def test_responses_that_depend_on_the_batch_or_on_chance_are_refused(build, layer, where, n, tmp_path):
    torch.manual_seed(0)
    with pytest.raises(Fault, match=rf"Layer {layer} of model odd .*{where}"):
        responses(model_of(build, "odd"), [layer], images(n), tmp_path=tmp_path)
    assert not (tmp_path / "activations.h5").exists()


def test_batch_normalization_of_vectors_is_named(tmp_path):
    def build():
        return nn.Sequential(nn.Flatten(), nn.Linear(3072, 8), nn.BatchNorm1d(8, track_running_stats=False))

    with pytest.raises(Fault, match=r"in another batch.*2 \(BatchNorm1d, which has no running statistics\)"):
        responses(model_of(build), ["2"], tmp_path=tmp_path)


class Recurrent(nn.Module):
    """Starts from where the batch before it ended, when that had the same size."""

    def __init__(self):
        super().__init__()
        self.cell, self.state = nn.GRUCell(3, 4), None

    def forward(self, x):
        x = x.mean((2, 3))
        self.state = self.cell(x, self.state if self.state is not None and len(self.state) == len(x) else None)
        return self.state


class Adapting(nn.Module):
    """Takes a running mean of all images away, which is still the same after a few batches."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(3, 1, 1))
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        if self.calls > 6:
            self.mean = 0.9 * self.mean + 0.1 * x.mean((0, 2, 3))[:, None, None]
        return x - self.mean


class LastIsLost(nn.Module):
    def forward(self, x):
        return torch.cat([x[:-1], torch.zeros_like(x[-1:])])


@pytest.mark.parametrize(("build", "how"), [(Recurrent, "each time"), (Adapting, ""), (LastIsLost, "in another batch")])
def test_states_that_calls_leave_behind_and_places_in_the_batch_are_refused(build, how, tmp_path):
    torch.manual_seed(0)
    with pytest.raises(Fault, match=f"Layer 0 of model odd .*{how}"):
        responses(model_of(lambda: nn.Sequential(build()), "odd"), ["0"], images(24), tmp_path=tmp_path, batch=2)
    assert not (tmp_path / "activations.h5").exists()


def test_layers_before_the_fault_are_extracted(tmp_path):
    model = model_of(lambda: normed(nn.BatchNorm2d(4, track_running_stats=False)))
    assert responses(model, ["0"], tmp_path=tmp_path)["0"].shape == (5, 3600)


def test_first_images_that_are_all_alike_hide_nothing(tmp_path):
    model = model_of(lambda: normed(nn.BatchNorm2d(4, track_running_stats=False)))
    with pytest.raises(Fault, match="in another batch"):
        responses(model, ["1"], images(1).repeat(6, 0), tmp_path=tmp_path)


@pytest.mark.parametrize(
    "norm", [nn.BatchNorm2d(4), nn.InstanceNorm2d(4), nn.GroupNorm(2, 4), nn.LayerNorm(30), nn.Dropout(0.5)]
)
def test_networks_that_treat_images_one_by_one_pass(norm, tmp_path):
    assert responses(model_of(lambda: normed(norm)), ["2"], images(3), tmp_path=tmp_path)["2"].shape == (3, 3600)


@pytest.mark.parametrize(
    "answer",
    [lambda x: x + np.random.rand(*x.shape), lambda x: x - x.mean(0), lambda x: x / len(x)],  # noqa: NPY002
)
def test_callables_that_depend_on_the_batch_or_on_chance_are_refused(answer, tmp_path):
    class Means:
        layers = ("mean",)

        def __call__(self, batch):
            return {"mean": answer(batch.mean((1, 2)))}

    with pytest.raises(Fault, match="Layer mean of model odd "):
        responses(model_of(Means, "odd"), ["mean"], tmp_path=tmp_path)


def test_a_shape_that_depends_on_the_batch_is_refused(tmp_path):
    model = model_of(lambda: Outputs(lambda x: x[:, : 1 + len(x) % 3]), "odd")
    with pytest.raises(Fault, match="inner of model odd gives a tensor of shape"):
        responses(model, ["inner"], tmp_path=tmp_path)
