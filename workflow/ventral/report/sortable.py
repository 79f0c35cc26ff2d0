"""Tables of the page, which a click on a heading sorts: each cell has a text and the value that it is sorted by."""

from dataclasses import dataclass, field

from ventral.figures.labels import number, with_interval

TRAINING = ("training", "how the network was trained")  # heading of a column, and its explanation


@dataclass(frozen=True)
class Cell:
    """The text of a cell, and the value by which its column is sorted."""

    text: str
    value: float | str

    @property
    def numeric(self) -> bool:
        """Whether the cell holds a number."""
        return not isinstance(self.value, str)


@dataclass(frozen=True)
class Table:
    """One table of the page.

    `columns` are pairs of heading and explanation. `anchors` are the ids of the rows, for claims that link to them
    (`ventral.report.claims`); without them the rows have no ids.
    """

    id: str
    heading: str
    note: str
    columns: list[tuple[str, str]]
    rows: list[list[Cell]] = field(repr=False)
    anchors: list[str] = field(default_factory=list, repr=False)


def text(words: str) -> Cell:
    """A cell of words."""
    return Cell(words, words)


def model_name(model: str, baseline: bool) -> Cell:
    """A cell with the name of a model, which says if the model is a baseline."""
    return text(model + (" (baseline)" if baseline else ""))


def training(kind: str) -> Cell:
    """A cell that says how a network was trained."""
    return text(kind.replace("_", "-"))


def figure(value: float, digits: int = 2) -> Cell:
    """A cell with one number."""
    return Cell(number(value, digits), float(value))


def interval(row) -> Cell:
    """A cell with a value and its interval, sorted by the value."""
    return Cell(with_interval(row.value, row.low, row.high), float(row.value))
