"""What varies between the images of a stimulus set, as targets for a decoder: numbers, angles and classes.

If scenes vary parameters, a variable that changes inside scenes, such as the yaw of a pose, belongs to the images of
its parameter. A variable that is the same in all images of a scene, such as its category, belongs to all images. In a
set that varies no parameter every image is a scene of its own.

Angles and hues are represented by their sine and cosine, so that 359° is next to 1°. They are known by the names of
their columns (`PERIODS`). Other numeric columns with two values, or with values that are not whole numbers, are
numbers. All others, such as indices of objects and photographs, are classes if they repeat often enough; images whose
class is missing do not have the variable.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ventral.stimuli.design import (
    constant_within,
    parameters_with_shared_levels,
    varied_parameters,
)
from ventral.stimuli.main_effects import KEYS

PERIODS = {"colour_hue": 1, "hue": 1}  # in turns
PERIODS |= dict.fromkeys(("yaw", "pitch", "roll", "light_azimuth", "orbit_azimuth"), 360)  # in degrees
CLASSES = 50  # largest number that a column may have
SCENES_PER_CLASS = 4  # smallest mean number; categories need two each
CATEGORY = "category"
ROUNDING = 1e-9  # largest spread of a sine and a cosine that is none


@dataclass(frozen=True)
class SceneVariable:
    """A variable of some images of a stimulus set.

    Attributes
    ----------
    name : str
        That of the column; "yaw in pose" if several parameters change it.
    targets : array of shape (n, columns)
        The number, the sine and cosine, or a column of zeros and ones for each class; NaN for other images.
    parameter : str
        The parameter in whose images it changes inside scenes; "" if it is the same in all images of a scene.
    classes : bool
        Whether it is a class, so that a decoder has an accuracy in place of a correlation.
    """

    name: str
    targets: np.ndarray
    parameter: str = ""
    classes: bool = False

    @property
    def known(self) -> np.ndarray:
        """Rows of the images that have the variable."""
        return np.flatnonzero(np.isfinite(self.targets).all(axis=1))


def scene_variables(table: pd.DataFrame) -> list[SceneVariable]:
    """The variables of a stimulus table, in the order of its columns; the category comes last.

    Parameters
    ----------
    table : DataFrame of n rows
        The stimulus table. Columns that are constant are left out, and so are numbers that are not finite.
    """
    scene, varied = scenes_of(table), varied_parameters(table).to_numpy()
    columns = table.columns.difference([*KEYS, CATEGORY], sort=False)
    codes = np.array([pd.factorize(table[name])[0] for name in columns]).reshape(len(columns), len(table)).T
    found, elsewhere = [], np.ones(len(columns), dtype=bool)
    for parameter in filter(None, pd.unique(varied)):
        rows = np.flatnonzero(varied == parameter)
        moving = ~constant_within(scene[rows], codes[rows])
        elsewhere &= ~moving
        found += [variable(table[name], scene, rows, parameter) for name in columns[moving]]
        if not moving.any() and parameter in parameters_with_shared_levels(table):
            found.append(classes_of(parameter, table.level, rows, parameter))
    found += [variable(table[name], scene, np.arange(len(table))) for name in columns[elsewhere]]
    category = categories_of(table)
    found.append(classes_of(CATEGORY, category, several(category, scene)))
    known = [one for one in found if one is not None]
    times = Counter(one.name for one in known)
    return [
        replace(one, name=f"{one.name} in {one.parameter}") if one.parameter and times[one.name] > 1 else one
        for one in known
    ]


def categories_of(table: pd.DataFrame) -> pd.Series:
    """The category of each image: the column of this name, or else the label; '' for none."""
    return table.get(CATEGORY, table.label)


def given(column: pd.Series) -> np.ndarray:
    """Whether each value is there: neither missing nor ''."""
    return (column.notna() & (column != "")).to_numpy(dtype=bool)


def scenes_of(table: pd.DataFrame) -> np.ndarray:
    """The number of the scene that each image shows, of shape (n,); of its own if no parameter is varied."""
    return np.arange(len(table)) if (table.parameter == "").all() else pd.factorize(table.scene)[0]


def variable(column: pd.Series, scene: np.ndarray, rows: np.ndarray, parameter: str = "") -> SceneVariable | None:
    """A column as a variable of some rows; None if it is constant or an identifier that hardly repeats."""
    name, inside = str(column.name), column.iloc[rows]
    if pd.api.types.is_numeric_dtype(column):
        values = inside.to_numpy(dtype=float)
        if not np.isfinite(values).all() or np.ptp(values) == 0:
            return None
        if name in PERIODS:
            angle = 2 * np.pi * values / PERIODS[name]
            targets = np.stack([np.sin(angle), np.cos(angle)], axis=1)
            varies = np.ptp(targets, axis=0).max() > ROUNDING
            return placed(name, targets, rows, len(column), parameter) if varies else None
        if len(np.unique(values)) == 2 or (values != np.round(values)).any():
            return placed(name, values[:, None], rows, len(column), parameter)
    rows = rows[given(inside)]
    n_classes, n_samples = column.iloc[rows].nunique(), len(rows) if parameter else len(np.unique(scene[rows]))
    if n_classes > CLASSES or n_samples < SCENES_PER_CLASS * n_classes:
        return None
    return classes_of(name, column, rows, parameter)


def classes_of(name: str, column: pd.Series, rows: np.ndarray, parameter: str = "") -> SceneVariable | None:
    """A variable with a column of zeros and ones for each class; None with fewer than two classes."""
    codes, names = pd.factorize(column.iloc[rows], sort=True)
    if len(names) < 2:
        return None
    return placed(name, np.eye(len(names))[codes], rows, len(column), parameter, True)


def placed(name: str, values: np.ndarray, rows: np.ndarray, n: int, *others) -> SceneVariable:
    """A variable of n images of which only some rows have values."""
    targets = np.full((n, values.shape[1]), np.nan)
    targets[rows] = values
    return SceneVariable(name, targets, *others)


def several(category: pd.Series, scene: np.ndarray) -> np.ndarray:
    """Rows of categories that two scenes or more have."""
    counts = pd.Series(scene).groupby(category.to_numpy()).nunique()
    return np.flatnonzero(category.isin(counts.index[(counts > 1) & (counts.index != "")]))
