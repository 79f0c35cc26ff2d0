"""Extraction: what is stored is what the layer gave, whatever the batch, and what cannot be stored says why."""

import h5py
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import Outputs, images, model_of, rectangles, responses, small
from torch import nn

from ventral.core.errors import Fault
from ventral.core.hdf5 import open_hdf5
from ventral.models import extract, layer_names, load_model


@pytest.fixture
def resnet():
    return load_model({"source": "torchvision", "architecture": "resnet18"}, "resnet18")


# What is stored


def test_responses_are_the_outputs_of_the_layers(resnet, tmp_path):
    stored = responses(resnet, ["layer1.0", "avgpool"], tmp_path=tmp_path)
    n = resnet.network
    with torch.inference_mode():
        x = resnet.preprocess(images())
        x = n.layer1[0](n.maxpool(n.relu(n.bn1(n.conv1(x)))))
        np.testing.assert_allclose(stored["layer1.0"], x.flatten(1).numpy(), rtol=1e-4, atol=1e-5)
        x = n.avgpool(n.layer4(n.layer3(n.layer2(n.layer1[1](x)))))
        np.testing.assert_allclose(stored["avgpool"], x.flatten(1).numpy(), rtol=1e-4, atol=1e-5)


def test_a_relu_in_place_does_not_reach_a_stored_layer(tmp_path):
    stored = responses(model_of(small), ["0", "1"], tmp_path=tmp_path)
    assert stored["0"].min() < 0
    np.testing.assert_array_equal(np.maximum(stored["0"], 0), stored["1"])


def test_a_reused_relu_records_its_last_call(resnet, tmp_path):
    """A residual block runs its one relu twice, and the second call makes the block's output."""
    stored = responses(resnet, ["layer2.0.relu", "layer2.0", "layer2.0.bn2"], tmp_path=tmp_path)
    np.testing.assert_array_equal(stored["layer2.0.relu"], stored["layer2.0"])
    assert stored["layer2.0.bn2"].min() < 0  # not the sum that the relu overwrote


def test_the_forward_pass_stops_after_the_deepest_layer(tmp_path):
    ran = []

    class Late(nn.Module):
        def forward(self, x):
            ran.append(len(x))
            return x

    model = model_of(lambda: nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), Late()))
    responses(model, ["0"], tmp_path=tmp_path)
    assert ran == [2]  # the trial with two images only


def test_code_that_views_its_maps_is_run(tmp_path):
    class Views(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolution, self.readout = nn.Conv2d(3, 2, 3), nn.Linear(1800, 4)

        def forward(self, x):
            return self.readout(self.convolution(x).view(len(x), -1))

    assert responses(model_of(Views), ["readout"], tmp_path=tmp_path)["readout"].shape == (5, 4)


def test_a_module_that_runs_early_and_late_is_waited_for(tmp_path):
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.add = nn.Identity()
            self.relu = nn.ReLU()

        def forward(self, x):
            return self.add(self.relu(self.add(x) - 1))

    stored = responses(model_of(Twice), ["add", "relu"], tmp_path=tmp_path)
    np.testing.assert_array_equal(stored["add"], stored["relu"])


@given(batch=st.integers(1, 80), n=st.integers(1, 140))
@settings(max_examples=15, deadline=None)
def test_the_batch_changes_nothing(batch, n, tmp_path_factory):
    def linear():  # whole numbers, whose float32 sums are exact in any order
        layer = nn.Conv2d(3, 2, 8, stride=8, bias=False)
        layer.weight.data = torch.round(4 * torch.randn(layer.weight.shape))
        return nn.Sequential(layer, nn.Flatten())

    x = images(n, size=16)
    model = model_of(linear, preprocess={"mean": [0, 0, 0], "std": [1 / 255] * 3})
    folder = tmp_path_factory.mktemp("batches")
    stored = responses(model, ["1"], x, folder / "a.h5", batch=batch)["1"]
    expected = model.network(torch.from_numpy(x).permute(0, 3, 1, 2).float()).numpy()
    assert stored.shape == expected.shape
    np.testing.assert_array_equal(np.rint(stored), expected)  # images/255·255 is off by an ulp


def test_file_says_where_it_comes_from(tmp_path):
    model, path = model_of(small, "mine"), tmp_path / "a.h5"
    extract(model, images(70), ["0", "4"], path, stimulus_id=[f"s{i}" for i in range(70)])
    with open_hdf5(path) as file:
        assert file.attrs["model"] == "mine" and file.attrs["fingerprint"] == model.fingerprint
        assert "torch " in file.attrs["versions"]
        assert list(file["stimulus_id"].asstr()[:2]) == ["s0", "s1"]
        assert list(file["0"].attrs["shape"]) == [4, 15, 15] and file["0"].attrs["pooling"] == "none"
        assert file["0"].dtype == np.float32
        assert file["0"].chunks == (64, 900)


def test_file_and_log_say_how_images_were_prepared(tmp_path, caplog):
    caplog.set_level("INFO")
    prepared = {"size": 24, "mean": [0.5] * 3, "std": [0.25] * 3, "interpolation": "bicubic", "crop": 0.75}
    extract(model_of(small, preprocess=prepared), images(), ["0"], tmp_path / "a.h5")
    extract(model_of(small), images(), ["0"], tmp_path / "b.h5")
    with open_hdf5(tmp_path / "a.h5") as a, open_hdf5(tmp_path / "b.h5") as b:
        assert {key: a.attrs[key] for key in ("size", "interpolation", "crop")} == {
            "size": 24,
            "interpolation": "bicubic",
            "crop": 0.75,
        }
        assert list(a.attrs["mean"]) == [0.5] * 3 and list(a.attrs["std"]) == [0.25] * 3
        assert b.attrs["size"] == 32 and b.attrs["crop"] == 1
        assert a.attrs["preprocess"] in caplog.text and b.attrs["preprocess"] in caplog.text


def test_images_are_read_from_an_hdf5_dataset(tmp_path):
    with h5py.File(tmp_path / "stimuli.h5", "w") as file:
        file["images"] = images()
        from_file = responses(model_of(small), ["4"], file["images"], tmp_path / "a.h5")["4"]
    np.testing.assert_array_equal(from_file, responses(model_of(small), ["4"], path=tmp_path / "b.h5")["4"])


def test_a_vision_transformer_gives_its_tokens(tmp_path):
    model = load_model({"source": "timm", "architecture": "test_vit", "preprocess": {"size": 160}})
    blocks = [name for name in layer_names(model) if name.startswith("blocks.") and name.count(".") == 1]
    stored = responses(model, blocks, images(2), tmp_path=tmp_path)
    assert stored[blocks[-1]].shape == (2, 101 * 64)  # a class token and 10 × 10 patches of 16 pixels


def test_callables_are_run_on_the_images_as_they_are(tmp_path):
    class Colors:
        layers = ("mean", "maps")

        def __call__(self, batch):
            return {"mean": batch.mean((1, 2)), "maps": batch.transpose(0, 3, 1, 2)}

    stored = responses(model_of(Colors), ["mean", "maps"], tmp_path=tmp_path, pooling="max", batch=2)
    np.testing.assert_allclose(stored["mean"], images().mean((1, 2)), rtol=1e-6)
    np.testing.assert_array_equal(stored["maps"], images().max((1, 2)))
    wide = responses(model_of(Colors), ["maps"], rectangles(), tmp_path / "wide.h5", pooling="avg")
    np.testing.assert_allclose(wide["maps"], rectangles().mean((1, 2)), rtol=1e-5)
    with pytest.raises(Fault, match=r"no layer 'means' .did you mean 'mean'"):
        responses(model_of(Colors), ["means"], tmp_path=tmp_path)


# Subsets and precision


def test_a_subset_of_units_is_seeded_and_the_same_columns(tmp_path):
    full = responses(model_of(small), ["0", "4"], path=tmp_path / "full.h5")
    some = [responses(model_of(small), ["0", "4"], path=tmp_path / "a.h5", max_units=100, seed=s) for s in (1, 1, 2)]
    assert some[0]["0"].shape == (5, 100) and some[0]["4"].shape == full["4"].shape
    np.testing.assert_array_equal(some[0]["0"], some[1]["0"])
    assert not np.array_equal(some[0]["0"], some[2]["0"])
    columns = {column.tobytes() for column in full["0"].T}
    assert all(column.tobytes() in columns for column in some[0]["0"].T)


def test_float16_is_stored_when_it_fits_and_refused_when_it_overflows(tmp_path):
    single = responses(model_of(small), ["4"], path=tmp_path / "a.h5")["4"]
    half = responses(model_of(small), ["4"], path=tmp_path / "b.h5", precision="float16")["4"]
    assert half.dtype == np.float16
    np.testing.assert_allclose(half, single, rtol=2**-10, atol=1e-6)
    with pytest.raises(Fault, match=r"inner of model loud .* 65504"):
        responses(
            model_of(lambda: Outputs(lambda x: 1e5 * x), "loud"), ["inner"], tmp_path=tmp_path, precision="float16"
        )


# What goes wrong


def test_values_that_are_not_finite_name_the_stimuli(tmp_path):
    def spoil(x):
        return torch.where(x.amax((1, 2, 3), keepdim=True) > 2.3, torch.nan, x)

    x = np.full((4, 8, 8, 3), 100, np.uint8)
    x[2, 0, 0] = 255
    with pytest.raises(Fault, match=r"inner of model odd .* not finite: 192 of 768 .* for stimuli third\."):
        ids = ["first", "second", "third", "fourth"]
        responses(model_of(lambda: Outputs(spoil), "odd"), ["inner"], x, tmp_path / "a.h5", stimulus_id=ids)
    assert not (tmp_path / "a.h5").exists()


def test_constant_layers_are_warned_of(tmp_path, caplog):
    responses(model_of(lambda: Outputs(torch.zeros_like), "dead"), ["inner"], tmp_path=tmp_path)
    assert "inner of model dead " in caplog.text


def greedy(limit, error):
    """A network whose memory ends beyond `limit` images; it lists the batches that it was given."""

    class Greedy(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.batches = nn.Identity(), []

        def forward(self, x):
            self.batches.append(len(x))
            if len(x) > limit and len(self.batches) > 1:
                raise error
            return self.inner(x)

    return Greedy


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_running_out_of_memory_halves_the_batch(error, tmp_path, caplog):
    model = model_of(greedy(5, error), "greedy")
    stored = responses(model, ["inner"], images(20, 8), tmp_path=tmp_path, batch=16)["inner"]
    np.testing.assert_array_equal(stored, model.preprocess(images(20, 8)).flatten(1).numpy())
    assert model.network.batches == [2, 16, 8, 4, 3, 3, 4, 4, 4, 4, 3, 3]  # three images answer the first two again
    assert "batches of 4" in caplog.text


def test_too_little_memory_for_one_image_is_said(tmp_path):
    model = model_of(greedy(0, torch.OutOfMemoryError("CUDA out of memory")), "greedy")
    with pytest.raises(Fault, match=r"greedy .* memory"):
        responses(model, ["inner"], tmp_path=tmp_path)


def test_other_errors_are_not_taken_for_memory(tmp_path):
    with pytest.raises(RuntimeError, match="a bug"):
        responses(model_of(greedy(0, RuntimeError("a bug"))), ["inner"], tmp_path=tmp_path)


def test_the_least_size_is_named(tmp_path):
    def build():
        return nn.Sequential(nn.Conv2d(3, 2, 41), nn.Flatten())

    with pytest.raises(Fault, match=r"deep .* 32 pixels .* 41 or more"):
        responses(model_of(build, "deep"), ["0"], tmp_path=tmp_path)
    stored = responses(model_of(build, "deep", preprocess={"size": 41}), ["0"], tmp_path=tmp_path)
    assert stored["0"].shape == (5, 2)


def test_wrong_and_idle_layers_are_named(resnet, tmp_path):
    with pytest.raises(Fault, match=r"resnet18 has no layer 'layer9.0' .did you mean"):
        responses(resnet, ["layer9.0"], tmp_path=tmp_path)

    class Idle(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.unused = nn.Identity(), nn.Identity()

        def forward(self, x):
            return self.used(x)

    with pytest.raises(Fault, match="unused of model idle "):
        responses(model_of(Idle, "idle"), ["unused"], tmp_path=tmp_path)


def test_images_of_another_kind_are_refused(tmp_path):
    with pytest.raises(ValueError, match="uint8 of shape"):
        responses(model_of(small), ["0"], images().astype(float), tmp_path=tmp_path)
    with pytest.raises(ValueError, match="3 stimulus ids for 5 images"):
        responses(model_of(small), ["0"], tmp_path=tmp_path, stimulus_id=["a", "b", "c"])
    with pytest.raises(ValueError, match="pooling"):
        responses(model_of(small), ["0"], tmp_path=tmp_path, pooling="mean")
