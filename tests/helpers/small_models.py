"""Small networks, images for them, and their responses as extraction stores them."""

import numpy as np
from torch import nn

from ventral.core.hdf5 import open_hdf5
from ventral.models import extract, load_model


def images(n=5, size=32, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, size, size, 3), dtype=np.uint8)


def model_of(build, name="small", **spec):
    return load_model({"source": "python", "factory": build, **spec}, name)


def responses(model, layers, x=None, path=None, tmp_path=None, **options):
    path = path or tmp_path / "activations.h5"
    extract(model, images() if x is None else x, layers, path, **options)
    with open_hdf5(path) as file:
        return {layer: file[layer][:] for layer in layers}


def small():
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2), nn.ReLU(inplace=True), nn.Conv2d(4, 5, 3), nn.AvgPool2d(3), nn.Flatten()
    )


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


def rectangles(height=32, width=48, n=3):
    return np.random.default_rng(0).integers(0, 256, (n, height, width, 3), dtype=np.uint8)


class Functional(nn.Module):
    """Calls what a module would have called, without telling it the mode."""

    def __init__(self, function):
        super().__init__()
        self.stem, self.function = nn.Conv2d(3, 4, 3), function

    def forward(self, x):
        return self.function(self.stem(x))
