"""Scores averaged over recordings and areas: with what does geometry go in all of them together?

Scores of different areas have different scales: of noise, of numbers of units, of metrics. Each score is therefore
standardized before the mean, so that every one of them counts the same. With m and s the mean and the standard
deviation of score k over the layers of networks that have all K scores ::

    average = 1/K · Σ (y_k − m_k) / s_k

Layers that lack a score have no average, because a mean over other scores would be another quantity. Baselines have
none either: they are no networks, and their scores would stretch s. All kinds of training are standardized together, so
that a layer has one average, whatever networks are compared.

Averages depend on the scores beside them, and are corrected for their number apart from them.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from ventral.across_models.layer_table import moderate
from ventral.metrics import AVERAGE, Quantity


def average_of(table: pd.DataFrame, scores: Sequence[str]) -> dict[str, list[str]]:
    """The average of all scores of a table, as `with_averages` takes it; none of a single score."""
    return {AVERAGE: [*scores]} if len(scores) > 1 and AVERAGE not in table else {}


def with_averages(table: pd.DataFrame, averages: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The table with a column for each average.

    Parameters
    ----------
    table : DataFrame
        One row per model and layer; `baseline` if there are baselines.
    averages : mapping
        The columns of scores that each average is made of, by its name.

    Examples
    --------
    >>> table = pd.DataFrame({"V4": [0.1, 0.2, 0.3], "IT": [1.0, 3.0, None]})
    >>> with_averages(table, average_of(table, ["V4", "IT"])).average.tolist()
    [-1.0, 1.0, nan]
    """
    networks = table[~table.baseline.astype(bool)] if "baseline" in table else table
    columns = {name: averaged(networks.reindex(columns=scores)) for name, scores in averages.items()}
    return table.join(pd.DataFrame(columns, networks.index)) if columns else table


def averaged(scores: pd.DataFrame) -> pd.Series:
    """The mean of standardized columns in rows that have all of them; missing if one of them does not vary."""
    numbers = scores.apply(pd.to_numeric, errors="coerce").dropna().apply(moderate)
    spread = numbers.std(ddof=0)
    standardized = (numbers - numbers.mean()) / spread.where(spread > 0)
    return standardized.mean(axis="columns", skipna=False).reindex(scores.index)


def is_average(score: str) -> bool:
    """Whether a column of scores is an average, by its name."""
    try:
        return Quantity.parse(score).recording == AVERAGE
    except ValueError:
        return score == AVERAGE
