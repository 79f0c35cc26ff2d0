"""Responses whose scenes and parameters vary along known axes."""

import numpy as np

THRESHOLDS = [0.5, 0.9]


def responses(rng, scene_axes, parameter_axes, scenes=40, levels=8, units=30):
    """Gaussian responses whose scenes and parameter vary along given unit-variance axes."""
    X = np.zeros((scenes, levels, units))
    X[..., scene_axes] += rng.standard_normal((scenes, 1, len(scene_axes)))
    X[..., parameter_axes] += rng.standard_normal((scenes, levels, len(parameter_axes)))
    return X.reshape(-1, units), np.repeat(np.arange(scenes), levels)


def two_parameters(rng, scene_axes, first_axes, second_axes, scenes=24, levels=5, units=30):
    """Responses of the same scenes to two parameters, one after the other, with scenes and parameters by image."""
    base = np.zeros((scenes, 1, units))
    base[..., scene_axes] = rng.standard_normal((scenes, 1, len(scene_axes)))
    blocks = []
    for axes in (first_axes, second_axes):
        block = np.repeat(base, levels, axis=1)
        block[..., axes] += rng.standard_normal((scenes, levels, len(axes)))
        blocks.append(block.reshape(-1, units))
    index = np.tile(np.repeat([f"scene{i:02d}" for i in range(scenes)], levels), 2)
    return np.vstack(blocks), index, np.repeat(["pose", "lighting"], scenes * levels)


def chosen(family, metric, parameter, against, threshold=None):
    rows = family[(family.metric == metric) & (family.parameter == parameter) & (family.against == against)]
    rows = rows[rows.threshold.isna() if threshold is None else rows.threshold == threshold]
    assert len(rows) == 1
    return rows.iloc[0]


def keys(rng):
    return two_parameters(rng, range(5), range(5, 9), range(9, 13))[1:]
