"""One split of a Gram: the inner products for a model of the training images, without held-out responses.

With K the Gram and t, s the training and test rows, the training images are centered on their own mean x̄_t::

    inside  = (x_i − x̄_t) · (x_j − x̄_t)      i, j ∈ t
    across  = (x_i − x̄_t) · (x_j − x̄_t)      i ∈ s, j ∈ t

which are exact differences of the entries of K. The eigendecomposition inside = V diag(λ) Vᵀ is computed once per
split, when a method first needs it, and is shared by all methods, units and penalties. Eigenvalues that are rounding
errors are set to zero (`ventral.statistics.rank`). If the responses to all training images are equal, their products
are set to zero, so that no method is fitted to rounding errors.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ventral.gram import Gram, center
from ventral.statistics.correlation import pearson
from ventral.statistics.rank import rounding

ROUNDING = 1e-12  # of predictions; smaller differences are rounding errors of products with equal rows


@dataclass(frozen=True)
class Fold:
    """Inner products of one split.

    Attributes
    ----------
    train, test : arrays of row indices
    inside : array of shape (train, train)
    across : array of shape (test, train)
    resolution : float
        Relative rounding error of products that cancel, see `ventral.gram.Gram`.
    """

    train: np.ndarray
    test: np.ndarray
    inside: np.ndarray
    across: np.ndarray
    resolution: float = 0.0

    @cached_property
    def tells(self) -> bool:
        """Whether the test images differ, beyond rounding, along any axis of the training images."""
        share, mean_square = max(np.finfo(float).eps, self.resolution), np.trace(self.inside) / len(self.train)
        return bool(np.ptp(self.across, axis=0).max(initial=0) > share * mean_square)

    @cached_property
    def eigen(self) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues λ ≥ 0, smallest first, and eigenvectors V in columns, of `inside`."""
        eigenvalues, V = np.linalg.eigh(self.inside)
        return np.where(eigenvalues > rounding(eigenvalues), eigenvalues, 0), V


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
    K = np.asarray(G.centered, dtype=np.float64)
    _check(K, Y, splits)
    for train, test in splits:
        inside, across = K[np.ix_(train, train)], K[np.ix_(test, train)]
        across -= across.mean(axis=1, keepdims=True) + inside.mean(axis=0) - inside.mean()
        if not G.varies(train):
            inside, across = np.zeros_like(inside), np.zeros_like(across)
        yield Fold(np.asarray(train), np.asarray(test), center(inside), across, G.resolution)


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


def predicted(fold: Fold, weights: np.ndarray, intercept: np.ndarray) -> np.ndarray:
    """Predictions `across` weights + ȳ, (test, units); if they differ only by rounding, they are made equal."""
    D = fold.across @ weights
    varies = fold.tells & (np.ptp(D, axis=0) > max(ROUNDING, fold.resolution) * np.abs(D).max(axis=0))
    return np.where(varies, D, D[:1]) + intercept


def scores(predictions: Sequence[np.ndarray], Y: np.ndarray, splits: Sequence) -> np.ndarray:
    """Pearson r of every unit on the held-out images, (splits, units)."""
    return np.array([pearson(P, Y[test]) for P, (_, test) in zip(predictions, splits, strict=True)])


def _check(K: np.ndarray, Y: np.ndarray, splits: Sequence) -> None:
    """Raise a `ValueError` if a model cannot be fitted to these responses and splits."""
    if np.ndim(Y) != 2 or len(Y) != len(K):
        raise ValueError(f"Y needs one row for each of the {len(K)} images of the Gram; its shape is {np.shape(Y)}.")
    if not np.isfinite(Y).all():
        raise ValueError(f"{np.sum(~np.isfinite(Y))} responses are not finite; average or drop them before the fit.")
    if not len(splits):
        raise ValueError("At least one split is needed; none was given.")
    for number, (train, test) in enumerate(splits):
        if (last := max(map(int, (*train, *test)), default=0)) >= len(K):
            raise ValueError(
                f"Split {number} has the row {last}, but the Gram has {len(K)} images; use rows 0 to {len(K) - 1}."
            )
        if len(train) < 3 or np.intersect1d(train, test).size:
            raise ValueError(
                f"Split {number} has {len(train)} training rows and shares {np.intersect1d(train, test).size} with its "
                "test rows; it needs three or more and must share none."
            )
