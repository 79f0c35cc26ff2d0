"""Layers that share a GPU, several at a time; CuPy is a stand-in that works in the memory of the machine."""

import contextlib
import sys
import threading
import types
from functools import partial

import numpy as np
import pytest

from ventral.core.block_products import LAYERS, block_width, layers_at_once
from ventral.core.device import gpus
from ventral.core.errors import Fault
from ventral.core.jobs import about
from ventral.core.streams import on_streams
from ventral.gram import gram


@pytest.fixture
def streams(monkeypatch):
    """The stand-in for CuPy; the names of the threads that opened a stream."""
    opened = []

    @contextlib.contextmanager
    def stream(non_blocking):
        assert non_blocking
        opened.append(threading.current_thread().name)
        yield

    cuda = types.SimpleNamespace(runtime=types.SimpleNamespace(getDeviceCount=lambda: 1), Stream=stream)
    monkeypatch.setitem(sys.modules, "cupy", types.SimpleNamespace(cuda=cuda, empty=np.empty, asarray=np.asarray))
    return opened


def test_grams_of_several_layers_are_those_of_each(streams):
    rng = np.random.default_rng(0)
    layers = [rng.standard_normal((12, d)).astype(np.float32) for d in (40, 300, 25, 90, 1000)]
    found = [None] * len(layers)

    def make(place):
        width = block_width(layers[place], 3)
        found[place] = gram(layers[place], width, device="cuda:0").centered

    on_streams([partial(make, place) for place in range(len(layers))], "cuda:0", 3)
    for X, K in zip(layers, found, strict=True):
        np.testing.assert_array_equal(K, gram(X, device="cpu").centered)
    assert len(streams) == len(layers) and threading.current_thread().name not in streams


def test_as_many_run_together_as_were_asked_for(streams):
    both, running, most = threading.Barrier(2, timeout=20), [], []

    def job():
        running.append(None)
        most.append(len(running))
        both.wait()
        running.pop()

    on_streams([job] * 6, "cuda:0", 2)
    assert max(most) == 2


def test_the_first_error_names_its_layer_and_ends_the_rest(streams):
    done = []

    def job(layer):
        with about(f"The layer {layer}"):
            if layer == 1:
                raise ValueError("broken")
            done.append(layer)

    with pytest.raises(Fault, match="The layer 1: ValueError: broken"):
        on_streams([partial(job, layer) for layer in range(1000)], "cuda:0", 2)
    assert 999 not in done


@pytest.mark.parametrize(("device", "at_once"), [("cpu", 4), ("cuda:0", 1)])
def test_alone_they_run_in_turn_and_open_no_stream(streams, device, at_once):
    done = []
    on_streams([partial(done.append, layer) for layer in range(5)], device, at_once)
    assert done == list(range(5)) and not streams


def test_layers_of_many_images_do_not_share_memory():
    assert layers_at_once(1) == layers_at_once(1_000) == LAYERS
    assert layers_at_once(2_000) == 2 and layers_at_once(10_000) == 1


def test_grams_on_streams_of_a_gpu():
    if not gpus():
        pytest.skip("needs an NVIDIA GPU and CuPy")
    rng = np.random.default_rng(1)
    layers = [rng.standard_normal((200, 5000)).astype(np.float32) for _ in range(12)]
    found = {}

    def make(place):
        found[place] = gram(layers[place], device="cuda:0").centered

    on_streams([partial(make, place) for place in range(len(layers))], "cuda:0", LAYERS)
    for place, X in enumerate(layers):
        expected = gram(X, precision="float64", device="cpu").centered
        np.testing.assert_allclose(found[place], expected, atol=1e-5 * np.abs(expected).max())
