"""What a stimulus set allows: whether its images are independent, what it varies, and what all scenes share."""

import pandas as pd

from ventral.stimuli.augmentations import INDEPENDENT


def independent(table: pd.DataFrame) -> bool:
    """Whether the images are independent: no parameter is varied, or all images of an object form one scene."""
    return bool((table.parameter == "").all() or ((table.label != "").all() and (table.scene == table.label).all()))


def varied_parameters(table: pd.DataFrame) -> pd.Series:
    """The parameter that each image varies; '' for augmentations that are only decoded."""
    return table.parameter.where(table.parameter != INDEPENDENT, "")


def held_parameters(table: pd.DataFrame) -> set[str]:
    """Parameters whose levels are the same in every scene: time, and those whose variables show it."""
    held = {"time"}
    variables = table.columns.difference(["stimulus_id", "scene", "parameter", "level", "label", "content"])
    for parameter, rows in table.groupby("parameter"):
        varied = [name for name in variables if rows.groupby("scene")[name].nunique(dropna=False).max() > 1]
        if varied and rows.groupby("level")[varied].nunique(dropna=False).to_numpy().max() == 1:
            held.add(parameter)
    return held
