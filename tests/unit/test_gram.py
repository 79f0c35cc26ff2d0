"""Gram: equals the textbook product, keeps what centring removes, and names what is wrong."""

import logging
import sys
import types
from dataclasses import replace

import h5py
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import ventral.core.block_products
import ventral.core.device
from ventral.core.errors import Fault
from ventral.geometry import spectrum
from ventral.gram import gram, read_gram, write_gram


def textbook(X):
    centered = X.astype(np.float64) - X.astype(np.float64).mean(axis=0)
    return centered @ centered.T


def relative_error(K, expected):
    return np.linalg.norm(K - expected) / np.linalg.norm(expected)


@given(
    n=st.integers(2, 40),
    d=st.integers(1, 300),
    block=st.integers(1, 400),
    offset=st.floats(-100, 100),
    seed=st.integers(0, 99),
)
def test_blocks_of_any_width_give_the_textbook_product(n, d, block, offset, seed):
    X = (np.random.default_rng(seed).standard_normal((n, d)) + offset).astype(np.float32)
    assert relative_error(gram(X, block=block, device="cpu").centered, textbook(X)) < 1e-5
    assert relative_error(gram(X, block=block, precision="float64", device="cpu").centered, textbook(X)) < 1e-10


def test_torch_tensors_stand_in_for_the_gpu():
    X = np.random.default_rng(0).standard_normal((30, 500)).astype(np.float32) + 3
    G, T = gram(X, device="cpu"), gram(torch.from_numpy(X), block=128)
    assert relative_error(T.centered, G.centered) < 1e-5
    np.testing.assert_allclose(T.mean_products, G.mean_products, rtol=1e-5)
    np.testing.assert_allclose(T.row_sums, G.row_sums, rtol=1e-5)


def test_what_centring_removes_is_kept():
    X = np.random.default_rng(1).standard_normal((20, 300)) + 5
    G = gram(X, precision="float64", device="cpu")
    np.testing.assert_allclose(G.products, X @ X.T, rtol=1e-10)
    np.testing.assert_allclose(G.row_sums, X.sum(axis=1), rtol=1e-10)
    assert G.mean_square == pytest.approx(X.mean(axis=0) @ X.mean(axis=0))
    assert G.n_features == 300


@pytest.mark.parametrize("n", [1, 3, 256, 300, 700])
def test_half_of_a_large_gram_is_stored_and_all_of_it_is_read(tmp_path, n):
    G = gram(np.random.default_rng(3).standard_normal((n, n + 1)), device="cpu")
    write_gram(G, tmp_path / "gram.h5")
    np.testing.assert_array_equal(read_gram(tmp_path / "gram.h5").centered, G.centered)
    assert n < 700 or (tmp_path / "gram.h5").stat().st_size < 0.7 * G.centered.nbytes


def test_a_subset_equals_the_gram_of_the_subset():
    X = np.random.default_rng(2).standard_normal((40, 60)) + 2
    index = np.r_[3:9, 30, 12]
    G = gram(X, precision="float64", device="cpu").subset(index)
    expected = gram(X[index], precision="float64", device="cpu")
    for name in ("centered", "mean_products", "row_sums", "mean_square"):
        np.testing.assert_allclose(getattr(G, name), getattr(expected, name), atol=1e-9)


@pytest.mark.parametrize("convert", [np.asarray, torch.from_numpy])
@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.float16, bool])
def test_numbers_of_any_kind_are_centred_without_rounding_the_mean(kind, convert):
    X = np.random.default_rng(5).integers(0, 256, (20, 50)).astype(kind)
    G = gram(convert(X), device="cpu")
    assert relative_error(G.centered, textbook(X)) < 1e-5
    np.testing.assert_allclose(G.products, X.astype(float) @ X.T.astype(float), rtol=1e-4)


def dead_units(X):
    return np.hstack([np.maximum(X, 0), np.zeros((len(X), 150))])


def duplicated_units(X):
    return np.hstack([X, X[:, :150]])


@pytest.mark.parametrize("responses", [dead_units, duplicated_units])
def test_a_layer_with_few_different_units_has_no_noise_in_its_spectrum(responses):
    X = responses(np.random.default_rng(6).standard_normal((400, 200)) + 1).astype(np.float32)
    found, expected = spectrum(gram(X, device="cpu")), spectrum(gram(X.astype(np.float64), precision="float64"))
    assert found.alpha == pytest.approx(expected.alpha, abs=1e-3)
    assert np.count_nonzero(found.eigenvalues) == 200


def test_products_that_overflow_are_not_passed_on():
    X = np.random.default_rng(7).standard_normal((5, 30)) * 1e20
    with pytest.raises(Fault, match=r'overflow float32\. Use precision="float64"'):
        gram(X.astype(np.float32), block=10, device="cpu")
    assert relative_error(gram(X, precision="float64", device="cpu").centered, textbook(X)) < 1e-10
    with pytest.raises(Fault, match=r"overflow float64\. Scale them down"):
        gram(X * 1e180, precision="float64", device="cpu")


def test_out_of_memory_halves_the_block_and_changes_nothing(monkeypatch):
    X = np.random.default_rng(3).standard_normal((10, 100)).astype(np.float32)
    expected = gram(X, device="cpu").centered
    multiply, widths = ventral.core.block_products._block_gram, []

    def small_memory(x, precision):
        widths.append(x.shape[1])
        if x.shape[1] > 15:
            raise MemoryError
        return multiply(x, precision)

    monkeypatch.setattr(ventral.core.block_products, "_block_gram", small_memory)
    np.testing.assert_allclose(gram(X, block=64, device="cpu").centered, expected, rtol=1e-4, atol=1e-4)
    assert widths[:4] == [64, 32, 16, 8]


def test_a_block_that_is_too_large_to_read_is_halved():
    X = np.random.default_rng(8).standard_normal((10, 100)).astype(np.float32)

    class Narrow:
        shape = X.shape

        def __getitem__(self, index):
            if index[1].stop - index[1].start > 15:
                raise MemoryError
            return X[index]

    assert relative_error(gram(Narrow(), block=64, device="cpu").centered, textbook(X)) < 1e-5


def test_a_block_is_never_added_twice(monkeypatch):
    """Memory ends while one of a block's sums is added."""
    X = np.random.default_rng(9).standard_normal((10, 100)).astype(np.float32)
    multiply, calls = ventral.core.block_products._block_gram, []

    class Unaddable:
        __array_ufunc__ = None

        def __radd__(self, total):
            raise MemoryError

    def once(x, precision):
        calls.append(x.shape[1])
        products, (with_mean, *rest) = multiply(x, precision)
        return products, (Unaddable() if len(calls) == 2 else with_mean, *rest)

    monkeypatch.setattr(ventral.core.block_products, "_block_gram", once)
    assert relative_error(gram(X, block=40, device="cpu").centered, textbook(X)) < 1e-5
    assert calls == [40, 40, 20, 20, 20]


def test_other_errors_are_not_taken_for_memory(monkeypatch):
    def broken(x, precision):
        raise RuntimeError("a bug")

    monkeypatch.setattr(ventral.core.block_products, "_block_gram", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        gram(np.ones((3, 8)), device="cpu")


def counted(error):
    """A CuPy that raises `error` when it counts GPUs, or, for None, works in the memory of the machine."""

    def count():
        if error:
            raise error
        return 1

    runtime = types.SimpleNamespace(getDeviceCount=count)
    return types.SimpleNamespace(cuda=types.SimpleNamespace(runtime=runtime), empty=np.empty, asarray=np.asarray)


REFUSALS = [
    (counted(RuntimeError("cudaErrorInsufficientDriver: driver too old")), "driver too old"),
    (counted(MemoryError("Out of memory allocating 512 bytes")), "allocating 512 bytes"),
    (None, "cupy"),  # what Python's import says of a package that is not there
]


@pytest.mark.parametrize(("cupy", "answer"), REFUSALS)
def test_without_a_usable_gpu_auto_goes_on_with_the_cpu(monkeypatch, caplog, cupy, answer):
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setattr(ventral.core.device, "gpus", lambda: ["GPU-aaaa-0"])
    X = np.random.default_rng(10).standard_normal((10, 100)).astype(np.float32)
    assert relative_error(gram(X).centered, textbook(X)) < 1e-5
    (record,) = caplog.records
    assert record.levelno == logging.WARNING and answer in record.getMessage()
    with pytest.raises(Fault, match=rf"`device: cuda:0` .*{answer}.* Set `device: auto`"):
        gram(X, device="cuda:0")


def test_a_gpu_that_works_is_used(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "cupy", counted(None))
    X = np.random.default_rng(11).standard_normal((10, 100)).astype(np.float32)
    assert relative_error(gram(X, device="cuda:0").centered, textbook(X)) < 1e-5
    assert not caplog.records


@pytest.fixture
def layer_file(tmp_path):
    with h5py.File(tmp_path / "net.h5", "w") as file:
        file["stimulus_id"] = np.array([f"image-{i}" for i in range(6)], dtype=object)
        file.create_dataset("conv1", data=np.ones((6, 50), np.float32), chunks=(2, 10))
        yield file


def test_values_that_are_not_finite_are_named(layer_file):
    layer_file["conv1"][4, 30] = np.nan
    layer_file["conv1"][2, 31] = np.inf
    with pytest.raises(Fault, match=r"conv1 in .*net\.h5: 2 values of 2 images .* image-2, image-4"):
        gram(layer_file["conv1"], device="cpu")


@pytest.mark.parametrize("shape", [(5,), (0, 4), (4, 0), (2, 3, 4)])
def test_shapes_that_have_no_gram_are_refused(shape):
    with pytest.raises(Fault, match="images × features"):
        gram(np.zeros(shape))


@pytest.mark.parametrize(
    "values",
    [
        np.ones((3, 4), dtype=complex),
        np.ones((3, 4), dtype=object),
        np.full((3, 4), "1"),
        np.full((3, 4), np.datetime64("2020-01-01")),
        [["a", "b"], ["c", "d"]],
        torch.ones(3, 4, dtype=torch.complex64),
    ],
)
def test_values_that_are_no_real_numbers_are_refused(values):
    with pytest.raises(Fault, match="real numbers"):
        gram(values, device="cpu")


def test_lists_and_whole_numbers_are_arrays():
    expected = gram(np.array([[1.0, 2], [3, 5]]), device="cpu").centered
    for values in ([[1, 2], [3, 5]], np.array([[1, 2], [3, 5]], dtype=np.uint8)):
        np.testing.assert_array_equal(gram(values, device="cpu").centered, expected)


def test_a_stored_gram_comes_back_and_a_truncated_one_is_named(tmp_path):
    X = np.random.default_rng(4).standard_normal((12, 40))
    path = tmp_path / "layer.h5"
    write_gram(replace(gram(X, device="cpu"), origin={"model": "net"}), path)
    G = read_gram(path)
    np.testing.assert_array_equal(G.centered, gram(X, device="cpu").centered)
    assert G.stimulus_id is None and G.origin == {"model": "net"}
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(Fault, match=r"layer\.h5 is truncated or damaged"):
        read_gram(path)
