"""The tables of the page: the part of the summary that a reader looks up."""

import pandas as pd

from ventral.report.geometry_tables import deepest_layers, recorded_areas, spectral
from ventral.report.paired_table import paired_table
from ventral.report.score_tables import all_scores, best_layers, observed_choices, observed_distances, relations
from ventral.report.sortable import Table


def all_tables(summary: dict[str, pd.DataFrame]) -> list[Table]:
    """Every table of the page, also those without rows."""
    return [
        best_layers(summary),
        paired_table(summary),
        all_scores(summary),
        observed_choices(summary),
        observed_distances(summary),
        relations(summary),
        deepest_layers(summary),
        recorded_areas(summary),
        spectral(summary),
    ]
