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

The last step needs no other unit, because pᵀ = tᵀ Vᵀ Y. Several blocks of units therefore share T and R, and all other
computations need only S Sᵀ, axes × axes, the sum over blocks: q is not formed, and r ← S Sᵀ r / ….

There are at most as many components as axes, and no more once the units no longer covary with the layer. All thresholds
are relative to the size of X and Y, so their units do not matter. The power iteration starts and stops as in
scikit-learn, whose `PLSRegression(min(n_components, rank), scale=False)` makes the same predictions. This is the
encoding model of Brain-Score.

Sources: Wold, Sjöström & Eriksson, Chemometrics and Intelligent Laboratory Systems 58: 109-130 (2001); the kernel form
after Rosipal & Trejo, "Kernel partial least squares regression in reproducing kernel Hilbert space", JMLR 2: 97-123
(2001); Schrimpf et al., bioRxiv 407007 (2018).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ventral.gram import Gram
from ventral.regression.folds import Encoding, Fold, encoded, predicted
from ventral.statistics.rank import FLOAT32

COMPONENTS = 25
AT_ONCE = 1024  # rows of a product
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
    return fit_on_components(fold, Y, components_of(fold, [Y], n_components))


@dataclass(frozen=True)
class Components:
    """Components of one split, and the axes of the training images in which they are given.

    Attributes
    ----------
    axes : slice
        Of the eigenvectors of the training images, those that count.
    T, R : arrays of shape (components, axes)
        Scores, and the combinations of responses that give them.
    """

    axes: slice
    T: np.ndarray
    R: np.ndarray


def fit_on_components(fold: Fold, Y: np.ndarray, components: Components) -> np.ndarray:
    """Predictions of a block of units, (test, units), from its training responses, (train, units)."""
    eigenvalues, V = fold.eigen
    P = components.T @ (V[:, components.axes].T @ _centered(Y))
    coefficients = components.R.T @ P / np.sqrt(eigenvalues[components.axes, None])
    return predicted(fold, fold.test_coordinates[:, components.axes] @ coefficients, Y.mean(axis=0))


def components_of(fold: Fold, blocks: Collection[np.ndarray], n_components: int = COMPONENTS) -> Components:
    """Components of all units.

    Parameters
    ----------
    fold : Fold
    blocks : sized iterable over arrays of shape (train, units of a block)
        Training responses. One block is read once, several blocks once or more.
    n_components : int

    Returns
    -------
    Components
    """
    eigenvalues, V = fold.eigen
    count = np.sum(eigenvalues > (FLOAT32 if fold.resolution else 0) * eigenvalues.max(initial=0))
    axes = slice(len(eigenvalues) - int(count), None)  # the largest come last
    root, V = np.sqrt(eigenvalues[axes]), V[:, axes]
    covariance = (_OfUnits if len(blocks) == 1 else _OfBlocks)(V, root, blocks)
    T, R = np.empty((0, len(root))), np.empty((0, len(root)))
    for _ in range(min(n_components, len(root))):
        r = covariance.combination(T)
        if r is None:
            break
        t, before = root * r, np.linalg.norm(root * r)
        for _ in range(2):  # the second time removes rounding errors of the first
            along = T @ t
            t, r = t - along @ T, r - along @ R
        norm = np.linalg.norm(t)
        if norm <= NOTHING * before:
            break
        T, R = np.vstack([T, t / norm]), np.vstack([R, r / norm])
    return Components(axes, T, R)


class _OfUnits:
    """The next combination r of a single block of units."""

    def __init__(self, V: np.ndarray, root: np.ndarray, blocks: Collection[np.ndarray]):
        [Y] = blocks
        self.A, self.root, self.removed = V.T @ _centered(Y), root, 0
        self.zero = _zero(root, self.A)

    def combination(self, T: np.ndarray) -> np.ndarray | None:
        """From S without the components T, of which only the last one is new; None if no unit covaries any more."""
        for t in T[self.removed :]:
            self.A = self.A - np.outer(t, t @ self.A)
        self.removed = len(T)
        S = self.root[:, None] * self.A
        q = _unit_weights(S, self.zero)
        return None if q is None else S @ q


class _OfBlocks:
    """The next combination r of several blocks of units, from the products of the axes, A Aᵀ."""

    def __init__(self, V: np.ndarray, root: np.ndarray, blocks: Collection[np.ndarray]):
        self.V, self.root, self.blocks = V, root, blocks
        self.products = np.zeros((len(root), len(root)))
        for Y in blocks:
            A = V.T @ _centered(Y)
            for start in range(0, len(A), AT_ONCE):
                self.products[start : start + AT_ONCE] += A[start : start + AT_ONCE] @ A.T

    def combination(self, T: np.ndarray) -> np.ndarray | None:
        """As in `_OfUnits`; r is the first eigenvector of S Sᵀ, by the same iteration."""
        r = self._first(T)
        if r is None:
            return None
        for _ in range(ITERATIONS - 1):
            following = self.root * _without(T, self.products @ _without(T, self.root * r))
            norm = np.linalg.norm(following)
            if norm <= 0:
                break
            change = 2 - 2 * (r @ following) / norm
            r = following / norm
            if change < TOLERANCE:
                break
        return r

    def _first(self, T: np.ndarray) -> np.ndarray | None:
        """The first unit that still covaries, as a combination of norm 1."""
        for Y in self.blocks:
            A = self.V.T @ _centered(Y)
            S, zero = self.root[:, None] * _without(T, A), _zero(self.root, A)
            covaries = np.linalg.norm(S, axis=0) > zero
            if covaries.any():
                r = S[:, covaries.argmax()]
                return r / np.linalg.norm(r)
        return None


def _centered(Y: np.ndarray) -> np.ndarray:
    """Responses minus their means, exactly zero for units that do not vary."""
    return np.where(Y.max(axis=0) > Y.min(axis=0), Y - Y.mean(axis=0), 0)


def _zero(root: np.ndarray, A: np.ndarray) -> np.ndarray:
    """For each unit, the largest norm in S that is a rounding error."""
    return NOTHING * root.max(initial=0) * np.linalg.norm(A, axis=0)


def _without(T: np.ndarray, A: np.ndarray) -> np.ndarray:
    """(I − Tᵀ T) A, twice, which removes rounding errors of the first time."""
    for _ in range(2):
        A = A - T.T @ (T @ A)
    return A


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
