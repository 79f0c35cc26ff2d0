"""Splits: those of scikit-learn, with all repeats of an image on one side."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

from ventral.core.errors import Fault
from ventral.predictivity import brainscore_splits, kfold_splits


def test_brainscore_splits_are_those_of_scikit_learn():
    ids, labels = np.array([f"image{i}" for i in range(200)]), np.repeat(np.arange(8), 25)
    stratified = StratifiedShuffleSplit(10, train_size=0.9, random_state=1).split(ids, labels)
    plain = ShuffleSplit(10, train_size=0.9, random_state=1).split(ids)
    for found, expected in [(brainscore_splits(ids, labels), stratified), (brainscore_splits(ids), plain)]:
        expected = list(expected)
        assert len(found) == len(expected) == 10
        for sides, others in zip(found, expected, strict=True):
            for side, other in zip(sides, others, strict=True):
                np.testing.assert_array_equal(side, other)


@given(
    st.lists(st.integers(0, 30), min_size=40, max_size=80).filter(lambda ids: len(set(ids)) >= 10),
    st.sampled_from([brainscore_splits, kfold_splits]),
)
def test_repeats_of_an_image_stay_on_one_side_and_every_row_has_a_side(ids, splits_of):
    ids = np.array(ids)
    for train, test in splits_of(ids):
        assert not set(ids[train]) & set(ids[test])
        np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(ids)))


def test_too_few_images_are_a_fault():
    with pytest.raises(Fault, match="3 images cannot be dealt into 5 folds"):
        kfold_splits([1, 2, 3, 3, 3], folds=5)
    with pytest.raises(Fault, match="kfold"):
        brainscore_splits(np.arange(40), ["alone"] + ["many"] * 39)
