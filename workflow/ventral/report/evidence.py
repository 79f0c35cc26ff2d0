"""Which relations answer the question of a page: across all layers, among networks that may be compared.

Trained and untrained networks are not compared: where a table has both, the question is asked of the trained ones.
Relations with a simulated area are left out where the geometry is read out of labels, because the area responds to the
same labels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ventral.across_models.associations import JOINT, LAYERS
from ventral.across_models.averages import is_average
from ventral.across_models.layer_table import TRAINED, UNKNOWN, UNTRAINED
from ventral.catalog import METRICS
from ventral.figures.labels import area_label
from ventral.metrics import Quantity, Role

LEVEL = 0.05  # of the false discovery rate
LEADING = 3  # scores whose average is told before them
PAIR = ["geometry", "score"]


@dataclass(frozen=True)
class Evidence:
    """The relations of a table or a study, and which of them answer its question.

    Attributes
    ----------
    relations : DataFrame
        As `ventral.across_models.associations` makes them; a study adds recording, area, metric and simulated.
    """

    relations: pd.DataFrame

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Pearson's r of geometry across layers, of relations that count as separate questions."""
        table = self.relations.fillna({"within": "", "given": ""})
        table = table[(table.across == LAYERS) & (table.statistic == "pearson")]
        of_geometry = with_geometry(table, lambda column: role_of(column) is Role.GEOMETRY)
        tested = table.q.notna().groupby([table[name] for name in PAIR]).transform("any").astype(bool)
        return table[of_geometry & tested & ~of_same_labels(table)]

    @cached_property
    def kinds(self) -> list[str]:
        """How networks were trained; empty if all were in the same way."""
        return [kind for kind in self.rows.within.unique() if kind not in ("", TRAINED)]

    @cached_property
    def question(self) -> tuple[str, str]:
        """Which networks are asked about, and what is held fixed, as in the columns `within` and `given`.

        Trained networks, if there are enough of them for an interval; otherwise all networks with the means of their
        kinds removed; and all networks if they were all trained in the same way.
        """
        trained = [kind for kind in self.kinds if kind.lower() not in (UNTRAINED, *UNKNOWN)]
        alone = TRAINED if TRAINED in set(self.rows.within) else trained[0] if len(trained) == 1 else ""
        choices = [(alone, ""), ("", "kind")] if self.pooled else [("", "")]
        known = self.rows[self.rows.low.notna()]
        return next((one for one in choices if len(at(known, *one))), choices[-1])

    @cached_property
    def pooled(self) -> bool:
        """Whether all networks together are trained and untrained ones."""
        return UNTRAINED in {kind.lower() for kind in self.kinds}

    @cached_property
    def asked(self) -> pd.DataFrame:
        """One row per relation that answers the question; `established` is q < .05."""
        rows = at(self.rows, *self.question)
        return rows.assign(established=rows.q < LEVEL)

    @cached_property
    def scores(self) -> list[str]:
        """Scores that are asked about: averages first, if they are averages of three or more."""
        scores = [*self.asked.score.unique()]
        lead = sum(not is_average(score) for score in scores) >= LEADING
        return sorted(scores, key=lambda score: is_average(score) != lead)

    @cached_property
    def held(self) -> str:
        """Everything that is held fixed at once, as in the column `given`; "" without such relations."""
        within, given = self.question
        labels = [
            label.split(JOINT) for label in self.rows.given[self.rows.within == within].unique() if label != given
        ]
        joint = [names for names in labels if names != [""] and not {"trained", "layer"} & {*names}]
        joint = [names for names in joint if not given or given in names]
        return JOINT.join(max(joint, key=len, default=[]))

    @cached_property
    def known(self) -> dict[tuple[str, str, str, str], Any]:
        """Every row by geometry, score, within and given."""
        return {(row.geometry, row.score, row.within, row.given): row for row in self.rows.itertuples()}

    def of(self, row: Any, within: str, given: str = "") -> Any:
        """The row of the same relation among other networks, or given other columns; None without one."""
        return self.known.get((row.geometry, row.score, within, given))

    def fixed(self, row: Any) -> Any:
        """The row of the same relation given everything at once; None without an interval."""
        found = self.of(row, self.question[0], self.held) if self.held else None
        return None if found is None or np.isnan(found.low + found.high) else found

    def leading(self, score: str) -> Any:
        """The row of the relation that a sentence on a score tells; None if there is none.

        The strongest of those that are established and remain given everything at once; without any, the strongest
        of those that are established; without any, the strongest.
        """
        rows = [row for row in self.asked.itertuples() if row.score == score and np.isfinite(row.value)]
        established = [row for row in rows if row.established]
        remaining = [row for row in established if (fixed := self.fixed(row)) is not None and apart(fixed)]
        return max(remaining or established or rows, key=lambda row: abs(row.value), default=None)

    @cached_property
    def first(self) -> Any:
        """The row of the relation that the picture beside the answer shows; None if there is none."""
        leaders = [row for score in self.scores if (row := self.leading(score)) is not None]
        averaged = bool(leaders) and is_average(self.scores[0])
        return max(
            leaders,
            key=lambda row: (row.established, averaged and is_average(row.score), abs(row.value)),
            default=None,
        )


def at(rows: pd.DataFrame, within: str, given: str) -> pd.DataFrame:
    """Relations among some networks, given some columns."""
    return rows[(rows.within == within) & (rows.given == given)]


def with_geometry(rows: pd.DataFrame, chosen: Callable[[str], bool]) -> pd.Series:
    """Which relations have a geometry column that is chosen by its name."""
    return pd.Series([chosen(column) for column in rows.geometry], rows.index, dtype=bool)


def of_same_labels(rows: pd.DataFrame) -> pd.Series:
    """Which relations are those of a read-out of labels with an area that was simulated from the labels."""
    if "simulated" not in rows:
        return pd.Series(False, rows.index)
    return rows.simulated.eq(True) & with_geometry(rows, of_labels)


def apart(row: Any) -> bool:
    """Whether an interval excludes 0."""
    return bool(row.low > 0 or row.high < 0)


def score_label(row: Any) -> str:
    """A score in words: an area and its recording, or the name of a column."""
    area = getattr(row, "area", None)
    return row.score if area is None or pd.isna(area) else area_label(row.recording, area, bool(row.simulated))


def role_of(column: str) -> Role:
    """The role of a column; a column that no study named is geometry."""
    metric = metric_of(column)
    return METRICS[metric].role if metric else Role.GEOMETRY


def of_labels(column: str) -> bool:
    """Whether a quantity is computed from the labels of images."""
    metric = metric_of(column)
    return bool(metric) and METRICS[metric].method.of_labels


def metric_of(column: str) -> str:
    """The metric of a column that a study named; "" for others."""
    try:
        metric = Quantity.parse(column).metric
    except ValueError:
        return ""
    return metric if metric in METRICS else ""
