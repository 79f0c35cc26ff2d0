"""Rows scaled to length 1."""

import numpy as np


def unit_rows(A: np.ndarray) -> np.ndarray:
    """Rows of length 1; rows of zeros remain."""
    length = np.linalg.norm(A, axis=1, keepdims=True)
    return A / np.where(length > 0, length, 1)
