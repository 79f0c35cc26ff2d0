"""Predictions of every encoding model, with all units and splits in memory."""

from collections import defaultdict

import numpy as np

from ventral.predictivity.encoding import encodings


def predictions_of(*arguments) -> dict[str, list[np.ndarray]]:
    """For each model of `encodings`, predictions (test, units) of each split."""
    found = defaultdict(lambda: defaultdict(list))
    for block in encodings(*arguments):
        for name, predicted in block.predicted.items():
            found[name][block.split].append(predicted.predictions)
    return {name: [np.hstack(blocks) for blocks in of_splits.values()] for name, of_splits in found.items()}
