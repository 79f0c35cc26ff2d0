"""Factorization: does a parameter move a representation along axes that scenes do not use?"""

import pandas as pd
from matplotlib.figure import Figure

from ventral.figures import parameters
from ventral.figures.spec import Spec

FIGURE = Spec(
    place=0,
    heading="Factorization",
    needs="a parameter",
    tables=("geometry", "layers"),
    about="**Factorization** of each scene parameter from scene identity: the share of the variance that the "
    "parameter causes which lies outside the leading components of the variance between scenes. The subspace "
    "holds 90 % of that variance, or the measured share nearest to it. Above, the deepest layer of each model "
    "(large mark) beside its other layers; below, the same values by relative depth. Baselines are gray.",
)

SHOWN = parameters.Shown(
    metric="factorization",
    label="factorization",
    title="Factorization of scene parameters from scene identity",
    meaning=(
        "Factorization is the share of a parameter's variance that lies outside the leading components of the "
        "variance between scenes; 1 means separate axes, 0 the same."
    ),
)


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """Factorization at the shown threshold, for each model and parameter."""
    return parameters.draw(tables, SHOWN)


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    return parameters.caption(tables, SHOWN)
