"""Equal responses: found on the features, whatever the arithmetic, the block or the library; kept with the Gram."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ventral.core.copies import copies_after
from ventral.geometry import intrinsic_dimension
from ventral.gram import gram, read_gram, write_gram
from ventral.predictivity import ridge


def responses(seed=0, n=40, d=300, kind=np.float32):
    """Responses with a large mean, of which some equal an earlier one, and which one each equals."""
    rng = np.random.default_rng(seed)
    X = (100 * rng.standard_normal((n, d)) + 1000).astype(kind)
    source = rng.integers(0, n, n)
    return X[source], np.array([np.flatnonzero(source == one)[0] for one in source])


@given(
    seed=st.integers(0, 99),
    d=st.integers(1, 300),
    block=st.integers(1, 400),
    kind=st.sampled_from([np.float32, np.float64, np.float16, np.int32, np.uint8]),
)
def test_copies_are_found_whatever_the_block(seed, d, block, kind):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 3, (20, d)).astype(kind)
    X = X[rng.integers(0, 20, 30)]
    expected = np.array([next(i for i in range(30) if np.array_equal(X[i], X[j])) for j in range(30)])
    np.testing.assert_array_equal(gram(X, block=block, device="cpu").copy_of, expected)
    if kind != np.float16:
        np.testing.assert_array_equal(gram(torch.from_numpy(X), block=block).copy_of, expected)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("block", [7, 64, 1000])
def test_products_of_copies_are_equal_to_the_last_bit(precision, block):
    X, first = responses()
    G = gram(X, block=block, precision=precision, device="cpu")
    np.testing.assert_array_equal(G.copies, first)
    for part in (G, G.subset(np.arange(3, 37))):
        expected = np.array([np.flatnonzero(part.copies == one)[0] for one in part.copies])
        np.testing.assert_array_equal(part.copies, expected)
        np.testing.assert_array_equal(part.centered, part.centered[np.ix_(expected, expected)])
        np.testing.assert_array_equal(part.row_sums, part.row_sums[expected])


def test_a_single_bit_tells_responses_apart_and_the_sign_of_zero_does_not():
    X = np.ones((4, 200), np.float32)
    X[1, 199] = np.nextafter(np.float32(1), np.float32(2))
    X[2:, 100] = [0.0, -0.0]
    np.testing.assert_array_equal(gram(X, device="cpu").copies, [0, 1, 2, 2])


def test_later_features_only_split_groups():
    first = copies_after(np.zeros(4, int), np.array([[1.0], [1.0], [2.0], [2.0]]))
    np.testing.assert_array_equal(first, [0, 0, 2, 2])
    np.testing.assert_array_equal(copies_after(first, np.array([[5.0], [5.0], [5.0], [6.0]])), [0, 0, 2, 3])


def test_copies_come_back_from_a_file_and_older_files_are_read(tmp_path):
    X, first = responses()
    path = tmp_path / "layer.h5"
    G = gram(X, device="cpu")
    write_gram(G, path)
    np.testing.assert_array_equal(read_gram(path).copies, first)
    assert read_gram(path).precision == "float32"
    write_gram(replace(G, copy_of=None, precision=None), path)
    old = read_gram(path)
    assert old.copy_of is None and old.resolution == G.resolution
    np.testing.assert_array_equal(old.copies, first)
    np.testing.assert_array_equal(old.subset(np.arange(10)).copies, G.subset(np.arange(10)).copies)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("d", [3, 500])
def test_responses_that_never_vary_leave_nothing(kind, d):
    constant = np.full((30, d), 0.1, kind) * np.linspace(1, 1e4, d).astype(kind)
    G = gram(constant, device="cpu")
    assert not G.varies() and not G.centered.any()
    mixed = gram(np.vstack([constant, 2 * constant[:1]]), device="cpu")
    assert mixed.varies() and not mixed.varies(np.arange(30))
    assert not mixed.subset(np.arange(30)).centered.any()
    splits = [(np.arange(20), np.arange(20, 31))]
    Y = np.random.default_rng(0).standard_normal((31, 4))
    assert np.isnan(ridge(mixed, Y, splits).scores).all()


@pytest.mark.parametrize("scale", [1e-30, 1e-22, 1e-10, 1, 1e10])
def test_the_scale_of_responses_takes_no_digits(scale):
    X = np.random.default_rng(1).standard_normal((20, 400)) + 1
    G, expected = gram((scale * X).astype(np.float32), device="cpu"), gram(X, precision="float64", device="cpu")
    for name, power in (("centered", 2), ("products", 2), ("row_sums", 1)):
        found, wanted = getattr(G, name) / scale**power, getattr(expected, name)
        np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize("n_equal", [1, 10, 30])
def test_the_dimension_does_not_see_copies(n_equal):
    X = np.random.default_rng(2).standard_normal((80, 300)).astype(np.float32) + 2
    again = np.vstack([X, X[np.arange(n_equal) % 7]])
    expected = intrinsic_dimension(gram(X, precision="float64", device="cpu"))
    assert intrinsic_dimension(gram(again, device="cpu")) == pytest.approx(expected, rel=1e-3)


def test_near_responses_are_not_copies():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((80, 300)).astype(np.float32)
    near = np.vstack([X, X[:3] * np.float32(1 + 1e-6)])
    G = gram(near, device="cpu")
    assert len(np.unique(G.copies)) == 83
    expected = intrinsic_dimension(gram(near, precision="float64", device="cpu"))
    assert intrinsic_dimension(G) == pytest.approx(expected, rel=1e-3)


def test_a_subset_may_repeat_rows():
    X = np.random.default_rng(4).standard_normal((6, 20))
    G = replace(gram(X, device="cpu"), stimulus_id=np.array(list("abcdef"), dtype=object))
    np.testing.assert_array_equal(G.subset(np.array([3, 1, 3, 3])).copies, [0, 1, 0, 0])
