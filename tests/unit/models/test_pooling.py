"""Pooling: one value per channel, over positions that are found in any order of axes."""

import numpy as np
import pytest
from small_models import Outputs, images, model_of, rectangles, responses
from torch import nn

from ventral.core.errors import Fault
from ventral.core.hdf5 import open_hdf5
from ventral.models import load_model

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
    arguments, layers = TRANSFORMERS[architecture]
    model = load_model({"source": "timm", "architecture": architecture, "arguments": arguments})
    pooled = responses(model, list(layers), images(2, 64), tmp_path / "a.h5", pooling="avg")
    whole = responses(model, list(layers), images(2, 64), tmp_path / "b.h5")
    with open_hdf5(tmp_path / "a.h5") as file:
        for layer, axes in layers.items():
            assert tuple(file[layer].attrs["pooled_axes"]) == axes, layer
            expected = whole[layer].reshape(2, *file[layer].attrs["shape"]).mean(axes)
            np.testing.assert_allclose(pooled[layer], expected, rtol=1e-4, atol=1e-5)
