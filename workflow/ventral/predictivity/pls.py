"""Partial least squares from a layer to recorded units, on inner products alone.

The two-block NIPALS algorithm takes one component after the other: the unit weights q that make the covariance between
X w and Y q largest, w = Xᵀ Y q / ‖Xᵀ Y q‖, the scores t ∝ X w, and both blocks less what t explains of them. Only w is
ever needed of the d features, and with K = X Xᵀ it stays inside products of images::

    M = Yᵀ K Y                      q ← M q / …       power iteration, units × units
    s = K Y q,   t ∝ (I − T Tᵀ) s,  Y ← (I − t tᵀ) Y

where T holds the scores of the components before, all orthogonal. Predictions of test images are ::

    ŷ = across U (Tᵀ K U)⁻¹ Tᵀ Y₀ + ȳ,     U = the Y q of all components

so that K meets the units once and every component costs one product with a vector. The power iteration starts and
stops as scikit-learn's does, whose `PLSRegression(n_components, scale=False)` makes the same predictions; this is the
encoding model of Brain-Score.

Sources: Wold, Sjöström & Eriksson, Chemometrics and Intelligent Laboratory Systems 58: 109-130 (2001); the kernel form
after Rosipal & Trejo, "Kernel partial least squares regression in reproducing kernel Hilbert space", JMLR 2: 97-123
(2001); Schrimpf et al., bioRxiv 407007 (2018).
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from ventral.folds import Encoding, Fold, encoded
from ventral.gram import Gram

COMPONENTS = 25
TOLERANCE, ITERATIONS = 1e-6, 500  # scikit-learn's
NOTHING = 1e-10  # of the norm of what there was at first: less of it is rounding


def pls(
    G: Gram, Y: np.ndarray, splits: Sequence[tuple[np.ndarray, np.ndarray]], n_components: int = COMPONENTS
) -> Encoding:
    """Predict units from the components of a layer that covary most with all of them.

    Parameters
    ----------
    G : Gram of n images
    Y : array of shape (n, units)
        The units share the components; predicting them with others changes their predictions.
    splits : sequence of (train, test)
        Row indices.
    n_components : int
        Fewer are taken where either the layer or the units leave nothing to explain.

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
    K, intercept = fold.inside, Y.mean(axis=0)
    Y = Y - intercept
    KY = K @ Y
    total, largest = np.linalg.norm(Y), np.sqrt(np.linalg.norm(K))  # ‖K‖ bounds the variance of any score
    T, U, S, loadings = [], [], [], []
    for _ in range(n_components):
        q = _weights(Y.T @ KY, Y)
        if np.linalg.norm(Y) <= NOTHING * total or q is None:
            break
        s = t = KY @ q
        for _ in range(2 if T else 0):  # a second time for what rounding left of the first
            t = t - (np.array(T) @ t) @ np.array(T)
        norm = np.linalg.norm(t)
        if norm <= NOTHING * largest:
            break
        t = t / norm
        p = t @ Y
        T.append(t), U.append(Y @ q), S.append(s), loadings.append(p)
        KY -= np.outer(K @ t, p)
        Y = Y - np.outer(t, p)
    if not T:
        return np.tile(intercept, (len(fold.test), 1))
    inner = np.array(T) @ np.array(S).T  # Tᵀ K U, triangular
    return fold.across @ np.array(U).T @ np.linalg.solve(inner, np.array(loadings)) + intercept


def _weights(M: np.ndarray, Y: np.ndarray) -> np.ndarray | None:
    """Unit weights q with qᵀ M q = 1, from the first unit that still varies; None where nothing covaries."""
    varies = np.abs(Y).max(axis=0) > np.finfo(float).eps
    if not varies.any():
        return None
    first = varies.argmax()
    if M[first, first] <= 0:
        return None
    q = np.zeros(len(M))
    q[first] = 1 / np.sqrt(M[first, first])
    Mq = M @ q
    for _ in range(ITERATIONS - 1):
        MMq = M @ Mq
        norm = np.sqrt(Mq @ MMq)
        change = 2 - 2 * (Mq @ Mq) / norm  # ‖w − w before‖², both of norm 1
        q, Mq = Mq / norm, MMq / norm
        if change < TOLERANCE:
            break
    return q
