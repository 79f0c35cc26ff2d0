"""Less factorization makes objects harder to decode."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_scenes import THRESHOLDS, plain

from ventral.core.errors import Fault
from ventral.geometry.rotation import means_of, object_decoding, reduced_factorization


def covariances(X, objects):
    means = means_of(X - X.mean(axis=0), objects)
    residuals = X - X.mean(axis=0) - means
    return means.T @ means / len(X), residuals.T @ residuals / len(X)


@given(seed=st.integers(0, 1000), units=st.sampled_from([7, 24, 60]))
@settings(max_examples=20)
def test_the_rotation_keeps_both_spectra_and_lowers_factorization(seed, units):
    rng = np.random.default_rng(seed)
    objects = np.repeat(np.arange(4), 6)
    axes = rng.standard_normal((2, units, units))
    X = rng.standard_normal((4, units))[objects] @ axes[0] + rng.standard_normal((24, units)) @ axes[1] + 3
    Z = reduced_factorization(X, objects)
    before, after = covariances(X, objects), covariances(Z, objects)
    for old, new in zip(before, after, strict=True):
        scale = np.linalg.eigvalsh(old)[-1]
        np.testing.assert_allclose(np.linalg.eigvalsh(new), np.linalg.eigvalsh(old), atol=1e-10 * scale)
    np.testing.assert_allclose(means_of(Z, objects), means_of(X, objects), atol=1e-9)
    assert np.sum(after[0] * after[1]) >= np.sum(before[0] * before[1]) * (1 - 1e-10)
    # As large as two matrices with these eigenvalues can have it (von Neumann).
    most = np.linalg.eigvalsh(before[0]) @ np.linalg.eigvalsh(before[1])
    assert np.sum(after[0] * after[1]) == pytest.approx(most)
    old, new = plain(X, objects), plain(Z, objects)
    assert new["invariance", None] == pytest.approx(old["invariance", None])
    for threshold in THRESHOLDS:
        assert new["factorization", threshold] <= old["factorization", threshold] + 1e-10


def test_less_factorized_objects_are_harder_to_decode():
    rng = np.random.default_rng(5)
    objects = np.repeat(np.arange(6), 40)
    X = np.zeros((240, 30))
    X[:, :5] = rng.standard_normal((6, 5))[objects]
    X += 0.3 * rng.standard_normal(X.shape)
    X[:, 10:20] += 3 * rng.standard_normal((240, 10))
    before, after = (
        object_decoding(Y, objects, np.random.default_rng(0)) for Y in (X, reduced_factorization(X, objects))
    )
    assert before.shape == (240,) and set(np.unique(before)) <= {0, 0.25, 0.5, 0.75, 1}
    assert before.mean() > 0.95 > 0.7 > after.mean() > 1 / 6
    rotation = np.linalg.qr(rng.standard_normal((30, 30)))[0]
    np.testing.assert_array_equal(before, object_decoding(7 * X @ rotation + 1, objects, np.random.default_rng(0)))
    chance = object_decoding(X, rng.permutation(objects), np.random.default_rng(0)).mean()
    assert chance == pytest.approx(1 / 6, abs=0.1)


def test_objects_are_decoded_from_scenes_that_were_not_seen():
    rng = np.random.default_rng(9)
    scenes = np.repeat(np.arange(24), 6)
    objects = rng.permutation(np.repeat(np.arange(4), 6))[scenes]  # dealt to scenes at random: no code holds them
    X = rng.standard_normal((24, 20))[scenes] + 0.2 * rng.standard_normal((144, 20))
    memorized, decoded = (
        object_decoding(X, objects, np.random.default_rng(0), groups).mean() for groups in (None, scenes)
    )
    assert memorized > 0.85
    assert decoded < 0.25 + 0.2  # 24 scenes
    X[:, :4] += 6 * np.eye(4)[objects]
    assert object_decoding(X, objects, np.random.default_rng(0), scenes).mean() > 0.8
    with pytest.raises(Fault, match="only one scene"):
        object_decoding(X, objects, np.random.default_rng(0), objects)


def test_what_cannot_be_decoded_is_said():
    X = np.random.default_rng(6).standard_normal((12, 4))
    with pytest.raises(Fault, match="needs two objects"):
        reduced_factorization(X, np.zeros(12))
    with pytest.raises(Fault, match="'b' has 2 images"):
        object_decoding(X, np.array(["a"] * 10 + ["b"] * 2), np.random.default_rng(0))
    with pytest.raises(Fault, match="do not vary"):
        object_decoding(np.ones((12, 4)), np.repeat([0, 1], 6), np.random.default_rng(0))
