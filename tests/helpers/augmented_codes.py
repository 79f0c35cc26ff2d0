"""Tables of augmented images, and responses that code known parameters along known axes."""

import numpy as np
import pandas as pd

from ventral.stimuli.table import INDEPENDENT

SPATIAL = ["crop_x", "crop_y"]
PHOTOMETRIC = ["contrast", "hue"]
DRAWN = SPATIAL + PHOTOMETRIC
N, L, D = 16, 12, 60


def augmentations(images=N, levels=L, seed=0):
    """A stimulus table: every image clean, under the same draws of each kind, and under draws of its own."""
    rng = np.random.default_rng(seed)
    parts = [pd.DataFrame({"parameter": "", "level": [-1], **dict.fromkeys([*DRAWN, "jitter_applied"], 0.0)})]
    for kind, off in (("augmentation", []), ("spatial", PHOTOMETRIC), ("photometric", SPATIAL)):
        parts.append(draws(levels, rng, kind, off))
    shared = pd.concat(parts, ignore_index=True)
    images = [[shared, draws(levels, rng, INDEPENDENT)] for _ in range(images)]
    images = [pd.concat(both).assign(scene=f"image{i:02}") for i, both in enumerate(images)]
    table = pd.concat(images, ignore_index=True)
    return table.assign(stimulus_id=[f"s{row}" for row in range(len(table))])


def draws(levels, rng, kind, off=()):
    """Levels of one kind; the jitter is off in one of four, and what a kind does not change has value zero."""
    part = pd.DataFrame(rng.standard_normal((levels, len(DRAWN))), columns=DRAWN)
    part["jitter_applied"] = (np.arange(levels) % 4 > 0) * float(kind != "spatial")
    part.loc[part.jitter_applied == 0, PHOTOMETRIC] = 0.0
    part[list(off)] = 0.0
    return part.assign(parameter=kind, level=np.arange(levels))


def with_shared_draws(table):
    """The rows of a set that has no draws of an image's own."""
    return table[table.parameter != INDEPENDENT].reset_index(drop=True)


def responses(table, axes_of, content=range(10), features=D, seed=1):
    """Content of each image along some axes, plus each drawn value along the axis that `axes_of(image)` gives it."""
    rng = np.random.default_rng(seed)
    X = np.zeros((len(table), features))
    for i, rows in enumerate(table.groupby("scene").indices.values()):
        X[np.ix_(rows, content)] += rng.standard_normal(len(content))
        for name, axis in zip(DRAWN, axes_of(i), strict=True):
            X[rows, axis] += table[name].to_numpy()[rows]
    return X


def rng():
    return np.random.default_rng(3)
