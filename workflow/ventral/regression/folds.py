"""One split of a Gram: the inner products for a model of the training images, without held-out responses.

With K the Gram and t, s the training and test rows, the training images are centered on their own mean x̄_t::

    inside  = (x_i − x̄_t) · (x_j − x̄_t)      i, j ∈ t
    across  = (x_i − x̄_t) · (x_j − x̄_t)      i ∈ s, j ∈ t

which are exact differences of the entries of K. The eigendecomposition inside = V diag(λ) Vᵀ is computed once per
split, when a method first needs it, and is shared by all methods, units and penalties. If the responses are kept in
place of K (d < n), it follows from their covariance at the cost of d³, and neither matrix is formed. Eigenvalues that
are rounding errors are set to zero (`ventral.statistics.rank`). If the responses to all training images are equal,
their products are set to zero, so that no method is fitted to rounding errors.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ventral.core.cached import cached
from ventral.core.centering import center
from ventral.gram import Gram
from ventral.statistics.correlation import pearson
from ventral.statistics.rank import rounding

LARGE = 3000  # rows of a matrix whose decomposition must save memory
ROUNDING = 1e-12  # of predictions; smaller differences are rounding errors of products with equal rows


@dataclass(frozen=True)
class Fold:
    """Inner products of one split.

    Attributes
    ----------
    train, test : arrays of row indices
    gram : Gram or None
        Of all images, if `inside` and `across` follow from its entries.
    responses : (array of shape (train, d), array of shape (test, d)) or None
        Responses minus the mean training response, in place of `gram`.
    resolution : float
        Relative rounding error of products that cancel, see `ventral.gram.Gram`.
    """

    train: np.ndarray
    test: np.ndarray
    gram: Any = None
    responses: Any = None
    resolution: float = 0.0

    @cached
    def inside(self) -> np.ndarray:
        """Products of the training images, of shape (train, train)."""
        return self._inside() if self.responses is None else self.responses[0] @ self.responses[0].T

    @cached
    def across(self) -> np.ndarray:
        """Products of the test images with the training images, of shape (test, train)."""
        if self.responses is not None:
            return self.responses[1] @ self.responses[0].T
        if not self.gram.varies(self.train):
            return np.zeros((len(self.test), len(self.train)))
        means = self._block(self.train).mean(axis=0)
        across = self._block(self.test)
        across -= across.mean(axis=1, keepdims=True) + means - means.mean()
        return across

    def _inside(self) -> np.ndarray:
        """`inside` in memory of its own, from a Gram."""
        inside = self._block(self.train)
        return center(inside, inside) if self.gram.varies(self.train) else np.zeros_like(inside)

    def _block(self, rows: np.ndarray) -> np.ndarray:
        return np.array(self.gram.block(rows, self.train), dtype=np.float64, copy=None)

    def inside_times(self, weights: np.ndarray) -> np.ndarray:
        """`inside` @ weights, of shape (train, k)."""
        if self.responses is None:
            return self.inside @ weights
        return self.responses[0] @ (self.responses[0].T @ weights)

    def across_times(self, weights: np.ndarray) -> np.ndarray:
        """`across` @ weights, of shape (test, k)."""
        if self.responses is None:
            return self.across @ weights
        return self.responses[1] @ (self.responses[0].T @ weights)

    @property
    def variance(self) -> float:
        """Mean square of the centered responses to the training images, summed over features."""
        total = np.trace(self.inside) if self.responses is None else np.sum(self.responses[0] ** 2)
        return float(total / len(self.train))

    @cached
    def tells(self) -> bool:
        """Whether the test images differ, beyond rounding, along any axis of the training images."""
        along = self.across if self.responses is None else self.responses[1] * np.abs(self.responses[0]).max(axis=0)
        return bool(np.ptp(along, axis=0).max(initial=0) > max(np.finfo(float).eps, self.resolution) * self.variance)

    @cached
    def eigen(self) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues λ ≥ 0, smallest first, and eigenvectors V in columns, of `inside`.

        Of more training images than features, only the eigenvectors of the eigenvalues above zero.
        """
        if self.responses is None or self.responses[0].shape[1] >= len(self.train):
            small = self.responses is not None or len(self.train) <= LARGE
            eigenvalues, V = eigenvectors(self.inside if small else self._inside())
            return np.where(eigenvalues > rounding(eigenvalues), eigenvalues, 0), V
        X = self.responses[0]
        eigenvalues, axes = np.linalg.eigh(X.T @ X)
        kept = eigenvalues > rounding(eigenvalues)
        return eigenvalues[kept], X @ (axes[:, kept] / np.sqrt(eigenvalues[kept]))

    @cached
    def test_coordinates(self) -> np.ndarray:
        """`across` V, of shape (test, axes): along each eigenvector, what its coefficients are multiplied with."""
        return self.across_times(self.eigen[1])


@dataclass(frozen=True)
class Encoding:
    """Cross-validated predictions of every unit.

    Attributes
    ----------
    scores : array of shape (splits, units)
        Pearson r on held-out images; NaN if the unit or its prediction is constant.
    predictions : list of arrays of shape (test, units)
        Of the held-out images of each split.
    """

    scores: np.ndarray
    predictions: list[np.ndarray]


def folds(G: Gram, Y: np.ndarray, splits: Sequence[tuple[np.ndarray, np.ndarray]]) -> Iterator[Fold]:
    """The splits of a Gram, one at a time.

    Parameters
    ----------
    G : Gram of n images
    Y : array of shape (n, units)
        Only checked: a model must be able to fit it.
    splits : sequence of (train, test)
        Row indices.

    Raises
    ------
    ValueError
        Y and G differ in the number of images, Y has values that are not finite, or a split has rows on both sides or
        fewer than three training rows.
    """
    check_splits(len(G), Y, splits)
    for train, test in splits:
        yield fold_of(G, np.asarray(train), np.asarray(test))


def fold_of(G: Gram, train: np.ndarray, test: np.ndarray) -> Fold:
    """One split, given by row indices."""
    narrow = G.factor is not None and (len(train) > G.n_features or G.matrix is None)
    return _of_responses(G, train, test) if narrow else Fold(train, test, gram=G, resolution=G.resolution)


def _of_responses(G: Gram, train: np.ndarray, test: np.ndarray) -> Fold:
    of_train, of_test = G.factor[train], G.factor[test]
    mean = of_train.mean(axis=0)
    of_train, of_test = of_train - mean, of_test - mean
    if not G.varies(train):
        of_train, of_test = np.zeros_like(of_train), np.zeros_like(of_test)
    return Fold(train, test, responses=(of_train, of_test), resolution=G.resolution)


def encoded(
    G: Gram,
    Y: np.ndarray,
    splits: Sequence[tuple[np.ndarray, np.ndarray]],
    fit: Callable[[Fold, np.ndarray], np.ndarray],
) -> Encoding:
    """Predict units with `fit`, a function of a fold and the training responses (train, units)."""
    Y = np.asarray(Y, dtype=np.float64)
    predictions = [fit(fold, Y[fold.train]) for fold in folds(G, Y, splits)]
    return Encoding(scores(predictions, Y, splits), predictions)


def predicted(fold: Fold, D: np.ndarray, intercept: np.ndarray) -> np.ndarray:
    """Predictions D + ȳ, (test, units), from D = `across` weights, or `test_coordinates` times coefficients.

    If predictions of a unit differ only by rounding, they are made equal.
    """
    varies = fold.tells & (np.ptp(D, axis=0) > max(ROUNDING, fold.resolution) * np.abs(D).max(axis=0))
    return np.where(varies, D, D[:1]) + intercept


def eigenvectors(K: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues, smallest first, and eigenvectors in columns, of a symmetric matrix, which may be overwritten."""
    if len(K) <= LARGE:
        return np.linalg.eigh(K)
    from scipy.linalg import eigh  # the same algorithm with half of the memory; its import takes 0.15 s

    return eigh(K.T, overwrite_a=True, check_finite=False, driver="evd")


def scores(predictions: Sequence[np.ndarray], Y: np.ndarray, splits: Sequence) -> np.ndarray:
    """Pearson r of every unit on the held-out images, (splits, units)."""
    return np.array([pearson(P, Y[test]) for P, (_, test) in zip(predictions, splits, strict=True)])


def check_splits(n: int, Y: np.ndarray, splits: Sequence) -> None:
    """Raise a `ValueError` if a model cannot be fitted to these responses and splits."""
    if np.ndim(Y) != 2 or len(Y) != n:
        raise ValueError(f"Y needs one row for each of the {n} images of the Gram; its shape is {np.shape(Y)}.")
    if not np.isfinite(Y).all():
        raise ValueError(f"{np.sum(~np.isfinite(Y))} responses are not finite; average or drop them before the fit.")
    if not len(splits):
        raise ValueError("At least one split is needed; none was given.")
    for number, (train, test) in enumerate(splits):
        if (last := max(map(int, (*train, *test)), default=0)) >= n:
            raise ValueError(f"Split {number} has the row {last}, but the Gram has {n} images; use rows 0 to {n - 1}.")
        if len(train) < 3 or np.intersect1d(train, test).size:
            raise ValueError(
                f"Split {number} has {len(train)} training rows and shares {np.intersect1d(train, test).size} with its "
                "test rows; it needs three or more and must share none."
            )
