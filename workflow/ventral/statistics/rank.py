"""Which eigenvalues of a Gram count as zero. Every numerical rank is decided here.

The eigenvalues of a centered Gram are not negative, and at least one is zero. Rounding spreads the zeros to both sides,
more in float32 than in float64. An eigenvalue therefore counts as zero if it is at most four times the magnitude of the
most negative one. Code that divides by eigenvalues also requires 10⁻⁷ of the largest, because float32 cannot
distinguish smaller ones from zero, even if no eigenvalue is negative.
"""

import numpy as np

BELOW = 4  # times the most negative eigenvalue; the largest that is rounding came to 2.1 times in simulations
FLOAT32 = 1e-7  # of the largest eigenvalue
SHARE = 1e-6  # by which a share of variance may miss a threshold and be taken to equal it
ESTIMATED = 1e-9  # of (tr Σ)²: an unbiased estimate of a product of covariances that is zero may come out so large


def rounding(eigenvalues: np.ndarray, floor: float = 0.0) -> float:
    """The largest value that rounding may have made of an eigenvalue that is zero.

    Parameters
    ----------
    eigenvalues : array of shape (n,)
        All eigenvalues of a centered Gram, in any order, before any is clipped.
    floor : float
        A share of the largest eigenvalue that always counts as rounding.
    """
    largest = max(eigenvalues.max(initial=0), 0)
    share = max(floor, len(eigenvalues) * np.finfo(float).eps)
    return float(max(share * largest, -BELOW * eigenvalues.min(initial=0)))
