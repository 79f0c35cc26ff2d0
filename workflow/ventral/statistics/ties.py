"""Treats scores that differ only by rounding as equal."""

import numpy as np

TIE = 1e-6  # scores of read-outs nearer than this, where responses have unit variance, may differ by float32 products


def credit(scores: np.ndarray, truth: np.ndarray, top: int = 1, tie: float = TIE) -> np.ndarray:
    """Whether the score of the true class is among the highest; a share where several classes have it.

    Parameters
    ----------
    scores : array of shape (n, classes)
    truth : integer array of shape (n,)
    top : int
        How many classes may be named.
    tie : float
        The largest difference of scores that count as equal.

    Returns
    -------
    array of shape (n,)
        Between 0 and 1: with b better scores and t equal ones, itself included, (top − b) / t within these bounds.
    """
    ahead = scores - scores[np.arange(len(scores)), truth][:, None]
    better, equal = np.sum(ahead > tie, axis=1), np.sum(np.abs(ahead) <= tie, axis=1)
    return np.clip((top - better) / equal, 0, 1)
