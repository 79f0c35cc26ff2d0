"""Why something goes with predictivity: through the radius or the dimension of the error modes of ridge regression.

The error of ridge regression is E = R √D (`ventral.predictivity.spectral_theory`), so log E = log R + ½ log D. If
layers with more of a quantity predict better, R or D must fall with it. A sentence says which does, and only if the
95 % interval of its correlation excludes 0.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ventral.across_models.averages import is_average
from ventral.across_models.layer_table import layer_table
from ventral.figures.labels import listed, quantity_label, with_interval
from ventral.metrics import Quantity
from ventral.report.claims import Claim, rows_of
from ventral.report.evidence import Evidence
from ventral.report.relation_words import anchor, subject
from ventral.statistics.family_jackknife import Association, family_jackknife

MODES = {"error_radius": "radius", "error_dimension": "dimension"}


def reasons(evidence: Evidence, row: Any, summary: dict[str, pd.DataFrame]) -> Iterator[Claim]:
    """Why an established relation with the score of an area holds; nothing if the numbers do not carry a reason.

    Parameters
    ----------
    evidence : Evidence
    row : row of `Evidence.asked`
    summary : dict of DataFrames
        `layers` has the radius and the dimension of the error modes.
    """
    columns = columns_of(row, summary)
    if not columns:
        return
    found = through(evidence, row, summary["layers"], columns)
    rises = row.value > 0
    against = (found.high if rises else -found.low)[0] < 0  # radius and dimension that go against the quantity
    if not against.any():
        return
    known = zip(MODES.values(), found.value[0], found.low[0], found.high[0], strict=True)
    told = {name: f"r = {with_interval(*numbers)}" for name, *numbers in known}
    carry = [name for name, carries in zip(MODES.values(), against, strict=True) if carries]
    verb = ("fall" if rises else "rise") + ("s" if len(carry) == 1 else "")
    text = (
        f"{subject(row)} {'rises' if rises else 'falls'} with {quantity_label(row.geometry, row.scale)} because the "
        f"{listed(carry)} of the error modes of ridge regression {verb} with it, {listed([told[one] for one in carry])}"
    )
    others = [f"; their {name} has {told[name]}" for name in told if name not in carry]
    yield Claim(f"{text}{''.join(others)}.", anchor(row), rows_of("layers.csv"))


def columns_of(row: Any, summary: dict[str, pd.DataFrame]) -> list[str]:
    """The columns with the radius and the dimension of the error modes in the area of a score; none if they lack."""
    if "layers" not in summary or is_average(row.score) or not hasattr(row, "recording"):
        return []
    columns = [str(Quantity(metric, recording=row.recording, area=row.area)) for metric in MODES]
    return columns if {row.geometry, *columns} <= {*summary["layers"]} else []


def through(evidence: Evidence, row: Any, layers: pd.DataFrame, columns: list[str]) -> Association:
    """Correlations of a quantity with the logarithms of radius and dimension, of the networks that are asked about."""
    within, given = evidence.question
    log = [row.geometry] if row.scale == "log" else []
    table = layer_table(layers, [row.geometry], columns, log)
    values = table.x.join(np.log(table.y))
    chosen = table.rows.model.map(table.within(within)).to_numpy(dtype=bool) & values.notna().all(axis=1)
    held = table.given[given][chosen].to_numpy() if given else None
    families = table.rows.family[chosen].to_numpy()
    x, y = (values.loc[chosen, names].to_numpy() for names in ([row.geometry], columns))
    return family_jackknife(x, y, families, given=held)
