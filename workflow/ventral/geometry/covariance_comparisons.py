"""Comparisons of the covariances that augmentations cause with each other and with the covariance of clean images.

Every source image i is shown clean and under L draws of an augmentation, with responses x_il. Draw l is the same in
every image. Let C_i be the covariance of x_il over draws.

Each comparison gives a **Bures distance** (0 for the same shape, √2 for no shared axis). Small samples make it too
large, so all covariances are estimated from equally many responses, and the floor is the mean distance between two
disjoint halves of the same sample, for either side. In augmentation–augmentation both images show the same draws. The
sampling error is then the same in both, and the distance is 0, below the floor, if images share a code exactly.

Each comparison also gives a **covariance cosine**, which has no such floor. With Ĉ = C / tr C and means over images, or
over pairs of images::

    mean ⟨Ĉ1, Ĉ2⟩ / √(mean ‖Ĉ1‖² · mean ‖Ĉ2‖²)        0 for no shared axis, 1 for the same shape

The inner products and squared norms of the C are unbiased (`ventral.geometry.covariance_products`).

A cosine estimates the value for all possible draws. All images share the L draws, so its interval is a jackknife over
images and draws, and is cut to [−1, 1]. The interval of a distance, for this number of draws, is over images and draws
too: images are resampled (`ventral.statistics.intervals`), and the error of the draws is that of a jackknife that
leaves out L − h of them at a time, as the halves of h draws do from which distances are computed. The interval of a
floor is over images alone. The difference between two networks that were shown the same draws has a smaller error than
their intervals suggest.

Source: Yerxa, Feather, Simoncelli & Chung, "Contrastive-equivariant self-supervised learning improves alignment with
primate visual area IT", NeurIPS 37 (2024), and CCN (2024). The unbiased cosine is Ventral's own.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.geometry.bures import bures_between, centered_block, squared_norms
from ventral.geometry.covariance_products import content_covariance_products, covariance_products
from ventral.geometry.decoding import rows_by_image
from ventral.gram import Gram
from ventral.statistics.intervals import (
    Estimate,
    interval,
    leave_one_out,
    resampled_error,
    samples_interval,
    samples_jackknife_interval,
    scene_weights,
    within,
)

Terms = tuple[np.ndarray, np.ndarray, np.ndarray]
FEWEST_DRAWS = 4  # needed by an unbiased product
PAIRS = 400  # of images; a random subset if there are more
SPLITS = 10  # random halvings of the draws and of the clean images


@dataclass(frozen=True)
class Comparison:
    """How separate two kinds of variability are.

    Attributes
    ----------
    bures : Estimate
        Mean distance between unit-trace covariances, in [0, √2]; a large distance means separate axes.
    bures_floor : Estimate
        Mean distance between two halves of one sample, averaged over both sides.
    cosine : Estimate
        Of the covariances, from unbiased products; 1 means the same shape. Sampling error can move the value above 1;
        its interval is cut to [−1, 1]. The value is NaN if a mean of unbiased squared norms is negative. There is no
        interval with fewer than five draws, or if the whole interval would be above 1.
    n : int
        Number of images whose responses were used.
    """

    bures: Estimate
    bures_floor: Estimate
    cosine: Estimate
    n: int


def augmentation_augmentation(G: Gram, table: pd.DataFrame, rng: np.random.Generator) -> Comparison:
    """Compare the variability that the same augmentations cause in two images, over pairs of images.

    Parameters
    ----------
    G : Gram of n images
    table : DataFrame of n rows
        The stimulus table: `scene` (source image), `parameter` ("augmentation" for augmented images) and `level` (the
        draw).
    rng : Generator
        For the halves, the pairs and the resamples.

    Raises
    ------
    Fault
        There are fewer than four images or augmentations, the images do not all have the same augmentations, or the
        responses do not vary.
    """
    x = rows_by_image(table, "augmentation")
    halves, _ = _halves(x, rng)
    i, j = _pairs(len(x), rng)
    W = scene_weights(len(x), rng)

    first, second = x[:, halves[:, 0]], x[:, halves[:, 1]]
    floor = bures_between(G, first, second).mean(axis=1)
    distance = bures_between(G, first[i], first[j])
    _report_constant(np.isnan(floor), "augmentation")

    def terms(draws: np.ndarray, W: np.ndarray) -> Terms:
        shown = x[:, draws]
        trace = _traces(G, shown)
        products = covariance_products(centered_block(G, shown[i], shown[j])) / (trace[i] * trace[j])
        square = _average(_squares(G, shown), W)
        return _average(products, W[:, i] * W[:, j]), square, square

    return Comparison(
        bures=_distance(distance, W[:, i] * W[:, j], *x.shape),
        bures_floor=_estimate(_average(floor, W), len(x)),
        cosine=_cosine(terms, *x.shape),
        n=x.size,
    )


def augmentation_content(G: Gram, table: pd.DataFrame, rng: np.random.Generator) -> Comparison:
    """Compare the variability that augmentations cause in one image with the variability between clean images.

    Parameters and errors are those of `augmentation_augmentation`. The distance takes as many clean images as
    augmentations, never the image itself. It depends more on the choice of these clean images than on the images that
    they are compared with, and clean images cannot be drawn twice. The distance and its floor therefore have no
    interval (NaN).
    """
    x, z = rows_by_image(table, "augmentation"), rows_by_image(table, "").ravel()
    if len(z) != len(x):
        raise Fault(f"{len(x)} images have augmentations and {len(z)} are shown clean; every image needs one of each.")
    halves, image_halves = _halves(x, rng)

    first, second = x[:, halves[:, 0]], x[:, halves[:, 1]]
    content = z[_half_of_others(image_halves, len(x))]
    distance = bures_between(G, first, content).mean(axis=1)
    floor = bures_between(G, first, second).mean(axis=1)
    content_floor = bures_between(G, z[image_halves[:, 0]], z[image_halves[:, 1]]).mean()
    _report_constant(np.isnan(floor), "augmentation")

    def terms(draws: np.ndarray, W: np.ndarray) -> Terms:
        shown = x[:, draws]
        products, square = content_covariance_products(G, shown, z, W)
        return _average(products / _traces(G, shown), W), _average(_squares(G, shown), W), square

    return Comparison(
        bures=Estimate(float(np.nanmean(distance))),
        bures_floor=Estimate(float(np.nanmean((floor + content_floor) / 2))),
        cosine=_cosine(terms, *x.shape),
        n=x.size + z.size,
    )


def spatial_photometric(G: Gram, table: pd.DataFrame, rng: np.random.Generator) -> Comparison:
    """Compare the variability that changes of place and changes of color cause in one image.

    Parameters and errors are those of `augmentation_augmentation`.
    """
    x, y = rows_by_image(table, "spatial"), rows_by_image(table, "photometric")
    if x.shape != y.shape:
        raise Fault(
            f"Spatial changes of {x.shape} and photometric changes of {y.shape} (images, levels) cannot be compared."
        )
    halves, _ = _halves(x, rng)
    W = scene_weights(len(x), rng)

    floors = [bures_between(G, rows[:, halves[:, 0]], rows[:, halves[:, 1]]).mean(axis=1) for rows in (x, y)]
    distance = bures_between(G, x[:, halves[:, 0]], y[:, halves[:, 0]])
    _report_constant(np.isnan(distance.mean(axis=1)), "spatial or photometric")

    def terms(draws: np.ndarray, W: np.ndarray) -> Terms:
        of_place, of_color = x[:, draws], y[:, draws]
        products = covariance_products(centered_block(G, of_place, of_color))
        products = products / (_traces(G, of_place) * _traces(G, of_color))
        return _average(products, W), _average(_squares(G, of_place), W), _average(_squares(G, of_color), W)

    return Comparison(
        bures=_distance(distance, W, *x.shape),
        bures_floor=_estimate(_average((floors[0] + floors[1]) / 2, W), len(x)),
        cosine=_cosine(terms, *x.shape),
        n=x.size + y.size,
    )


COMPARISONS = {
    "augmentation_augmentation": augmentation_augmentation,
    "augmentation_content": augmentation_content,
    "spatial_photometric": spatial_photometric,
}


def _halves(x: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two disjoint halves of the draws, and of the images, each of shape (splits, 2, h)."""
    N, L = x.shape
    if N < 4 or L < FEWEST_DRAWS:
        raise Fault(f"Unbiased products need four images with four augmentations each, or more, not {N} with {L}.")
    h = min(N, L) // 2
    draws, images = (np.array([rng.permutation(size)[: 2 * h] for _ in range(SPLITS)]) for size in (L, N))
    return draws.reshape(SPLITS, 2, h), images.reshape(SPLITS, 2, h)


def _half_of_others(image_halves: np.ndarray, N: int) -> np.ndarray:
    """For each image, the half of the images that does not show it, or the first if neither does, (N, splits, h)."""
    first, second = image_halves[:, 0], image_halves[:, 1]
    in_first = np.any(first == np.arange(N)[:, None, None], axis=-1)
    return np.where(in_first[..., None], second, first)


def _pairs(N: int, rng: np.random.Generator) -> np.ndarray:
    """Pairs of distinct images, (2, pairs): all of them, or a random subset."""
    pairs = np.array(np.triu_indices(N, 1))
    return pairs[:, np.sort(rng.permutation(pairs.shape[1])[:PAIRS])]


def _traces(G: Gram, x: np.ndarray) -> np.ndarray:
    """tr C_i of each image, NaN if its responses do not vary."""
    return squared_norms(G, x) / (x.shape[1] - 1)


def _squares(G: Gram, x: np.ndarray) -> np.ndarray:
    """‖Ĉ_i‖² of each image, NaN if its responses do not vary."""
    return covariance_products(centered_block(G, x, x)) / _traces(G, x) ** 2


def _average(values: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Weighted mean of values (items,) or (resamples, items), without NaN, for weights (resamples, items)."""
    known = np.isfinite(values).any(axis=tuple(range(values.ndim - 1)))
    weights = W[:, known]
    return np.sum(weights * values[..., known], axis=1) / _positive(weights.sum(axis=1))


def _cosine(terms: Callable[[np.ndarray, np.ndarray], Terms], N: int, L: int) -> Estimate:
    """Cosine and its interval; `terms` gives the three terms for some of the draws and weights of the images."""

    def cosine(draws: np.ndarray, W: np.ndarray) -> np.ndarray:
        product, square, other_square = terms(draws, W)
        return product / np.sqrt(_positive(square) * _positive(other_square))

    every, once = np.arange(L), np.ones((1, N))
    value, *without_image = cosine(every, leave_one_out(N))
    without_draw = np.full(L, np.nan)
    if L > FEWEST_DRAWS:
        without_draw = np.concatenate([cosine(np.delete(every, l), once) for l in every])
    low, high = samples_jackknife_interval(value, np.array(without_image), without_draw)
    return Estimate(float(value), *map(float, within(low, high, -1, 1)))


def _distance(distance: np.ndarray, W: np.ndarray, N: int, L: int) -> Estimate:
    """Mean distance over halves of the draws and over items, with its interval over N images and L draws.

    Halves of h draws vary by h / (L − h) of their variance as a sample of draws, and their mean by one over their
    number as a sample of halves.

    Parameters
    ----------
    distance : array of shape (items, splits)
        Between two images, or of one image, from one half of the draws; an item is left out if one is NaN.
    W : array of shape (1001, items)
        Weights of the items.
    N, L : int
    """
    mean, h = distance.mean(axis=1), min(N, L) // 2
    values, of_halves = _average(mean, W), distance[np.isfinite(mean)].mean(axis=0)
    of_draws = np.sqrt((h / (L - h) + 1 / SPLITS) * of_halves.var(ddof=1)), min(SPLITS, L) - 1
    low, high = samples_interval(values[0], resampled_error(values, N), of_draws)
    return Estimate(float(values[0]), *map(float, within(low, high, 0, np.sqrt(2))))


def _estimate(values: np.ndarray, N: int) -> Estimate:
    """The statistic with all weights equal to one, and its interval over N images."""
    low, high = interval(values, N)
    return Estimate(float(values[0]), float(low), float(high))


def _positive(values: np.ndarray) -> np.ndarray:
    """The values, NaN unless they are positive."""
    return np.where(values > 0, values, np.nan)


def _report_constant(constant: np.ndarray, what: str) -> None:
    """Log how many images have constant responses; raise a `Fault` if all do."""
    if constant.all():
        raise Fault(f"The responses to every image are constant under {what} changes; their covariance has no shape.")
    if constant.any():
        logging.info(
            "The responses to %d of %d images are constant under %s changes.", constant.sum(), len(constant), what
        )
