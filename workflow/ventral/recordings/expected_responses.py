"""Fills missing responses of an area from the responses of its other units to the same images.

What compares images by all units of an area needs every response. The z-scored n × p responses are taken as the sum of
a few components, which units share, and noise of variance σ². Missing responses are replaced by the components, which
are then estimated again, until nothing changes. The singular values y of the filled responses, in units of σ √max(n,
p), are shrunk with β = min(n, p) / max(n, p) to ::

    η(y) = √((y² − β − 1)² − 4β) / y        if y > 1 + √β, otherwise 0

which has the least squared error for components in noise. σ² is the variance of the measured responses around the
components of the round before, and their whole variance in the first round, so that strong components enter first.

An expected response varies less than a measured one. Where the sizes of variances matter, a random residual is added,
so that a unit varies as much over the images that it lacks as over the others. `tests/benchmarks/missing_responses.py`
compares this with leaving out units and images, and with products of images over the units that have both.

Sources: Josse & Husson, "Handling missing values in exploratory multivariate data analysis methods", Journal de la
Société Française de Statistique 153(2): 79-99 (2012), for iterative principal components that are shrunk; Gavish &
Donoho, "Optimal shrinkage of singular values", IEEE Transactions on Information Theory 63: 2137-2152 (2017), for η.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ventral.recordings.gaps import Block
from ventral.recordings.recording import Recording
from ventral.recordings.signal_to_noise import blocks_of_units

COMPONENTS = 50
STEPS = 8  # towards the components before gaps are filled
ROUNDS = 100
SETTLED = 1e-3  # root mean square of the last change, in standard deviations of a unit


def without_gaps(recording: Recording, blocks: dict[str, Block], rng: np.random.Generator | None = None) -> Recording:
    """The recording with the gaps of each block filled; the same recording if there are none.

    Parameters
    ----------
    recording : Recording
    blocks : dict of Block
        From `ventral.recordings.gaps.recorded_areas`.
    rng : Generator, optional
        As for `expected`.
    """
    filled = {}
    for area, block in blocks.items():
        responses = block.of(recording.responses)
        if np.isnan(responses).any():
            filled[area] = expected(responses.T, rng).T
    if not filled:
        return recording
    every = recording.responses.copy()
    for area, responses in filled.items():
        every[blocks[area].index] = responses
    return replace(recording, responses=every)


def expected(
    responses: np.ndarray, rng: np.random.Generator | None = None, variance: np.ndarray | None = None
) -> np.ndarray:
    """Responses with their gaps filled.

    Parameters
    ----------
    responses : array of shape (n images, p units)
        NaN where a response is missing. Every unit has a response to some image.
    rng : Generator, optional
        For residuals; without it, a filled response is the expected one.
    variance : array of shape (p,), optional
        That each unit has with its residuals; by default, that of its measured responses.

    Returns
    -------
    array of shape (n, p)
        Measured responses are unchanged; without gaps, the very array.
    """
    missing = np.isnan(responses)
    if not missing.any():
        return responses
    mean, deviation = _mean_and_deviation(responses)
    spread = np.where(deviation > 0, deviation, 1)
    Z = responses - mean
    Z /= spread
    Z[missing] = 0
    fit, filled = common_components(Z, missing), responses.copy()
    of_units = (deviation / spread) ** 2 if variance is None else variance / spread**2
    residuals = None if rng is None else rng.standard_normal(responses.shape)
    for units in blocks_of_units(responses.T):
        of_block, lacking = fit(units), missing[:, units]
        if residuals is not None:
            explained = np.mean(of_block**2, axis=0, where=~lacking)
            of_block += residuals[:, units] * np.sqrt(np.maximum(0, of_units[units] - explained))
        np.copyto(filled[:, units], mean[units] + spread[units] * of_block, where=lacking)
    return filled


def _mean_and_deviation(responses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the measured responses of each unit."""
    blocks = [responses[:, units] for units in blocks_of_units(responses.T)]
    mean, deviation = (np.concatenate([of(block, axis=0) for block in blocks]) for of in (np.nanmean, np.nanstd))
    return mean, deviation


def common_components(Z: np.ndarray, missing: np.ndarray) -> Callable[[slice], np.ndarray]:
    """The part of z-scored responses that components share, as a function of a block of units.

    Every round is also a step of subspace iteration.

    Parameters
    ----------
    Z : array of shape (n, p)
        0 where a response is missing; the last expectations of these on return.
    missing : bool array of shape (n, p)
    """
    n, p = Z.shape
    k, blocks = min(COMPONENTS, min(n, p) // 3), [*blocks_of_units(Z.T)]
    if k == 0:
        return lambda units: np.zeros_like(Z[:, units])
    V = np.random.default_rng(0).standard_normal((p, k))
    for _ in range(STEPS):
        V = np.linalg.qr(Z.T @ (Z @ V))[0]
    noise, count = 1.0, max(int(missing.sum()), 1)
    for _ in range(ROUNDS):
        center = Z.mean(axis=0)
        U, d, Wt = np.linalg.svd(sum((Z[:, units] - center[units]) @ V[units] for units in blocks), full_matrices=False)
        scores, loadings = U * shrunk(d, noise, n, p), V @ Wt.T

        def fit(units: slice, scores=scores, loadings=loadings, center=center) -> np.ndarray:
            return scores @ loadings[units].T + center[units]

        V = np.linalg.qr(np.vstack([(Z[:, units] - center[units]).T @ (U * d) for units in blocks]))[0]
        change = rest = 0.0
        for units in blocks:
            of_block, lacking = fit(units), missing[:, units]
            change += np.sum((of_block - Z[:, units]) ** 2, where=lacking)
            rest += np.sum((of_block - Z[:, units]) ** 2, where=~lacking)
            np.copyto(Z[:, units], of_block, where=lacking)
        if change / count < SETTLED**2:
            break
        noise = rest / (Z.size - count)
    return fit


def shrunk(d: np.ndarray, noise: float, n: int, p: int) -> np.ndarray:
    """η of singular values, back in their own unit; `noise` is σ²."""
    scale, ratio = np.sqrt(noise * max(n, p)), min(n, p) / max(n, p)
    if scale == 0:
        return d
    y = np.maximum(d / scale, 1 + np.sqrt(ratio))
    return scale * np.sqrt(np.maximum(0, (y**2 - ratio - 1) ** 2 - 4 * ratio)) / y
