"""Decoding of what varies: can every variable of the scenes be read linearly from a layer or an area?

A ridge regression predicts each variable (`ventral.stimuli.scene_variables`) from the responses. Whole scenes are held
out, so a decoder is tested on scenes of which it has seen no image. Numbers and angles have the correlation r between
predictions and values, pooled within test folds, and over the sine and the cosine of an angle; classes have an
accuracy. Variables that change inside scenes are decoded from the images of their parameter, and all others from six
images of each scene; of at most 300 images.

The category-orthogonal information is r of the same variables when whole categories are held out and r is pooled within
categories, as are the errors that choose a penalty. The decoder has then never seen an object of the category.

For chance, the values of whole scenes are shuffled among scenes with equal numbers of images.

Sources: Hong, Yamins, Majaj & DiCarlo, "Explicit information for category-orthogonal object properties increases along
the ventral stream", Nature Neuroscience 19: 613-622 (2016), who fit and test on images of the same objects; Nadeau &
Bengio, "Inference for the generalization error", Machine Learning 52: 239-281 (2003), for the width of intervals.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ventral.core.random import generator
from ventral.geometry.family import Family, Layer
from ventral.geometry.held_out_scores import accuracy, pooled_r
from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.regression.held_out_folds import decomposed, held_out_predictions
from ventral.statistics.intervals import jackknife_interval, wider_for_new_fits, within
from ventral.stimuli.design import KEYS, constant_within
from ventral.stimuli.scene_variables import (
    CATEGORY,
    SceneVariable,
    categories_of,
    given,
    scene_variables,
    scenes_of,
)

IMAGES = 300  # largest number that a decoder sees
SAME = 6  # images of a scene in which a variable does not change
FOLDS = 5
FEWEST = 3  # folds
WIDER = wider_for_new_fits((FOLDS - 1) / FOLDS)
SCENES, CATEGORIES = "held-out scenes", "held-out categories"
SHUFFLED = "_shuffled"

VARIABLES = Method(
    "Decoding of scene variables",
    "Ridge regression from the responses to each variable of the scenes; whole scenes are held out in five folds, and "
    "penalties are chosen in the other folds. r is pooled within test folds, and over the sine and cosine of angles. "
    "For the category-orthogonal information whole categories are held out, and r, and the errors that choose a "
    "penalty, are pooled within categories. Values without a parameter are means over variables: those that change "
    "inside scenes, or all if none does. Chance has the values of whole scenes shuffled. Intervals are over scenes: a "
    "jackknife with fixed fits, widened by the factor of Nadeau & Bengio for fits that share images. At most 300 "
    "images count.",
    "Hong, Yamins, Majaj & DiCarlo, Nature Neuroscience 19:613 (2016); Nadeau & Bengio, Machine Learning 52:239 "
    "(2003).",
    ("hong2016", "nadeau2003"),
    of_labels=True,
)
MEASURED = (
    Metric(
        "category_orthogonal_r",
        "category-orthogonal information",
        Role.GEOMETRY,
        "Correlation between a variable and its prediction within categories that the decoder has not seen; the mean "
        "over variables, or one of them.",
        VARIABLES,
        (-1, 1),
    ),
    Metric(
        "variable_decoding_r",
        "decoding of variables",
        Role.GEOMETRY,
        "Correlation between a variable and its prediction in held-out scenes; the mean over variables, or one of "
        "them.",
        VARIABLES,
        (-1, 1),
        variant_of="category_orthogonal_r",
    ),
    Metric(
        "variable_decoding_accuracy",
        "decoding of classes",
        Role.GEOMETRY,
        "Share of the images of held-out scenes whose class, such as the category, has the largest prediction.",
        VARIABLES,
        (0, 1),
    ),
)
METRICS = tuple(replace(metric, control=metric.name + SHUFFLED) for metric in MEASURED) + tuple(
    metric.as_control(
        metric.name + SHUFFLED,
        f"{metric.label}, shuffled",
        f"The metric {metric.name} with the values of whole scenes shuffled.",
        variant_of="",
    )
    for metric in MEASURED
)
ORTHOGONAL, DECODED, ACCURACY = (metric.name for metric in MEASURED)


@dataclass(frozen=True)
class Decoding:
    """How well one variable is decoded.

    Attributes
    ----------
    variable : SceneVariable
    value : float
        r, or the accuracy of classes.
    left_out : array of shape (scenes,)
        The same without each scene of the stimulus set.
    chance : float
        The same with values of whole scenes shuffled.
    n : int
        Images.
    """

    variable: SceneVariable
    value: float
    left_out: np.ndarray
    chance: float
    n: int


def decode_variables(G: Gram, table: pd.DataFrame, seed: int) -> tuple[list[Decoding], list[Decoding]]:
    """Decode every variable of a stimulus set.

    Parameters
    ----------
    G : Gram of n images
    table : DataFrame of n rows
        The stimulus table.
    seed : int
        For the draw of images, the folds and the shuffle, so that these are the same for every layer.

    Returns
    -------
    in_scenes : list of Decoding
        From images of held-out scenes.
    in_categories : list of Decoding
        Of numbers and angles, from images of held-out categories and with r pooled within categories; of those that
        change inside scenes, if any do. Empty unless every image has a category, the same in a whole scene.

    Notes
    -----
    Variables that cannot be scored, because there are fewer than three folds or a variable is constant in each of
    them, are left out. Both lists are empty if the category is the only variable.
    """
    variables, scene = scene_variables(table), scenes_of(table)
    if {one.name for one in variables} <= {CATEGORY}:
        return [], []
    inside = any(one.parameter for one in variables)
    category = categories_of(table)
    labels = pd.factorize(category)[0]
    labelled = given(category).all() and constant_within(scene, labels[:, None]).all()
    in_scenes: list[Decoding] = []
    in_categories: list[Decoding] = []
    for rows, together in by_rows(variables):
        each = IMAGES if together[0].parameter or not inside else SAME
        rows = drawn(rows, scene, each, generator("images", seed))
        if not G.varies(rows):
            continue
        decomposition = decomposed(G.subset(rows).centered)
        fold = folds_of(scene[rows], generator("folds", seed))
        in_scenes += decoded(decomposition, together, rows, scene, (fold, fold), seed)
        numbers = [one for one in together if not one.classes and bool(one.parameter) == inside]
        if labelled and numbers:
            held_out = folds_of(labels[rows], generator("folds", seed)), labels[rows]
            in_categories += decoded(decomposition, numbers, rows, scene, held_out, seed)
    return in_scenes, in_categories


def decoded(
    decomposition: tuple[np.ndarray, np.ndarray],
    variables: Sequence[SceneVariable],
    rows: np.ndarray,
    scene: np.ndarray,
    held_out: tuple[np.ndarray, np.ndarray],
    seed: int,
) -> Iterator[Decoding]:
    """Decode variables of the same images.

    Parameters
    ----------
    decomposition : eigenvalues and eigenvectors
        Of the Gram of the images, by `decomposed`.
    variables : sequence of SceneVariable
    rows : integer array of shape (m,)
        The images.
    scene : integer array of shape (n,)
        The scene of each image of the set.
    held_out : two integer arrays of shape (m,)
        The fold of each image, and the block within which r is pooled.
    seed : int
    """
    fold, block = held_out
    if len(np.unique(fold)) < FEWEST:
        return
    Y, own, count = np.hstack([one.targets[rows] for one in variables]), scene[rows], len(variables)
    belongs = np.repeat(np.arange(count), [one.targets.shape[1] for one in variables])
    belongs = np.concatenate([belongs, count + belongs])  # the second half is for chance
    targets = np.hstack([Y, Y[shuffled_scenes(own, generator("shuffle", seed))]])
    predictions = held_out_predictions(decomposition, targets, fold, belongs, None if block is fold else block)
    values, without = pooled_r(targets, predictions, belongs, own, block)
    for v in range(2 * count):
        if variables[v % count].classes:
            values[v], without[:, v] = accuracy(targets[:, belongs == v], predictions[:, belongs == v], own)
    for v, one in enumerate(variables):
        if np.isfinite(values[v]):
            left_out = np.full(scene.max() + 1, values[v])
            left_out[np.unique(own)] = without[:, v]
            yield Decoding(one, float(values[v]), left_out, float(values[count + v]), len(rows))


def by_rows(variables: Sequence[SceneVariable]) -> Iterator[tuple[np.ndarray, list[SceneVariable]]]:
    """Variables of the same images, with the rows of the images."""
    together: dict[bytes, list[SceneVariable]] = {}
    for one in variables:
        together.setdefault(one.known.tobytes(), []).append(one)
    for same in together.values():
        yield same[0].known, same


def drawn(rows: np.ndarray, scene: np.ndarray, each: int, rng: np.random.Generator) -> np.ndarray:
    """At most 300 of the rows, equally many of every scene and at most `each`, in order."""
    place = rng.permutation(scene.max() + 1)[scene[rows]]
    order = np.lexsort([rng.permutation(len(rows)), place])
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    turn = np.arange(len(rows)) - np.repeat(starts, np.diff([*starts, len(rows)]))
    if len(starts) >= IMAGES:
        return np.sort(rows[order[starts[:IMAGES]]])
    return np.sort(rows[order[turn < min(each, IMAGES // max(len(starts), 1))]])


def folds_of(units: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The fold of each image: whole scenes or categories are dealt in random order."""
    names, own = np.unique(units, return_inverse=True)
    return (rng.permutation(len(names)) % FOLDS)[own]


def shuffled_scenes(scene: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A row for each image, from another scene: whole scenes trade places with scenes of as many images."""
    order, counts = np.argsort(scene, kind="stable"), np.unique(scene, return_counts=True)[1]
    members = np.split(order, np.cumsum(counts)[:-1])
    source = np.arange(len(scene))
    for size in np.unique(counts):
        same = [rows for rows in members if len(rows) == size]
        for rows, k in zip(same, rng.permutation(len(same)), strict=True):
            source[rows] = same[k]
    return source


def variable_rows(G: Gram, table: pd.DataFrame, seed: int) -> list[dict[str, object]]:
    """Rows of every variable, of the means over variables, and of chance; as `decode_variables`."""
    in_scenes, in_categories = decode_variables(G, table, seed)
    return rows_of_scores(DECODED, SCENES, in_scenes) + rows_of_scores(ORTHOGONAL, CATEGORIES, in_categories)


def rows_of_scores(metric: str, held_out: str, found: list[Decoding]) -> list[dict[str, object]]:
    """Rows of the variables and of their mean, over those that change inside scenes if any do."""
    rows: list[dict[str, object]] = []
    inside = any(one.variable.parameter for one in found)
    for one in found:
        name = ACCURACY if one.variable.classes else metric
        key = {"parameter": one.variable.name, "against": held_out, "n": one.n}
        rows.append({"metric": name, **key, **ends(one.value, one.left_out, 0 if one.variable.classes else -1)})
        if one.variable.classes:
            rows.append({"metric": name + SHUFFLED, **key, "value": one.chance})
    numbers = [one for one in found if not one.variable.classes and bool(one.variable.parameter) == inside]
    if numbers:
        value = float(np.mean([one.value for one in numbers]))
        left_out = np.mean([one.left_out for one in numbers], axis=0)
        n = sum({one.variable.parameter: one.n for one in numbers}.values())
        rows.append({"metric": metric, "n": n, **ends(value, left_out, -1)})
        chance = float(np.nanmean([one.chance for one in numbers]))
        rows.append({"metric": metric + SHUFFLED, "n": n, "value": chance})
    return rows


def ends(value: float, left_out: np.ndarray, least: float) -> dict[str, float]:
    """A value with its interval over scenes: that of fixed fits, widened for the fits."""
    low, high = value + WIDER * (np.array(jackknife_interval(np.asarray(value), left_out)) - value)
    low, high = within(low, high, least, 1)
    return {"value": value, "low": float(low), "high": float(high)}


def applies(table: pd.DataFrame) -> bool:
    """Whether images have variables; those of augmentations have a decoder of their own."""
    return not (table.parameter == "augmentation").any() and len(table.columns.difference(KEYS)) > 0


def rows_of(layer: Layer) -> list[dict[str, object]]:
    """Rows of one layer."""
    return variable_rows(layer.G, layer.table, layer.seed)


FAMILY = Family(6, applies, rows_of)
