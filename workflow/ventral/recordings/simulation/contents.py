"""What the stimulus table says about each image. The simulated V4 and IT are tuned to it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.core.errors import Fault

KEYS = ("stimulus_id", "scene", "parameter", "level", "label")
FRAME = ("x", "y", "size", "crop_area", "crop_x", "crop_y")  # the object in the whole scene, and the part that is shown
PLACEMENT = ("roll", "shown_x", "shown_y", "shown_size")
NOT_OF_OBJECT = ("background", "colour")
REACH = 1.5  # standard deviations within which values are preferred


@dataclass(frozen=True)
class Contents:
    """What each image shows.

    Attributes
    ----------
    labels : list of str
        All labels; a single one if images have none.
    label, exemplar : integer arrays of shape (images,)
        Numbers of each image's label, and of its exemplar of that label.
    variables : DataFrame of one row per image
        Scene variables that vary, with mean 0 and variance 1.
    """

    labels: list[str]
    label: np.ndarray
    exemplar: np.ndarray
    variables: pd.DataFrame

    @property
    def placement(self) -> pd.DataFrame:
        """Tilt, place and size of the object in the image, or all variables if the table has none of these."""
        return self.variables[[name for name in PLACEMENT if name in self.variables] or list(self.variables)]

    @property
    def of_object(self) -> pd.DataFrame:
        """Variables of the object and its light, without those of the background and of color if there are others."""
        kept = [name for name in self.variables if not name.startswith(NOT_OF_OBJECT)]
        return self.variables[kept or list(self.variables)]


def contents_of(table: pd.DataFrame, name: str) -> Contents:
    """What a stimulus table says of each image, for a recording of this name.

    Integer columns are the numbers of things (a category, an exemplar's seed), not quantities, and tune nothing.

    Raises
    ------
    Fault
        There is one label only, and no scene variable that varies.
    """
    label, labels = pd.factorize(table.label, sort=True)
    exemplar, _ = pd.factorize(pd.MultiIndex.from_arrays([label, table.get("exemplar", pd.Series(0, table.index))]))
    variables = as_shown(table.drop(columns=list(KEYS)).select_dtypes("floating"))
    variables = variables[[one for one in variables if np.ptp(variables[one]) > 0]]
    if len(labels) < 2 and variables.empty:
        raise Fault(
            f"Recording {name}: its stimulus set has neither labels nor scene variables, so nothing can tune the "
            "simulated IT. Simulate on rendered scenes, or on images in class folders."
        )
    values = pd.DataFrame(standardized(variables.to_numpy()), columns=variables.columns)
    return Contents(list(labels), label, exemplar, values)


def as_shown(variables: pd.DataFrame) -> pd.DataFrame:
    """Variables with the object's place and the crop of a scene replaced by its place and size in the image."""
    if not {*FRAME} <= {*variables}:
        return variables
    half = np.sqrt(variables.crop_area)
    return variables.drop(columns=list(FRAME)).assign(
        shown_x=(variables.x - variables.crop_x) / half,
        shown_y=(variables.y - variables.crop_y) / half,
        shown_size=np.log(variables["size"] / half),
    )


def of_labels(gains: np.ndarray, contents: Contents) -> pd.DataFrame:
    """What the units' gains for labels, (units, labels), say in their table.

    `preferred_label` has the largest gain. `sparseness` is (1 − ⟨g⟩² / ⟨g²⟩) / (1 − 1 / labels), 1 if a unit
    responds to one label only (Vinje & Gallant, Science 287:1273, 2000). Nothing if there is one label only.
    """
    count = gains.shape[1]
    if count < 2:
        return pd.DataFrame(index=range(len(gains)))
    density = gains.mean(axis=1) ** 2 / np.mean(gains**2, axis=1)
    labels = np.array(contents.labels, dtype=object)[gains.argmax(axis=1)]
    return pd.DataFrame({"preferred_label": labels, "sparseness": (1 - density) / (1 - 1 / count)})


def preferred(variables: pd.DataFrame, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Values that n units prefer, in standard deviations from the mean, as columns `preferred_…`."""
    values = rng.uniform(-REACH, REACH, (n, variables.shape[1]))
    return pd.DataFrame(values, columns=[f"preferred_{name}" for name in variables])


def tolerance(variables: pd.DataFrame, units: pd.DataFrame, width: float) -> np.ndarray:
    """Gaussian tuning to scene variables, 1 at the preferred values, (images, units).

    Parameters
    ----------
    variables : DataFrame of one row per image
    units : DataFrame
        With a column `preferred_…` for every variable, NaN where it does not matter.
    width : float
        Standard deviation of the tuning, in standard deviations of the variables.
    """
    wanted = units[[f"preferred_{name}" for name in variables]].to_numpy()
    away = np.nan_to_num(variables.to_numpy()[:, None] - wanted)
    return np.exp(-(away**2).sum(axis=2) / (2 * width**2))


def standardized(values: np.ndarray) -> np.ndarray:
    """Mean 0 and variance 1 over the first axis; what never varies becomes 0."""
    centered = values - values.mean(axis=0)
    spread = centered.std(axis=0)
    return centered / np.where(spread > 1e-9 * np.abs(values).max(axis=0, initial=0), spread, np.inf)
