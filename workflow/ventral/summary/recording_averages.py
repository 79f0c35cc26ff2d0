"""Which scores of a study are averaged: those of all recordings, and those of each species."""

from collections.abc import Iterable

import pandas as pd

from ventral.across_models.averages import is_average
from ventral.catalog import BEHAVIOR, DISTANCES, HEADLINE
from ventral.metrics import AVERAGE, Quantity

OF = {HEADLINE: "areas", BEHAVIOR: "observers", DISTANCES: "areas"}  # what is averaged over


def recording_averages(columns: Iterable[str], recordings: pd.DataFrame) -> dict[str, list[str]]:
    """The columns that each average is made of, by its name, such as `ridge_r@average/macaque areas`.

    The headline scores of units, of observers' choices and of observers' distances are averaged over the areas of all
    recordings, and over those of each species if recordings name several, or not all name one. Simulated areas have an
    average of their own. A single area has none.

    Parameters
    ----------
    columns : names
        Of the table `layers.csv`.
    recordings : DataFrame
        recording, simulated, species ("" if it is not named).
    """
    origin = recordings.set_index("recording")
    averages = {}
    for metric, things in OF.items():
        scores = [column for column in columns if column.startswith(f"{metric}@") and not is_average(column)]
        about = origin.loc[[Quantity.parse(column).recording for column in scores]].assign(column=scores)
        made = about.simulated.astype(bool)
        of_species = {str(name): part for name, part in about[~made].groupby("species", sort=False) if name}
        groups = {"simulated": about[made], "all": about[~made], **of_species}
        if any(len(part) == len(groups["all"]) for part in of_species.values()):
            del groups["all"]  # they are those of one species
        for name, part in groups.items():
            if len(part) > 1:
                averages[str(Quantity(metric, recording=AVERAGE, area=f"{name} {things}"))] = part.column.tolist()
    return averages
