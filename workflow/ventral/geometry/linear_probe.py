"""Linear probe: does a linear read-out of a layer name the class of images that it has not seen?

One ridge regression predicts a column of zeros and ones for each class, with one penalty for all of them, and an image
is given the class with the largest prediction. With K the Gram of the training images, this needs one
eigendecomposition for each fold (`ventral.regression.ridge`). The penalty is chosen by leave-one-out error within the
training images. The intercept of a class is its share of all images. Its share of the training images would depend on
how many images of the class are tested, and a layer that tells nothing would be below the floor.

The images of each class are dealt into five folds, and every image is named by the read-out that was fitted without its
fold. Few-shot learning asks how fast a class is learned; a probe asks how well the classes can be read from all images.

Source: Alain & Bengio, "Understanding intermediate layers using linear classifier probes", ICLR workshop (2017); the
read-out is scikit-learn's `RidgeClassifierCV`, but for the intercept.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from ventral.core.random import generator
from ventral.core.threads import side_by_side
from ventral.geometry.family import Family, Layer
from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.regression.folds import check_splits, fold_of
from ventral.regression.ridge import fit_ridge
from ventral.regression.splits import Splits, stratified_kfold_splits
from ventral.statistics.proportion import wilson
from ventral.statistics.ties import credit
from ventral.stimuli.design import independent

FOLDS = 5
CLASSES, IMAGES = 50, 50  # largest numbers of classes, and of images of each class, that are probed
FEWEST = 4  # images; the smallest training set that ridge accepts is three of them

PROBE = Method(
    "Linear probe",
    "A ridge regression to the classes, with five folds of images and a penalty chosen within the training images. "
    "Values are the shares of held-out images whose class has the largest prediction (top 1), or one of the five "
    "largest (top 5), with Wilson’s 95 % interval over images. At most 50 classes and 50 images of each are drawn. The "
    "row linear_probe_floor is the share of the largest class.",
    "Alain & Bengio, ICLR workshop (2017).",
    ("alain2017",),
    of_labels=True,
)
METRICS = (
    Metric(
        "linear_probe_top_1",
        "linear probe top 1",
        Role.GEOMETRY,
        "Share of held-out images that a linear read-out of the layer names correctly.",
        PROBE,
        (0, 1),
        heading="linear probe",
    ),
    Metric(
        "linear_probe_top_5",
        "linear probe top 5",
        Role.GEOMETRY,
        "Share of held-out images whose class is among the five best of a linear read-out of the layer.",
        PROBE,
        (0, 1),
        variant_of="linear_probe_top_1",
    ),
    Metric(
        "linear_probe_floor",
        "floor of the linear probe",
        Role.FLOOR,
        "Share of the images that belong to the largest class, which always naming this class would reach.",
        PROBE,
        (0, 1),
    ),
)


def probe_scores(G: Gram, classes: np.ndarray, splits: Splits) -> np.ndarray:
    """Score every class for every image, by a read-out that was not fitted to the image.

    Parameters
    ----------
    G : Gram of n images
    classes : integer array of shape (n,)
        The class of each image, from 0 to k − 1.
    splits : sequence of (train, test)
        Every image is tested once.

    Returns
    -------
    array of shape (n, k)
        Predictions of the columns of zeros and ones, about the share of each class in all images.

    Raises
    ------
    ValueError
        A split has rows on both sides, or fewer than three training rows.
    """
    targets = np.eye(classes.max() + 1)[classes]
    scores = np.empty(targets.shape)

    def score(train: np.ndarray, test: np.ndarray) -> None:
        found = fit_ridge(fold_of(G, train, test), targets[train], shared=True)  # a fold ends with its fit
        scores[test] = found.predictions - targets[train].mean(axis=0)

    check_splits(len(G), targets, splits)
    side_by_side([partial(score, np.asarray(train), np.asarray(test)) for train, test in splits])
    return scores + targets.mean(axis=0)


def probe_rows(G: Gram, labels: np.ndarray, images: Sequence[str] | np.ndarray, seed: int) -> list[dict[str, object]]:
    """Rows of the linear probe; top 5 only with more than five classes, and none if there are too few images.

    Parameters
    ----------
    G : Gram of n images
    labels : array of shape (n,)
        The class of each image, '' for none. Classes with a single image are left out.
    images : sequence of n
        What each row shows. An image counts once, with the label of its first row.
    seed : int
        For the draw of classes and images, and for the folds.
    """
    index = probed(counted_once(np.asarray(labels).astype(str), np.asarray(images)), seed)
    names, classes, counts = np.unique(np.asarray(labels)[index], return_inverse=True, return_counts=True)
    if len(names) < 2 or len(index) < FEWEST:
        return []
    splits = stratified_kfold_splits(index, classes, FOLDS, seed)
    scores = probe_scores(G.subset(index), classes, splits)
    rows = []
    for top in (1, 5) if len(names) > 5 else (1,):
        share = float(credit(scores, classes, top).mean())
        low, high = wilson(share, len(index))
        rows.append({"metric": f"linear_probe_top_{top}", "value": share, "low": low, "high": high})
    rows.append({"metric": "linear_probe_floor", "value": float(counts.max() / counts.sum())})
    return [row | {"parameter": "", "n": len(index)} for row in rows]


def counted_once(labels: np.ndarray, images: np.ndarray) -> np.ndarray:
    """The labels, '' for all rows of an image but its first one with a label."""
    known = np.flatnonzero(labels != "")
    first = known[np.unique(images[known], return_index=True)[1]]
    return np.where(np.isin(np.arange(len(labels)), first), labels, "")


def probed(labels: np.ndarray, seed: int) -> np.ndarray:
    """Rows of the images that are probed, in order: classes of two images or more, within the largest numbers."""
    rng = generator("linear probe", seed)
    names, counts = np.unique(labels[labels != ""], return_counts=True)
    drawn = rng.permutation(names[counts > 1])[:CLASSES]
    members = [rng.permutation(np.flatnonzero(labels == name))[:IMAGES] for name in drawn]
    return np.sort(np.concatenate([np.array([], dtype=int), *members]))


def rows_of(layer: Layer) -> list[dict[str, object]]:
    """Rows of one layer; images with equal pixels count as one image."""
    table = layer.table
    images = table["content" if "content" in table else "stimulus_id"].to_numpy()
    return probe_rows(layer.G, table.label.to_numpy(), images, layer.seed)


FAMILY = Family(3, lambda table: independent(table) and bool((table.label != "").any()), rows_of)
