"""What changes between images because of one parameter, from the stimulus table: the main effect of the parameter.

A parameter has variables, such as the yaw and the size of a pose. In a set that varies the parameter inside scenes,
they are the variables that change there, relative to their mean in the scene; levels that are the same in all scenes
but have no variables are variables themselves. In a set of independent images they are the numeric columns of the
table, relative to their mean. Columns of rendered scenes belong to the parameters of `ventral.stimuli.scenes`; every
other column is a parameter of its own.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.stimuli.design import KEYS, independent, parameters_with_shared_levels, varied_parameters
from ventral.stimuli.scenes import PARAMETERS, Scene

PARAMETER_OF = {variable: parameter for parameter, variables in PARAMETERS.items() for variable in variables}
IDENTITIES = {"background", *Scene.__annotations__} - {*PARAMETER_OF} | {"background"}  # numbers without an order


@dataclass(frozen=True)
class MainEffect:
    """The variables of one parameter.

    Attributes
    ----------
    values : array of shape (n, q)
    group : integer array of shape (n,)
        The scene of each image, or 0 for all if they are independent; −1 for images in which something else varies.
    """

    values: np.ndarray
    group: np.ndarray

    def contrasts(self, images: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
        """The variables of some images minus their mean in the group, of length 1; 0 for images without a group.

        Parameters
        ----------
        images : integer array of shape (m,)
        rng : Generator, optional
            Deals the variables to the images of a group at random.

        Returns
        -------
        array of shape (m, q)
        """
        Z = np.zeros((len(images), self.values.shape[1]))
        for group in np.unique(self.group[images]):
            rows = np.flatnonzero(self.group[images] == group)
            if group >= 0:
                Z[rows] = self.values[images[rows if rng is None else rng.permutation(rows)]]
                Z[rows] -= Z[rows].mean(axis=0)
        length = np.linalg.norm(Z, axis=0)
        return Z[:, length > 0] / length[length > 0]


def main_effects(table: pd.DataFrame) -> dict[str, MainEffect]:
    """The main effect of every parameter of a stimulus table of n images, by the name of the parameter.

    Images of a table without the columns scene and parameter are independent.
    """
    numbers = table.drop(columns=[*KEYS, *IDENTITIES], errors="ignore").select_dtypes("number").astype(float)
    numbers = numbers.loc[:, numbers.notna().all() & (numbers.nunique() > 1)]
    if "parameter" not in table or independent(table):
        named: dict[str, list[str]] = {}
        for column in numbers:
            named.setdefault(PARAMETER_OF.get(column, column), []).append(column)
        everywhere = np.zeros(len(table), dtype=int)
        return {name: standard(numbers[columns], everywhere) for name, columns in named.items()}
    scene, varied = pd.factorize(table.scene)[0], varied_parameters(table).to_numpy()
    shared, effects = parameters_with_shared_levels(table), {}
    for name in filter(None, pd.unique(varied)):
        group = np.where(varied == name, scene, -1)
        inside = numbers[group >= 0]
        moving = inside.columns[(inside.groupby(group[group >= 0]).nunique() > 1).any()]
        columns = numbers[moving]
        if name in shared and not len(moving):
            columns = pd.get_dummies(table.level, dtype=float).iloc[:, 1:]
        if columns.shape[1]:
            effects[name] = standard(columns, group)
    return effects


def standard(columns: pd.DataFrame, group: np.ndarray) -> MainEffect:
    """Variables in units of their standard deviation over the images of the parameter."""
    spread = columns[group >= 0].std().to_numpy()
    return MainEffect(columns.to_numpy() / np.where(spread > 0, spread, 1), group)
