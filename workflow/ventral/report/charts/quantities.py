"""The columns of a table of layers that charts offer: their labels, groups and scales."""

from dataclasses import dataclass, replace

import pandas as pd

from ventral.across_models.averages import is_average
from ventral.catalog import HEADLINES, METRICS
from ventral.figures.labels import area_label
from ventral.metrics import Quantity, Role
from ventral.report.evidence import Evidence

BETWEEN = " · "  # a quantity and where it was measured
DIMENSIONALITY = "effective_dimensionality"
PLACE = ("depth", "position")  # of a layer; offered beside what was measured


@dataclass(frozen=True)
class Column:
    """A numeric column of the table of layers.

    Attributes
    ----------
    name : str
    label : str
        For axes and menus.
    group : str
        Under which menus list it: the stimulus set or the recording; "" in a table that is not a study's.
    log : bool
        Whether relations use its logarithm.
    score : bool
        Whether it is a score, which charts draw on the vertical axis.
    ceiling, control : str
        The columns with its noise ceiling and its shuffled control; "" without.
    """

    name: str
    label: str
    group: str = ""
    log: bool = False
    score: bool = False
    ceiling: str = ""
    control: str = ""


def columns(rows: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> list[Column]:
    """The numeric columns of the table of layers, scores last.

    Parameters
    ----------
    rows : DataFrame
        From `ventral.report.charts.layer_rows`.
    tables : dict of DataFrames
        `predictivity` says which recordings are simulated. The columns of a table that is not a study's are what
        `relations` uses them for.
    """
    relations = tables.get("relations", pd.DataFrame(columns=["geometry", "scale", "score"]))
    scores = tables.get("predictivity", pd.DataFrame(columns=["recording", "simulated"]))
    logarithmic, scored = {*relations.geometry[relations.scale == "log"]}, {*relations.get("score", ())}
    simulated = {*scores.recording[scores.simulated.astype(bool)]}
    found = [
        described(name, rows, logarithmic, scored, simulated)
        for name in rows.select_dtypes("number")
        if name not in PLACE and rows[name].notna().any()
    ]
    return sorted(found, key=lambda column: column.score)


def described(name: str, rows: pd.DataFrame, logarithmic: set[str], scored: set[str], simulated: set[str]) -> Column:
    """What is known of one column, by its name or by the relations that use it."""
    try:
        quantity = Quantity.parse(name)
    except ValueError:
        quantity = None
    if quantity is None or quantity.metric not in METRICS:
        return Column(name, name, "", name in logarithmic, name in scored)
    metric, recording = METRICS[quantity.metric], quantity.recording
    where = area_label(recording, quantity.area, recording in simulated) if recording else quantity.stimuli
    of = quantity.parameter + (f" against {quantity.against}" if quantity.against else "")
    label = f"{metric.label} ({of})" if of else metric.label
    beside = {
        role: str(replace(quantity, metric=other))
        for role, other in (("ceiling", metric.ceiling), ("control", metric.control))
        if other and str(replace(quantity, metric=other)) in rows
    }
    return Column(name, f"{label}{BETWEEN}{where}", where, metric.log, metric.role is Role.SCORE, **beside)


def leading_pair(found: list[Column], tables: dict[str, pd.DataFrame]) -> tuple[Column | None, Column | None]:
    """The geometry and the score that charts show first.

    They are those of the relation that the answer leads with. Without one, they are the headline score of the last
    area, and effective dimensionality on the images of its recording.
    """
    first = Evidence(tables["relations"]).first if "relations" in tables else None
    named = {column.name: column for column in found}
    if first is not None and {first.geometry, first.score} <= {*named}:
        return named[first.geometry], named[first.score]
    score, others = preferred(found, HEADLINES), [column for column in found if not column.score]
    quantity = Quantity.parse(score.name) if score and "predictivity" in tables else None
    if quantity:
        scores = tables["predictivity"]
        images = scores.stimuli[scores.recording == quantity.recording].iloc[0]
        others = [column for column in others if column.name == str(Quantity(DIMENSIONALITY, stimuli=images))] or others
    known = [column for column in others if DIMENSIONALITY in column.name.lower().replace(" ", "_")]
    return next(iter(known or others), None), score


def preferred(found: list[Column], metrics: tuple[str, ...]) -> Column | None:
    """The last score of the first of some metrics that any column has, or else the first score."""
    scores = [column for column in found if column.score and not is_average(column.name)]
    for metric in metrics:
        if known := [column for column in scores if column.name.startswith(f"{metric}@")]:
            return known[-1]
    return scores[0] if scores else None
