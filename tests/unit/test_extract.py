"""Extraction: what is stored is what the layer gave, whatever the batch, and what cannot be stored says why."""

import h5py
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ventral.models import extract, layer_names, load_model
from ventral.store import Fault, open_hdf5


def images(n=5, size=32, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, size, size, 3), dtype=np.uint8)


def model_of(build, name="small", **spec):
    return load_model({"source": "python", "factory": build, **spec}, name)


def responses(model, layers, x=None, path=None, tmp_path=None, **options):
    path = path or tmp_path / "activations.h5"
    extract(model, images() if x is None else x, layers, path, **options)
    with open_hdf5(path) as file:
        return {layer: file[layer][:] for layer in layers}


@pytest.fixture
def resnet():
    return load_model({"source": "torchvision", "architecture": "resnet18"}, "resnet18")


def small():
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2), nn.ReLU(inplace=True), nn.Conv2d(4, 5, 3), nn.AvgPool2d(3), nn.Flatten()
    )


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
        assert file["0"].dtype == np.float32 and file["0"].fletcher32
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


# Kinds of output


class Outputs(nn.Module):
    """Gives one kind of output from a submodule."""

    class Inner(nn.Module):
        def __init__(self, kind):
            super().__init__()
            self.kind = kind

        def forward(self, x):
            return self.kind(x)

    def __init__(self, kind):
        super().__init__()
        self.inner = Outputs.Inner(kind)

    def forward(self, x):
        self.inner(x)
        return x


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
        (lambda x: {"a": x, "b": x}, "gives a dict without one clear tensor"),
        (lambda x: None, "gives a NoneType without one clear tensor"),
        (lambda x: x.flatten(0, 1), r"of shape \(6, 32, 32\) for 2 images; its first axis is not the images"),
        (lambda x: x.sum(), "its first axis is not the images"),
    ],
)
def test_unclear_outputs_are_refused(kind, message, tmp_path):
    with pytest.raises(Fault, match=message):
        responses(model_of(lambda: Outputs(kind)), ["inner"], tmp_path=tmp_path)


POOLED = {
    "maps": (lambda x: x, (3,)),
    "channels last": (lambda x: x.permute(0, 2, 3, 1), (3,)),
    "tokens": (lambda x: x.flatten(2).transpose(1, 2), (3,)),
    "vectors": (lambda x: x.mean((2, 3)), (3,)),
}


@pytest.mark.parametrize("kind", POOLED)
@pytest.mark.parametrize("pooling", ["avg", "max"])
def test_pooling_leaves_one_value_per_channel(kind, pooling, tmp_path):
    give, _ = POOLED[kind]
    model = model_of(lambda: Outputs(give))
    stored = responses(model, ["inner"], tmp_path=tmp_path, pooling=pooling)["inner"]
    x = model.preprocess(images())
    expected = x.mean((2, 3)) if pooling == "avg" or kind == "vectors" else x.amax((2, 3))
    np.testing.assert_allclose(stored, expected.numpy(), rtol=1e-4, atol=1e-5)


def rectangles(height=32, width=48, n=3):
    return np.random.default_rng(0).integers(0, 256, (n, height, width, 3), dtype=np.uint8)


class Stem(nn.Module):
    """A convolution whose maps are handed on in a given order of axes, for images of any or of one size."""

    class Ordered(nn.Module):
        def __init__(self, order):
            super().__init__()
            self.order = order

        def forward(self, x):
            return x.permute(self.order) if len(self.order) == 4 else x.flatten(2).permute(self.order)

    def __init__(self, order, channels, size=None):
        super().__init__()
        self.stem, self.ordered, self.size = nn.Conv2d(3, channels, 4, 4), Stem.Ordered(order), size

    def forward(self, x):
        assert self.size in (None, tuple(x.shape[2:])), "this network has one size"
        return self.ordered(self.stem(x))


def pooled_and_expected(build, layers, x, pooling, tmp_path):
    """Pooled responses of a layer, and the same pooled over the maps of the stem."""
    stored = responses(model_of(build), layers, x, tmp_path / "pooled.h5", pooling=pooling)
    model = model_of(build)
    maps = model.network.stem(model.preprocess(x))
    return stored[layers[0]], (maps.mean((2, 3)) if pooling == "avg" else maps.amax((2, 3))).numpy()


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 2, 3, 1), (0, 2, 1), (0, 1, 2)])
@pytest.mark.parametrize(
    ("height", "width", "channels"), [(32, 48, 8), (32, 48, 12), (32, 32, 8), (32, 48, 96), (32, 32, 5)]
)
@pytest.mark.parametrize("pooling", ["avg", "max"])
def test_pooling_finds_positions_in_any_order_of_axes(order, height, width, channels, pooling, tmp_path):
    """Also where maps are as high or as wide as they have channels, and where tokens are as many."""
    x = rectangles(height, width)
    stored, expected = pooled_and_expected(lambda: Stem(order, channels), ["ordered"], x, pooling, tmp_path)
    np.testing.assert_allclose(stored, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 2, 3, 1), (0, 2, 1), (0, 1, 2)])
def test_pooling_finds_positions_of_a_network_of_one_size(order, tmp_path):
    x = rectangles(32, 48)
    stored, expected = pooled_and_expected(lambda: Stem(order, 20, (32, 48)), ["ordered"], x, "avg", tmp_path)
    np.testing.assert_allclose(stored, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("order", "channels"), [((0, 2, 3, 1), 8), ((0, 2, 1), 64)])
def test_pooling_says_where_it_cannot_know(order, channels, tmp_path):
    x = rectangles(32, 32)
    with pytest.raises(Fault, match="layer ordered of model one"):
        responses(
            model_of(lambda: Stem(order, channels, (32, 32)), "one"), ["ordered"], x, tmp_path / "a.h5", pooling="avg"
        )
    assert responses(model_of(lambda: Stem(order, channels, (32, 32))), ["stem"], x, tmp_path / "b.h5", pooling="avg")


class Merged(nn.Module):
    """Attention between positions, or rows beside channels that share their axis with columns."""

    def __init__(self, kind):
        super().__init__()
        self.stem, self.merged, self.kind = nn.Conv2d(3, 8, 4, 4), nn.Identity(), kind

    def forward(self, x):
        x = self.stem(x)
        tokens = x.flatten(2)
        return self.merged(
            tokens.transpose(1, 2) @ tokens if self.kind == "attention" else x.transpose(1, 2).flatten(2)
        )


@pytest.mark.parametrize("kind", ["attention", "channels beside columns"])
@pytest.mark.parametrize("pooling", ["avg", "max"])
def test_pooling_refuses_layers_whose_every_axis_holds_positions(kind, pooling, tmp_path):
    model = model_of(lambda: Merged(kind), "one")
    with pytest.raises(Fault, match=r"layer merged of model one.*pooling: none"):
        responses(model, ["merged"], tmp_path=tmp_path, pooling=pooling)
    assert responses(model, ["merged"], tmp_path=tmp_path)["merged"].shape[0] == 5


TRANSFORMERS = {  # layer and axes of tokens or maps; the Swin network's first maps are 16 × 16 with 16 channels
    "swin_tiny_patch4_window7_224": (
        {"img_size": 64, "embed_dim": 16, "depths": [1, 1], "num_heads": [1, 1], "window_size": 4},
        {"patch_embed.proj": (2, 3), "patch_embed": (1, 2), "layers.0.blocks.0": (1, 2), "layers.1": (1, 2)},
    ),
    "mixer_s32_224": (
        {"img_size": 64},
        {"blocks.0": (1,), "blocks.0.mlp_tokens.fc2": (2,), "norm": (1,)},
    ),
    "test_vit": ({"img_size": 64}, {"patch_embed.proj": (2, 3), "blocks.0": (1,), "blocks.0.mlp.act": (1,)}),
    "convnext_atto": ({"depths": [1, 1, 1, 1]}, {"stages.0": (2, 3), "stages.0.blocks.0.mlp.fc1": (2, 3)}),
}


@pytest.mark.parametrize("architecture", TRANSFORMERS)
def test_pooling_of_published_networks(architecture, tmp_path):
    pytest.importorskip("timm")
    arguments, layers = TRANSFORMERS[architecture]
    model = load_model({"source": "timm", "architecture": architecture, "arguments": arguments})
    pooled = responses(model, list(layers), images(2, 64), tmp_path / "a.h5", pooling="avg")
    whole = responses(model, list(layers), images(2, 64), tmp_path / "b.h5")
    with open_hdf5(tmp_path / "a.h5") as file:
        for layer, axes in layers.items():
            assert tuple(file[layer].attrs["pooled_axes"]) == axes, layer
            expected = whole[layer].reshape(2, *file[layer].attrs["shape"]).mean(axes)
            np.testing.assert_allclose(pooled[layer], expected, rtol=1e-4, atol=1e-5)


def test_a_vision_transformer_gives_its_tokens(tmp_path):
    pytest.importorskip("timm")
    model = load_model({"source": "timm", "architecture": "test_vit", "preprocess": {"size": 160}})
    blocks = [name for name in layer_names(model) if name.startswith("blocks.") and name.count(".") == 1]
    stored = responses(model, blocks, images(2), tmp_path=tmp_path)
    assert stored[blocks[-1]].shape == (2, 101 * 64)  # a class token and 10 × 10 patches of 16 pixels


def test_callables_are_run_on_the_images_as_they_are(tmp_path):
    class Colours:
        layers = ("mean", "maps")

        def __call__(self, batch):
            return {"mean": batch.mean((1, 2)), "maps": batch.transpose(0, 3, 1, 2)}

    stored = responses(model_of(Colours), ["mean", "maps"], tmp_path=tmp_path, pooling="max", batch=2)
    np.testing.assert_allclose(stored["mean"], images().mean((1, 2)), rtol=1e-6)
    np.testing.assert_array_equal(stored["maps"], images().max((1, 2)))
    wide = responses(model_of(Colours), ["maps"], rectangles(), tmp_path / "wide.h5", pooling="avg")
    np.testing.assert_allclose(wide["maps"], rectangles().mean((1, 2)), rtol=1e-5)
    with pytest.raises(Fault, match=r"no layer 'means' .did you mean 'mean'"):
        responses(model_of(Colours), ["means"], tmp_path=tmp_path)


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
    with pytest.raises(Fault, match=r"inner of model loud reaches .* beyond the 65504 that float16 can hold"):
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
    assert "inner of model dead answers every image alike" in caplog.text


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
    assert "going on with batches of 4" in caplog.text


def test_too_little_memory_for_one_image_is_said(tmp_path):
    model = model_of(greedy(0, torch.OutOfMemoryError("CUDA out of memory")), "greedy")
    with pytest.raises(Fault, match="greedy needs more memory than there is for a single image"):
        responses(model, ["inner"], tmp_path=tmp_path)


def test_other_errors_are_not_taken_for_memory(tmp_path):
    with pytest.raises(RuntimeError, match="a bug"):
        responses(model_of(greedy(0, RuntimeError("a bug"))), ["inner"], tmp_path=tmp_path)


def test_the_least_size_is_named(tmp_path):
    def build():
        return nn.Sequential(nn.Conv2d(3, 2, 41), nn.Flatten())

    with pytest.raises(Fault, match=r"deep does not accept images of 32 pixels .*, only 41 or more"):
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

    with pytest.raises(Fault, match="unused of model idle exists but does not run"):
        responses(model_of(Idle, "idle"), ["unused"], tmp_path=tmp_path)


def test_images_of_another_kind_are_refused(tmp_path):
    with pytest.raises(ValueError, match="uint8 of shape"):
        responses(model_of(small), ["0"], images().astype(float), tmp_path=tmp_path)
    with pytest.raises(ValueError, match="3 stimulus ids for 5 images"):
        responses(model_of(small), ["0"], tmp_path=tmp_path, stimulus_id=["a", "b", "c"])
    with pytest.raises(ValueError, match="pooling"):
        responses(model_of(small), ["0"], tmp_path=tmp_path, pooling="mean")


# Responses that depend on the batch or on chance


class Noise(nn.Module):
    def forward(self, x):
        return x + torch.randn_like(x)


class AlwaysTraining(nn.Sequential):
    def train(self, mode=True):
        return super().train(True)


class Functional(nn.Module):
    """Calls what a module would have called, without telling it the mode."""

    def __init__(self, function):
        super().__init__()
        self.stem, self.function = nn.Conv2d(3, 4, 3), function

    def forward(self, x):
        return self.function(self.stem(x))


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
    with pytest.raises(Fault, match=rf"Layer {layer} of model odd responds to the same image differently.*{where}"):
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
    with pytest.raises(Fault, match=f"Layer 0 of model odd responds to the same image differently.*{how}"):
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

    with pytest.raises(Fault, match="Layer mean of model odd responds to the same image differently"):
        responses(model_of(Means, "odd"), ["mean"], tmp_path=tmp_path)


def test_a_shape_that_depends_on_the_batch_is_refused(tmp_path):
    model = model_of(lambda: Outputs(lambda x: x[:, : 1 + len(x) % 3]), "odd")
    with pytest.raises(Fault, match="inner of model odd gives a tensor of shape"):
        responses(model, ["inner"], tmp_path=tmp_path)


# TorchScript and other precisions


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_networks_of_another_precision_are_run_in_float32(dtype, tmp_path):
    stored = responses(model_of(lambda: small().to(dtype)), ["4"], path=tmp_path / "a.h5")["4"]
    rounded = responses(model_of(lambda: small().to(dtype).float()), ["4"], path=tmp_path / "b.h5")["4"]
    np.testing.assert_array_equal(stored, rounded)


def test_casts_in_a_forward_pass_are_named(tmp_path):
    with pytest.raises(Fault, match=r"Networks are run in float32: take casts such as \.half"):
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
    with pytest.raises(Fault, match=r"Layer 1\.0 of model mixed belongs to a TorchScript module"):
        responses(mixed, ["1.0"], tmp_path=tmp_path)


def normed_four():
    return nn.Sequential(nn.Conv2d(4, 4, 3), nn.ReLU())


def test_a_compiled_network_is_watched_without_its_compiler(tmp_path):
    compiled = model_of(lambda: torch.compile(small(), backend="eager"))
    stored = responses(compiled, ["0"], path=tmp_path / "a.h5")["0"]
    np.testing.assert_array_equal(stored, responses(model_of(small), ["0"], path=tmp_path / "b.h5")["0"])
