"""Fixtures that several test files share; each imports what it needs, because most files need none of them."""

from functools import partial

import numpy as np
import pytest


@pytest.fixture
def factory(tmp_path):
    """A user's own file with a small network."""
    from small_network import FACTORY

    (tmp_path / "mine.py").write_text(FACTORY)
    return f"{tmp_path / 'mine.py'}:network"


@pytest.fixture
def checkpoint(tmp_path, factory):
    """Saves what is given and returns the spec of a small network with these weights."""
    import torch

    def save(content, **more):
        torch.save(content, tmp_path / "weights.pth")
        return {
            "source": "checkpoint",
            "architecture": factory,
            "file": str(tmp_path / "weights.pth"),
            "arguments": {"channels": 4},
        } | more

    return save


@pytest.fixture
def nothing_is_fetched(monkeypatch):
    """Networks that only their weights describe are left out unless they were described before."""
    from ventral.config import missing_weights
    from ventral.core.errors import Fault
    from ventral.models import layer_choice

    def ask(*_, **__):
        raise Fault("It could not be fetched.")

    def layers_of(spec):
        with monkeypatch.context() as without_network:
            without_network.setattr(layer_choice, "ask", ask)
            return layer_choice.layers_of(spec)

    monkeypatch.setattr(missing_weights, "layers_of", layers_of)


@pytest.fixture
def small(tmp_path):
    """Settings of a small network with changes; 17 images of two classes."""
    from small_training import small_spec, write_images

    write_images(tmp_path)
    return partial(small_spec, tmp_path)


@pytest.fixture
def source(small):
    """The images that the small network is trained on."""
    from ventral.training.image_sources import open_source

    return open_source(small()["data"])


@pytest.fixture
def stimuli(tmp_path):
    """A stimulus set of six black images, to which the user's own recordings belong."""
    from own_recordings import IDS, photos

    return photos(tmp_path / "photos.h5", IDS)


@pytest.fixture
def trials():
    """Responses of three units to six images in four trials, one of them missing."""
    trials = np.random.default_rng(0).standard_normal((3, 6, 4))
    trials[1, 2, 3] = np.nan
    return trials
