"""Half precision and the memory layout change last digits only, and copies to a GPU go through pinned memory."""

import h5py
import numpy as np
import pytest
import torch
from small_models import images, model_of, responses, small

from ventral.core.errors import Fault
from ventral.models import load_model, transfers

LAYERS = ["0", "4"]


@pytest.mark.parametrize("type_, digits", [("bfloat16", 2**-8), ("float16", 2**-11)])
@pytest.mark.parametrize("pooling", ["none", "avg"])
def test_autocast_changes_last_digits_only(type_, digits, pooling, tmp_path):
    plain, fast = model_of(small), model_of(small, autocast=type_)
    exact = responses(plain, LAYERS, path=tmp_path / "plain.h5", pooling=pooling)
    rounded = responses(fast, LAYERS, path=tmp_path / "fast.h5", pooling=pooling)
    for layer in LAYERS:
        assert rounded[layer].dtype == np.float32
        assert 0 < np.abs(rounded[layer] - exact[layer]).max() < 4 * digits * np.abs(exact[layer]).max()
    assert plain.fingerprint != fast.fingerprint and fast.preparation.endswith(f"computed in {type_}")
    with h5py.File(tmp_path / "fast.h5") as file:
        assert file.attrs["autocast"] == type_
    assert not torch.is_autocast_enabled("cpu")  # after the extraction


def test_the_layout_of_images_and_weights_is_that_of_the_entry(tmp_path):
    one = {"source": "torchvision", "architecture": "squeezenet1_1", "layers": ["features.3"]}
    found = {}
    for asked, expected in ((None, True), (True, True), (False, False)):
        model = load_model(one if asked is None else one | {"channels_last": asked})
        assert model.preprocess.channels_last is expected
        weights = model.network.features[0].weight
        assert weights.is_contiguous(memory_format=torch.channels_last) is (asked is True)
        found[asked] = (
            model.fingerprint,
            responses(model, ["features.3"], images(3, 64), tmp_path / f"{asked}.h5")["features.3"],
        )
    for fingerprint, X in found.values():
        assert fingerprint == found[None][0]
        np.testing.assert_allclose(X, found[None][1], rtol=1e-4, atol=1e-5)


def test_functions_of_images_have_no_such_settings():
    pixels = {"source": "python", "factory": "ventral.models.baselines:pixels"}
    for key, value in (("autocast", "bfloat16"), ("channels_last", True)):
        with pytest.raises(Fault, match=f"remove its `{key}`"):
            load_model(pixels | {key: value})


class OnGPU:
    """Stands for a tensor and notes what is asked of it; no GPU is needed, and none is tested."""

    def __init__(self):
        self.device, self.shape, self.calls = torch.device("cuda:0"), (2, 3), []

    def pin_memory(self):
        self.calls.append("pin_memory")
        return self

    def to(self, device, **options):
        self.calls.append((device, options))
        return self

    def float(self):
        self.calls.append("float")
        return torch.ones(2, 3)


def test_copies_to_and_from_a_gpu_go_through_pinned_memory(monkeypatch):
    x = OnGPU()
    assert transfers.to_device(x, "cuda:0") is x
    assert x.calls == ["pin_memory", ("cuda:0", {"non_blocking": True})]

    made, waited, empty = [], [], torch.empty

    def pinned(shape, **options):
        made.append(options.pop("pin_memory"))
        return empty(shape, **options)

    monkeypatch.setattr(torch, "empty", pinned)
    monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
    assert torch.equal(transfers.to_host(x), torch.ones(2, 3)) and made == [True]
    transfers.finished("cuda:0")
    transfers.finished("cpu")
    assert waited == ["cuda:0"]


def test_on_the_cpu_a_copy_is_a_copy():
    x = torch.ones(3)
    copied = transfers.to_host(transfers.to_device(x, "cpu"))
    x += 1
    assert copied.tolist() == [1, 1, 1]
