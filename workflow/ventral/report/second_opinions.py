"""What other statistics say of a relation that is established: predictions of other families, and mixed models."""

from typing import Any

import numpy as np
import pandas as pd

from ventral.figures.labels import number, with_interval
from ventral.report.evidence import Evidence, apart

PAIR = ["geometry", "score"]


def prediction_text(evidence: Evidence, row: Any, complementarity: pd.DataFrame | None) -> str:
    """What a quantity adds to accuracy in predicting networks of other families.

    Nothing is said where trained and untrained networks would be in one number.
    """
    found = row_of(row, complementarity)
    if found is None or evidence.pooled or not np.isfinite(found.low + found.high):
        return ""
    verdict = "improves" if found.low > 0 else "worsens" if found.high < 0 else "does not reliably improve"
    return (
        f" In networks of other families it {verdict} predictions from accuracy: Spearman’s r from "
        f"{number(found.accuracy)} to {number(found.both)}, difference "
        f"{with_interval(found.difference, found.low, found.high)}."
    )


def mixed_text(row: Any, mixed: pd.DataFrame | None) -> str:
    """The slope of a mixed model, if its interval does not exclude 0 on the side of the correlation."""
    found = row_of(row, mixed)
    if found is None or not np.isfinite(found.low + found.high) or (apart(found) and found.value * row.value > 0):
        return ""
    of_kinds = " and each kind of training" if found.given == "kind" else ""
    slope = with_interval(found.value, found.low, found.high)
    return f" A mixed model with an intercept for each network{of_kinds} disagrees: its slope is {slope}."


def row_of(row: Any, table: pd.DataFrame | None) -> Any:
    """The row of another table on the geometry and the score of a relation; None without one."""
    if table is None or table.empty:
        return None
    chosen = table[(table[PAIR] == [getattr(row, name) for name in PAIR]).all(axis="columns")]
    return next(chosen.itertuples(), None)
