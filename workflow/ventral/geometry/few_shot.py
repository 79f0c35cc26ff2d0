"""Class geometry: how well does a read-out name images of new classes after learning from a few of them?

A few images of each class are drawn for training and others for testing. A read-out gives every test image one score
per class (`ventral.geometry.few_shot_readouts`), and is judged by the rank of the true class among the scores.

Source: Elmoznino & Bonner, "High-performing neural network models of visual cortex benefit from high latent
dimensionality", PLoS Computational Biology 20(1): e1011792 (2024), after Sorscher, Ganguli & Sompolinsky, PNAS
119(43): e2200800119 (2022).
"""

import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.core.threads import side_by_side
from ventral.geometry.family import Family
from ventral.geometry.few_shot_readouts import READOUTS, Draw, scores_of
from ventral.geometry.manifold_rows import manifold_rows
from ventral.geometry.manifolds import by_class, manifolds
from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.statistics.ties import TIE
from ventral.stimuli.design import independent

SHOTS = (1, 5, 20, 50)
CLASSES, TESTS = 50, 50  # largest numbers of classes in a draw, and of test images of each class
REPEATS = {"prototype": 10, "logistic": 5, "max_margin": 5}  # the last two are slow to fit

FEW_SHOT = Method(
    "Few-shot classes",
    "Read-outs learn each class from 1, 5, 20 or 50 images and name others, by the nearest class mean, logistic "
    "regression, or the maximal margin. Values are the share of images that are named correctly (top 1, top 5) and "
    "the mean reciprocal rank, with ties in random order. The row top_1_floor is chance.",
    "Elmoznino & Bonner, PLoS Computational Biology 20(1):e1011792 (2024).",
    ("elmoznino2024",),
    of_labels=True,
)
HEADINGS = {"prototype": "nearest mean", "logistic": "logistic", "max_margin": "maximal margin"}
JUDGED = {
    "top_1": "Share of new images that the read-out names correctly after learning from a few.",
    "top_5": "Share of new images whose class is among the five best after learning from a few.",
    "reciprocal_rank": "Mean of 1 / rank of the true class of new images learned from a few; 1 if all are right.",
}
FIRST = "prototype_top_1"  # stands for all in relations
METRICS = (
    *(
        Metric(
            f"{readout}_{name}",
            f"{heading} {name.replace('_', ' ')}",
            Role.GEOMETRY,
            text,
            FEW_SHOT,
            (0, 1),
            variant_of="" if f"{readout}_{name}" == FIRST else FIRST,
            settings=True,
            heading=heading if name == "top_1" else "",
        )
        for readout, heading in HEADINGS.items()
        for name, text in JUDGED.items()
    ),
    Metric(
        "top_1_floor",
        "chance",
        Role.FLOOR,
        "One over the number of classes of a draw: the share that guessing names correctly.",
        FEW_SHOT,
        (0, 1),
    ),
)


@dataclass(frozen=True)
class FewShot:
    """Mean over repeats of how well a read-out names images, and the lowest and highest repeat.

    Attributes
    ----------
    top_1, top_5 : float
        Share of test images whose class has the best score, or one of the best five, in [0, 1]; `top_5` is 1 with
        five classes or fewer.
    reciprocal_rank : float
        Mean of 1 / rank of the true class, in (0, 1].
    low, high : dict of str to float
        Lowest and highest value over repeats of each of the three.
    n_classes, n_test : int
        Numbers of classes, and of test images of each class, in every repeat.
    """

    top_1: float
    top_5: float
    reciprocal_rank: float
    low: dict[str, float]
    high: dict[str, float]
    n_classes: int
    n_test: int


def few_shot(
    G: Gram, labels: np.ndarray, shots: int, rng: np.random.Generator, readout: str = "prototype", repeats: int = 10
) -> FewShot:
    """Learn each class from a few images and name others, in several draws.

    A draw takes at most 50 classes and at most 50 test images of each, the same number for all classes. It depends
    only on the labels and the generator, so with equal generators the results of layers, models and read-outs can be
    compared draw by draw. Classes with equal scores are ranked in random order, and the values are expectations over
    this order. A constant score therefore gives `top_1` = 1 / n_classes exactly.

    Parameters
    ----------
    G : Gram of n images
    labels : array of shape (n,)
        The class of each image, '' for none.
    shots : int
        Number of training images of each class.
    rng : numpy.random.Generator
    readout : {"prototype", "logistic", "max_margin"}
        Nearest class mean; multinomial logistic regression (L2 penalty, C = 10); or support-vector machines between
        all pairs of classes (C = 100, nearly a hard margin), ranked by pairs won.
    repeats : int
        Number of draws. The first draws are the same for any number.

    Returns
    -------
    FewShot

    Raises
    ------
    Fault
        There are fewer than two classes, a class has no image left for testing, there are not as many labels as images,
        or the read-out is unknown.
    """
    if readout not in READOUTS:
        raise Fault(f"There is no read-out {readout}; choose one of {', '.join(READOUTS)}.")
    return of_readouts(G, by_class(G, labels), shots, rng, {readout: repeats})[readout]


def of_readouts(
    G: Gram,
    images: tuple[np.ndarray, list[np.ndarray]],
    shots: int,
    rng: np.random.Generator,
    repeats: Mapping[str, int],
) -> dict[str, FewShot]:
    """Several read-outs, each with as many of the same draws as `repeats` says; `images` is what `by_class` gives.

    The read-outs of a draw share its inner products. Draws are divided among threads.
    """
    draws = draws_of(*images, shots, rng, max(repeats.values()))

    def ranks(number: int) -> dict[str, tuple[float, float, float]]:
        draw = Draw.of(G, *draws[number])
        asked = [readout for readout, count in repeats.items() if number < count]
        return {readout: expected_ranks(scores_of(draw, READOUTS[readout])) for readout in asked}

    with warnings.catch_warnings():  # of all threads: scikit-learn suspects regression if a class has one example
        warnings.filterwarnings("ignore", "The number of unique classes")
        results = side_by_side([partial(ranks, number) for number in range(len(draws))])
    n_classes, n_test = draws[0][1].shape
    return {
        readout: _over_draws([of_draw[readout] for of_draw in results[:count]], n_classes, n_test)
        for readout, count in repeats.items()
    }


def _over_draws(ranks: list[tuple[float, float, float]], n_classes: int, n_test: int) -> FewShot:
    names = ["top_1", "top_5", "reciprocal_rank"]
    mean, low, high = (dict(zip(names, f(ranks, axis=0).tolist(), strict=True)) for f in (np.mean, np.min, np.max))
    return FewShot(**mean, low=low, high=high, n_classes=n_classes, n_test=n_test)


def class_rows(G: Gram, labels: np.ndarray, seed: int) -> list[dict[str, object]]:
    """Rows of the class family: few-shot transfer by three read-outs, projection distance, few-shot SNR and its terms.

    `{readout}_top_1`, `_top_5` (with more than five classes) and `_reciprocal_rank` have the parameter `{m}-shot`. The
    numbers m are 1, 5, 20 and 50, as far as every class has an image left for testing. `low` and `high` are the lowest
    and highest draw, of ten for prototypes and of the first five of these for the other two. `top_1_floor` is chance,
    one over the number of classes in a draw.

    Values of manifolds are means over classes or over ordered pairs of classes. `low` and `high` are their 95 %
    jackknife interval over classes (`ventral.geometry.manifold_rows`), and are missing with fewer than five classes.

    `n` counts the images that have a class. Classes with a single image are left out. If the labels do not allow an
    analysis, the log says why and there are no rows. Images of a class are assumed to be independent, which images of
    one scene are not.

    Parameters
    ----------
    G : Gram of n images
    labels : array of shape (n,)
        The class of each image, '' for none.
    seed : int
        For the draws.

    Raises
    ------
    Fault
        There are not as many labels as images.
    """
    labels = np.asarray(labels).astype(str)
    names, counts = np.unique(labels[labels != ""], return_counts=True)
    alone = names[counts == 1]
    if len(alone):
        logging.warning("Class geometry leaves out classes with a single image: %s.", ", ".join(alone))
        labels = np.where(np.isin(labels, alone), "", labels)
    if np.sum(counts > 1) < 2:
        logging.warning("No class geometry: it needs two or more classes of two or more images.")
        return []
    images = by_class(G, labels)
    members = images[1]
    allowed = [shots for shots in SHOTS if shots < min(map(len, members))]
    count = {"n": sum(map(len, members))}
    rows = [
        {"metric": f"{readout}_{name}", "parameter": f"{shots}-shot", "value": getattr(result, name)}
        | {"low": result.low[name], "high": result.high[name]}
        for shots in allowed
        for readout, result in of_readouts(G, images, shots, generator("few-shot", seed), REPEATS).items()
        for name in result.low
        if name != "top_5" or result.n_classes > 5
    ]
    rows.append({"metric": "top_1_floor", "parameter": "", "value": 1 / min(len(members), CLASSES)})
    try:
        rows += manifold_rows(manifolds(G, labels), allowed)
    except Fault as fault:
        logging.warning("The manifolds of classes are not measured: %s", fault)
    return [row | count for row in rows]


def draws_of(
    classes: np.ndarray, members: list[np.ndarray], shots: int, rng: np.random.Generator, repeats: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Training images (classes, shots) and test images (classes, tests) of each repeat."""
    if shots < 1:
        raise Fault(f"Classes are learned from one image or more, not from {shots}.")
    smallest = int(np.argmin([len(index) for index in members]))
    tests = min(TESTS, len(members[smallest]) - shots)
    if tests < 1:
        raise Fault(
            f"The class {classes[smallest]} has {len(members[smallest])} images; learning from {shots} "
            f"and testing on others needs {shots + 1}."
        )
    draws = []
    for _ in range(repeats):
        chosen = np.sort(rng.permutation(len(members))[:CLASSES])
        picked = np.stack([rng.permutation(members[c])[: shots + tests] for c in chosen])
        draws.append((picked[:, :shots], picked[:, shots:]))
    return draws


def expected_ranks(scores: np.ndarray) -> tuple[float, float, float]:
    """Expected top-1, top-5 and reciprocal rank, with ties in random order.

    If b classes score better than the true one and t equal to it, its rank is b + 1, …, b + 1 + t with equal chance.

    Parameters
    ----------
    scores : array of shape (classes, tests, classes)
        The first axis is the true class.
    """
    ahead = scores - np.einsum("iti->it", scores)[..., None]
    better = np.sum(ahead > TIE, axis=-1)
    ties = np.sum(np.abs(ahead) <= TIE, axis=-1) - 1  # without the true class itself
    harmonic = np.concatenate([[0], np.cumsum(1 / np.arange(1, len(scores) + 1))])
    top_1, top_5 = (np.mean(np.clip((k - better) / (ties + 1), 0, 1)) for k in (1, 5))
    return float(top_1), float(top_5), float(np.mean((harmonic[better + ties + 1] - harmonic[better]) / (ties + 1)))


FAMILY = Family(
    2,
    lambda table: independent(table) and bool((table.label != "").any()),
    lambda layer: class_rows(layer.G, layer.table.label.to_numpy(), layer.seed),
)
