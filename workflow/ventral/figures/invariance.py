"""Invariance: how little does a parameter move a representation at all?"""

import pandas as pd
from matplotlib.figure import Figure

from ventral.figures import parameters

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
