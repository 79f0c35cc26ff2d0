"""A chart of the page, and all charts that some tables have the data for.

A chart is one module of `ventral.report.charts` with `CHART = Chart(…)` and `draw(tables)`, which returns a `Drawing`,
or None if the tables lack what it shows. The specification of a drawing names its tables (`altair.NamedData`). The page
embeds each table once (`ventral.report.charts.embedded`), and gives rows to a chart when it comes into view.

The page sets the colors of texts, axes and grids by its theme; a chart sets only those of its marks. A chart that is as
wide as the page has `width="container"`. A faceted chart states the least width of a panel in pixels as
`usermeta={"panel": 260}`. The script of a chart sets `drawers.NAME = async (element, spec) => …`, which may call
`draw(element, spec)` of the page and `chartData.rows(table)`.
"""

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pandas as pd

from ventral.core.discover import discover


@dataclass(frozen=True)
class Chart:
    """What the page knows of a chart, which has the name of its module.

    Attributes
    ----------
    place : int
        Charts with a smaller place come first.
    heading : str
        Of its section.
    figure : str
        The figure of `ventral.figures` that shows the same without JavaScript; "" if there is none.
    first : bool
        Whether the chart stands beside the answer on the first screen, instead of in a section.
    scripts : names of files
        The JavaScript beside the module that draws the chart; none if its specification is all of it.
    """

    place: int
    heading: str
    figure: str = ""
    first: bool = False
    scripts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drawing:
    """A chart of some tables.

    Attributes
    ----------
    spec : dict
        In Vega-Lite. Its data are named.
    caption : str
        What is shown: quantities, counts, intervals, and whether data are simulated.
    data : dict of DataFrames
        The tables that the specification names. One name is one table in all charts.
    """

    spec: dict[str, Any]
    caption: str
    data: dict[str, pd.DataFrame] = field(default_factory=dict)


def drawings(tables: dict[str, pd.DataFrame]) -> dict[str, Drawing]:
    """Every chart that has data, by name, in the order of the page.

    Parameters
    ----------
    tables : dict of DataFrames
        Of a study, or `layers` and `relations` of any table of models.
    """
    drawn = {name: import_module(f"ventral.report.charts.{name}").draw(tables) for name in charts()}
    return {name: drawing for name, drawing in drawn.items() if drawing is not None}


def charts() -> dict[str, Chart]:
    """Every chart by name, in the order of the page."""
    return dict(sorted(discover("ventral.report.charts", "CHART").items(), key=lambda pair: pair[1].place))
