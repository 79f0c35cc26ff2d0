"""Capacity of manifolds: how many classes per dimension can a linear read-out separate into two random groups?

A manifold is the set of responses to the images of one class, or to the variants of one scene. Responses are taken
about the mean of all images, the axes that centers share are removed (`ventral.geometry.center_correlations`), and each
manifold is divided by the norm of its center. With S the M points of a manifold about its center, in their own D
dimensions, each with a last coordinate of 1, and Gaussian t of D + 1 dimensions::

    p(t) = projection of t on the cone of S              (`ventral.geometry.cone_projection`)
    1 / capacity = mean ‖p‖²
    s(t) = p / (its last coordinate)                     anchor point; the point with the largest t · s if p = 0
    radius² = mean ‖s − mean s‖²
    dimension = D (mean cosine between t and s)²         both without their last coordinate

Means are over 200 vectors t. Capacity is 2 for points and 2/M for M points in random directions, and its mean over
manifolds is harmonic. The theory is one of many manifolds, of about 30 or more.

Source: Chung, Lee & Sompolinsky, "Classification and geometry of general perceptual manifolds", Physical Review X 8:
031003 (2018), Eqs. 16, 17, 28 and 29; Cohen, Chung, Lee & Sompolinsky, Nature Communications 11: 746 (2020).
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.geometry.anchor_geometry import anchor_geometry, coordinates, without_each_draw
from ventral.geometry.center_correlations import ROUNDING, center_correlation, shared_axes
from ventral.geometry.family import Family, Layer
from ventral.geometry.left_out_draws import draws_of, error_of_draws
from ventral.geometry.manifolds import by_class
from ventral.gram import Gram, center
from ventral.metrics import SCENE, Method, Metric, Role
from ventral.statistics.intervals import jackknife_error, jackknife_interval, samples_interval, within
from ventral.stimuli.design import independent, varied_parameters

VECTORS = 200
MANIFOLDS, IMAGES = 50, 50  # largest numbers of manifolds, and of images of each
DRAW_MANIFOLDS = 6  # manifolds from which the error of the draws is estimated
FEWEST = 5  # manifolds
SHUFFLED = "_shuffled"

CAPACITY = Method(
    "Manifold capacity",
    "The number of classes per dimension that a linear read-out separates into two random groups, from the mean-field "
    "theory of manifolds, with the radius and the dimension of the points on which it depends. Axes that centers "
    "share are removed first. Manifolds are classes, or the variants of each scene under one parameter: at most 50, "
    "with at most 50 images of each. Values and intervals are for this number of manifolds; with few, their centers "
    "share axes by chance. Intervals are over manifolds (jackknife), and over draws if the variants of a scene are "
    "random draws that all scenes share. Chance is the same with images dealt to manifolds at random.",
    "Chung, Lee & Sompolinsky, Physical Review X 8:031003 (2018). Cohen, Chung, Lee & Sompolinsky, Nature "
    "Communications 11:746 (2020).",
    ("chung2018", "cohen2020"),
    of_labels=True,
)
MEASURED = (
    Metric(
        "manifold_capacity",
        "manifold capacity",
        Role.GEOMETRY,
        "Number of classes per dimension that a linear read-out can separate into random groups: large if the "
        "manifolds of classes are small or of few dimensions.",
        CAPACITY,
        (0, 2),
        log=True,
        heading="capacity",
    ),
    Metric(
        "capacity_radius",
        "radius of capacity",
        Role.GEOMETRY,
        "Size of manifolds, in norms of their centers, along the directions that limit capacity.",
        CAPACITY,
        (0, None),
        unit="norms of centers",
        heading="capacity radius",
    ),
    Metric(
        "capacity_dimension",
        "dimension of capacity",
        Role.GEOMETRY,
        "Number of directions of manifolds that limit capacity.",
        CAPACITY,
        (0, None),
        heading="capacity dimension",
    ),
    Metric(
        "center_correlation",
        "correlation of centers",
        Role.GEOMETRY,
        "Mean absolute cosine between the mean responses to two classes, about the mean of all: 1 if they lie on a "
        "line.",
        CAPACITY,
        (0, 1),
        heading="correlation of centers",
    ),
)
METRICS = tuple(replace(metric, control=metric.name + SHUFFLED) for metric in MEASURED) + tuple(
    metric.as_control(
        metric.name + SHUFFLED,
        f"{metric.label}, shuffled",
        f"The metric {metric.name} with images dealt to manifolds at random.",
        log=False,
    )
    for metric in MEASURED
)


@dataclass(frozen=True)
class Capacity:
    """Capacity and geometry of P manifolds.

    Attributes
    ----------
    capacity : array of shape (P,)
        Manifolds per dimension, up to 2.
    radius : array of shape (P,)
        In norms of the centers.
    dimension : array of shape (P,)
        Up to the number of images or features.
    centers : array of shape (P, P)
        Inner products of centers about their mean, before shared axes are removed.
    n_axes : int
        Number of shared axes.
    without_draws : array of shape (groups, 3)
        Capacity, radius and dimension of a few manifolds without each group of draws, or empty.
    """

    capacity: np.ndarray
    radius: np.ndarray
    dimension: np.ndarray
    centers: np.ndarray
    n_axes: int
    without_draws: np.ndarray

    @property
    def of_manifolds(self) -> np.ndarray:
        """1 / capacity, radius and dimension of each manifold, (P, 3)."""
        return np.column_stack([1 / self.capacity, self.radius, self.dimension])


def manifold_capacity(
    G: Gram, labels: np.ndarray, rng: np.random.Generator, draws: np.ndarray | None = None
) -> Capacity:
    """Capacity, radius and dimension of the manifolds of all classes; all images of the Gram count for its mean.

    Parameters
    ----------
    G : Gram of n images
    labels : array of shape (n,)
        The manifold of each image, '' for none.
    rng : numpy.random.Generator
        For the Gaussian vectors.
    draws : integer array of shape (n,), optional
        The random draw that each image shows, −1 for none (`ventral.geometry.left_out_draws`).

    Returns
    -------
    Capacity

    Raises
    ------
    Fault
        There are fewer than three manifolds, their centers lie on a line or have no direction, or there are not as many
        labels as images.
    """
    names, members = by_class(G, labels)
    share = np.zeros((len(G), len(names)))
    for column, index in enumerate(members):
        share[index, column] = 1 / len(index)
    along = G.times(share)  # x · c_j
    products = share.T @ along  # c_i · c_j
    centers = center(products)
    weights = shared_axes(centers)
    removed = (along - along.mean(axis=1, keepdims=True)) @ weights  # coordinates on the shared axes
    found, without_draws = [], list[np.ndarray]()
    for name, index, square in zip(names, members, np.diag(products), strict=True):
        norm = square - np.sum(removed[index].mean(axis=0) ** 2)
        if norm <= ROUNDING * square:
            raise Fault(f"The mean response to {name} lies on the axes that all centers share.")
        inner = (G.block(index) - removed[index] @ removed[index].T) / norm
        dimensions = min(len(index), G.n_features)
        Z = rng.standard_normal((VECTORS, len(index) + dimensions + 1))
        points, T = coordinates(center(inner), dimensions, Z)
        found.append(anchor_geometry(points, T))
        if draws is not None and len(without_draws) < DRAW_MANIFOLDS:
            without_draws.append(without_each_draw(inner, points, T, draws[index]))
    capacity, radius, dimension = np.transpose(found)
    left_out = np.mean(without_draws, axis=0) if without_draws else np.empty((0, 3))
    return Capacity(capacity, radius, dimension, centers, weights.shape[1], left_out)


def capacity_rows(G: Gram, labels: np.ndarray, seed: int, draws: np.ndarray | None = None) -> list[dict[str, object]]:
    """Rows of the means over manifolds, with intervals over them and over draws, and of the same with shuffled labels.

    Parameters
    ----------
    G : Gram of n images
    labels : array of shape (n,)
        The manifold of each image, '' for none. At most 50 manifolds of two images or more are drawn, and at most 50
        images of each. With fewer than five there are no rows, which the log says.
    seed : int
        For the choice of images, the Gaussian vectors and the shuffle, so that these are the same for every layer.
    draws : integer array of shape (n,), optional
        As for `manifold_capacity`.
    """
    index = drawn(np.asarray(labels).astype(str), generator("manifolds of capacity", seed))
    labels = np.asarray(labels).astype(str)[index]
    if len(np.unique(labels)) < FEWEST:
        logging.warning("No manifold capacity: it needs %d manifolds of two images or more.", FEWEST)
        return []
    G, draws = G.subset(index), None if draws is None else draws[index]
    shuffled = generator("shuffled manifolds", seed).permutation(labels)
    rows = []
    try:
        for given, ending, shown in ((labels, "", draws), (shuffled, SHUFFLED, None)):
            found = manifold_capacity(G, given, generator("capacity", seed), shown)
            rows += [row | {"metric": f"{row['metric']}{ending}", "n": len(index)} for row in estimates(found)]
    except Fault as fault:
        logging.warning("Manifold capacity: %s", fault)
    return rows


def drawn(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows of the images of the manifolds that are measured, in order."""
    names, counts = np.unique(labels[labels != ""], return_counts=True)
    chosen = rng.permutation(names[counts > 1])[:MANIFOLDS]
    members = [rng.permutation(np.flatnonzero(labels == name))[:IMAGES] for name in chosen]
    return np.sort(np.concatenate([np.array([], dtype=int), *members]))


def estimates(found: Capacity) -> list[dict[str, object]]:
    """Rows of the means over manifolds, with jackknife intervals over manifolds, and over draws."""
    values, P = found.of_manifolds, len(found.capacity)
    sums, of_draws = values.sum(axis=0), found.without_draws.copy()
    means = [(sums / P)[None], (sums - values) / (P - 1), of_draws]
    for each in means:
        each[:, 0] = 1 / each[:, 0]  # the harmonic mean of capacity
    [value], left_out, of_draws = means
    rows = []
    for column, metric in enumerate(MEASURED[:-1]):
        errors = [jackknife_error(left_out[:, column])]
        errors += [error_of_draws(of_draws[:, column])] if len(of_draws) else []
        rows.append(row_of(metric, value[column], *samples_interval(value[column], *errors)))
    kept = ~np.eye(P, dtype=bool)
    without = [center_correlation(center(found.centers[np.ix_(each, each)])) for each in kept]
    correlation = center_correlation(found.centers)
    return [*rows, row_of(MEASURED[-1], correlation, *jackknife_interval(np.asarray(correlation), np.array(without)))]


def row_of(metric: Metric, value: float, low: np.ndarray, high: np.ndarray) -> dict[str, object]:
    """A row of a metric, with its interval cut to the metric's bounds."""
    least, most = (np.inf * sign if end is None else end for end, sign in zip(metric.bounds, (-1, 1), strict=True))
    low, high = within(low, high, least, most)
    return {"metric": metric.name, "value": float(value), "low": float(low), "high": float(high)}


def rows_of(layer: Layer) -> list[dict[str, object]]:
    """Rows of the classes of independent images, or of the variants of scenes under each parameter."""
    return [
        key | row
        for key, G, labels, draws in manifolds_of(layer)
        for row in capacity_rows(G, labels, layer.seed, draws)
    ]


def manifolds_of(layer: Layer) -> Iterator[tuple[dict[str, str], Gram, np.ndarray, np.ndarray | None]]:
    """For each sort of manifolds the keys of rows, the Gram, and the manifold and the draw of each image."""
    table = layer.table
    if independent(table):
        yield {}, layer.G, table.label.to_numpy(), None
        return
    varied, draws = varied_parameters(table), draws_of(table)
    for parameter in filter(None, pd.unique(varied)):
        index = np.flatnonzero(varied == parameter)
        shown = draws[index] if (draws[index] >= 0).all() else None
        yield {"parameter": parameter, "against": SCENE}, layer.G.subset(index), table.scene.to_numpy()[index], shown


def applies(table: pd.DataFrame) -> bool:
    """Whether images have labels, or scenes have variants."""
    return bool((table.label != "").any() if independent(table) else (varied_parameters(table) != "").any())


FAMILY = Family(4, applies, rows_of)
