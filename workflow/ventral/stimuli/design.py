"""What a stimulus set allows: whether its images are independent, what it varies, and what all scenes share."""

from pathlib import Path

import numpy as np
import pandas as pd

from ventral.stimuli.motions import CLIPS
from ventral.stimuli.table import INDEPENDENT, read_table

KEYS = ["stimulus_id", "scene", "parameter", "level", "label", "content", "pixel_curvature"]  # columns of no variables


def independent(table: pd.DataFrame) -> bool:
    """Whether the images are independent: no parameter is varied, or all images of an object form one scene."""
    return bool((table.parameter == "").all() or ((table.label != "").all() and (table.scene == table.label).all()))


def read_scenes(path: str | Path) -> dict[str, str]:
    """The scene of each image of a stimulus set, by its id; that of an independent image is its own.

    Raises
    ------
    Fault
        The file is missing, damaged or no stimulus set.
    """
    table = read_table(path)
    return dict(zip(table.stimulus_id, table.stimulus_id if independent(table) else table.scene, strict=True))


def varied_parameters(table: pd.DataFrame) -> pd.Series:
    """The parameter that each image varies; '' for augmentations that are only decoded.

    All scenes of a parameter need the same number of images. If scenes are objects, whose images are single samples
    and can be missing, later images of an object than the object with the fewest images has vary nothing here. Objects
    with fewer than two images of a parameter do not count, nor do parameters of fewer than two other objects.
    """
    varied = table.parameter.where(table.parameter != INDEPENDENT, "")
    if not independent(table) or (varied == "").all():
        return varied
    of_scene = table.groupby(["parameter", "scene"])
    sizes = of_scene.size()
    several = sizes[sizes > 1].groupby(level="parameter").agg(["min", "size"])
    fewest = several["min"][several["size"] > 1]
    changes = of_scene["scene"].transform("size") > 1
    return varied.where(changes & (of_scene.cumcount() < varied.map(fewest)), "")


def parameters_with_shared_levels(table: pd.DataFrame) -> set[str]:
    """Parameters whose levels are the same in every scene: moments of clips, and those whose variables show it."""
    shared = {*CLIPS} & {*table.parameter}
    variables = table.columns.difference(KEYS)
    values = np.array([pd.factorize(table[name])[0] for name in variables]).reshape(len(variables), len(table)).T
    for parameter, rows in table.groupby("parameter").indices.items():
        varied = ~constant_within(table.scene.iloc[rows], values[rows])
        if varied.any() and constant_within(table.level.iloc[rows], values[rows][:, varied]).all():
            shared.add(str(parameter))
    return shared


def constant_within(groups: pd.Series | np.ndarray, values: np.ndarray) -> np.ndarray:
    """Whether each column of values, (n, columns), is the same in all rows of a group, for every group."""
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    return (values == values[first[group]]).all(axis=0)
