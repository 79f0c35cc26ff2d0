"""Equivariance: does a change of an image move its representation along separate axes, the same for every image?

Every source image i is shown clean and under L draws of an augmentation, with responses x_il. Draw l is the same in
every image. Let C_i be the covariance of x_il over draws. There are three comparisons of covariances:

- augmentation–augmentation: C_i with C_j of another image. They are similar if images share the variability that
  augmentations cause.
- augmentation–content: C_i with the covariance of all clean images.
- spatial–photometric: C_i under changes of place with C_i under changes of color.

Each comparison gives a **Bures distance** (0 for the same shape, √2 for no shared axis). Small samples make it too
large, so all covariances are estimated from equally many responses, and the floor is the mean distance between two
disjoint halves of the same sample, for either side. In augmentation–augmentation both images show the same draws. The
sampling error is then the same in both, and the distance is 0, below the floor, if images share a code exactly.

Each comparison also gives a **covariance cosine**, which has no such floor. With Ĉ = C / tr C and means over images, or
over pairs of images::

    mean ⟨Ĉ1, Ĉ2⟩ / √(mean ‖Ĉ1‖² · mean ‖Ĉ2‖²)        0 for no shared axis, 1 for the same shape

The inner products and squared norms of the C are unbiased (`ventral.geometry.covariance_products`).

The 95 % interval of a distance is over source images (`ventral.statistics.intervals`), for the draws that were shown. A
cosine estimates the value for all possible draws. All images share the L draws, so its interval is a jackknife over
images and draws, and is cut to [−1, 1]. The difference between two networks that were shown the same draws has a
smaller error than their intervals suggest.

Source: Yerxa, Feather, Simoncelli & Chung, "Contrastive-equivariant self-supervised learning improves alignment with
primate visual area IT", NeurIPS 37 (2024), and CCN (2024). The unbiased cosine is Ventral's own.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.geometry.bures import bures_between, centered_block, squared_norms
from ventral.geometry.covariance_products import content_covariance_products, covariance_products
from ventral.geometry.decoding import decoding_rows, rows_by_image
from ventral.geometry.family import Family
from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.statistics.intervals import (
    Estimate,
    interval,
    leave_one_out,
    scene_weights,
    two_way_jackknife_interval,
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


def equivariance_rows(G: Gram, table: pd.DataFrame, seed: int) -> list[dict[str, object]]:
    """Every equivariance analysis of one layer; no rows if the set has no augmentations.

    Parameters
    ----------
    G : Gram of n images
    table : DataFrame of n rows
        The stimulus table: `scene` (source image), `parameter` ('' for clean images, "augmentation", "spatial",
        "photometric"), `level` (the draw) and the columns of the draw.
    seed : int
        For the halves, pairs, folds and resamples, so that these are the same for all layers and networks.

    Returns
    -------
    list of dict
        metric, parameter, value, low, high, n. An analysis that the images do not allow is left out, and the log says
        why.
    """
    if not {"augmentation", "spatial", "photometric"} <= set(table.parameter):
        return []
    rows = []
    for name, compare in COMPARISONS.items():
        try:
            found = compare(G, table, generator(seed, "equivariance"))
        except Fault as fault:
            logging.warning("%s: %s", name, fault)
            continue
        rows += [
            {"metric": f"{name}_{part}", "n": found.n, **vars(getattr(found, part))}
            for part in ("bures", "bures_floor", "cosine")
        ]
    return rows + decoding_rows(G, table, seed)


def augmentation_augmentation(G: Gram, table: pd.DataFrame, rng: np.random.Generator) -> Comparison:
    """Compare the variability that the same augmentations cause in two images, over pairs of images.

    Parameters
    ----------
    G : Gram of n images
    table : DataFrame of n rows
        As for `equivariance_rows`.
    rng : Generator
        For the halves, the pairs and the resamples.

    Raises
    ------
    Fault
        There are fewer than four images or augmentations, the images do not all have the same augmentations, or the
        responses do not vary.
    """
    K, x = G.centered, rows_by_image(table, "augmentation")
    halves, _ = _halves(x, rng)
    i, j = _pairs(len(x), rng)
    W = scene_weights(len(x), rng)

    first, second = x[:, halves[:, 0]], x[:, halves[:, 1]]
    own = bures_between(K, first, second).mean(axis=1)
    apart = bures_between(K, first[i], first[j]).mean(axis=1)
    _report_constant(np.isnan(own), "augmentation")

    def terms(draws: np.ndarray, W: np.ndarray) -> Terms:
        shown = x[:, draws]
        trace = _traces(K, shown)
        products = covariance_products(centered_block(K, shown[i], shown[j])) / (trace[i] * trace[j])
        square = _average(_squares(K, shown), W)
        return _average(products, W[:, i] * W[:, j]), square, square

    return Comparison(
        bures=_estimate(_average(apart, W[:, i] * W[:, j]), len(x)),
        bures_floor=_estimate(_average(own, W), len(x)),
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
    K, x, z = G.centered, rows_by_image(table, "augmentation"), rows_by_image(table, "").ravel()
    if len(z) != len(x):
        raise Fault(f"{len(x)} images have augmentations and {len(z)} are shown clean; every image needs one of each.")
    halves, contents = _halves(x, rng)

    first, second = x[:, halves[:, 0]], x[:, halves[:, 1]]
    inside = np.any(contents[None, :, 0] == np.arange(len(x))[:, None, None], axis=-1)
    content = z[np.where(inside[..., None], contents[:, 1], contents[:, 0])]
    apart = bures_between(K, first, content).mean(axis=1)
    own = bures_between(K, first, second).mean(axis=1)
    own_content = bures_between(K, z[contents[:, 0]], z[contents[:, 1]]).mean()
    _report_constant(np.isnan(own), "augmentation")

    def terms(draws: np.ndarray, W: np.ndarray) -> Terms:
        shown = x[:, draws]
        products, square = content_covariance_products(K, shown, z, W)
        return _average(products / _traces(K, shown), W), _average(_squares(K, shown), W), square

    return Comparison(
        bures=Estimate(float(np.nanmean(apart))),
        bures_floor=Estimate(float(np.nanmean((own + own_content) / 2))),
        cosine=_cosine(terms, *x.shape),
        n=x.size + z.size,
    )


def spatial_photometric(G: Gram, table: pd.DataFrame, rng: np.random.Generator) -> Comparison:
    """Compare the variability that changes of place and changes of color cause in one image.

    Parameters and errors are those of `augmentation_augmentation`.
    """
    K, x, y = G.centered, rows_by_image(table, "spatial"), rows_by_image(table, "photometric")
    if x.shape != y.shape:
        raise Fault(
            f"Spatial changes of {x.shape} and photometric changes of {y.shape} (images, levels) cannot be compared."
        )
    halves, _ = _halves(x, rng)
    W = scene_weights(len(x), rng)

    own = [bures_between(K, rows[:, halves[:, 0]], rows[:, halves[:, 1]]).mean(axis=1) for rows in (x, y)]
    apart = bures_between(K, x[:, halves[:, 0]], y[:, halves[:, 0]]).mean(axis=1)
    _report_constant(np.isnan(apart), "spatial or photometric")

    def terms(draws: np.ndarray, W: np.ndarray) -> Terms:
        of_place, of_color = x[:, draws], y[:, draws]
        products = covariance_products(centered_block(K, of_place, of_color))
        products = products / (_traces(K, of_place) * _traces(K, of_color))
        return _average(products, W), _average(_squares(K, of_place), W), _average(_squares(K, of_color), W)

    return Comparison(
        bures=_estimate(_average(apart, W), len(x)),
        bures_floor=_estimate(_average((own[0] + own[1]) / 2, W), len(x)),
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


def _pairs(N: int, rng: np.random.Generator) -> np.ndarray:
    """Pairs of distinct images, (2, pairs): all of them, or a random subset."""
    pairs = np.array(np.triu_indices(N, 1))
    return pairs[:, np.sort(rng.permutation(pairs.shape[1])[:PAIRS])]


def _traces(K: np.ndarray, x: np.ndarray) -> np.ndarray:
    """tr C_i of each image, NaN if its responses do not vary."""
    return squared_norms(K, x) / (x.shape[1] - 1)


def _squares(K: np.ndarray, x: np.ndarray) -> np.ndarray:
    """‖Ĉ_i‖² of each image, NaN if its responses do not vary."""
    return covariance_products(centered_block(K, x, x)) / _traces(K, x) ** 2


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
    low, high = two_way_jackknife_interval(value, np.array(without_image), without_draw)
    return Estimate(float(value), *map(float, within(low, high, -1, 1)))


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


EQUIVARIANCE = Method(
    "Equivariance",
    "Comparisons of covariances of unit trace: the same augmentations of two images, an image’s augmentations and "
    "all clean images, and changes of place and of color. The floor of the Bures distance is the distance between "
    "two halves of one sample. The cosine from unbiased products has no floor, and its interval is over images and "
    "draws.",
    "Yerxa, Feather, Simoncelli & Chung, NeurIPS 37 (2024). The cosine is Ventral’s own.",
)
COMPARED = {
    "augmentation_augmentation": ("aug. – aug.", "the same augmentations of two images"),
    "augmentation_content": ("aug. – content", "augmentations of an image and all clean images"),
    "spatial_photometric": ("spatial – photom.", "changes of place and of color of one image"),
}
MEASURES = {
    "cosine": ("cosine", "Cosine between the covariances of {}: 1 for the same shape, 0 if no axis is shared."),
    "bures": (
        "distance",
        "Bures distance between the covariances of {}: 0 for the same shape, √2 if no axis is shared.",
    ),
    "bures_floor": ("floor", "Bures distance between two halves of one sample, for {}."),
}
METRICS = tuple(
    Metric(
        f"{name}_{measure}",
        f"{name.replace('_', '–')} {word}",
        Role.FLOOR if measure == "bures_floor" else Role.GEOMETRY,
        text.format(compared),
        EQUIVARIANCE,
        (-1, 1) if measure == "cosine" else (0, 2**0.5),
        heading=f"{heading} {word}",
    )
    for name, (heading, compared) in COMPARED.items()
    for measure, (word, text) in MEASURES.items()
)
FAMILY = Family(
    3,
    lambda table: {"augmentation", "spatial", "photometric"} <= set(table.parameter),
    lambda layer: equivariance_rows(layer.G, layer.table, layer.seed),
)
