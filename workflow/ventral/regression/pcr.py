"""Least squares on the leading components of a layer, on inner products alone.

With the Gram of the training images V diag(λ) Vᵀ, their principal component scores are the columns of V times √λ, and
least squares on the first k of them, intercept included, predict ::

    ŷ = across V_k diag(1 / λ_k) V_kᵀ (y − ȳ) + ȳ

With all components these are ordinary least squares on the features, of least norm where features outnumber images.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from ventral.gram import Gram
from ventral.regression.folds import Encoding, Fold, encoded, predicted
from ventral.statistics.rank import FLOAT32


def pcr(G: Gram, Y: np.ndarray, splits: Sequence[tuple[np.ndarray, np.ndarray]], n_components: int = 300) -> Encoding:
    """Predict units by least squares from the leading components of each training set.

    Parameters
    ----------
    G : Gram of n images
    Y : array of shape (n, units)
    splits : sequence of (train, test)
        Row indices.
    n_components : int
        Fewer are used if the training images have fewer. They have at most one less than there are images, and only
        components with more than 1e-7 of the variance of the first count.

    Returns
    -------
    Encoding

    Raises
    ------
    ValueError
        As for `ridge`, or the number of components is not positive.
    """
    if n_components < 1:
        raise ValueError(f"A regression on components needs one or more, not {n_components}.")
    return encoded(G, Y, splits, partial(fit_pcr, n_components=n_components))


def fit_pcr(fold: Fold, Y: np.ndarray, n_components: int) -> np.ndarray:
    """Predictions of one split, (test, units), from the training responses, (train, units)."""
    eigenvalues, V = fold.eigen
    kept = slice(len(eigenvalues) - components(eigenvalues, n_components), None)  # the largest come last
    intercept = Y.mean(axis=0)
    coefficients = V[:, kept].T @ (Y - intercept) / eigenvalues[kept, None]
    return predicted(fold, fold.test_coordinates[:, kept] @ coefficients, intercept)


def fit_each(fold: Fold, Y: np.ndarray, counts: Sequence[int]) -> Iterator[np.ndarray]:
    """As `fit_pcr` with each number of components, smallest first; as many as there are if a number is larger."""
    eigenvalues, V = fold.eigen
    intercept = Y.mean(axis=0)
    last, D = len(eigenvalues), np.zeros((len(fold.test), Y.shape[1]))
    for count in counts:
        start = len(eigenvalues) - components(eigenvalues, count)
        if start < last:
            new = slice(start, last)
            coefficients = V[:, new].T @ (Y - intercept) / eigenvalues[new, None]
            D = D + fold.test_coordinates[:, new] @ coefficients
            last = start
        yield predicted(fold, D, intercept)


def components(eigenvalues: np.ndarray, wanted: int) -> int:
    """The number of components to use: as many as wanted, if there are as many."""
    return min(wanted, int(np.sum(eigenvalues > FLOAT32 * eigenvalues.max(initial=0))))
