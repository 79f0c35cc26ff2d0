"""Abstract format: is a variable coded along the same direction whatever another variable is?

Every variable of independent images is cut at its median. With A and B two variables and m the mean responses::

    d_b = m(A high, B = b) − m(A low, B = b)                         coding direction of A, for B low and high
    parallelism(A, B) = cosine between d_low and d_high

and cross-condition generalization(A, B) is the accuracy of a linear read-out of A that was fitted to images of one half
of B and tests those of the other half. The read-out is a ridge regression to ±1, with a penalty chosen within the
training images. In samples of images the directions contain noise, which lowers the cosine.

Source: Bernardi, Benna, Rigotti, Munuera, Fusi & Salzman, "The geometry of abstraction in the hippocampus and
prefrontal cortex", Cell 183: 954-967 (2020). Their read-out is a support-vector machine.
"""

import logging
from dataclasses import replace

import numpy as np
import pandas as pd

from ventral.core.random import generator
from ventral.geometry.family import Family, Layer
from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.regression.folds import folds
from ventral.regression.ridge import fit_ridge
from ventral.statistics.intervals import jackknife_interval, wider_for_new_fits, within
from ventral.stimuli.design import KEYS, independent

IMAGES = 300  # largest number that is used
FEWEST = 5  # images of each combination of halves
GROUPS = 10  # of images, which are left out one after another
OTHERS = "other variables"
WIDER = wider_for_new_fits(1 / 2)  # of the images, to which a read-out is fitted
SHUFFLED = "_shuffled"

ABSTRACTION = Method(
    "Abstract format",
    "Variables of independent images are cut at their medians. Parallelism is the cosine between the directions that "
    "code one variable in the two halves of another; cross-condition generalization is the accuracy of a ridge "
    "regression that is fitted in one half and tested in the other. Values are means over pairs of variables, or over "
    "all other variables. Intervals are over images, for this number of images; those of generalization, from fixed "
    "fits, are widened by the factor of Nadeau & Bengio for new fits. Chance is the same with the values of the coded "
    "variable shuffled. At most 300 images are drawn.",
    "Bernardi et al., Cell 183:954 (2020). Nadeau & Bengio, Machine Learning 52:239 (2003).",
    ("bernardi2020", "nadeau2003"),
)
MEASURED = (
    Metric(
        "parallelism",
        "parallelism",
        Role.GEOMETRY,
        "Cosine between the directions that code a variable in the two halves of another: 1 if they are the same.",
        ABSTRACTION,
        (-1, 1),
    ),
    Metric(
        "cross_condition_generalization",
        "cross-condition generalization",
        Role.GEOMETRY,
        "Accuracy of a linear read-out of one variable in the half of another in which it was not fitted.",
        ABSTRACTION,
        (0, 1),
    ),
)
METRICS = tuple(replace(metric, control=metric.name + SHUFFLED) for metric in MEASURED) + tuple(
    metric.as_control(
        metric.name + SHUFFLED,
        f"{metric.label}, shuffled",
        f"The metric {metric.name} with the values of the coded variable shuffled among images.",
    )
    for metric in MEASURED
)


def halves_of(table: pd.DataFrame) -> pd.DataFrame:
    """Which images are above the median of each variable.

    Variables are numeric columns with two values, or with values that are not whole numbers; other whole numbers
    are identifiers. Variables of which more than three quarters of the images are in one half are left out.
    """
    above = {}
    for name in table.columns.difference(KEYS, sort=False):
        column = table[name]
        if not pd.api.types.is_numeric_dtype(column) or not np.isfinite(column.to_numpy(dtype=float)).all():
            continue
        values = column.to_numpy(dtype=float)
        two = len(np.unique(values)) == 2
        if two or (values != np.round(values)).any():
            high = values > (values.mean() if two else np.median(values))
            if 0.25 <= high.mean() <= 0.75:
                above[name] = high
    return pd.DataFrame(above, index=table.index)


def parallelism(K: np.ndarray, coded: np.ndarray, conditions: np.ndarray) -> np.ndarray:
    """Cosine between the coding directions of each variable in the two halves of each other variable.

    Parameters
    ----------
    K : array of shape (n, n)
        Inner products of the responses.
    coded, conditions : boolean arrays of shape (n, V)
        The halves of the variables, as what is coded and as conditions; they differ if the former are shuffled.

    Returns
    -------
    array of shape (V, V)
        What is coded is in rows. NaN on the diagonal, if a combination of halves has fewer than five images, and if
        responses do not vary.
    """
    n, V = coded.shape
    inside = np.stack([~conditions, conditions], axis=2).astype(float)
    high, low = (np.einsum("na,nbh->nabh", each.astype(float), inside) for each in (coded, ~coded))
    counts = np.minimum(high.sum(axis=0), low.sum(axis=0))
    W = high / np.maximum(high.sum(axis=0), 1) - low / np.maximum(low.sum(axis=0), 1)
    KW = (K @ W.reshape(n, -1)).reshape(W.shape)
    products = np.einsum("nabh,nabk->abhk", W, KW)
    norms = products[..., 0, 0] * products[..., 1, 1]
    known = (counts.min(axis=2) >= FEWEST) & ~np.eye(V, dtype=bool) & (norms > 0)
    return np.where(known, products[..., 0, 1] / np.sqrt(np.where(known, norms, 1)), np.nan)


def generalization(G: Gram, coded: np.ndarray, conditions: np.ndarray) -> np.ndarray:
    """Whether each variable is read correctly from each image, by a read-out of the other half of each other variable.

    Parameters
    ----------
    G : Gram of n images
    coded : boolean array of shape (n, A)
    conditions : boolean array of shape (n, B)

    Returns
    -------
    array of shape (A, B, n)
        1 if correct, 0 if not, and .5 for a prediction of zero.
    """
    Y = np.where(coded, 1.0, -1.0)
    correct = np.full((coded.shape[1], conditions.shape[1], len(G)), np.nan)
    for b, high in enumerate(conditions.T):
        sides = np.flatnonzero(high), np.flatnonzero(~high)
        for fold in folds(G, Y, [sides, sides[::-1]]):
            y = Y[fold.train]
            predictions = fit_ridge(fold, y).predictions - y.mean(axis=0) + Y.mean(axis=0)
            correct[:, b, fold.test] = (1 + np.sign(predictions) * Y[fold.test]).T / 2
    return correct


def abstraction_rows(G: Gram, halves: pd.DataFrame, seed: int) -> list[dict[str, object]]:
    """Rows of both metrics, over all pairs and of each variable over all others, and of chance over all pairs.

    Parameters
    ----------
    G : Gram of n images
    halves : DataFrame of n rows
        A boolean column for each variable.
    seed : int
        For the draw of images and the shuffle, so that these are the same for every layer.
    """
    if len(G) < 4 * FEWEST:
        logging.warning("No parallelism: it needs %d images or more.", 4 * FEWEST)
        return []
    rng = generator("abstract format", seed)
    index = np.sort(rng.permutation(len(G))[:IMAGES])
    S, G = halves.to_numpy()[index], G.subset(index)
    shuffled, V, K = S[rng.permutation(len(S))], S.shape[1], G.centered
    correct = generalization(G, np.hstack([S, shuffled]), S)
    parts = []
    for kept in np.arange(len(S)) % GROUPS != np.arange(GROUPS)[:, None]:
        parts.append(parallelism(K[np.ix_(kept, kept)], S[kept], S[kept]))
    of_chance = parallelism(K, shuffled, S)
    rows = variable_rows(parallelism(K, S, S), np.array(parts), correct[:V], [*halves])
    for row in variable_rows(of_chance, of_chance[None], correct[V:], []):
        rows.append(row | {"metric": f"{row['metric']}{SHUFFLED}", "low": np.nan, "high": np.nan})
    return [row | {"n": len(S)} for row in rows]


def variable_rows(
    cosines: np.ndarray, left_out: np.ndarray, correct: np.ndarray, names: list[str]
) -> list[dict[str, object]]:
    """Rows of both metrics, over all pairs and for each named variable.

    Parameters
    ----------
    cosines : array of shape (V, V)
        Parallelism; NaN for pairs that are left out.
    left_out : array of shape (groups, V, V)
        Parallelism without each group of images.
    correct : array of shape (V, V, n)
        As `generalization` gives them.
    names : list of V, or empty
    """
    correct = np.where(np.isnan(cosines)[..., None], np.nan, correct)
    keys: list[dict[str, object]] = [{}]
    keys += [{"parameter": name, "against": OTHERS} for name in names]
    rows: list[dict[str, object]] = []
    for key, chosen in zip(keys, [slice(None), *(slice(a, a + 1) for a in range(len(names)))], strict=True):
        if np.isnan(cosines[chosen]).all():
            continue
        of_image = np.nanmean(correct[chosen], axis=(0, 1))
        for metric, value, without in (
            (MEASURED[0], np.nanmean(cosines[chosen]), np.array([mean(part[chosen]) for part in left_out])),
            (MEASURED[1], of_image.mean(), (of_image.sum() - of_image) / (len(of_image) - 1)),
        ):
            ends = np.array(jackknife_interval(value, without))
            if metric is MEASURED[1]:
                ends = value + WIDER * (ends - value)
            low, high = within(ends[0], ends[1], -1 if metric is MEASURED[0] else 0, 1)
            rows.append(key | {"metric": metric.name, "value": float(value), "low": float(low), "high": float(high)})
    return rows


def mean(values: np.ndarray) -> float:
    """Mean of what is known; NaN if nothing is."""
    return float(np.nanmean(values)) if np.isfinite(values).any() else np.nan


def rows_of(layer: Layer) -> list[dict[str, object]]:
    """Rows of one layer."""
    return abstraction_rows(layer.G, halves_of(layer.table), layer.seed)


def applies(table: pd.DataFrame) -> bool:
    """Whether images are independent and have two variables or more."""
    return independent(table) and halves_of(table).shape[1] > 1


FAMILY = Family(5, applies, rows_of)
