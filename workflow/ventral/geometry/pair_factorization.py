"""Factorization of every other parameter against one parameter: do they move the same scenes along the same axes?"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ventral.geometry.covariances import corrected_pair_terms, factorization_of, plain_pair_terms
from ventral.geometry.decomposition import residual_products, same_scenes
from ventral.geometry.factorization_intervals import corrected_row, left_out_scenes, row, share_row
from ventral.geometry.left_out_draws import Varied, about_mean, residuals_of
from ventral.geometry.scene_factorization import CORRECTED
from ventral.geometry.subspaces import Axes, inside, principal_axes
from ventral.gram import Gram
from ventral.statistics.intervals import leave_one_out

Blocks = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Pair:
    """Two parameters P and Q of the same scenes.

    Attributes
    ----------
    first, second : Varied
        P and Q.
    cross : array of shape (N, L, N, L′)
        Inner products c_il · c′_jk of their effects.
    """

    first: Varied
    second: Varied
    cross: np.ndarray

    @property
    def blocks(self) -> Blocks:
        """c_il · c′_jk, c_il · c_jk and c′_il · c′_jk."""
        return self.cross, self.first.D.residual_residual, self.second.D.residual_residual

    def without_draws(self) -> Iterator[list[Blocks]]:
        """The blocks without each group of draws of the first parameter, and of the second, if levels are draws."""
        P, Q = self.first, self.second
        if P.kept:
            yield [(about_mean(self.cross[:, k], 1), residuals_of(P.D, k), Q.D.residual_residual) for k in P.kept]
        if Q.kept:
            yield [(about_mean(self.cross[..., k], 3), P.D.residual_residual, residuals_of(Q.D, k)) for k in Q.kept]


def against_parameter(
    second: str, varied: dict[str, Varied], G: Gram, scenes: np.ndarray, threshold: float
) -> list[dict[str, object]]:
    """Rows of every other parameter against one parameter, as far as they vary in the same scenes."""
    own, others = varied[second], {name: one for name, one in varied.items() if name != second}
    pairs = {}
    for name, one in others.items():
        if same_scenes(scenes, one.images, own.images):
            pairs[name] = Pair(one, own, residual_products(G.centered, one.images, own.images, scenes))
        else:
            logging.warning("%s and %s vary in different scenes, so they are not compared.", name, second)
    axes = principal_axes(flat(own.D.residual_residual), len(own.D.mean_mean), centered=False)
    coordinates = [pair.cross.reshape(*pair.cross.shape[:2], -1) @ axes.weights for pair in pairs.values()]
    outside = outside_of_second(axes, coordinates, [*pairs.values()], threshold)
    rows = []
    for (name, pair), values in zip(pairs.items(), outside, strict=True):
        key = {"parameter": name, "against": second, "n": len(pair.first.images)}
        rows.append(key | {"threshold": threshold} | row("factorization", values[0], own.W, *values[1:]))
        rows += [key | one for one in covariance_rows(pair)]
        if not np.isfinite(rows[-1]["value"]):
            logging.warning("%s against %s: the corrected factorization is undefined.", name, second)
    return rows


def outside_of_second(
    axes: Axes, coordinates: list[np.ndarray], pairs: list[Pair], threshold: float
) -> Iterator[list[np.ndarray]]:
    """Share of each first parameter's variance outside the leading axes of the second.

    Parameters
    ----------
    axes : Axes of the second parameter
    coordinates : list of arrays of shape (N, L, r)
        Of each first parameter, on these axes.
    pairs : list of Pair
    threshold : float

    Yields
    ------
    list of arrays
        For each row of weights, (1001,); then without each group of draws of the first parameter, and of the second, if
        levels are draws.
    """
    if not pairs:
        return
    own = pairs[0].second
    once = np.ones((1, own.W.shape[1]))
    [at] = inside(axes, coordinates, [threshold], own.W)
    of_kept = [replace(axes, coordinates=about_mean(axes.coordinates[:, kept], 1)) for kept in own.kept]
    without_own = [inside(kept, coordinates, [threshold], once)[0].others for kept in of_kept]
    for place, pair in enumerate(pairs):
        D, of_first = pair.first.D, coordinates[place]
        values = [1 - at.others[place] / (own.W @ D.induced)]
        if pair.first.kept:
            left = [about_mean(of_first[:, kept], 1) for kept in pair.first.kept]
            induced = [np.einsum("ilil->", residuals_of(D, kept)) for kept in pair.first.kept]
            [found] = inside(axes, left, [threshold], once)
            values.append(1 - np.concatenate(found.others) / induced)
        if own.kept:
            values.append(1 - np.concatenate([left[place] for left in without_own]) / D.induced.sum())
        yield values


def covariance_rows(pair: Pair) -> Iterator[dict[str, object]]:
    """Covariance factorization of a pair, plain and corrected."""
    N = len(pair.second.D.mean_mean)
    once = np.ones((1, N))
    without = [*pair.without_draws()]

    def left_out(terms: Callable[..., Blocks]) -> list[np.ndarray]:
        return [np.concatenate([factorization_of(terms(*blocks, once)) for blocks in part]) for part in without]

    plain = factorization_of(plain_pair_terms(*pair.blocks, leave_one_out(N)))
    yield share_row("covariance_factorization", plain, *left_out(plain_pair_terms))
    unbiased = factorization_of(corrected_pair_terms(*pair.blocks, left_out_scenes(N)))
    yield corrected_row(CORRECTED, unbiased, *left_out(corrected_pair_terms))


def flat(block: np.ndarray) -> np.ndarray:
    """Inner products of shape (N, L, N, L) as a matrix."""
    n = block.shape[0] * block.shape[1]
    return block.reshape(n, n)
