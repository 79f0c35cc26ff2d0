"""The table of the page that compares models and kinds of models unit by unit."""

import pandas as pd

from ventral.across_models.paired import KINDS, MODELS
from ventral.catalog import HEADLINE, record
from ventral.figures.labels import areas, scores, with_interval
from ventral.report.sortable import TRAINING, Cell, Table, figure, text, training

MOST = 200  # largest number of rows on the page


def paired_table(summary: dict[str, pd.DataFrame]) -> Table:
    """The best layers of two models, or of two kinds of models, on the same units."""
    rows = []
    for area in areas(summary["predictivity"], [HEADLINE]).itertuples() if "paired" in summary else ():
        table = scores(summary["paired"], area.recording, area.area, HEADLINE)
        rows += [paired_row(area.label, row) for row in table[table.compared.isin([KINDS, MODELS])].itertuples()]
    of_all = f" These are the first {MOST:,} of {len(rows):,} rows; paired.csv has all." if len(rows) > MOST else ""
    layer = ("layer", "the best on all units; the compared layers are the best on other units")
    return Table(
        "paired",
        "Models compared unit by unit",
        f"The median over units of the difference in {record(HEADLINE).heading} between the best layers of two models "
        "or of two kinds of training, with the 95 % interval and q of the sign test. Each unit is scored in "
        f"the layers that are best on other units.{of_all}",
        [
            ("area", ""),
            ("compared", "models, or kinds of training"),
            *(("model", ""), TRAINING, layer),
            *(("other model", ""), TRAINING, layer),
            ("difference", ""),
            ("q", "p after correction for the number of comparisons (Benjamini and Hochberg)"),
            ("share", "of units in which the first model predicts better"),
            ("units", ""),
        ],
        rows[:MOST],
    )


def paired_row(area: str, row) -> list[Cell]:
    """The cells of one comparison."""
    return [
        *map(text, (area, row.compared, row.model)),
        *(training(row.kind), text(row.layer), text(row.other_model), training(row.other_kind), text(row.other_layer)),
        Cell(with_interval(row.difference, row.low, row.high, 3), float(row.difference)),
        figure(row.q, 3),
        figure(row.better),
        Cell(f"{int(row.n):,}", int(row.n)),
    ]
