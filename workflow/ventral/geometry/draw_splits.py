"""Cross-validation for augmented images: training and test rows share neither a source image nor a draw.

A decoder that was fitted to a draw of the test images could recognize it by anything that the draw changes, and would
"decode" parameters that the responses do not represent.
"""

import numpy as np

from ventral.core.errors import Fault
from ventral.regression.splits import Splits, kfold_splits

FOLDS = 3


def image_and_draw_splits(image: np.ndarray, draw: np.ndarray, seed: int) -> tuple[Splits, np.ndarray]:
    """Splits whose training and test rows share neither an image nor a draw; every row is tested once.

    If images and draws form separate groups, for example because every image has draws of its own, whole groups are
    dealt into three folds. If images share draws, images and draws are each dealt into three folds. A test block is
    then one fold of each, and its training rows show other images under other draws.

    Parameters
    ----------
    image, draw : integer arrays of shape (rows,)
        The source image and the draw of each row.
    seed : int

    Returns
    -------
    splits : list of (train, test)
        Three splits of groups, or up to nine blocks of images and draws.
    groups : array of shape (rows,)
        Rows that must be left out together when a penalty is chosen: the groups, or the draws.

    Raises
    ------
    Fault
        Images share draws, and there are fewer than three images or fewer than six draws.
    """
    group = _connected(image, draw)
    counts = np.unique(group, return_counts=True)[1]
    if len(counts) >= FOLDS and 2 * counts.max() <= len(group):
        return kfold_splits(group, FOLDS, seed), group
    n_images, n_draws = len(np.unique(image)), len(np.unique(draw))
    if n_images < FOLDS or n_draws < 2 * FOLDS:
        raise Fault(
            f"{n_images} images share {n_draws} draws; decoding needs {FOLDS} images and {2 * FOLDS} draws, or "
            "separate draws for each image."
        )
    of_images, of_draws = kfold_splits(image, FOLDS, seed), kfold_splits(draw, FOLDS, seed)
    blocks = [
        (np.intersect1d(train, other_draws), np.intersect1d(test, tested_draws))
        for train, test in of_images
        for other_draws, tested_draws in of_draws
    ]
    return [(train, test) for train, test in blocks if len(test)], draw


def _connected(image: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """The group of each row: rows of one image are in one group, and so are rows of one draw."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    _, image = np.unique(image, return_inverse=True)
    _, draw = np.unique(draw, return_inverse=True)
    nodes = image.max() + draw.max() + 2
    edges = coo_array((np.ones(len(image)), (image, image.max() + 1 + draw)), shape=(nodes, nodes))
    return connected_components(edges, directed=False)[1][image]
