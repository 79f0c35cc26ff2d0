"""Features, and responses that are linear in them, with noise."""

import numpy as np

from ventral.predictivity.area_geometry import AreaGeometry
from ventral.recordings.gaps import Block

KFOLD = {"kind": "kfold", "folds": 5, "seed": 1}


def features_and_responses(n=90, d=40, units=6, noise=1.0, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)) * np.geomspace(3, 0.1, d) + 2
    return X, 5 + X @ rng.standard_normal((d, units)) + noise * rng.standard_normal((n, units))


def area_of(Y):
    """The geometry of an area of which all units and images are recorded, from responses of shape (images, units)."""
    return AreaGeometry(Y.T, Block(*map(np.arange, Y.T.shape)))
