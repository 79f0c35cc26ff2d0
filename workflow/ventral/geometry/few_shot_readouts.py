"""Read-outs that learn classes from a few images and score others.

All read-outs are linear, so that scores depend on inner products alone. The responses are first centered on the mean of
the training images and scaled to unit variance, summed over features, so that the result does not depend on their
units.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ventral.gram import Gram
from ventral.regression.folds import Fold, fold_of
from ventral.statistics.rank import FLOAT32

MARGIN = 1e-5  # smaller margins are zero: C = 100 times the rounding error of float32 products


@dataclass(frozen=True)
class Draw:
    """Training and test images of one draw, whose inner products all read-outs share.

    Attributes
    ----------
    fold : Fold
    variance : float
        Of the training images, summed over features; 0 if all give the same response.
    truth : array of shape (classes × shots,)
        The class of each training image.
    shape : (classes, tests)
    """

    fold: Fold
    variance: float
    truth: np.ndarray
    shape: tuple[int, int]

    @classmethod
    def of(cls, G: Gram, train: np.ndarray, test: np.ndarray) -> "Draw":
        """From training images (classes, shots) and test images (classes, tests)."""
        fold = fold_of(G, train.ravel(), test.ravel())
        variance = fold.variance if G.varies(fold.train) else 0.0
        return cls(fold, variance, np.repeat(np.arange(len(train)), train.shape[1]), test.shape)


def scores_of(draw: Draw, readout) -> np.ndarray:
    """Score of every class for every test image, of shape (classes, tests, classes)."""
    shape = (*draw.shape, draw.shape[0])
    if draw.variance <= 0:
        return np.zeros(shape)
    return readout(draw.fold, draw.variance, draw.truth).reshape(shape)


def _prototype(fold: Fold, variance: float, truth: np.ndarray) -> np.ndarray:
    """−½ ‖x − p_c‖² with p_c the mean of class c, without −½ ‖x‖², which is the same for all classes."""
    share = np.eye(truth[-1] + 1)[truth]
    share /= share.sum(axis=0)
    return (fold.across_times(share) - np.sum(share * fold.inside_times(share), axis=0) / 2) / variance


def _logistic(fold: Fold, variance: float, truth: np.ndarray) -> np.ndarray:
    """Logits. The weights are in the span of the training images, so coordinates in this span replace the features."""
    from sklearn.linear_model import LogisticRegression  # takes most of a second, and only this read-out needs it

    eigenvalues, V = fold.eigen
    kept = eigenvalues > FLOAT32 * eigenvalues.max()
    V, roots = V[:, kept], np.sqrt(eigenvalues[kept])
    model = LogisticRegression(C=10, max_iter=1000).fit(V * roots / np.sqrt(variance), truth)
    return scores_of_each_class(model.decision_function(fold.across_times(V / roots) / np.sqrt(variance)))


def _max_margin(fold: Fold, variance: float, truth: np.ndarray) -> np.ndarray:
    """Number of pairs that a class wins, plus a term below one third that grows with the margins.

    These are scikit-learn's scores, except that both classes of a pair win half of it if the margin is zero.
    """
    from sklearn.svm import SVC  # takes most of a second, and only this read-out needs it

    machines = SVC(kernel="precomputed", C=100, decision_function_shape="ovo").fit(fold.inside / variance, truth)
    margins = machines.decision_function(fold.across / variance)
    if margins.ndim == 1:
        return scores_of_each_class(margins)
    won, total = np.zeros((2, truth[-1] + 1, len(margins)))
    for margin, (i, j) in zip(np.ascontiguousarray(margins.T), combinations(range(truth[-1] + 1), 2), strict=True):
        share = np.where(np.abs(margin) > MARGIN, margin > 0, 0.5)
        won[i] += share
        won[j] += 1 - share
        total[i] += margin
        total[j] -= margin
    return (won + total / (3 * (np.abs(total) + 1))).T


def scores_of_each_class(scores: np.ndarray) -> np.ndarray:
    """Scores of each class, (n, classes); for two classes scikit-learn gives only those of the second, (n,)."""
    return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores


READOUTS = {"prototype": _prototype, "logistic": _logistic, "max_margin": _max_margin}
