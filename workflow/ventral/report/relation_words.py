"""Relations between geometry and scores in the words of the page."""

from typing import Any

from ventral.across_models.associations import JOINT, LAYERS
from ventral.across_models.averages import is_average
from ventral.figures.labels import count, listed, number, with_interval
from ventral.report.claims import row_anchor, rows_of
from ventral.report.evidence import Evidence, score_label

TABLE = "answer"  # the table of the page that has a row for each relation
HELD = {"depth": "relative depth", "log n_features": "size", "kind": "kind of training", "trained": "“trained?”"}


def subject(row: Any) -> str:
    """What a sentence on a score is about."""
    label = score_label(row)
    if is_average(row.score):
        return "The average of all scores" if label == row.score else f"Predictivity of the {label}"
    return label if label == row.score else f"Predictivity of {label}"


def networks_asked(evidence: Evidence) -> str:
    """Which networks the question is about, after a count of relations."""
    within, given = evidence.question
    if given:
        return "within kinds of training (their means removed)"
    return "across networks" if not within else f"across {kind_name(within)} networks"


def points(row: Any, evidence: Evidence) -> str:
    """How many layers and networks answer the question."""
    within, given = evidence.question
    networks = count(int(row.models), f"{kind_name(within)} network".strip())
    if row.families < row.models:
        networks += f" in {int(row.families):,} {'family' if row.families == 1 else 'families'}"
    text = networks if row.n == row.models else f"{count(int(row.n), 'layer')} of {networks}"
    return f"{text} within kinds of training" if given else text


def estimate(row: Any, name: str = "r = ") -> str:
    """A correlation with its interval."""
    return f"{name}{with_interval(row.value, row.low, row.high)}"


def probability(q: float) -> str:
    """A false discovery rate after its letter."""
    return "< .001" if q < 0.001 else f"= {number(q, 3)}"


def held_words(given: str) -> str:
    """Columns that are held fixed, in words."""
    return listed([HELD.get(name, name) for name in given.split(JOINT)])


def kind_name(kind: str) -> str:
    """A kind of training as in a sentence."""
    return kind.replace("_", "-")


def anchor(row: Any) -> str:
    """The id of the row of a relation in the table of the page."""
    return row_anchor(TABLE, row.geometry, row.score)


def source(row: Any) -> str:
    """The rows of the file that hold a relation."""
    return rows_of("relations.csv", across=LAYERS, geometry=row.geometry, score=row.score)


def source_of(evidence: Evidence) -> str:
    """The rows of the file that answer the question."""
    within, given = evidence.question
    chosen = {"across": LAYERS, "within": within, "given": given}
    return rows_of("relations.csv", **{column: value for column, value in chosen.items() if value})
