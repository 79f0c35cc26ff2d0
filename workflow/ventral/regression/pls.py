"""Partial least squares from a layer to recorded units, on inner products alone.

The two-block NIPALS algorithm computes one component after another: the unit weights q that maximize the covariance
between X w and Y q, w = Xᵀ Y q / ‖Xᵀ Y q‖, and the scores t ∝ X w. It then subtracts from both blocks what t explains.
All computations use coordinates from the Gram of the training images, K = V diag(λ) Vᵀ. The coordinates of X are V √λ,
without axes whose eigenvalue is a rounding error, and those of Y are A = Vᵀ Y. Then ::

    S = √λ A                             inner products of coordinates and units
    q ← Sᵀ S q / …                       power iteration, units × units
    r = S q,  t ∝ (I − T Tᵀ) √λ r        the same combination of earlier components is subtracted from r
    p = tᵀ A,  A ← A − t pᵀ

where the columns of T are the scores of the earlier components, orthogonal and of norm 1. The predictions are ::

    ŷ = across V / √λ R Pᵀ + ȳ

There are at most as many components as axes, and no more once the units no longer covary with the layer. All thresholds
are relative to the size of X and Y, so their units do not matter. The power iteration starts and stops as in
scikit-learn, whose `PLSRegression(min(n_components, rank), scale=False)` makes the same predictions. This is the
encoding model of Brain-Score.

Sources: Wold, Sjöström & Eriksson, Chemometrics and Intelligent Laboratory Systems 58: 109-130 (2001); the kernel form
after Rosipal & Trejo, "Kernel partial least squares regression in reproducing kernel Hilbert space", JMLR 2: 97-123
(2001); Schrimpf et al., bioRxiv 407007 (2018).
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from ventral.gram import Gram
from ventral.regression.folds import Encoding, Fold, encoded, predicted
from ventral.statistics.rank import FLOAT32

COMPONENTS = 25
TOLERANCE, ITERATIONS = 1e-6, 500  # scikit-learn's
NOTHING = 1e-13  # of the largest possible value; smaller ones are rounding errors


def pls(
    G: Gram, Y: np.ndarray, splits: Sequence[tuple[np.ndarray, np.ndarray]], n_components: int = COMPONENTS
) -> Encoding:
    """Predict units from the components of a layer that covary most with all of them.

    Parameters
    ----------
    G : Gram of n images
    Y : array of shape (n, units)
        All units share the components, so the predictions of a unit depend on the other units.
    splits : sequence of (train, test)
        Row indices.
    n_components : int
        Fewer are used if the layer has no more axes, or if the units no longer covary with it.

    Returns
    -------
    Encoding

    Raises
    ------
    ValueError
        As for `ridge`, or the number of components is not positive.
    """
    if n_components < 1:
        raise ValueError(f"Partial least squares need one component or more, not {n_components}.")
    return encoded(G, Y, splits, partial(fit_pls, n_components=n_components))


def fit_pls(fold: Fold, Y: np.ndarray, n_components: int = COMPONENTS) -> np.ndarray:
    """Predictions of one split, (test, units), from the training responses, (train, units)."""
    eigenvalues, V = fold.eigen
    kept = eigenvalues > (FLOAT32 if fold.resolution else 0) * eigenvalues.max(initial=0)
    V, root = V[:, kept], np.sqrt(eigenvalues[kept])
    intercept = Y.mean(axis=0)
    A = V.T @ np.where(Y.max(axis=0) > Y.min(axis=0), Y - intercept, 0)
    zero = NOTHING * root.max(initial=0) * np.linalg.norm(A, axis=0)
    T, R, P = np.empty((0, len(root))), np.empty((0, len(root))), np.empty((0, Y.shape[1]))
    for _ in range(min(n_components, len(root))):
        S = root[:, None] * A
        q = _unit_weights(S, zero)
        if q is None:
            break
        r = S @ q
        t, before = root * r, np.linalg.norm(root * r)
        for _ in range(2):  # the second time removes rounding errors of the first
            along = T @ t
            t, r = t - along @ T, r - along @ R
        norm = np.linalg.norm(t)
        if norm <= NOTHING * before:
            break
        T, R, P = np.vstack([T, t / norm]), np.vstack([R, r / norm]), np.vstack([P, t @ A / norm])
        A = A - np.outer(T[-1], P[-1])
    return predicted(fold, (V / root) @ R.T @ P, intercept)


def _unit_weights(S: np.ndarray, zero: np.ndarray) -> np.ndarray | None:
    """Unit weights q with ‖S q‖ = 1, starting from the first unit that still covaries; None if no unit does."""
    covaries = np.linalg.norm(S, axis=0) > zero
    if not covaries.any():
        return None
    M, first = S.T @ S, covaries.argmax()
    q = np.zeros(len(M))
    q[first] = 1 / np.sqrt(M[first, first])
    Mq = M @ q
    for _ in range(ITERATIONS - 1):
        MMq = M @ Mq
        square = Mq @ MMq
        if square <= 0:  # rounding errors of a unit that covaries with no other
            break
        norm = np.sqrt(square)
        change = 2 - 2 * (Mq @ Mq) / norm  # ‖w − w before‖², both of norm 1
        q, Mq = Mq / norm, MMq / norm
        if change < TOLERANCE:
            break
    return q
