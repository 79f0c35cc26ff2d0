"""Responses to scenes, trials of recordings with noise, and what the published metrics say of them."""

import numpy as np

from ventral.geometry import effective_dimensionality, factorization
from ventral.gram import gram

THRESHOLDS = [0.5, 0.9]
SCENES, LEVELS, UNITS = 12, 6, 30


def signal(rng, scenes=SCENES, levels=LEVELS, units=UNITS):
    """Responses (images, units) to scenes on ten axes and a parameter on eight, of which five are shared."""
    X = np.zeros((scenes, levels, units))
    X[..., :10] += rng.standard_normal((scenes, 1, 10)) / np.arange(1, 11) ** 0.5
    X[..., 5:13] += 0.7 * rng.standard_normal((scenes, levels, 8))
    return X.reshape(-1, units), np.repeat(np.arange(scenes), levels)


def recorded(rng, X, repeats=4, noise=1.0, shared=0.0):
    """Trials (units, images, repeats) of responses with noise, some of which all units share within a trial."""
    n, units = X.shape
    own = noise * rng.standard_normal((units, n, repeats))
    common = shared * rng.standard_normal((1, n, repeats)) * np.sign(np.arange(units) % 2 - 0.5)[:, None, None]
    return X.T[..., None] + own + common


def plain(X, scenes):
    """The published and corrected values of responses, by metric and threshold."""
    G = gram(X, device="cpu")
    at = {threshold: factorization(G, scenes, threshold) for threshold in THRESHOLDS}
    names = ("invariance", "covariance_factorization", "corrected_covariance_factorization")
    values = {(name, None): getattr(at[THRESHOLDS[0]], name) for name in names}
    values |= {("factorization", threshold): at[threshold].factorization for threshold in THRESHOLDS}
    names = ("effective_dimensionality", "corrected_effective_dimensionality")
    return values | {(name, None): getattr(effective_dimensionality(G), name) for name in names}
