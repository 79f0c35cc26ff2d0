"""Relations of a study: what its columns are follows from the registry of metrics."""

from collections.abc import Iterable, Mapping
from itertools import product

import pandas as pd

from ventral.across_models.averages import is_average, with_averages
from ventral.across_models.related import relate
from ventral.catalog import HEADLINES, METRICS, record
from ventral.metrics import Quantity, Role
from ventral.summary.recording_averages import recording_averages

RIVALS = ("effective_dimensionality", "factorization")


def study_relations(layers: pd.DataFrame, recordings: pd.DataFrame, seed: int = 0) -> dict[str, pd.DataFrame]:
    """Relate all geometry of a study, and the accuracy of its networks, to all scores.

    Parameters
    ----------
    layers : DataFrame
        The table `layers.csv`.
    recordings : DataFrame
        One row per recording: recording, simulated, species.
    seed : int
        For permutations and splits.

    Returns
    -------
    dict of DataFrames
        The tables of `ventral.across_models.related.Related`. Those with scores also have the columns recording, area,
        metric and simulated. `layers` has further columns with averages over recordings.
    """
    layers = layers[[column for column in layers if not is_average(column)]]
    averages = recording_averages(layers, recordings)
    layers = with_averages(layers, averages)
    columns = [column for column in layers if "@" in column]
    accuracy = related(columns, Role.ACCURACY)
    geometry, scores = related(columns, Role.GEOMETRY) + accuracy, related(columns, Role.SCORE)
    log = [column for column in geometry if record(Quantity.parse(column).metric).log]
    named = accuracy[0] if accuracy else "accuracy"
    separate = distinct(geometry + scores), rivals(geometry)
    found = vars(relate(layers, geometry, scores, log, None, named, *separate, averages, seed))
    simulated = dict(zip(recordings.recording, recordings.simulated.astype(bool), strict=True))
    made = {score: simulated[Quantity.parse(averages.get(score, [score])[0]).recording] for score in scores}
    return {"layers": layers} | {
        name: with_origin(rows, made) if "score" in rows else rows for name, rows in found.items()
    }


def related(columns: Iterable[str], role: Role) -> list[str]:
    """Columns of one role that are correlated: no function of another metric, no pair of parameters, and no score of a
    parameter.
    """
    return [
        column
        for column, quantity in ((column, Quantity.parse(column)) for column in columns)
        if record(quantity.metric).role is role
        and record(quantity.metric).related
        and not quantity.against
        and not (role is Role.SCORE and quantity.parameter)
    ]


def distinct(columns: Iterable[str]) -> set[str]:
    """Columns whose relations are separate questions: one of each quantity, and one score of each area.

    Of a metric and its variants, that which comes first in the registry stands for every stimulus set and parameter; of
    parameters that are settings, that of the first column. The scores are those of ridge regression; of observers'
    choices, i2n; and of observers' distances, RSA.
    """
    order = {name: place for place, name in enumerate(METRICS)}
    chosen: dict[tuple[str, ...], tuple[int, int, str]] = {}
    for place, column in enumerate(columns):
        quantity = Quantity.parse(column)
        metric = record(quantity.metric)
        if metric.role is Role.SCORE and metric.name not in HEADLINES:
            continue
        parameter = "" if metric.settings else quantity.parameter
        key = (metric.variant_of or metric.name, quantity.stimuli, quantity.recording, quantity.area, parameter)
        chosen[key] = min(chosen.get(key, (len(order), 0, "")), (order[metric.name], place, column))
    return {column for *_, column in chosen.values()}


def rivals(geometry: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of columns, dimensionality and factorization, of which one may explain what the other seems to."""
    named = {metric: [column for column in geometry if Quantity.parse(column).metric == metric] for metric in RIVALS}
    return [*product(*named.values())]


def with_origin(table: pd.DataFrame, simulated: Mapping[str, bool]) -> pd.DataFrame:
    """The table with the recording, area and metric of each score, and whether it is simulated."""
    quantities = {column: Quantity.parse(column) for column in simulated}
    rows = [(column, q.recording, q.area, q.metric, simulated[column]) for column, q in quantities.items()]
    origin = pd.DataFrame(rows, columns=["score", "recording", "area", "metric", "simulated"])
    return table.merge(origin, on="score", how="left", validate="many_to_one")
