"""Factorization and invariance: does a scene parameter move a representation along its own axes?

Images come from N base scenes; inside each scene one parameter takes L levels and all else is held.
A response splits into its scene's mean and what the parameter adds to it::

    x_il = m_i + c_il

Every quantity below is a sum over inner products of these two parts (`parts`), compared on the leading components of
the other source of variance (`subspaces`) or without a threshold (`covariances`).

Source: Lindsey & Issa, "Factorized visual representations in the primate visual system and deep
neural networks", eLife 13:91685 (2024), Eqs. 2-4. The corrected form and the intervals are Ventral's own.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import threadpool_info, threadpool_limits

from ventral.geometry.covariances import (
    FEWEST_SCENES,
    corrected_pair_terms,
    corrected_terms,
    factorization_of,
    plain_pair_terms,
    plain_terms,
)
from ventral.geometry.parts import Parts, parts, residual_products, same_scenes
from ventral.geometry.resampling import interval, jackknife_interval, leave_one_out, scene_weights, within
from ventral.geometry.subspaces import ROUNDING, inside, principal_axes
from ventral.gram import Gram
from ventral.store import Fault, generator

SHUFFLES = 20
SHOWN = 0.9
SHUFFLED = ("factorization", "invariance", "covariance_factorization")
UNBOUNDED = ("n_components",)
CORRECTED = "corrected_covariance_factorization"
FEWEST_FOR_INTERVAL = 6  # scenes, of a corrected value


@dataclass(frozen=True)
class Factorization:
    """Geometry of one parameter's variance against the variance between scenes.

    Attributes
    ----------
    factorization : float
        Share of the parameter's variance outside the scenes' leading components, in [0, 1].
    invariance : float
        Share of all variance that the parameter does not cause, in [0, 1].
    subspace_invariance : float
        Invariance inside the scenes' leading components, in [0, 1].
    covariance_factorization : float
        One minus the cosine between the two covariance matrices, in [0, 1]; needs no threshold.
    corrected_covariance_factorization : float
        The same from unbiased products, so that it does not depend on how many scenes were shown, nor on how many
        levels where these are drawn anew in every scene; noise can carry it past 0 or 1. NaN with fewer than four
        scenes, or where an unbiased squared norm comes out negative.
    n_components : int
        Leading components that reach the threshold.
    """

    factorization: float
    invariance: float
    subspace_invariance: float
    covariance_factorization: float
    corrected_covariance_factorization: float
    n_components: int


def factorization(G: Gram, scenes: np.ndarray, threshold: float = SHOWN, held: bool = False) -> Factorization:
    """Measure how separate a parameter's variance is from the variance between scenes.

    Parameters
    ----------
    G : Gram of n images
    scenes : array of shape (n,)
        The base scene of each image; every scene appears equally often.
    threshold : float
        Share of the between-scene variance that the leading components must reach, in (0, 1).
    held : bool
        Whether the levels are the same in every scene (moments of movies, sampled augmentations) and not drawn anew.

    Raises
    ------
    Fault
        Scenes of unequal size, fewer than two scenes or levels, a threshold outside (0, 1), or no
        variance to divide.
    """
    check_threshold(threshold)
    p = varying_parts(G.centered, scenes, held)
    once = np.ones((1, len(p.mm)))
    found = overall(p, once) | corrected(p, once) | on_subspaces(p, [threshold], once)[threshold]
    return Factorization(**{name: value[0].item() for name, value in found.items()})


def factorization_family(
    G: Gram,
    scenes: np.ndarray,
    parameters: np.ndarray,
    thresholds: Sequence[float] = (SHOWN,),
    seed: int = 0,
    held: Collection[str] = (),
) -> pd.DataFrame:
    """Factorization of every parameter against the scenes and against every other one, with intervals and a control.

    Parameters
    ----------
    G : Gram of n images
    scenes : array of shape (n,)
        The base scene of each image.
    parameters : array of shape (n,)
        What varies in the image's scene; empty text where nothing does, and such images are left out.
    thresholds : sequence of float
        For the metrics on the scenes' subspace. Another parameter's subspace is cut at the one nearest to 0.9.
    seed : int
        For the resamples and the shuffles, which are then the same for every layer.
    held : names of parameters
        Those whose levels are the same in every scene (moments of movies, sampled augmentations), not drawn anew.

    Returns
    -------
    DataFrame
        Columns metric, parameter, against ("scene" or the other parameter), threshold, value, low, high, n. `low` and
        `high` bound 95 % over scenes (`ventral.geometry.resampling`), which are left out one at a time for corrected
        values and resampled for all others. Metrics named `…_shuffled` are means over 20 shuffles of the images, from
        the smallest to the largest. `n` counts the parameter's images.

    Raises
    ------
    Fault
        A parameter's scenes have unequal sizes, there are fewer than two scenes or levels, or not one scene and one
        parameter for each image.

    Notes
    -----
    A parameter that moves no response has no factorization; it is named in the log and has no rows. Nor have two
    parameters that vary in different scenes any against each other.
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
            found[name] = varying_parts(G.subset(index).centered, scenes[index], name in held)
        except NoVariance as fault:
            logging.warning("%s: %s", name, fault)
    W = {name: scene_weights(len(p.mm), generator(seed, "scenes")) for name, p in found.items()}
    jobs = [delayed(against_scenes)(name, p, thresholds, W[name]) for name, p in found.items()]
    jobs += [delayed(shuffled)(name, G, images[name], scenes, shown(thresholds), seed) for name in found]
    jobs += [delayed(against_parameter)(name, images, found, G, scenes, shown(thresholds), W[name]) for name in found]
    rows = [row for rows in side_by_side(jobs) for row in rows]
    return pd.DataFrame(rows, columns=["metric", "parameter", "against", "threshold", "value", "low", "high", "n"])


def side_by_side(jobs: list) -> list:
    """Results of joblib's delayed jobs, each on one of the threads that the linear algebra would have had.

    The jobs consist of thousands of small decompositions, in which threads would only wait for each other.
    """
    threads = max((library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"), default=1)
    with threadpool_limits(1):
        return Parallel(threads, backend="threading")(jobs)


class NoVariance(Fault):
    """A parameter that moves no response, or scenes that do not differ."""


def varying_parts(K: np.ndarray, scenes: np.ndarray, held: bool = False) -> Parts:
    """The parts of a centred Gram whose parameter and scenes both cause variance."""
    p = parts(K, scenes, held)
    rounding = ROUNDING * np.trace(K)
    if p.induced.sum() <= rounding or np.trace(p.mm) <= rounding:
        raise NoVariance("The parameter or the scenes cause no variance; their ratio is undefined.")
    return p


def overall(p: Parts, W: np.ndarray) -> dict[str, np.ndarray]:
    """Metrics without a threshold, for each row of weights."""
    s, L = W.sum(axis=1), p.cm.shape[1]
    induced = W @ p.induced / (s * L)
    between = W @ np.diag(p.mm) / s - np.sum((W @ p.mm) * W, axis=1) / s**2
    return {
        "invariance": between / (between + induced),
        "covariance_factorization": factorization_of(plain_terms(p, W)),
    }


def corrected(p: Parts, W: np.ndarray) -> dict[str, np.ndarray]:
    """The metric that does not depend on how many scenes and levels there are, for each row of weights."""
    enough = len(p.mm) >= FEWEST_SCENES
    values = factorization_of(corrected_terms(p, W)) if enough else np.full(len(W), np.nan)
    return {CORRECTED: values}


def on_subspaces(p: Parts, thresholds: Sequence[float], W: np.ndarray) -> dict[float, dict[str, np.ndarray]]:
    """Metrics on the leading components of the scenes' means, at each threshold and for each row of weights."""
    axes = principal_axes(p.mm, len(p.mm), centred=True)
    found = {}
    for threshold, at in zip(thresholds, inside(axes, [p.cm @ axes.weights], thresholds, W), strict=True):
        [induced] = at.others
        found[threshold] = {
            "factorization": 1 - induced / (W @ p.induced),
            "subspace_invariance": 1 - induced / (induced + p.cm.shape[1] * at.own),
            "n_components": at.n_components,
        }
    return found


def against_scenes(name: str, p: Parts, thresholds: Sequence[float], W: np.ndarray) -> list[dict[str, object]]:
    """Rows of one parameter against the scenes."""
    key = {"parameter": name, "against": "scene", "n": len(flat(p.cc))}
    rows = [key | row(metric, values, W) for metric, values in overall(p, W).items()]
    rows.append(key | corrected_row(CORRECTED, corrected(p, left_out_scenes(len(p.mm)))[CORRECTED]))
    if not np.isfinite(rows[-1]["value"]):
        logging.warning("%s: its corrected factorization is undefined; it needs four scenes and more variance.", name)
    for threshold, at in on_subspaces(p, thresholds, W).items():
        rows += [key | {"threshold": threshold} | row(metric, values, W) for metric, values in at.items()]
    return rows


def against_parameter(
    second: str, images: dict[str, np.ndarray], found: dict[str, Parts], G: Gram, scenes, threshold: float, W
) -> list[dict[str, object]]:
    """Rows of every other parameter against what one parameter adds to the same scenes."""
    axes = principal_axes(flat(found[second].cc), len(found[second].mm), centred=False)
    others = [first for first in found if first != second and same_scenes(scenes, images[first], images[second])]
    for apart in {*found} - {*others, second}:
        logging.warning("%s and %s vary in different scenes and are not compared.", apart, second)
    cross = {first: residual_products(G.centered, images[first], images[second], scenes) for first in others}
    coordinates = [block.reshape(*block.shape[:2], -1) @ axes.weights for block in cross.values()]
    [at] = inside(axes, coordinates, [threshold], W)
    rows = []
    for (first, block), induced in zip(cross.items(), at.others, strict=True):
        blocks, left_out = (block, found[first].cc, found[second].cc), left_out_scenes(W.shape[1])
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
    """Rows of the control: the same metrics with a parameter's images dealt to scenes and levels at random."""
    K, scenes = G.subset(images).centered, scenes[images]
    rng, found = generator(seed, "shuffled"), []
    for _ in range(SHUFFLES):
        p = parts(K, rng.permutation(scenes))
        once = np.ones((1, len(p.mm)))
        at = on_subspaces(p, [threshold], once)[threshold] | overall(p, once)
        found.append({metric: at[metric].item() for metric in SHUFFLED})
    return [
        {"parameter": name, "against": "scene", "n": len(K), "metric": f"{metric}_shuffled"}
        | {"threshold": threshold if metric == "factorization" else np.nan}
        | {"value": np.mean(values), "low": np.min(values), "high": np.max(values)}
        for metric, values in ((metric, [one[metric] for one in found]) for metric in SHUFFLED)
    ]


def row(metric: str, values: np.ndarray, W: np.ndarray) -> dict[str, object]:
    """A value and its interval; what cannot leave [0, 1] has bounds that do not."""
    low, high = interval(values, W.shape[1])
    if metric not in UNBOUNDED:
        low, high = np.clip([low, high], 0, 1)
    return {"metric": metric, "value": float(values[0]), "low": float(low), "high": float(high)}


def left_out_scenes(N: int) -> np.ndarray:
    """Weights with all scenes, then with each left out; with too few scenes for an interval, the first row alone."""
    return leave_one_out(N)[: None if N >= FEWEST_FOR_INTERVAL else 1]


def corrected_row(metric: str, values: np.ndarray) -> dict[str, object]:
    """A corrected value and its interval, from the values with all scenes and with each left out.

    One minus a cosine lies in [0, 2]. Sampling error can carry the value beyond, and its interval is cut to what is
    possible; there is none (NaN) where it would lie wholly beyond, where the value is undefined without some scene, or
    with fewer than six scenes.
    """
    low, high = np.nan, np.nan
    if len(values) > 1:
        low, high = within(*jackknife_interval(values[0], values[1:]), 0, 2)
    return {"metric": metric, "value": float(values[0]), "low": float(low), "high": float(high)}


def shown(thresholds: Sequence[float]) -> float:
    """The threshold nearest to 0.9, which figures show."""
    return min(thresholds, key=lambda at: abs(at - SHOWN))


def flat(block: np.ndarray) -> np.ndarray:
    """Inner products of shape (N, L, N, L) as a matrix."""
    n = block.shape[0] * block.shape[1]
    return block.reshape(n, n)


def check_threshold(threshold: float) -> None:
    """Refuse a share of variance that is none."""
    if not 0 < threshold < 1:
        raise Fault(f"The threshold must lie between 0 and 1, not {threshold}.")
