"""Are the same images hard for a layer and for observers? Every behavioral score of one layer."""

import logging

import numpy as np
import pandas as pd

from ventral.core.random import generator
from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.predictivity.area_scores import SMALLEST_CEILING
from ventral.predictivity.layer_scores import COLUMNS
from ventral.predictivity.numbered_choices import cells, numbered, within_objects
from ventral.predictivity.signatures import SIGNATURES, halves_of_trials, rates_of_scores
from ventral.recordings import matched
from ventral.recordings.ceiling import spearman_brown
from ventral.recordings.choices import Behavior
from ventral.regression.readout import object_scores
from ventral.regression.splits import stratified_kfold_splits
from ventral.statistics.bootstrap import image_draws, interval_of
from ventral.statistics.correlation import pearson
from ventral.statistics.ties import credit

AREA = "behaviour"
HALVES = 10  # draws of halves of the trials
SHUFFLES = 20
ROUNDING = 1e-10  # of a sum of squares; smaller values are rounding errors of a constant

CHOICES = Method(
    "Observers’ choices",
    "A multinomial logistic read-out of the layer names held-out images, and its probabilities of two objects are "
    "its choices between them. i1 correlates its sensitivity d′ against all distractors with that of observers, "
    "over images. i2n correlates sensitivities over images and distractors, after subtracting the mean of each "
    "object with each distractor. c is the split-half reliability of the observers.",
    "Rajalingham et al., Journal of Neuroscience 38:7255 (2018).",
    ("rajalingham2018",),
)
CORRELATED = {
    "i2n": ("image–distractor pair", "sensitivities d′ over images and distractors, without the means of objects"),
    "i1": ("image", "sensitivities d′ over images, against all distractors"),
}
METRICS = (
    *(
        metric
        for name, (counts, what) in CORRELATED.items()
        for metric in (
            Metric(
                name,
                name,
                Role.SCORE,
                f"Correlation of the layer’s and the observers’ {what}.",
                CHOICES,
                (-1, 1),
                heading=name,
                counts=counts,
                ceiling=f"{name}_ceiling",
                control=f"{name}_shuffled",
            ),
            Metric(
                f"{name}/sqrt(c)",
                f"{name}/√c",
                Role.SCORE,
                f"{name} divided by the square root of the observers’ split-half reliability c; 1 for a perfect model.",
                CHOICES,
                same_as=name,
                heading=f"{name}/√c",
                counts=counts,
            ),
            Metric(
                f"{name}_ceiling",
                f"noise ceiling c of {name}",
                Role.CEILING,
                f"Split-half reliability c of the observers’ {what}.",
                CHOICES,
                (None, 1),
                heading=f"c of {name}",
                counts=counts,
            ),
            Metric(
                f"{name}_shuffled",
                f"{name} of shuffled images",
                Role.CONTROL,
                f"Control: {name} if the layer’s choices belong to other images of the same object.",
                CHOICES,
                (-1, 1),
                heading=f"{name}, shuffled",
                counts=counts,
            ),
        )
    ),
    Metric(
        "read_out_accuracy",
        "accuracy of the read-out",
        Role.SCORE,
        "Share of held-out images whose object the read-out names.",
        CHOICES,
        (0, 1),
        heading="read-out",
    ),
)


def measure_behavior(
    G: Gram, behavior: Behavior, table: pd.DataFrame, splits_spec: dict, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score one layer as a predictor of observers' choices.

    A read-out of the layer learns the objects from some images and is tested on others, each image once. Its
    probabilities of an image's object and of a distractor are its choices between them, for every pair that was offered
    to observers. `i1` and `i2n` correlate the signatures of these choices (`ventral.predictivity.signatures`) with
    those of the observers, over images, or over all pairs of an image and a distractor.

    `i1_ceiling` and `i2n_ceiling` are the reliabilities c of the observers' signatures, from ten random halves of the
    trials and the Spearman–Brown formula. `i1/sqrt(c)` and `i2n/sqrt(c)` are the ceiled scores. Images (for i1), or
    pairs of an image and a distractor (for i2n), with a single trial have no halves. They are left out of c and of the
    r that is divided by √c.

    The control (`i1_shuffled`, `i2n_shuffled`) exchanges the layer's choices between the images of each object.
    `read_out_accuracy` is the share of images whose object has the highest score.

    Parameters
    ----------
    G : Gram of the images, with their ids
    behavior : Behavior
    table : DataFrame
        The stimulus table of the Gram's images. If it has the column `content`, images with the same content are never
        on both sides of a split.
    splits_spec : dict
        The number of `folds` that the images of every object are dealt into, and their `seed`. Its `kind` applies to
        neurons only.
    seed : int
        For the bootstrap, the control and the halves of trials.

    Returns
    -------
    scores : DataFrame
        Columns as in `ventral.predictivity.measure`. `n` counts the images, or for i2n the pairs of an image and a
        distractor. Intervals cover 95 % of 1000 resamples of the images, with fixed choices. There are no units, so
        `low` and `high` are the same interval as `low_images` and `high_images`.
    signatures : DataFrame
        One row per image and offered distractor: stimulus_id, object, distractor, trials, and the rate of choosing the
        distractor and i2n of the layer and of the observers.

    Raises
    ------
    Fault
        The trials, the layer and the table do not have the same images, or an object has a single image.
    """
    shown, who = behavior.objects.index.to_numpy(dtype=object), f"the recording {behavior.name}"
    for available, where in ((G.stimulus_id, "the Gram"), (table.stimulus_id, "the stimulus table")):
        matched(shown, available, who, where)
    ids = G.stimulus_id  # in this order, so that splits do not depend on the order of the trials
    content = table.set_index("stimulus_id").content[ids].to_numpy() if "content" in table else ids
    choices = numbered(behavior, ids)
    splits = stratified_kfold_splits(content, choices.names[choices.objects], splits_spec["folds"], splits_spec["seed"])
    scores = object_scores(G, choices.objects, splits)

    rng = generator(seed, behavior.name, AREA)
    drawn = image_draws(rng, content)
    theirs = choices.rates()
    ours = np.where(np.isnan(theirs), np.nan, rates_of_scores(scores, choices.objects))  # only the offered choices
    halves = [halves_of_trials(choices.image, choices.distractor, rng) for _ in range(HALVES)]
    repeated = {"i1": choices.counts.sum(axis=1) > 1, "i2n": choices.counts > 1}
    shuffles = [within_objects(choices.objects, rng) for _ in range(SHUFFLES)]
    rows = []
    for name, signature in SIGNATURES.items():
        layer, observers = signature(ours, choices.objects), signature(theirs, choices.objects)
        of_halves = [[signature(choices.rates(half), choices.objects) for half in (one, ~one)] for one in halves]
        rows += score_rows(name, layer, observers, drawn, shuffles)
        with_halves = np.where(repeated[name], layer, np.nan)
        rows += ceiling_rows(name, with_halves, observers, reliability(of_halves), drawn)
    right = credit(scores, choices.objects)
    rows.append(row("read_out_accuracy", right.mean(), drawn @ right / drawn.sum(axis=1), len(right)))
    return pd.DataFrame(rows, columns=COLUMNS), cells(choices, ids, ours, theirs)


def reliability(of_halves: list[list[np.ndarray]]) -> float:
    """Mean over draws of the Spearman–Brown formula for the correlation between the signatures of two halves."""
    r = np.array([pearson(first.ravel(), second.ravel()) for first, second in of_halves])
    return float(np.mean(spearman_brown(r)))


def score_rows(
    name: str, layer: np.ndarray, observers: np.ndarray, drawn: np.ndarray, shuffles: list[np.ndarray]
) -> list[dict[str, object]]:
    """The rows of one signature and of its control."""
    n = int(np.sum(~np.isnan(layer * observers)))
    r, resampled = float(pearson(layer.ravel(), observers.ravel())), resampled_correlation(layer, observers, drawn)
    control = np.mean([pearson(layer[order].ravel(), observers.ravel()) for order in shuffles])
    if np.isnan(r):
        logging.warning("%s is undefined: the layer or the observers do not tell images apart.", name)
    return [row(name, r, resampled, n), row(f"{name}_shuffled", control, np.array([]), n)]


def ceiling_rows(
    name: str, layer: np.ndarray, observers: np.ndarray, c: float, drawn: np.ndarray
) -> list[dict[str, object]]:
    """The rows of a signature's ceiling c, and of the score of `layer` divided by √c."""
    n = int(np.sum(~np.isnan(layer * observers)))
    if not c >= SMALLEST_CEILING:
        logging.warning(
            "The ceiling of %s is %.2f, which is below %g, so nothing is divided by it.", name, c, SMALLEST_CEILING
        )
    root = np.sqrt(c) if c >= SMALLEST_CEILING else np.nan
    r, resampled = float(pearson(layer.ravel(), observers.ravel())), resampled_correlation(layer, observers, drawn)
    return [
        row(f"{name}_ceiling", c, np.array([]), n),
        row(f"{name}/sqrt(c)", r / root, resampled / root, n),
    ]


def row(metric: str, value: float, resampled: np.ndarray, n: int) -> dict[str, object]:
    """One row of the table, with the interval that contains 95 % of the resamples."""
    low, high = interval_of(resampled)
    ends = {"low": low, "high": high, "low_images": low, "high_images": high}
    return {"area": AREA, "metric": metric, "n": n, "value": float(value)} | ends


def resampled_correlation(x: np.ndarray, y: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Pearson r with every image, and all its distractors, as often as the image is drawn, (resamples,)."""
    x, y = x.reshape(len(x), -1), y.reshape(len(y), -1)
    there = ~(np.isnan(x) | np.isnan(y))
    if not there.any():
        return np.full(len(counts), np.nan)
    x, y = (np.where(there, one - np.mean(one[there]), 0) for one in (x, y))
    sums = np.stack([one.sum(axis=1) for one in (there, x, y, x * x, y * y, x * y)], axis=1)
    n, a, b, aa, bb, ab = (counts @ sums).T
    of_x, of_y = n * aa - a**2, n * bb - b**2
    varies = (of_x > ROUNDING * n * aa) & (of_y > ROUNDING * n * bb)
    return np.divide(n * ab - a * b, np.sqrt(np.abs(of_x * of_y)), out=np.full(len(counts), np.nan), where=varies)
