"""Predictions of every fold by ridge regression on the other folds, from one decomposition of all images.

With K = V diag(λ) Vᵀ the centered Gram of all n images, y the targets minus their mean and a = α / (λ + α), the
residuals of a fit to all images are V diag(a) Vᵀ y. The residuals of the images of fold g, in a fit and an intercept
without them, are exactly ::

    (V_g diag(a) V_gᵀ)⁻¹ r_g

where the constant vector is removed from the columns of V (`ventral.regression.left_out`). Folds therefore cost the
inverse of a block each, and no decomposition of their own. The penalty of a fold is the one with the smallest error in
the other folds, so the targets of its images are not compared with anything before they are scored. They do take part
in the fits behind the errors of the other folds. If a score counts only differences within blocks of images, so does
the error; otherwise offsets of whole blocks would choose a penalty that is wrong for what is scored.

Source: Hastie, Tibshirani & Friedman, "The Elements of Statistical Learning", 2nd ed., sections 3.4.1 and 7.10.
"""

import numpy as np

from ventral.core.centering import group_means
from ventral.statistics.rank import rounding

GRID = np.logspace(-3, 3, 7)  # penalties, in mean eigenvalues


def decomposed(K: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues of a centered Gram, without those that are rounding, and V without the constant vector."""
    eigenvalues, V = np.linalg.eigh(K)
    return np.where(eigenvalues > rounding(eigenvalues), eigenvalues, 0), V - V.mean(axis=0)


def held_out_predictions(
    decomposition: tuple[np.ndarray, np.ndarray],
    Y: np.ndarray,
    fold: np.ndarray,
    variable: np.ndarray,
    block: np.ndarray | None = None,
) -> np.ndarray:
    """Predict the targets of each fold from the images of the others.

    Parameters
    ----------
    decomposition : (array of shape (n,), array of shape (n, n))
        Of the Gram of all images, by `decomposed`.
    Y : array of shape (n, m)
        Targets.
    fold : integer array of shape (n,)
        The fold of each image, of three or more.
    variable : integer array of shape (m,)
        The variable to which each target belongs, from 0; targets of one variable have one penalty.
    block : integer array of shape (n,), optional
        The block of each image, inside a fold. Penalties are then chosen by errors about the mean of a block.

    Returns
    -------
    array of shape (n, m)
        About the mean of the training targets of each fold, which is subtracted.

    Raises
    ------
    ValueError
        There are fewer than three folds.
    """
    folds = [np.flatnonzero(fold == one) for one in np.unique(fold)]
    if len(folds) < 3:
        raise ValueError(f"A penalty cannot be chosen in the other folds if there are {len(folds)} folds; use three.")
    eigenvalues, V = decomposition
    y = Y - Y.mean(axis=0)
    projected, belongs = V.T @ y, np.eye(variable.max() + 1)[variable]
    residuals = np.empty((len(GRID), *Y.shape))
    errors = np.empty((len(GRID), len(folds), belongs.shape[1]))
    for k, penalty in enumerate(GRID * (eigenvalues.mean() or 1.0)):
        a = penalty / (eigenvalues + penalty)
        residuals[k] = V @ (a[:, None] * projected)
        for g, rows in enumerate(folds):
            residuals[k, rows] = np.linalg.solve((V[rows] * a) @ V[rows].T, residuals[k, rows])
            counted = residuals[k, rows] if block is None else about_block(residuals[k, rows], block[rows])
            errors[k, g] = np.sum(counted**2, axis=0) @ belongs
    best = np.argmin(errors.sum(axis=1, keepdims=True) - errors, axis=0)[:, variable]
    predictions = np.empty_like(y)
    for g, rows in enumerate(folds):
        of_training = -y[rows].sum(axis=0) / (len(y) - len(rows))
        chosen = np.take_along_axis(residuals[:, rows], best[g][None, None], axis=0)[0]
        predictions[rows] = y[rows] - chosen - of_training
    return predictions


def about_block(values: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Values (n, m) minus their mean over the images of the same block."""
    return values - group_means(values, np.unique(block, return_inverse=True)[1])
