"""Class by class: do the images of two classes vary along the same axes?

With C_i the covariance of the responses to the images of class i, every pair of classes is compared by the **Bures
distance** of C_i and C_j (`ventral.geometry.bures`) and by the **covariance cosine**. With Ĉ = C / tr C and means over
classes, or over pairs of classes::

    mean ⟨Ĉ_i, Ĉ_j⟩ / mean ‖Ĉ_i‖²        0 for no shared axis, 1 for the same shape

Small samples make the distance too large. All covariances are therefore estimated from equally many images, and the
floor is the mean distance between two disjoint halves of one class. Classes share no image, so the inner product of two
sample covariances (ddof 1) is unbiased; squared norms are U-statistics (`ventral.geometry.covariance_products`), and
the cosine has no floor.

Intervals are over classes: a multiplier bootstrap for the distance and a jackknife for the cosine
(`ventral.statistics.intervals`). The cosine's is cut to [−1, 1].

Source: the distance of covariances of Yerxa, Feather, Simoncelli & Chung, "Contrastive-equivariant self-supervised
learning improves alignment with primate visual area IT", NeurIPS 37 (2024), between classes. The cosine is Ventral's
own.
"""

import numpy as np

from ventral.core.random import generator
from ventral.geometry.bures import bures_between, centered_block, squared_norms
from ventral.geometry.covariance_products import covariance_products
from ventral.geometry.family import Family
from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.statistics.intervals import interval, jackknife_interval, leave_one_out, scene_weights, within
from ventral.stimuli.design import independent

FEWEST = 4  # images of a class; two halves need two each, and so does an unbiased norm
FEWEST_CLASSES = 5  # for an interval over classes
HALF = 32  # largest number of images in each half
PAIRS = 400  # of classes; a random subset if there are more
SPLITS = 10  # random halvings of each class

CLASS_COVARIANCES = Method(
    "Class by class",
    "Comparisons of the covariances, of unit trace, of the responses to the images of two classes, as means over pairs "
    "of classes. The floor of the Bures distance is the distance between two halves of one class. The cosine from "
    "unbiased products has no floor. Intervals are over classes.",
    "After Yerxa, Feather, Simoncelli & Chung, NeurIPS 37 (2024). The cosine is Ventral’s own.",
    ("yerxa2024",),
    of_labels=True,
)
METRICS = (
    Metric(
        "class_class_cosine",
        "class–class cosine",
        Role.GEOMETRY,
        "Cosine between the covariances of two classes: 1 for the same shape, 0 if no axis is shared.",
        CLASS_COVARIANCES,
        (-1, 1),
        heading="class – class cosine",
    ),
    Metric(
        "class_class_bures",
        "class–class distance",
        Role.GEOMETRY,
        "Bures distance between the covariances of two classes: 0 for the same shape, √2 if no axis is shared.",
        CLASS_COVARIANCES,
        (0, 2**0.5),
        variant_of="class_class_cosine",
        heading="class – class distance",
    ),
    Metric(
        "class_class_bures_floor",
        "class–class floor",
        Role.FLOOR,
        "Bures distance between two halves of the images of one class.",
        CLASS_COVARIANCES,
        (0, 2**0.5),
        heading="class – class floor",
    ),
)


def class_covariance_rows(G: Gram, labels: np.ndarray, seed: int) -> list[dict[str, object]]:
    """Rows of the distance, its floor and the cosine; none with fewer than two classes that can be compared.

    Parameters
    ----------
    G : Gram of n images
    labels : array of shape (n,)
        The class of each image, '' for none. Classes are left out if they have fewer than four images or if the
        responses to them do not vary.
    seed : int
        For the halves, the pairs and the resamples.
    """
    members = compared(G, np.asarray(labels).astype(str))
    if len(members) < 2:
        return []
    rng = generator("class covariances", seed)
    pairs = np.array(np.triu_indices(len(members), 1))
    pairs = pairs[:, np.sort(rng.permutation(pairs.shape[1])[:PAIRS])]
    count = {"parameter": "", "n": sum(map(len, members))}
    return [row | count for row in (cosine(G, members, pairs), *distances(G, members, pairs, rng))]


def compared(G: Gram, labels: np.ndarray) -> list[np.ndarray]:
    """Rows of each class of four images or more whose responses vary."""
    members = [np.flatnonzero(labels == name) for name in np.unique(labels[labels != ""])]
    enough = [index for index in members if len(index) >= FEWEST and G.varies(index)]
    return [index for index in enough if np.isfinite(squared_norms(G, index))]


def distances(
    G: Gram, members: list[np.ndarray], pairs: np.ndarray, rng: np.random.Generator
) -> list[dict[str, object]]:
    """Rows of the mean Bures distance over pairs (2, pairs) of classes, and of its floor."""
    C, h = len(members), min(HALF, min(map(len, members)) // 2)
    drawn = [[rng.permutation(index)[: 2 * h] for _ in range(SPLITS)] for index in members]
    first, second = np.moveaxis(np.reshape(drawn, (C, SPLITS, 2, h)), 2, 0)
    floor = bures_between(G, first, second).mean(axis=1)
    i, j = pairs
    distance = bures_between(G, first[i], first[j]).mean(axis=1)
    W = scene_weights(C, rng)
    of_pairs = W[:, i] * W[:, j]
    return [
        _row("class_class_bures", of_pairs @ distance / of_pairs.sum(axis=1), C),
        _row("class_class_bures_floor", W @ floor / W.sum(axis=1), C),
    ]


def cosine(G: Gram, members: list[np.ndarray], pairs: np.ndarray) -> dict[str, object]:
    """Row of the covariance cosine over pairs (2, pairs) of classes."""
    traces = np.array([squared_norms(G, index) / (len(index) - 1) for index in members])
    squares = np.array([covariance_products(centered_block(G, index, index)) for index in members]) / traces**2
    products = np.array([_product(G, members[i], members[j]) / (traces[i] * traces[j]) for i, j in pairs.T])
    W = leave_one_out(len(members))
    of_pairs = W[:, pairs[0]] * W[:, pairs[1]]
    with np.errstate(invalid="ignore", divide="ignore"):  # two classes, of which one is left out, form no pair
        shared = of_pairs @ products / of_pairs.sum(axis=1)
        norm = W @ squares / W.sum(axis=1)
        value, *left_out = shared / np.where(norm > 0, norm, np.nan)
    low, high = np.full(2, np.nan)
    if len(members) >= FEWEST_CLASSES:
        low, high = within(*jackknife_interval(value, np.array(left_out)), -1, 1)
    return {"metric": "class_class_cosine", "value": float(value), "low": float(low), "high": float(high)}


def _product(G: Gram, x: np.ndarray, y: np.ndarray) -> float:
    """⟨C_x, C_y⟩ of two samples that share no image."""
    return np.sum(centered_block(G, x, y) ** 2) / ((len(x) - 1) * (len(y) - 1))


def _row(metric: str, values: np.ndarray, C: int) -> dict[str, object]:
    """A row of a mean over C classes, computed for each row of `scene_weights`, with its interval."""
    low, high = interval(values, C) if C >= FEWEST_CLASSES else (np.nan, np.nan)
    return {"metric": metric, "value": float(values[0]), "low": float(low), "high": float(high)}


FAMILY = Family(
    3,
    lambda table: independent(table) and bool((table.label != "").any()),
    lambda layer: class_covariance_rows(layer.G, layer.table.label.to_numpy(), layer.seed),
)
