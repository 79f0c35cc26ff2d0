"""Which eigenvalues of a Gram are zero, as far as its products tell? Every numerical rank is decided here.

The eigenvalues of a centered Gram are not negative, and one at least is zero. What rounding makes of zeros is spread
around it, so that what is no further above zero than four times the most negative eigenvalue is below it is rounding
too: products in float32 leave much, those in float64 little. Where eigenvalues are divided by, a floor of 10⁻⁷ of the
largest is kept besides, because float32 tells no smaller ones from zero even where none comes out negative.
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
        A share of the largest eigenvalue that is counted as rounding whatever the others say.
    """
    largest = max(eigenvalues.max(initial=0), 0)
    share = max(floor, len(eigenvalues) * np.finfo(float).eps)
    return float(max(share * largest, -BELOW * eigenvalues.min(initial=0)))
