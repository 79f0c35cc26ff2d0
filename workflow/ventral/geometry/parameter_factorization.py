"""Factorization of every parameter of a stimulus set, with intervals and a control.

Each parameter is compared with the scenes and with every other parameter of the same scenes. Intervals bound 95 % over
scenes (`ventral.statistics.intervals`): scenes are resampled for metrics with a threshold, and left out one at a time
for all others. If the levels of a parameter are random draws that all scenes share, the error of the draws is added
(`ventral.geometry.left_out_draws`). The control deals the images of a parameter to scenes and levels at random.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from functools import partial

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.core.threads import side_by_side
from ventral.geometry.decomposition import decompose
from ventral.geometry.factorization_intervals import corrected_row, left_out_scenes, row, share_row
from ventral.geometry.left_out_draws import Varied, kept_draws, with_levels
from ventral.geometry.pair_factorization import against_parameter
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
from ventral.geometry.subspaces import rank_of
from ventral.gram import Gram
from ventral.statistics.intervals import leave_one_out, scene_weights

SHUFFLES = 20
CONTROLLED = ("factorization", "invariance", "covariance_factorization")


def factorization_family(
    G: Gram,
    scenes: np.ndarray,
    parameters: np.ndarray,
    thresholds: Sequence[float] = (THRESHOLD,),
    seed: int = 0,
    shared_levels: Collection[str] = (),
    draws: np.ndarray | None = None,
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
    draws : integer array of shape (n,), optional
        The random draw that the image shows, −1 for none, see `ventral.geometry.left_out_draws.draws_of`.

    Returns
    -------
    DataFrame
        Columns metric, parameter, against ("scene" or the other parameter), threshold, value, low, high, n. `low` and
        `high` bound a 95 % interval over scenes, and over draws if there are any. For metrics named `…_shuffled`,
        value, low and high are the mean, the smallest and the largest of 20 shuffles. `n` counts its images.

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
    draws = np.full(len(G), -1) if draws is None else draws
    varied = {}
    for name in filter(None, pd.unique(parameters)):
        images = np.flatnonzero(parameters == name)
        images = images[np.argsort(draws[images], kind="stable")]
        try:
            D = varying_decomposition(G.subset(images).centered, scenes[images], name in shared_levels)
        except NoVariance as fault:
            logging.warning("%s: %s", name, fault)
            continue
        W = scene_weights(len(D.mean_mean), generator(seed, "scenes"))
        varied[name] = Varied(images, D, W, kept_draws(np.arange(draws[images].max() + 1)))
    jobs = [partial(against_scenes, name, varied[name], thresholds) for name in varied]
    jobs += [partial(shuffled, name, G, one.images, scenes, shown(thresholds), seed) for name, one in varied.items()]
    jobs += [partial(against_parameter, name, varied, G, scenes, shown(thresholds)) for name in varied]
    rows = [row for rows in side_by_side(jobs) for row in rows]
    return pd.DataFrame(rows, columns=["metric", "parameter", "against", "threshold", "value", "low", "high", "n"])


def against_scenes(name: str, varied: Varied, thresholds: Sequence[float]) -> list[dict[str, object]]:
    """Rows of one parameter against the scenes."""
    D, W, once = varied.D, varied.W, np.ones((1, varied.W.shape[1]))
    without = [with_levels(D, kept) for kept in varied.kept]
    key = {"parameter": name, "against": "scene", "n": len(varied.images)}
    of_draws = [overall(one, once) for one in without]
    of_scenes = overall(D, leave_one_out(len(D.mean_mean)))
    rows = [key | share_row(metric, values, *left) for metric, values, left in beside(of_scenes, of_draws)]
    unbiased, of_draws = corrected(D, left_out_scenes(len(D.mean_mean))), [corrected(one, once) for one in without]
    rows += [key | corrected_row(metric, values, *left) for metric, values, left in beside(unbiased, of_draws)]
    if not np.isfinite(unbiased[CORRECTED][0]):
        logging.warning(
            "%s: the corrected factorization is undefined. It needs four scenes, and variance beyond sampling error.",
            name,
        )
    inside_without = [on_subspaces(one, thresholds, once) for one in without]
    most = rank_of(D.mean_mean)
    for threshold, at in on_subspaces(D, thresholds, W).items():
        of_draws, cut = [one[threshold] for one in inside_without], key | {"threshold": threshold}
        rows += [cut | row(metric, values, W, *left, most=most) for metric, values, left in beside(at, of_draws)]
    return rows


def beside(
    of_scenes: dict[str, np.ndarray], of_draws: list[dict[str, np.ndarray]]
) -> Iterator[tuple[str, np.ndarray, list[np.ndarray]]]:
    """Each metric with its values for the rows of weights, and in a list those without each group of draws, if any."""
    for metric, values in of_scenes.items():
        yield metric, values, [np.concatenate([one[metric] for one in of_draws])] if of_draws else []


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
