"""Predictions of every encoding model, with all units and splits in memory."""

from collections import defaultdict

import numpy as np

from ventral.predictivity.encoding import encodings


def predictions_of(G, Y, splits, images=None) -> dict[str, list[np.ndarray]]:
    """For each model of `encodings`, predictions (test, units) of each split."""
    order, found = np.random.default_rng(0).permutation(len(Y)), defaultdict(list)
    for split in splits:
        blocks = [block.predicted for block in encodings(G, Y, split, order, images)]
        for name in blocks[0]:
            found[name].append(np.hstack([block[name].predictions for block in blocks]))
    return dict(found)
