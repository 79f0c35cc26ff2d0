"""Equivariance: do changes of an image move its representation along axes of their own, the same in every image?

Every source image i is shown clean, and under L draws of an augmentation, x_il; draw l is the same in every image.
With C_i the covariance of x_il over draws, three comparisons of covariances:

- augmentation–augmentation: C_i against C_j of another image, which is small where images share the variability that
  augmentations cause;
- augmentation–content: C_i against the covariance of all clean images;
- spatial–photometric: C_i under changes of place against C_i under changes of colour.

Each is given as a **Bures distance** (0 the same, √2 apart), from as many responses for every covariance, since small
samples make it too large. Its floor is the mean distance between two disjoint halves of the same sample, for either
side. In augmentation–augmentation both images show the same draws, so that chance hits both alike and a code that
images share exactly lies at 0, below the floor. Beside it stands a **covariance cosine**, which has no such floor. With
Ĉ = C / tr C, and means over images or pairs of them::

    mean ⟨Ĉ1, Ĉ2⟩ / √(mean ‖Ĉ1‖² · mean ‖Ĉ2‖²)        0 apart, 1 the same

The inner products and squared norms of the C are unbiased (`ventral.geometry.products`).

Intervals of 95 % of a distance resample the source images (`ventral.geometry.resampling`), with the draws held as they
are between networks. A cosine is that of all draws, of which the L shown are a sample that all images share, so
its interval adds what leaving out each draw changes to what leaving out each image does; it is cut to [−1, 1]. Two
networks that were shown the same draws differ with less error than their intervals say.

Source: Yerxa, Feather, Simoncelli & Chung, "Contrastive-equivariant self-supervised learning improves alignment with
primate visual area IT", NeurIPS 37 (2024), and CCN (2024). The unbiased cosine is Ventral's own.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.geometry.bures import bures_between, centred_block, squared_norms
from ventral.geometry.decoding import FOLDS, Decoded, decode, rows_by_image
from ventral.geometry.products import content_products, crossed_products
from ventral.geometry.resampling import interval, leave_one_out, scene_weights, two_way_jackknife_interval, within
from ventral.gram import Gram
from ventral.store import Fault, generator

Terms = tuple[np.ndarray, np.ndarray, np.ndarray]
FEWEST_DRAWS = 4  # that an unbiased product can be had from
PAIRS = 400  # of images; a seeded subset where there are more
LARGEST_R = 1 - 1e-12  # whose arctanh is finite
SPLITS = 10  # random ways to halve the draws and the clean images


@dataclass(frozen=True)
class Estimate:
    """A value and the limits of its 95 % interval; NaN where there is none."""

    value: float
    low: float = float("nan")
    high: float = float("nan")


@dataclass(frozen=True)
class Comparison:
    """How separate two kinds of variability are.

    Attributes
    ----------
    bures : Estimate
        Mean distance of unit-trace covariances, in [0, √2]; large means separate.
    bures_floor : Estimate
        The same between two halves of one sample, for either side.
    cosine : Estimate
        Of the covariances, from unbiased products; 1 means the same. Sampling error can carry the value past 1, its
        interval is cut to [−1, 1]. NaN where a mean of unbiased squared norms comes out negative; no interval with
        fewer than five draws, or where the interval would lie wholly beyond 1.
    n : int
        Images whose responses were used.
    """

    bures: Estimate
    bures_floor: Estimate
    cosine: Estimate
    n: int


def equivariance_rows(G: Gram, table: pd.DataFrame, seed: int) -> list[dict[str, object]]:
    """Every equivariance analysis of one layer; none where the set has no augmentations.

    Parameters
    ----------
    G : Gram of n images
    table : DataFrame of n rows
        The stimulus table: `scene` (source image), `parameter` ('' for clean images, "augmentation", "spatial",
        "photometric"), `level` (the draw) and the columns of the draw.
    seed : int
        Fixes the halves, pairs, folds and resamples, which are the same for all layers and networks.

    Returns
    -------
    list of dict
        metric, parameter, value, low, high, n. An analysis that the images do not allow is left out, with a line in
        the log.
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
        Fewer than four images or augmentations, images that do not all have the same augmentations, or responses
        that do not vary.
    """
    K, x = G.centered, rows_by_image(table, "augmentation")
    halves, _ = _halves(x, rng)
    i, j = _pairs(len(x), rng)
    W = scene_weights(len(x), rng)

    first, second = x[:, halves[:, 0]], x[:, halves[:, 1]]
    own = bures_between(K, first, second).mean(axis=1)
    apart = bures_between(K, first[i], first[j]).mean(axis=1)
    _say_which(np.isnan(own), "augmentation")

    def terms(draws: np.ndarray, W: np.ndarray) -> Terms:
        shown = x[:, draws]
        trace = _traces(K, shown)
        products = crossed_products(centred_block(K, shown[i], shown[j])) / (trace[i] * trace[j])
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
    augmentations, never the image itself. Which ones decides more than which images they are compared with, and they
    cannot be drawn twice; so the distance and its floor have no interval (NaN).
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
    _say_which(np.isnan(own), "augmentation")

    def terms(draws: np.ndarray, W: np.ndarray) -> Terms:
        shown = x[:, draws]
        products, square = content_products(K, shown, z, W)
        return _average(products / _traces(K, shown), W), _average(_squares(K, shown), W), square

    return Comparison(
        bures=Estimate(float(np.nanmean(apart))),
        bures_floor=Estimate(float(np.nanmean((own + own_content) / 2))),
        cosine=_cosine(terms, *x.shape),
        n=x.size + z.size,
    )


def spatial_photometric(G: Gram, table: pd.DataFrame, rng: np.random.Generator) -> Comparison:
    """Compare the variability that changes of place and changes of colour cause in one image.

    Parameters and errors are those of `augmentation_augmentation`.
    """
    K, x, y = G.centered, rows_by_image(table, "spatial"), rows_by_image(table, "photometric")
    if x.shape != y.shape:
        raise Fault(f"Spatial and photometric changes of {x.shape} and {y.shape} (images, levels) cannot be compared.")
    halves, _ = _halves(x, rng)
    W = scene_weights(len(x), rng)

    own = [bures_between(K, rows[:, halves[:, 0]], rows[:, halves[:, 1]]).mean(axis=1) for rows in (x, y)]
    apart = bures_between(K, x[:, halves[:, 0]], y[:, halves[:, 0]]).mean(axis=1)
    _say_which(np.isnan(apart), "spatial or photometric")

    def terms(draws: np.ndarray, W: np.ndarray) -> Terms:
        of_place, of_colour = x[:, draws], y[:, draws]
        products = crossed_products(centred_block(K, of_place, of_colour))
        products = products / (_traces(K, of_place) * _traces(K, of_colour))
        return _average(products, W), _average(_squares(K, of_place), W), _average(_squares(K, of_colour), W)

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


def decoding_rows(G: Gram, table: pd.DataFrame, seed: int) -> list[dict[str, object]]:
    """`decoding_r` and `decoding_r2` of each augmentation parameter; `n` counts draws, and intervals hold the fits."""
    try:
        decoded = decode(G, table, seed)
    except Fault as fault:
        logging.warning("decoding: %s", fault)
        return []
    rows = []
    for one in decoded:
        key = {"parameter": one.parameter, "n": one.n_draws}
        r, r2 = decoding_estimates(one, generator(seed, "equivariance"))
        rows += [{"metric": "decoding_r", **key, **vars(r)}, {"metric": "decoding_r2", **key, **vars(r2)}]
    return rows


def decoding_estimates(one: Decoded, rng: np.random.Generator) -> tuple[Estimate, Estimate]:
    """r and R² with intervals over source images; where images share draws, over images and draws.

    The interval of r is that of arctanh r. Shared draws add the error of a correlation over as many values as there
    are draws, less the folds: what other draws would correlate with by chance was fitted too.
    """
    images, N, chance = scene_weights(one.n_images, rng), one.n_images, 0.0
    draws = None
    if one.shares_draws:
        draws, N = scene_weights(one.n_draws, rng), min(one.n_images, one.n_draws)
        chance = 1.96 / np.sqrt(max(one.n_draws - FOLDS - 2, 1e-12))
    r, r2 = one.scores(images, draws)
    z = np.arctanh(np.clip(r, -LARGEST_R, LARGEST_R))
    half = np.hypot(interval(z, N)[1] - z[0], chance)
    of_r = Estimate(float(r[0]), *map(float, (np.tanh(z[0] - half), max(r[0], np.tanh(z[0] + half)))))
    low, high = interval(r2, N)
    return of_r, Estimate(float(r2[0]), float(low), float(min(high, 1)))


def _halves(x: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two disjoint halves of the draws and of the images, (splits, 2, h) each; all four of the same size."""
    N, L = x.shape
    if N < 4 or L < FEWEST_DRAWS:
        raise Fault(f"Unbiased products need four images with four augmentations each, or more, not {N} with {L}.")
    h = min(N, L) // 2
    draws, images = (np.array([rng.permutation(size)[: 2 * h] for _ in range(SPLITS)]) for size in (L, N))
    return draws.reshape(SPLITS, 2, h), images.reshape(SPLITS, 2, h)


def _pairs(N: int, rng: np.random.Generator) -> np.ndarray:
    """Two distinct images (2, pairs): all pairs, or a random subset of them."""
    pairs = np.array(np.triu_indices(N, 1))
    return pairs[:, np.sort(rng.permutation(pairs.shape[1])[:PAIRS])]


def _traces(K: np.ndarray, x: np.ndarray) -> np.ndarray:
    """tr C_i of each image, NaN where nothing varies."""
    return squared_norms(K, x) / (x.shape[1] - 1)


def _squares(K: np.ndarray, x: np.ndarray) -> np.ndarray:
    """‖Ĉ_i‖² of each image, NaN where nothing varies."""
    return crossed_products(centred_block(K, x, x)) / _traces(K, x) ** 2


def _average(values: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Mean of the values (items,) or (resamples, items) under weights (resamples, items), without those unknown."""
    known = np.isfinite(values).any(axis=tuple(range(values.ndim - 1)))
    weights = W[:, known]
    return np.sum(weights * values[..., known], axis=1) / _positive(weights.sum(axis=1))


def _cosine(terms: Callable[[np.ndarray, np.ndarray], Terms], N: int, L: int) -> Estimate:
    """Cosine from its three terms, a function of draws and of weights of the images, with its interval."""

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
    """The statistic with all weights one, and its interval over N images."""
    low, high = interval(values, N)
    return Estimate(float(values[0]), float(low), float(high))


def _positive(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, values, np.nan)


def _say_which(constant: np.ndarray, what: str) -> None:
    if constant.all():
        raise Fault(f"No image moves the responses under {what} changes; their covariance has no shape.")
    if constant.any():
        logging.info("%d of %d images do not move under %s changes.", constant.sum(), len(constant), what)
