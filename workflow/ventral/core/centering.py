"""Centers matrices of products, and means of groups of rows."""

import numpy as np

ROWS = 512  # that are averaged with their transpose at once


def center(K: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """H K H: subtract the means of rows and columns, and average with the transpose to undo asymmetric rounding.

    It is written to `out`, which may be K, if that is given.
    """
    means = K.mean(axis=0)
    K = np.subtract(K, means, out=out)
    K -= means[:, None]
    K += means.mean()
    for start in range(0, len(K), ROWS):
        rows = slice(start, start + ROWS)
        K[rows, start:] = (K[rows, start:] + K[start:, rows].T) / 2
        K[start:, rows] = K[rows, start:].T
    return K


def group_means(X: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Every row replaced by the mean of the rows of its group, of which there is a number from 0 on for each row."""
    member = np.eye(group.max() + 1)[group]
    return (member.T @ X / member.sum(axis=0)[:, None])[group]
