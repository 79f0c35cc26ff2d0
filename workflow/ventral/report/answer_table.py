"""The table behind the answer: every relation, within each kind of training, and given other columns."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ventral.figures.labels import quantity_label
from ventral.report.evidence import Evidence, score_label
from ventral.report.relation_words import TABLE, anchor, held_words, kind_name
from ventral.report.sortable import Cell, Table, figure, interval, text


def answer_table(summary: dict[str, pd.DataFrame]) -> Table:
    """One row per geometry and score, strongest first."""
    evidence = Evidence(summary["relations"])
    asked = sorted(evidence.asked.dropna(subset="value").itertuples(), key=lambda row: -abs(row.value))
    others = compared(evidence)
    return Table(
        TABLE,
        "What goes with predictivity, and what remains",
        "Pearson’s r across layers with 95 % intervals that leave out one family of networks at a time, and the false "
        "discovery rate q over these relations. A dash means that there is no such number, for example because too few "
        "families have it.",
        [
            ("score", ""),
            ("geometry", ""),
            (first(evidence), "Pearson’s r"),
            ("q", "false discovery rate over all rows"),
            *((heading, explanation) for heading, explanation, _ in others),
            ("points", "layers, or networks"),
            ("networks", ""),
            ("families", "networks that share data and initial weights are one family"),
        ],
        [list(cells(evidence, row, [place for *_, place in others])) for row in asked],
        [anchor(row) for row in asked],
    )


def cells(evidence: Evidence, row: Any, others: list[tuple[str, str]]) -> Iterator[Cell]:
    """One row of the table."""
    yield text(score_label(row))
    yield text(quantity_label(row.geometry, row.scale))
    yield interval(row)
    yield figure(row.q, 3)
    for place in others:
        found = evidence.of(row, *place)
        yield figure(np.nan) if found is None else interval(found)
    yield from (Cell(f"{int(getattr(row, name)):,}", int(getattr(row, name))) for name in ("n", "models", "families"))


def compared(evidence: Evidence) -> list[tuple[str, str, tuple[str, str]]]:
    """Further columns: heading, explanation, and the relations, as in the columns `within` and `given`."""
    within, given = evidence.question
    columns = [(kind_name(kind), f"within {kind_name(kind)} networks", (kind, "")) for kind in evidence.kinds]
    if evidence.held:
        columns.append((f"given {held_words(evidence.held)}", "", (within, evidence.held)))
    if evidence.kinds and given != "kind":
        columns.append(("within all kinds", "all networks, with the means of the kinds removed", ("", "kind")))
    if evidence.pooled:
        columns.append(("all networks", "holds the difference between trained and untrained networks", ("", "")))
    return [column for column in columns if column[2] != evidence.question]


def first(evidence: Evidence) -> str:
    """Heading of the column that answers the question."""
    within, given = evidence.question
    return "within all kinds" if given else f"{kind_name(within)} networks".strip()
