"""Treats scores that differ only by rounding as equal."""

import numpy as np

TIE = 1e-6  # scores of read-outs nearer than this, where responses have unit variance, may differ by float32 products


def credit(scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Whether the true class has the highest score; a share where several have it.

    Parameters
    ----------
    scores : array of shape (n, classes)
    truth : integer array of shape (n,)

    Returns
    -------
    array of shape (n,)
        Between 0 and 1.
    """
    best = scores >= scores.max(axis=1, keepdims=True) - TIE
    return best[np.arange(len(scores)), truth] / best.sum(axis=1)
