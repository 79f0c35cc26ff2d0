"""Scores of predictions of scene variables, and the same without each scene, for intervals over scenes.

r is pooled within blocks, such as test folds: with y and p the deviations of targets and predictions from their means
in a block, r = Σ y p / √(Σ y² Σ p²), over all blocks and over all columns of a variable. Without a scene only the sums
of its block change, so that leaving out every scene once costs as much as one evaluation.
"""

import numpy as np

from ventral.statistics.ties import credit


def pooled_r(
    y: np.ndarray, p: np.ndarray, variable: np.ndarray, scene: np.ndarray, block: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pearson r of every variable, pooled within blocks, and without each scene.

    Parameters
    ----------
    y, p : arrays of shape (n, m)
        Targets and predictions.
    variable : integer array of shape (m,)
        The variable to which each column belongs, from 0.
    scene, block : integer arrays of shape (n,)
        All images of a scene are in one block.

    Returns
    -------
    r : array of shape (variables,)
        NaN if targets or predictions are constant in every block.
    left_out : array of shape (scenes, variables)
        In the order of the scenes' numbers.
    """
    y, belongs = y - y.mean(axis=0), np.eye(variable.max() + 1)[variable]
    order = np.lexsort([scene, block])
    terms = np.stack([np.ones_like(y), y, p, y * y, p * p, y * p])[:, order]
    first = starts(scene[order])
    of_scene = np.add.reduceat(terms, first, axis=1)
    inside = starts(block[order][first])
    of_block = np.add.reduceat(of_scene, inside, axis=1)
    own = np.repeat(np.arange(len(inside)), np.diff([*inside, len(first)]))
    total = spreads(of_block) @ belongs
    left_out = total.sum(axis=1)[:, None] - total[:, own] + spreads(of_block[:, own] - of_scene) @ belongs
    return correlation(total.sum(axis=1)), correlation(left_out)[np.argsort(scene[order][first])]


def starts(sorted_names: np.ndarray) -> np.ndarray:
    """Where each run of equal names begins."""
    return np.flatnonzero(np.r_[True, sorted_names[1:] != sorted_names[:-1]])


def spreads(sums: np.ndarray) -> np.ndarray:
    """Σ y², Σ p² and Σ y p about means, (3, …), from Σ 1, Σ y, Σ p, Σ y², Σ p² and Σ y p, (6, …); 0 if rounding."""
    n, y, p, yy, pp, yp = sums
    n = np.maximum(n, 1)
    about = np.stack([yy - y**2 / n, pp - p**2 / n, yp - y * p / n])
    about[:2] = np.where(about[:2] > 1e-12 * np.stack([yy, pp]), about[:2], 0)
    return about


def correlation(spread: np.ndarray) -> np.ndarray:
    """r from Σ y², Σ p² and Σ y p; NaN without a spread."""
    yy, pp, yp = spread
    known = (yy > 0) & (pp > 0)
    return np.where(known, np.clip(yp / np.sqrt(np.where(known, yy * pp, 1)), -1, 1), np.nan)


def accuracy(y: np.ndarray, p: np.ndarray, scene: np.ndarray) -> tuple[float, np.ndarray]:
    """Share of images whose class has the largest prediction, and without each scene.

    Parameters
    ----------
    y, p : arrays of shape (n, classes)
        Zeros and ones, and predictions about the share of each class.
    scene : integer array of shape (n,)
    """
    named = credit(p + y.mean(axis=0), y.argmax(axis=1))
    own = np.unique(scene, return_inverse=True)[1]
    right, counts = np.bincount(own, named), np.bincount(own)
    return float(named.mean()), (right.sum() - right) / (counts.sum() - counts)
