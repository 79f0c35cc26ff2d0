"""Factorization of every parameter of a stimulus set, with intervals and a control.

Each parameter is compared with the scenes and with every other parameter of the same scenes. Intervals bound 95 % over
scenes (`ventral.statistics.intervals`): scenes are left out one at a time for corrected values, and resampled for all
others. The control deals the images of a parameter to scenes and levels at random.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_info, threadpool_limits

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.geometry.covariances import corrected_pair_terms, factorization_of, plain_pair_terms
from ventral.geometry.decomposition import Decomposition, decompose, residual_products, same_scenes
from ventral.geometry.factorization_intervals import corrected_row, left_out_scenes, row
from ventral.geometry.scene_factorization import (
    CORRECTED,
    THRESHOLD,
    NoVariance,
    check_threshold,
    corrected,
    on_subspaces,
    overall,
    varying_decomposition,
)
from ventral.geometry.subspaces import inside, principal_axes
from ventral.gram import Gram
from ventral.statistics.intervals import scene_weights

SHUFFLES = 20
CONTROLLED = ("factorization", "invariance", "covariance_factorization")


def factorization_family(
    G: Gram,
    scenes: np.ndarray,
    parameters: np.ndarray,
    thresholds: Sequence[float] = (THRESHOLD,),
    seed: int = 0,
    shared_levels: Collection[str] = (),
) -> pd.DataFrame:
    """Factorization of every parameter against the scenes and against every other parameter.

    Parameters
    ----------
    G : Gram of n images
    scenes : array of shape (n,)
        The base scene of each image.
    parameters : array of shape (n,)
        The parameter that the image varies. Images with an empty text are left out.
    thresholds : sequence of float
        For the metrics on the scenes' subspace. Another parameter's subspace is cut at the threshold nearest to 0.9.
    seed : int
        For the resamples and the shuffles, so that these are the same for every layer.
    shared_levels : names of parameters
        Parameters whose levels are the same in every scene (moments of movies, sampled augmentations).

    Returns
    -------
    DataFrame
        Columns metric, parameter, against ("scene" or the other parameter), threshold, value, low, high, n. `low` and
        `high` bound a 95 % interval over scenes. For metrics named `…_shuffled`, value, low and high are the mean, the
        smallest and the largest of 20 shuffles. `n` counts the parameter's images.

    Raises
    ------
    Fault
        A parameter's scenes have unequal sizes, there are fewer than two scenes or levels, or the numbers of images,
        scenes and parameters differ.

    Notes
    -----
    A parameter that changes no response has no rows, and two parameters that vary in different scenes have no rows
    against each other. The log names both.
    """
    for threshold in thresholds:
        check_threshold(threshold)
    scenes, parameters = np.asarray(scenes), np.asarray(parameters)
    if not len(G) == len(scenes) == len(parameters):
        raise Fault(f"{len(G)} images need as many scenes and parameters, not {len(scenes)} and {len(parameters)}.")
    images = {name: np.flatnonzero(parameters == name) for name in pd.unique(parameters) if name}
    decomposed = {}
    for name, index in images.items():
        try:
            decomposed[name] = varying_decomposition(G.subset(index).centered, scenes[index], name in shared_levels)
        except NoVariance as fault:
            logging.warning("%s: %s", name, fault)
    W = {name: scene_weights(len(D.mean_mean), generator(seed, "scenes")) for name, D in decomposed.items()}
    jobs = [partial(against_scenes, name, D, thresholds, W[name]) for name, D in decomposed.items()]
    jobs += [partial(shuffled, name, G, images[name], scenes, shown(thresholds), seed) for name in decomposed]
    jobs += [
        partial(against_parameter, name, images, decomposed, G, scenes, shown(thresholds), W[name])
        for name in decomposed
    ]
    rows = [row for rows in side_by_side(jobs) for row in rows]
    return pd.DataFrame(rows, columns=["metric", "parameter", "against", "threshold", "value", "low", "high", "n"])


def side_by_side(jobs: Sequence[Callable]) -> list:
    """Results of functions without arguments, each run on one of the threads that linear algebra would have used.

    The functions consist of thousands of small decompositions, which several threads do not make faster.
    """
    threads = max((library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"), default=1)
    with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda job: job(), jobs))


def against_scenes(name: str, D: Decomposition, thresholds: Sequence[float], W: np.ndarray) -> list[dict[str, object]]:
    """Rows of one parameter against the scenes."""
    key = {"parameter": name, "against": "scene", "n": len(flat(D.residual_residual))}
    rows = [key | row(metric, values, W) for metric, values in overall(D, W).items()]
    unbiased = corrected(D, left_out_scenes(len(D.mean_mean)))[CORRECTED]
    rows.append(key | corrected_row(CORRECTED, unbiased))
    if not np.isfinite(unbiased[0]):
        logging.warning(
            "%s: the corrected factorization is undefined. It needs four scenes, and variance beyond sampling error.",
            name,
        )
    for threshold, at in on_subspaces(D, thresholds, W).items():
        rows += [key | {"threshold": threshold} | row(metric, values, W) for metric, values in at.items()]
    return rows


def against_parameter(
    second: str,
    images: dict[str, np.ndarray],
    decomposed: dict[str, Decomposition],
    G: Gram,
    scenes,
    threshold: float,
    W,
) -> list[dict[str, object]]:
    """Rows of every other parameter against one parameter, as far as they vary in the same scenes."""
    axes = principal_axes(flat(decomposed[second].residual_residual), len(decomposed[second].mean_mean), centered=False)
    others = [first for first in decomposed if first != second and same_scenes(scenes, images[first], images[second])]
    for apart in {*decomposed} - {*others, second}:
        logging.warning("%s and %s vary in different scenes, so they are not compared.", apart, second)
    cross = {first: residual_products(G.centered, images[first], images[second], scenes) for first in others}
    coordinates = [block.reshape(*block.shape[:2], -1) @ axes.weights for block in cross.values()]
    [at] = inside(axes, coordinates, [threshold], W)
    rows = []
    for (first, block), induced in zip(cross.items(), at.others, strict=True):
        blocks = block, decomposed[first].residual_residual, decomposed[second].residual_residual
        unbiased = factorization_of(corrected_pair_terms(*blocks, left_out_scenes(W.shape[1])))
        key = {"parameter": first, "against": second, "n": len(images[first])}
        rows += [
            key | {"threshold": threshold} | row("factorization", 1 - induced / (W @ decomposed[first].induced), W),
            key | row("covariance_factorization", factorization_of(plain_pair_terms(*blocks, W)), W),
            key | corrected_row(CORRECTED, unbiased),
        ]
        if not np.isfinite(unbiased[0]):
            logging.warning("%s against %s: the corrected factorization is undefined.", first, second)
    return rows


def shuffled(
    name: str, G: Gram, images: np.ndarray, scenes: np.ndarray, threshold: float, seed: int
) -> list[dict[str, object]]:
    """Rows of the control: the same metrics, with a parameter's images dealt to scenes and levels at random."""
    K, scenes = G.subset(images).centered, scenes[images]
    rng, shuffles = generator(seed, "shuffled"), []
    for _ in range(SHUFFLES):
        D = decompose(K, rng.permutation(scenes))
        once = np.ones((1, len(D.mean_mean)))
        at = on_subspaces(D, [threshold], once)[threshold] | overall(D, once)
        shuffles.append({metric: at[metric].item() for metric in CONTROLLED})
    return [
        {"parameter": name, "against": "scene", "n": len(K), "metric": f"{metric}_shuffled"}
        | {"threshold": threshold if metric == "factorization" else np.nan}
        | {"value": np.mean(values), "low": np.min(values), "high": np.max(values)}
        for metric, values in pd.DataFrame(shuffles).items()
    ]


def shown(thresholds: Sequence[float]) -> float:
    """The threshold nearest to 0.9, which the figures show."""
    return min(thresholds, key=lambda at: abs(at - THRESHOLD))


def flat(block: np.ndarray) -> np.ndarray:
    """Inner products of shape (N, L, N, L) as a matrix."""
    n = block.shape[0] * block.shape[1]
    return block.reshape(n, n)
