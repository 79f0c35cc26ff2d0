"""Factorization of every parameter of a stimulus set as rows of the long table, with intervals and a control.

Each parameter is compared with the scenes and with every other parameter of the same scenes. Intervals bound 95 % over
scenes (`ventral.statistics.intervals`): scenes are left out one at a time for corrected values, and resampled for all
others. The control deals the images of a parameter to scenes and levels at random.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_info, threadpool_limits

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.geometry.covariances import corrected_pair_terms, factorization_of, plain_pair_terms
from ventral.geometry.decomposition import Decomposition, decompose, residual_products, same_scenes
from ventral.geometry.design import parameters_with_shared_levels, varied_parameters
from ventral.geometry.family import Family, Layer
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
from ventral.metrics import Method, Metric, Role
from ventral.statistics.intervals import interval, jackknife_interval, leave_one_out, scene_weights, within

SHUFFLES = 20
UNBOUNDED = ("n_components",)
FEWEST_FOR_INTERVAL = 6  # scenes, of a corrected value

LINDSEY = "Lindsey & Issa, eLife 13:91685 (2024)."
OWN = "Ventral’s own."
ON_SUBSPACES = Method(
    "Factorization",
    "Share of the variance caused by a parameter that is outside the leading principal components of the scenes’ "
    "mean responses. These are the fewest that reach a share of the variance of the means (threshold). Against "
    "another parameter, the components are those of the effects of that parameter on the same scenes.",
    LINDSEY,
)
INVARIANCE = Method(
    "Invariance",
    "Share of all variance that the parameter does not cause, in the whole space or inside the scenes’ leading "
    "components.",
    LINDSEY,
)
OF_COVARIANCES = Method(
    "Covariance factorization",
    "One minus the cosine between the covariance that the parameter causes and the covariance between scenes. It "
    "needs no threshold, but is biased if there are few scenes or levels.",
    LINDSEY,
)
UNBIASED = Method(
    "Corrected covariance factorization",
    "Covariance factorization with unbiased estimates, over distinct scenes, of each inner product and squared "
    "norm. It does not depend on the number of scenes, nor on the number of levels if every scene has levels of "
    "its own; levels that are the same in all scenes (moments, augmentations) are held fixed. It is undefined if "
    "the estimate of a squared norm is negative.",
    OWN,
)
RESAMPLED = Method(
    "Intervals over scenes and control",
    "In 1,000 antithetic resamples, every scene gets a random weight of 1 ± .5. The interval of a plug-in value "
    "describes its variation for this number of scenes, not the value for many scenes. For corrected values, "
    "scenes are left out one at a time (jackknife); with fewer than six scenes there is no interval. The control "
    "deals images to scenes and levels at random, 20 times.",
    OWN,
)
WITH_CONTROL = (
    Metric(
        "factorization",
        "factorization",
        Role.GEOMETRY,
        "Share of the parameter’s variance outside the leading components of the scenes’ means: 1 for separate axes, 0 "
        "for the same.",
        ON_SUBSPACES,
        (0, 1),
        heading="factorization",
        control="factorization_shuffled",
    ),
    Metric(
        "invariance",
        "invariance",
        Role.GEOMETRY,
        "Share of all variance that the parameter does not cause: 1 if it changes nothing.",
        INVARIANCE,
        (0, 1),
        heading="invariance",
        control="invariance_shuffled",
    ),
    Metric(
        "covariance_factorization",
        "covariance factorization",
        Role.GEOMETRY,
        "One minus the cosine between the covariance that the parameter causes and that between scenes: 1 for separate "
        "axes, 0 for the same.",
        OF_COVARIANCES,
        (0, 1),
        heading="covariance factorization",
        control="covariance_factorization_shuffled",
    ),
)
METRICS = (
    *WITH_CONTROL,
    Metric(
        CORRECTED,
        "corrected covariance factorization",
        Role.GEOMETRY,
        "Covariance factorization from unbiased products, which does not depend on the number of scenes.",
        UNBIASED,
        heading="corrected covariance factorization",
    ),
    Metric(
        "subspace_invariance",
        "subspace invariance",
        Role.GEOMETRY,
        "Invariance inside the leading components of the scenes’ means.",
        INVARIANCE,
        (0, 1),
    ),
    Metric(
        "n_components",
        "components of the scenes",
        Role.GEOMETRY,
        "Number of leading components of the scenes’ means that reach the threshold.",
        ON_SUBSPACES,
        (1, None),
    ),
    *(
        replace(
            metric,
            name=metric.control,
            label=f"{metric.label} of shuffled images",
            role=Role.CONTROL,
            text=f"The metric {metric.name} with images dealt to scenes and levels at random.",
            method=RESAMPLED,
            heading="",
            control="",
        )
        for metric in WITH_CONTROL
    ),
)


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
    found = {}
    for name, index in images.items():
        try:
            found[name] = varying_decomposition(G.subset(index).centered, scenes[index], name in shared_levels)
        except NoVariance as fault:
            logging.warning("%s: %s", name, fault)
    W = {name: scene_weights(len(D.mean_mean), generator(seed, "scenes")) for name, D in found.items()}
    jobs = [partial(against_scenes, name, D, thresholds, W[name]) for name, D in found.items()]
    jobs += [partial(shuffled, name, G, images[name], scenes, shown(thresholds), seed) for name in found]
    jobs += [partial(against_parameter, name, images, found, G, scenes, shown(thresholds), W[name]) for name in found]
    rows = [row for rows in side_by_side(jobs) for row in rows]
    return pd.DataFrame(rows, columns=["metric", "parameter", "against", "threshold", "value", "low", "high", "n"])


def side_by_side(jobs: list[Callable]) -> list:
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
    rows.append(key | corrected_row(CORRECTED, corrected(D, left_out_scenes(len(D.mean_mean)))[CORRECTED]))
    if not np.isfinite(rows[-1]["value"]):
        logging.warning(
            "%s: the corrected factorization is undefined. It needs four scenes, and variance beyond sampling error.",
            name,
        )
    for threshold, at in on_subspaces(D, thresholds, W).items():
        rows += [key | {"threshold": threshold} | row(metric, values, W) for metric, values in at.items()]
    return rows


def against_parameter(
    second: str, images: dict[str, np.ndarray], found: dict[str, Decomposition], G: Gram, scenes, threshold: float, W
) -> list[dict[str, object]]:
    """Rows of every other parameter against one parameter, as far as they vary in the same scenes."""
    axes = principal_axes(flat(found[second].residual_residual), len(found[second].mean_mean), centered=False)
    others = [first for first in found if first != second and same_scenes(scenes, images[first], images[second])]
    for apart in {*found} - {*others, second}:
        logging.warning("%s and %s vary in different scenes, so they are not compared.", apart, second)
    cross = {first: residual_products(G.centered, images[first], images[second], scenes) for first in others}
    coordinates = [block.reshape(*block.shape[:2], -1) @ axes.weights for block in cross.values()]
    [at] = inside(axes, coordinates, [threshold], W)
    rows = []
    for (first, block), induced in zip(cross.items(), at.others, strict=True):
        blocks = block, found[first].residual_residual, found[second].residual_residual
        left_out = left_out_scenes(W.shape[1])
        key = {"parameter": first, "against": second, "n": len(images[first])}
        rows += [
            key | {"threshold": threshold} | row("factorization", 1 - induced / (W @ found[first].induced), W),
            key | row("covariance_factorization", factorization_of(plain_pair_terms(*blocks, W)), W),
            key | corrected_row(CORRECTED, factorization_of(corrected_pair_terms(*blocks, left_out))),
        ]
        if not np.isfinite(rows[-1]["value"]):
            logging.warning("%s against %s: the corrected factorization is undefined.", first, second)
    return rows


def shuffled(
    name: str, G: Gram, images: np.ndarray, scenes: np.ndarray, threshold: float, seed: int
) -> list[dict[str, object]]:
    """Rows of the control: the same metrics, with a parameter's images dealt to scenes and levels at random."""
    K, scenes = G.subset(images).centered, scenes[images]
    rng, found = generator(seed, "shuffled"), []
    for _ in range(SHUFFLES):
        D = decompose(K, rng.permutation(scenes))
        once = np.ones((1, len(D.mean_mean)))
        at = on_subspaces(D, [threshold], once)[threshold] | overall(D, once)
        found.append({metric.name: at[metric.name].item() for metric in WITH_CONTROL})
    return [
        {"parameter": name, "against": "scene", "n": len(K), "metric": f"{metric}_shuffled"}
        | {"threshold": threshold if metric == "factorization" else np.nan}
        | {"value": np.mean(values), "low": np.min(values), "high": np.max(values)}
        for metric, values in ((name, [one[name] for one in found]) for name in found[0])
    ]


def row(metric: str, values: np.ndarray, W: np.ndarray) -> dict[str, object]:
    """A value and its interval, which is cut to [0, 1] for metrics in this range."""
    low, high = interval(values, W.shape[1])
    if metric not in UNBOUNDED:
        low, high = np.clip([low, high], 0, 1)
    return {"metric": metric, "value": float(values[0]), "low": float(low), "high": float(high)}


def left_out_scenes(N: int) -> np.ndarray:
    """Weights of all scenes, then with each scene left out; only the first row with too few scenes for an interval."""
    return leave_one_out(N)[: None if N >= FEWEST_FOR_INTERVAL else 1]


def corrected_row(metric: str, values: np.ndarray) -> dict[str, object]:
    """A corrected value and its jackknife interval.

    One minus a cosine is in [0, 2], and the interval is cut to this range. Sampling error can move the value itself
    outside. The interval is NaN with fewer than six scenes, if the value is undefined without one of the scenes, or if
    the whole interval is outside the range.

    Parameters
    ----------
    metric : str
    values : array of shape (1,) or (1 + N,)
        The value with all scenes, then with each of N scenes left out, see `left_out_scenes`.
    """
    low, high = np.nan, np.nan
    if len(values) > 1:
        low, high = within(*jackknife_interval(values[0], values[1:]), 0, 2)
    return {"metric": metric, "value": float(values[0]), "low": float(low), "high": float(high)}


def shown(thresholds: Sequence[float]) -> float:
    """The threshold nearest to 0.9, which the figures show."""
    return min(thresholds, key=lambda at: abs(at - THRESHOLD))


def flat(block: np.ndarray) -> np.ndarray:
    """Inner products of shape (N, L, N, L) as a matrix."""
    n = block.shape[0] * block.shape[1]
    return block.reshape(n, n)


def factorization_rows(layer: Layer) -> list[dict[str, object]]:
    """Rows of the whole family for a stimulus table."""
    table, varied = layer.table, varied_parameters(layer.table)
    found = factorization_family(
        layer.G, table.scene, varied, layer.thresholds, layer.seed, parameters_with_shared_levels(table)
    )
    return found.to_dict("records")


FAMILY = Family(1, lambda table: bool((varied_parameters(table) != "").any()), factorization_rows)
