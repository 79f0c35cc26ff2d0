"""Cross-validation over images: which rows train an encoding model and which test it.

Rows that show the same image always fall on the same side.

Source: Schrimpf et al., "Brain-Score: Which artificial neural network for object recognition is most
brain-like?", bioRxiv 407007 (2018), for the ten stratified shuffle splits.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedShuffleSplit

from ventral.store import Fault

Splits = list[tuple[np.ndarray, np.ndarray]]


def brainscore_splits(
    stimulus_id: Sequence,
    labels: Sequence | None = None,
    splits: int = 10,
    train_size: float = 0.9,
    seed: int = 1,
) -> Splits:
    """Shuffle the images again for every split and keep a share of them for training, as Brain-Score does.

    Parameters
    ----------
    stimulus_id : sequence of n
        The image of each row.
    labels : sequence of n, optional
        The object of each row; every split then keeps the objects' shares.
    splits : int
    train_size : float
        Share of the images in training, in (0, 1).
    seed : int
        `random_state` of scikit-learn's splitter, so that the splits are Brain-Score's own.

    Returns
    -------
    list of (train, test)
        Row indices.

    Raises
    ------
    Fault
        Too few images, or a label with a single image.
    """
    splitter = ShuffleSplit if labels is None else StratifiedShuffleSplit
    return _by_image(splitter(splits, train_size=train_size, random_state=seed), stimulus_id, labels)


def kfold_splits(stimulus_id: Sequence, folds: int = 5, seed: int = 1) -> Splits:
    """Deal the images into folds; each fold tests once what the others train.

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
        Fewer images than folds.
    """
    return _by_image(KFold(folds, shuffle=True, random_state=seed), stimulus_id, None)


def _by_image(splitter, stimulus_id: Sequence, labels: Sequence | None) -> Splits:
    codes, images = pd.factorize(np.asarray(stimulus_id))
    rows = [np.asarray(found) for _, found in sorted(pd.Series(codes).groupby(codes).indices.items())]
    first = [found[0] for found in rows]
    try:
        pairs = list(splitter.split(images, None if labels is None else np.asarray(labels)[first]))
    except ValueError as error:
        raise Fault(
            f"{len(images)} images cannot be split for cross-validation: {error} "
            "Use more images, fewer folds, or splits of the kind 'kfold', which need no labels."
        ) from error
    return [tuple(np.concatenate([rows[image] for image in side]) for side in pair) for pair in pairs]
