"""Outputs of layers: what stands for a tuple, a mapping or another precision, and what is refused."""

import numpy as np
import pytest
import torch
from small_models import Functional, Outputs, images, model_of, responses, small
from torch import nn

from ventral.core.errors import Fault


@pytest.mark.parametrize(
    "kind",
    [
        lambda x: (x, None),
        lambda x: [x, x + 1],
        lambda x: {"features": x},
        lambda x: {"out": x, "aux": x + 1},
    ],
)
def test_tuples_and_mappings_stand_for_their_tensor(kind, tmp_path):
    stored = responses(model_of(lambda: Outputs(kind)), ["inner"], tmp_path=tmp_path)
    expected = model_of(small).preprocess(images()).flatten(1).numpy()
    np.testing.assert_array_equal(stored["inner"], expected)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (lambda x: {"a": x, "b": x}, "a dict "),
        (lambda x: None, "a NoneType "),
        (lambda x: x.flatten(0, 1), r"of shape \(6, 32, 32\) for 2 images"),
        (lambda x: x.sum(), "its first axis is not the images"),
    ],
)
def test_unclear_outputs_are_refused(kind, message, tmp_path):
    with pytest.raises(Fault, match=message):
        responses(model_of(lambda: Outputs(kind)), ["inner"], tmp_path=tmp_path)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_networks_of_another_precision_are_run_in_float32(dtype, tmp_path):
    stored = responses(model_of(lambda: small().to(dtype)), ["4"], path=tmp_path / "a.h5")["4"]
    rounded = responses(model_of(lambda: small().to(dtype).float()), ["4"], path=tmp_path / "b.h5")["4"]
    np.testing.assert_array_equal(stored, rounded)


def test_casts_in_a_forward_pass_are_named(tmp_path):
    with pytest.raises(Fault, match=r"float32: .*\.half"):
        responses(model_of(lambda: nn.Sequential(Functional(lambda x: x), Half())), ["0"], tmp_path=tmp_path)


class Half(nn.Module):
    def __init__(self):
        super().__init__()
        self.readout = nn.Linear(30, 2)

    def forward(self, x):
        return self.readout(x.half())


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_torchscript_is_refused_or_left_out(tmp_path):
    with pytest.raises(Fault, match=r"Model script is TorchScript .* torch.save\(torch.jit.load"):
        model_of(lambda: torch.jit.script(small()), "script")
    with pytest.raises(Fault, match="Model script is TorchScript"):
        model_of(lambda: torch.jit.trace(small(), torch.zeros(1, 3, 32, 32)), "script")
    mixed = model_of(lambda: nn.Sequential(nn.Conv2d(3, 4, 3), torch.jit.script(normed_four())), "mixed")
    assert responses(mixed, ["0"], tmp_path=tmp_path)["0"].shape == (5, 3600)
    with pytest.raises(Fault, match=r"Layer 1\.0 of model mixed .* TorchScript"):
        responses(mixed, ["1.0"], tmp_path=tmp_path)


def normed_four():
    return nn.Sequential(nn.Conv2d(4, 4, 3), nn.ReLU())


def test_a_compiled_network_is_watched_without_its_compiler(tmp_path):
    compiled = model_of(lambda: torch.compile(small(), backend="eager"))
    stored = responses(compiled, ["0"], path=tmp_path / "a.h5")["0"]
    np.testing.assert_array_equal(stored, responses(model_of(small), ["0"], path=tmp_path / "b.h5")["0"])
