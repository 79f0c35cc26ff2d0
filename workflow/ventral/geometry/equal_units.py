"""Metrics of areas at equal numbers of units: means over random draws of as many units as the smallest area has.

Plug-in metrics, and metrics that are corrected only for the number of images, depend on the number of units. Of one
population, 168 units have a higher dimensionality than 88. Areas are therefore compared at the same number.
"""

import logging
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.geometry.cross_validated import CROSS_VALIDATED
from ventral.geometry.dimensionality_rows import METRICS as DIMENSIONALITY
from ventral.geometry.factorization_rows import METRICS as FACTORIZATION
from ventral.geometry.scene_factorization import corrected, on_subspaces, overall, varying_decomposition
from ventral.geometry.spectrum import effective_dimensionality
from ventral.gram import Gram, gram
from ventral.metrics import SCENE, Method
from ventral.stimuli.design import independent, parameters_with_shared_levels, varied_parameters

DRAWS = 10
ENDING = "_at_equal_units"
KEYS = ["metric", "parameter", "against", "threshold"]

EQUAL = Method(
    "Areas at equal numbers of units",
    "Means over 10 random draws of as many units as the smallest area of the recording has, with the range over draws, "
    "from the means over trials. The smallest area has its own value and no range.",
)
METRICS = tuple(
    metric.as_control(
        f"{metric.name}{ENDING}",
        f"{metric.label} at equal numbers of units",
        f"The metric {metric.name} of as many units as the smallest area of the recording has.",
        method=EQUAL,
        counts="unit",
    )
    for metric in (*DIMENSIONALITY, *FACTORIZATION)
    if metric.name in CROSS_VALIDATED
)


def equal_units_rows(
    responses: np.ndarray, units: int, table: pd.DataFrame, thresholds: Sequence[float], seed: int
) -> list[dict[str, object]]:
    """Rows of one area at a number of units.

    Parameters
    ----------
    responses : array of shape (images, p)
        Means over trials.
    units : int
        At most p.
    table : DataFrame
        The stimulus table of the images.
    thresholds : sequence of float
        As for `ventral.geometry.measure`.
    seed : int

    Returns
    -------
    list of dict
        metric, parameter, against, threshold; the mean over draws (value), the range over draws (low, high); and the
        number of units (n).
    """
    p, rng = responses.shape[1], generator(seed, "units")
    draws = [np.sort(rng.choice(p, units, replace=False)) for _ in range(DRAWS)] if units < p else [np.arange(p)]
    found = [
        values | {"value": value}
        for chosen in draws
        for values, value in measured(gram(responses[:, chosen], device="cpu"), table, thresholds)
    ]
    if not found:
        return []
    of_draws = pd.DataFrame(found).groupby(KEYS, dropna=False, sort=False).value
    rows = of_draws.agg(value="mean", low="min", high="max").reset_index().assign(n=units)
    if len(draws) == 1:
        rows[["low", "high"]] = np.nan
    return rows.assign(metric=rows.metric + ENDING).to_dict("records")


def measured(G: Gram, table: pd.DataFrame, thresholds: Sequence[float]) -> Iterator[tuple[dict[str, object], float]]:
    """The metrics of one draw of units, each as its keys and its value."""
    whole = {"parameter": "", "against": "", "threshold": np.nan}
    dimensionality = effective_dimensionality(G)
    yield whole | {"metric": "effective_dimensionality"}, dimensionality.effective_dimensionality
    if independent(table):
        name = "corrected_effective_dimensionality"
        yield whole | {"metric": name}, dimensionality.corrected_effective_dimensionality
    varied, shared_levels = varied_parameters(table), parameters_with_shared_levels(table)
    for parameter in filter(None, varied.unique()):
        index = np.flatnonzero(varied == parameter)
        try:
            D = varying_decomposition(
                G.subset(index).centered, table.scene.to_numpy()[index], parameter in shared_levels
            )
        except Fault as fault:
            logging.warning("%s", fault)
            continue
        once = np.ones((1, len(D.mean_mean)))
        at = {np.nan: overall(D, once) | corrected(D, once)} | on_subspaces(D, thresholds, once)
        for threshold, metrics in at.items():
            keys = {"parameter": parameter, "against": SCENE, "threshold": threshold}
            for name, values in metrics.items():
                if name in CROSS_VALIDATED:
                    yield keys | {"metric": name}, float(values[0])
