"""Which random draws images show, and responses without some of the draws, for intervals over images and draws.

All images of an augmentation set show the same draws of an augmentation. A value depends on the draws as it depends on
the images, and its error is the sum of both. The error of the draws is that of a jackknife that leaves out one group of
draws, in all images, at a time. Moments of clips and poses are no random draws.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ventral.core.centering import center
from ventral.geometry.decomposition import Decomposition
from ventral.statistics.intervals import jackknife_error
from ventral.stimuli.augmentations import PARAMETERS

GROUPS = 5  # of draws; with fewer draws, each is a group
FEWEST = 3  # draws


@dataclass(frozen=True)
class Varied:
    """One parameter of a set.

    Attributes
    ----------
    images : integer array of shape (N L,)
        Of every scene, in the order of draws if levels are random draws.
    D : Decomposition of N scenes and L levels
    W : array of shape (1001, N)
        `scene_weights`.
    kept : list of integer arrays
        The levels that are left without each group of draws; empty if levels are no random draws.
    """

    images: np.ndarray
    D: Decomposition
    W: np.ndarray
    kept: list[np.ndarray]


def draws_of(table: pd.DataFrame) -> np.ndarray:
    """The random draw that each image of a stimulus table shows, from 0; −1 if its parameter has no random draws.

    Parameters with random draws are those of augmentation sets, if every scene shows the same three draws or more, once
    each.

    Returns
    -------
    integer array of shape (images,)
    """
    draw = np.full(len(table), -1)
    for parameter in PARAMETERS:
        rows = np.flatnonzero(table.parameter == parameter)
        scene, scenes = pd.factorize(table.scene.to_numpy()[rows])
        level, levels = pd.factorize(table.level.to_numpy()[rows], sort=True)
        shown = np.bincount(scene * len(levels) + level, minlength=len(scenes) * len(levels))
        if len(levels) >= FEWEST and (shown == 1).all():
            draw[rows] = level
    return draw


def kept_draws(draw: np.ndarray) -> list[np.ndarray]:
    """The places that are left without each of at most five groups of draws, from the draw at each place."""
    groups = min(draw.max(initial=-1) + 1, GROUPS)
    return [np.flatnonzero(draw % GROUPS != left_out) for left_out in range(groups)]


def error_of_draws(left_out: np.ndarray) -> tuple[np.ndarray, float | np.ndarray]:
    """The standard error of the draws, from values without each group of them, and its degrees of freedom."""
    return jackknife_error(left_out, heavy_tails=True)


def with_levels(D: Decomposition, kept: np.ndarray) -> Decomposition:
    """The decomposition of the responses at some of the levels, as `decompose` of these images gives it."""
    residuals = D.residual_residual[:, kept][..., kept]
    of_mean = D.residual_mean[:, kept] + residuals.mean(axis=3)  # c_il · (m_j + mean over k of c_jk)
    shift = D.residual_mean[:, kept].mean(axis=1)
    return replace(
        D,
        mean_mean=center(D.mean_mean + shift.T + of_mean.mean(axis=1)),
        residual_mean=about_mean(about_mean(of_mean, 1), 2),
        residual_residual=residuals_of(D, kept),
    )


def residuals_of(D: Decomposition, kept: np.ndarray) -> np.ndarray:
    """The `residual_residual` of `with_levels` alone."""
    return about_mean(about_mean(D.residual_residual[:, kept][..., kept], 1), 3)


def about_mean(values: np.ndarray, axis: int) -> np.ndarray:
    """Values minus their mean along an axis."""
    return values - values.mean(axis=axis, keepdims=True)
