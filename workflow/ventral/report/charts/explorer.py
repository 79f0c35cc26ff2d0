"""The explorer: any column of the table of layers against any other. `explorer.js` draws it."""

from dataclasses import asdict
from urllib.parse import quote, urlencode

import pandas as pd
from scipy.special import stdtrit

from ventral.figures.labels import provenance
from ventral.report.charts.chart import Chart, Drawing
from ventral.report.charts.layer_rows import SHAPES, kind_colors, layer_rows
from ventral.report.charts.quantities import PLACE, Column, columns, leading_pair

CHART = Chart(place=-10, heading="Explorer", scripts=("fitted_line.js", "lasso.js", "explorer.js"))

MOST_FAMILIES = 100  # of which Student's t is listed; it hardly changes beyond
FEWEST_FAMILIES = 4  # as for relations


def draw(tables: dict[str, pd.DataFrame]) -> Drawing | None:
    """What `explorer.js` must know of the layers; None for fewer than two columns of numbers."""
    rows = layer_rows(tables["layers"])
    found = [*columns(rows, tables), *(Column(name, name) for name in PLACE if name in rows)]
    if len(found) < 2:
        return None
    x, y = leading_pair(found, tables)
    x = x or found[0]
    y = y or next(column for column in found if column != x)
    groups = rows.drop_duplicates("kind").set_index("kind").group
    degrees = range(FEWEST_FAMILIES - 1, MOST_FAMILIES)
    settings = {
        "data": {"name": "layers"},
        "columns": [{name: value for name, value in asdict(one).items() if value} for one in found],
        "kinds": {kind: [color, SHAPES[groups[kind]]] for kind, color in kind_colors(rows).items()},
        "first": {"x": x.name, "y": y.name, "xlog": x.log, "ylog": y.log},
        "t": {degree + 1: round(float(stdtrit(degree, 0.975)), 4) for degree in degrees},
    }
    return Drawing(settings, caption(tables), {"layers": rows})


def explorer_link(x: str, y: str, x_log: bool = False) -> str:
    """The address of a view of the explorer on the same page.

    Parameters
    ----------
    x, y : names of columns of the table of layers
    x_log : bool
        Whether the horizontal axis is logarithmic.
    """
    view = {"x": x, "y": y, "xlog": int(x_log)}
    return f"#explorer?{urlencode(view, quote_via=quote)}"


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the chart."""
    return (
        "Each point is one layer. Open marks are untrained networks (triangles) and baselines (squares), which have no "
        "part in the line of trained networks. A line is fitted by least squares, on the logarithm where an axis is "
        "logarithmic. Its band, and the interval of r, are 95 % intervals from a jackknife that leaves out one family "
        "of networks, with Student’s t; fewer than four families have none. "
        + (provenance(tables["predictivity"]) if "predictivity" in tables else "")
    ).strip()
