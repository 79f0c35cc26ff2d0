"""Invariance: how little does a parameter move a representation at all?"""

import pandas as pd
from matplotlib.figure import Figure

from ventral.figures import parameters
from ventral.figures.spec import Spec

FIGURE = Spec(
    place=30,
    heading="Invariance",
    needs="a parameter",
    tables=("geometry", "layers"),
    about="**Invariance** to each scene parameter: the share of all variance that the parameter does not cause. "
    "Above, the deepest layer of each model (large mark) beside its other layers; below, the same values by "
    "relative depth. Baselines are gray.",
)

SHOWN = parameters.Shown(
    metric="invariance",
    label="invariance",
    title="Invariance to scene parameters",
    meaning=(
        "Invariance is the share of all variance that the parameter does not cause; 1 means that it moves nothing."
    ),
)


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """Invariance for each model and parameter."""
    return parameters.draw(tables, SHOWN)


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    return parameters.caption(tables, SHOWN)
