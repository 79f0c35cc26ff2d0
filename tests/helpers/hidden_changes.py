"""Responses to scenes of which one hidden parameter varies, along axes that are known."""

import numpy as np
import pandas as pd

AXES = 3  # of each kind of change and of content


def planted(
    rng: np.random.Generator,
    kinds: int = 3,
    scenes: int = 24,
    levels: int = 6,
    units: int = 40,
    angle: float = 90,
    onto_content: float = 90,
    turned: bool = False,
    noise: float = 0.2,
) -> tuple[np.ndarray, pd.DataFrame, np.ndarray]:
    """Responses of units to every scene with every kind of change, and their table.

    Parameters
    ----------
    angle : float
        All principal angles between two kinds, in degrees.
    onto_content : float
        All principal angles between each kind and content, in degrees.
    turned : bool
        Whether every group moves along axes of its own.
    noise : float
        Standard deviation along each unit, where changes have variance 1 along each of their axes.

    Returns
    -------
    X : array of shape (scenes · kinds · levels, units)
    table : DataFrame
    axes : array of shape (kinds, units, 3)
        Orthonormal axes of each kind.
    """
    basis = np.linalg.qr(rng.standard_normal((units, AXES * (kinds + 2))))[0].reshape(units, kinds + 2, AXES)
    content, shared, own = basis[:, 0], basis[:, 1], np.moveaxis(basis[:, 2:], 1, 0)
    common = np.sqrt(np.cos(np.radians(angle)))  # the cosine between two kinds is the square of their shares
    axes = np.sqrt(1 - common**2) * own + common * shared
    axes = np.sin(np.radians(onto_content)) * axes + np.cos(np.radians(onto_content)) * content
    rows, X = [], []
    for scene in range(scenes):
        mean = 2 * content @ rng.standard_normal(AXES)
        for kind in range(kinds):
            moved = np.linalg.qr(rng.standard_normal((units, AXES)))[0] if turned else axes[kind]
            gain = np.exp(rng.standard_normal() / 4)
            X.append(mean + gain * rng.standard_normal((levels, AXES)) @ moved.T)
            rows += [(f"scene{scene:03d}", f"parameter{kind}", level) for level in range(levels)]
    table = pd.DataFrame(rows, columns=["scene", "parameter", "level"])
    table = table.assign(stimulus_id=[f"s{i}" for i in range(len(table))], label="", x=rng.uniform(size=len(table)))
    X = np.concatenate(X)
    return X + noise * rng.standard_normal(X.shape), table, axes
