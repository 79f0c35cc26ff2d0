"""Which object does a layer see in an image? A multinomial logistic read-out from inner products alone.

Let V diag(λ) Vᵀ be the Gram of the training images of one split. Their principal component scores are the columns of
V times √λ, those of held-out images are `across` V / √λ, and a penalized linear read-out of the features equals one of
these scores. Brain-Score gives each feature unit variance, but a Gram has no single features. All features are divided
by one number instead, so that the mean variance of the d features over the training images is 1.

Sources: Rajalingham, Issa, Bashivan, Kar, Schmidt & DiCarlo, Journal of Neuroscience 38:7255 (2018); Schrimpf et al.,
bioRxiv 407007 (2018), for the penalty.
"""

import logging
import warnings

import numpy as np

from ventral.gram import Gram
from ventral.regression.folds import Fold, folds
from ventral.regression.pcr import components
from ventral.regression.splits import Splits

C = 1e-3  # inverse penalty of Brain-Score's read-out
ITERATIONS = 2000


def object_scores(G: Gram, objects: np.ndarray, splits: Splits) -> np.ndarray:
    """Score every object for every image, by a read-out that was not fitted to the image.

    Parameters
    ----------
    G : Gram of n images
    objects : array of shape (n,)
        The number of the object that each image shows, from 0 to k − 1.
    splits : sequence of (train, test)
        Every image must be tested once, and every training set must show every object.

    Returns
    -------
    array of shape (n, k)
        Logarithms of the objects' probabilities, up to a constant per image.

    Raises
    ------
    ValueError
        An image is not tested exactly once, or a training set lacks an object.
    """
    k = objects.max() + 1
    tested = np.bincount(np.concatenate([test for _, test in splits]), minlength=len(objects))
    if (tested != 1).any() or any(len(np.unique(objects[train])) < k for train, _ in splits):
        raise ValueError("Each image must be tested once, by a read-out whose training images show every object.")
    scores = np.empty((len(objects), k))
    for fold in folds(G, objects[:, None], splits):
        scores[fold.test] = fit_readout(fold, objects[fold.train], G.n_features)
    return scores


def fit_readout(fold: Fold, objects: np.ndarray, n_features: int) -> np.ndarray:
    """Scores of the test images of one split, (test, k), from the training images' objects."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression  # takes most of a second, and only this module needs it

    eigenvalues, V = fold.eigen
    kept = slice(len(eigenvalues) - components(eigenvalues, len(V)), None)
    if not eigenvalues.any():  # the layer gives the same response to all images
        return np.zeros((len(fold.test), objects.max() + 1))
    scale = np.sqrt(eigenvalues.sum() / len(V) / n_features)
    roots = np.sqrt(eigenvalues[kept])
    readout = LogisticRegression(C=C, max_iter=ITERATIONS)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        readout.fit(V[:, kept] * roots / scale, objects)
    if caught:
        logging.warning("The read-out of a split did not converge in %d steps.", ITERATIONS)
    decisions = readout.decision_function(fold.across_times(V[:, kept]) / roots / scale)
    return decisions if decisions.ndim == 2 else np.stack([np.zeros_like(decisions), decisions], axis=1)
