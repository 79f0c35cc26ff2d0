"""Cross-validation over images: which rows train an encoding model and which test it.

Rows that show the same image are always on the same side.

Folds are made here, because scikit-learn's `GroupKFold(shuffle=True)` and `StratifiedGroupKFold` draw other folds from
the same seed, and scores would not be comparable with those of earlier versions.

Source: Schrimpf et al., "Brain-Score: Which artificial neural network for object recognition is most
brain-like?", bioRxiv 407007 (2018), for the ten stratified shuffle splits.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from ventral.core.errors import Fault

Splits = list[tuple[np.ndarray, np.ndarray]]


def brainscore_splits(
    stimulus_id: Sequence | np.ndarray,
    labels: Sequence | np.ndarray | None = None,
    splits: int = 10,
    train_size: float = 0.9,
    seed: int = 1,
) -> Splits:
    """Shuffle the images for every split and use a share of them for training, as in Brain-Score.

    Parameters
    ----------
    stimulus_id : sequence of n
        The image of each row.
    labels : sequence of n, optional
        The object of each row. If given, the splits are stratified by object.
    splits : int
    train_size : float
        Share of the images in training, in (0, 1).
    seed : int
        `random_state` of scikit-learn's splitter, so that the splits are those of Brain-Score.

    Returns
    -------
    list of (train, test)
        Row indices.

    Raises
    ------
    Fault
        There are too few images, or a label has a single image.
    """
    from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit  # takes most of a second

    rows = _rows_of_images(stimulus_id)
    objects = None if labels is None else np.asarray(labels)[[same_image[0] for same_image in rows]]
    splitter = ShuffleSplit if labels is None else StratifiedShuffleSplit
    try:
        pairs = list(splitter(splits, train_size=train_size, random_state=seed).split(np.arange(len(rows)), objects))
    except ValueError as error:
        raise Fault(
            f"{len(rows)} images cannot be split for cross-validation: {error} "
            "Use more images, or splits of the kind 'kfold', which need no labels."
        ) from error
    return _splits_of_rows(rows, pairs)


def kfold_splits(stimulus_id: Sequence | np.ndarray, folds: int = 5, seed: int = 1) -> Splits:
    """Deal the images into folds; each fold is tested once, with the others for training.

    Parameters
    ----------
    stimulus_id : sequence of n
        The image of each row.
    folds : int
    seed : int

    Returns
    -------
    list of (train, test)
        Row indices.

    Raises
    ------
    Fault
        There are fewer images than folds, or fewer than two folds.
    """
    rows = _rows_of_images(stimulus_id)
    if not 2 <= folds <= len(rows):
        raise Fault(f"{len(rows)} images cannot be dealt into {folds} folds; use more images or fewer folds.")
    dealt = np.array_split(np.random.default_rng(seed).permutation(len(rows)), folds)
    pairs = [(np.sort(np.concatenate(dealt[:i] + dealt[i + 1 :])), np.sort(test)) for i, test in enumerate(dealt)]
    return _splits_of_rows(rows, pairs)


def fixed_splits(stimulus_id: Sequence | np.ndarray, part: Sequence[str] | np.ndarray) -> Splits:
    """The single split into training and test images that a data set defines.

    Parameters
    ----------
    stimulus_id : sequence of n
        The image of each row.
    part : sequence of n
        Whether the row is for "train" or "test".

    Returns
    -------
    list of one (train, test)
        Row indices.

    Raises
    ------
    Fault
        A side has fewer than three rows, or an image is on both sides.
    """
    images, sides = np.asarray(stimulus_id), np.asarray(part)
    train, test = (np.flatnonzero(sides == side) for side in ("train", "test"))
    if min(len(train), len(test)) < 3:
        raise Fault(f"A fixed split needs three images or more on both sides; there are {len(train)} and {len(test)}.")
    both = np.intersect1d(images[train], images[test])
    if len(both):
        raise Fault(
            f"{len(both)} images are in the training part and in the test part, by their ids, pixels or groups: "
            f"{', '.join(map(str, both[:5]))}{', …' if len(both) > 5 else ''}. Use splits of the kind 'kfold'."
        )
    return [(train, test)]


def splits_within(splits: Splits, rows: np.ndarray) -> Splits:
    """Splits of some of the rows, with these rows numbered from 0.

    Parameters
    ----------
    splits : list of (train, test)
    rows : integer array
        Ascending.
    """

    def within(side: np.ndarray) -> np.ndarray:
        return np.searchsorted(rows, side[np.isin(side, rows)])

    return [(within(train), within(test)) for train, test in splits]


def stratified_kfold_splits(
    stimulus_id: Sequence | np.ndarray, labels: Sequence | np.ndarray, folds: int = 5, seed: int = 1
) -> Splits:
    """Deal the images of every object into folds, so that every training set shows every object.

    Each fold is tested once, with the others for training.

    Parameters
    ----------
    stimulus_id : sequence of n
        The image of each row.
    labels : sequence of n
        The object of each row; all rows of an image have the same object.
    folds : int
        Largest number of folds; there are not more than images.
    seed : int

    Returns
    -------
    list of (train, test)
        Row indices.

    Raises
    ------
    Fault
        An object has a single image.
    """
    rows = _rows_of_images(stimulus_id)
    objects = np.asarray(labels)[[same_image[0] for same_image in rows]]
    names, codes, counts = np.unique(objects, return_inverse=True, return_counts=True)
    if counts.min() < 2:
        alone = ", ".join(map(str, names[counts < 2][:5]))
        raise Fault(f"No read-out can learn an object and be tested on it with a single image, as there is of {alone}.")
    order = np.random.default_rng(seed).permutation(len(rows))
    order = order[np.argsort(codes[order], kind="stable")]
    folds = min(folds, len(rows))
    dealt = [np.sort(order[start::folds]) for start in range(folds)]
    return _splits_of_rows(rows, [(np.setdiff1d(order, test), test) for test in dealt])


def kept_together(*keys: np.ndarray) -> np.ndarray:
    """Numbers that are equal for rows that are equal in one of the keys, or connected by such rows.

    Parameters
    ----------
    *keys : arrays of shape (n,)

    Returns
    -------
    integer array of shape (n,)
        In the order in which sets of connected rows first appear.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(keys[0])
    codes = [pd.factorize(np.asarray(key, dtype=object))[0] for key in keys]
    first = [np.unique(code, return_index=True)[1][code] for code in codes]
    edges = (np.ones(n * len(keys)), (np.tile(np.arange(n), len(keys)), np.concatenate(first)))
    return pd.factorize(connected_components(coo_array(edges, shape=(n, n)), directed=False)[1])[0]


def _rows_of_images(stimulus_id: Sequence | np.ndarray) -> list[np.ndarray]:
    """The rows that show each image, in the order in which images first appear."""
    codes, _ = pd.factorize(np.asarray(stimulus_id))
    return [np.asarray(same_image) for _, same_image in sorted(pd.Series(codes).groupby(codes).indices.items())]


def _splits_of_rows(rows: list[np.ndarray], pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> Splits:
    """Splits of rows from splits of images."""

    def of(images: np.ndarray) -> np.ndarray:
        return np.concatenate([rows[image] for image in images])

    return [(of(train), of(test)) for train, test in pairs]
