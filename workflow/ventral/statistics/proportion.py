"""Intervals of a share of images, such as those that are named correctly."""

import math

Z = 1.959963984540054  # 97.5 % quantile of the standard normal distribution


def wilson(share: float, n: int) -> tuple[float, float]:
    """95 % interval of a share of n independent images.

    Parameters
    ----------
    share : float
        From 0 to 1. It may count an image in part, as where several classes have the highest score.
    n : int
        Number of images, at least 1.

    Returns
    -------
    low, high : float
        In [0, 1].

    Notes
    -----
    Source: Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22: 209-212 (1927).
    """
    center = share + Z**2 / (2 * n)
    half = Z * math.sqrt(share * (1 - share) / n + (Z / (2 * n)) ** 2)
    low, high = ((center + side) / (1 + Z**2 / n) for side in (-half, half))
    return min(low, share), max(high, share)  # which are equal at 0 and 1, except for rounding
