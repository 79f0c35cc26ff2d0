"""Sparse random projection of layers with many features, for recordings of tens of thousands of images.

With R a d × N matrix of which a share 1/√d of the entries is ±√(√d / N), at random, and the others are 0 ::

    Z = X R,        E[Z Zᵀ] = X Xᵀ

Products of the projected responses scatter around those of the layer. The error of x · y has the variance
(|x|² |y|² + (x · y)²) / N if responses are not concentrated on a few features. Random signs leave the features of an
image without a mean, so Pearson distances of the projected responses are those of cosines of the layer's.

Source: Li, Hastie & Church, "Very sparse random projections", KDD 2006.
"""

import logging
from typing import Any

import numpy as np

from ventral.core.random import generator

ROWS = 256  # images that are read at once


def projected(X: Any, features: int | None, *names: str | int) -> Any:
    """Responses in fewer features.

    Parameters
    ----------
    X : array or HDF5 dataset of shape (n, d)
    features : int, optional
        N. X is returned as it is if there is none, or if d ≤ N.
    *names : str or int
        Seed of R, such as the study's seed, the model and the layer.

    Returns
    -------
    array of shape (n, N), float32, or X
        Equal responses stay equal.
    """
    n, d = X.shape
    if features is None or d <= features:
        return X
    from sklearn.random_projection import SparseRandomProjection

    seed = int(generator("projection", *names).integers(2**31))
    projection = SparseRandomProjection(features, dense_output=True, random_state=seed)
    projection.fit(np.zeros((1, d), np.float32))  # which uses the shape alone
    Z = np.empty((n, features), np.float32)
    for start in range(0, n, ROWS):
        Z[start : start + ROWS] = projection.transform(X[start : start + ROWS])
    logging.info("%d features are projected to %d.", d, features)
    return Z
