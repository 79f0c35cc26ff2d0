"""RSA of a layer with distances that observers or areas have, where no responses are known.

The score of an area is the mean over its observers of Spearman's correlation between their distances and the Pearson
distances of the layer, over the pairs that the observer has. Its noise ceiling is the agreement of observers
(`ventral.predictivity.observers`). c = upper² is reported too, so that √c is the ceiling, as for units.

Intervals are over images, and over observers and images, which are drawn independently. Ranks are fixed, a pair counts
as often as both of its images are drawn, and no image is paired with itself.

Source: Nili, Wingfield, Walther, Su, Marslen-Wilson & Kriegeskorte, "A toolbox for representational similarity
analysis", PLoS Computational Biology 10: e1003553 (2014).
"""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.pearson_distances import distances_of_pairs
from ventral.predictivity.layer_scores import COLUMNS
from ventral.predictivity.observers import Observer, noise_ceiling_of, observer_of
from ventral.predictivity.resampled_pairs import resampled_rsa
from ventral.recordings import matched
from ventral.recordings.distances import FEWEST_IMAGES, Distances, subset
from ventral.representational_similarity import vector_of_ranks
from ventral.statistics.bootstrap import draws, with_interval

SHUFFLES = 5
OBSERVED = Method(
    "RSA with observers",
    "Spearman’s correlation between the Pearson distances of a layer and the distances of each observer, averaged over "
    "observers. The noise ceiling is the mean correlation of observers with the mean ranks of all (upper bound), or of "
    "the others (lower bound). Intervals are over observers and images, both of which are drawn again.",
    "Nili et al., PLoS Computational Biology 10:e1003553 (2014).",
    ("nili2014",),
)
RSA, SHUFFLED, CEILING = "observed_rsa", "observed_rsa_shuffled", "observed_rsa_ceiling"
METRICS = (
    Metric(
        RSA,
        "RSA with observers",
        Role.SCORE,
        "Mean over observers of Spearman’s correlation between the layer’s Pearson distances and the observer’s.",
        OBSERVED,
        (-1, 1),
        heading="RSA",
        counts="observer",
        ceiling=CEILING,
        control=SHUFFLED,
    ),
    Metric(
        CEILING,
        "noise ceiling c of RSA with observers",
        Role.CEILING,
        "Square of the upper bound of the noise ceiling, so that √c is what a perfect model reaches at most.",
        OBSERVED,
        (0, 1),
        counts="observer",
    ),
    *(
        Metric(
            f"{RSA}_{side}",
            f"{side} bound of the ceiling of RSA with observers",
            Role.CEILING,
            f"Mean correlation of observers with the mean ranks of {whose}.",
            OBSERVED,
            (-1, 1),
            heading=f"ceiling {sign}",
            counts="observer",
        )
        for side, whose, sign in (("lower", "the others", "≥"), ("upper", "all observers", "≤"))
    ),
    Metric(
        SHUFFLED,
        "RSA of shuffled images with observers",
        Role.CONTROL,
        "Control: the same with the images of the layer in random order, mean of 5 orders.",
        OBSERVED,
        (-1, 1),
        heading="RSA, shuffled",
        counts="observer",
    ),
)


@dataclass(frozen=True)
class Observed:
    """Distances with everything that scores need beside the layer, made once for all layers of a model.

    Attributes
    ----------
    stimulus_id : array of shape (n,)
        Of the images that count, those with equal pixels once.
    areas : dict of list of Observer
    ceilings : dict of dict of float
        `lower` and `upper` of each area with two observers or more.
    drawn : array of shape (resamples, n)
        How often each image is drawn.
    seed : int
    """

    name: str
    stimulus_id: np.ndarray
    areas: dict[str, list[Observer]]
    ceilings: dict[str, dict[str, float]]
    drawn: np.ndarray
    seed: int


def observe(distances: Distances, table: pd.DataFrame, seed: int) -> Observed:
    """Ranks, resamples and ceilings of a recording of distances.

    Parameters
    ----------
    distances : Distances
    table : DataFrame
        The stimulus table. If it has the column `content`, images with the same content count once, with the distances
        of the first of them.
    seed : int

    Raises
    ------
    Fault
        The distances and the table do not have the same images, or fewer than four images are different.
    """
    who = f"the recording {distances.name}"
    table = table.iloc[matched(distances.stimulus_id, table.stimulus_id.to_numpy(), who, "the stimulus table")]
    contents = table["content" if "content" in table else "stimulus_id"].to_numpy()
    first = np.flatnonzero(~pd.Series(contents).duplicated().to_numpy())
    if len(first) < FEWEST_IMAGES:
        raise Fault(f"Recording {distances.name}: {len(first)} images differ; RSA needs {FEWEST_IMAGES} or more.")
    areas: dict[str, list[Observer]] = {}
    for matrix, values in zip(distances.matrices.itertuples(), subset(distances.values, first), strict=True):
        if (observer := observer_of(str(matrix.observer), values, f"{distances.name}, {matrix.area}")) is not None:
            areas.setdefault(str(matrix.area), []).append(observer)
    ceilings = {area: noise_ceiling_of(observers) for area, observers in areas.items() if len(observers) > 1}
    drawn = draws(generator(seed, distances.name, "images"), len(first))
    return Observed(distances.name, distances.stimulus_id[first], areas, ceilings, drawn, seed)


def score_distances(G: Gram, observed: Observed) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score one layer by the distances of observers.

    Parameters
    ----------
    G : Gram of the images, with their ids
    observed : Observed

    Returns
    -------
    areas : DataFrame
        Columns as in `ventral.predictivity.measure`. `n` counts observers. Intervals are over observers and images
        (low, high), and over images alone (low_images, high_images).
    observers : DataFrame
        Columns observer, area, metric, value: the correlation with each observer.

    Raises
    ------
    Fault
        An image is missing from the Gram.
    """
    G = G.subset(rows_of(observed, G))
    rows, parts = [], []
    try:
        distances = distances_of_pairs(G)
    except Fault as fault:
        logging.warning("No RSA with observers. %s", fault)
        distances = None
    for area, observers in observed.areas.items():
        n = len(observers)
        values, resampled = correlations(distances, observers, observed.drawn)
        drawing = generator(observed.seed, observed.name, area, "observers")
        row = {"area": area, "metric": RSA, "n": n} | with_interval(values.mean(), resampled.mean(axis=0), "images")
        row |= with_interval(values.mean(), np.sum(draws(drawing, n).T * resampled, axis=0) / n, "units")
        control = shuffled(distances, observers, drawing, len(G))
        rows += [row, {"area": area, "metric": SHUFFLED, "n": n, "value": control}]
        if area in observed.ceilings:
            bounds = observed.ceilings[area]
            known = {f"{RSA}_{side}": value for side, value in bounds.items()} | {CEILING: max(0, bounds["upper"]) ** 2}
            rows += [{"area": area, "metric": name, "n": n, "value": value} for name, value in known.items()]
        names = [one.name for one in observers]
        parts.append(pd.DataFrame({"observer": names, "area": area, "metric": RSA, "value": values}))
    columns = ["observer", "area", "metric", "value"]
    return pd.DataFrame(rows, columns=COLUMNS), pd.concat([pd.DataFrame(columns=columns), *parts], ignore_index=True)


def rows_of(observed: Observed, G: Gram) -> np.ndarray:
    """The rows of a Gram that show the images that count, in their order."""
    places = pd.Index(np.asarray(G.stimulus_id)).get_indexer(pd.Index(observed.stimulus_id))
    if (places < 0).any():
        lacking = ", ".join(map(str, observed.stimulus_id[places < 0][:5]))
        raise Fault(f"Images of the recording {observed.name} are missing from the Gram: {lacking}.")
    return places


def correlations(
    distances: tuple[np.ndarray, np.ndarray] | None, observers: list[Observer], drawn: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Correlation with each observer, (observers,), and over the pairs of resampled images, (observers, resamples).

    NaN where the distances of the layer are undefined or do not vary.
    """
    values, resampled = np.full(len(observers), np.nan), np.full((len(observers), len(drawn)), np.nan)
    whole = layer_ranks(distances, None)
    for i, one in enumerate(observers):
        ranks = whole if one.pairs is None else layer_ranks(distances, one.pairs)
        if ranks is not None:
            values[i] = ranks @ one.ranks
            resampled[i] = resampled_rsa(ranks, one.ranks, drawn, one.pairs)
    return values, resampled


def layer_ranks(distances: tuple[np.ndarray, np.ndarray] | None, pairs: np.ndarray | None) -> np.ndarray | None:
    """Ranks of a layer's distances over some pairs, or all; None if they are undefined or do not vary."""
    if distances is None:
        return None
    try:
        return vector_of_ranks(*(distances if pairs is None else (one[pairs] for one in distances)))
    except Fault as fault:
        logging.warning("No RSA with observers. %s", fault)
        return None


def shuffled(
    distances: tuple[np.ndarray, np.ndarray] | None, observers: list[Observer], rng: np.random.Generator, n: int
) -> float:
    """Mean correlation with the images of the layer in random order."""
    whole = layer_ranks(distances, None)
    if whole is None:
        return np.nan
    values = []
    for _ in range(SHUFFLES):
        order = subset(whole, rng.permutation(n))
        values += [order @ one.ranks if one.pairs is None else one.correlation(order) for one in observers]
    return float(np.mean(values))
