"""The two-way corrected metrics of recorded areas, and their rows."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.geometry.cross_validated import WITHOUT_NOISE
from ventral.geometry.trial_halves import Halves
from ventral.geometry.two_way import (
    two_way_cka,
    two_way_covariance_factorization,
    two_way_effective_dimensionality,
)
from ventral.metrics import SCENE, Method, Metric, Role
from ventral.statistics.intervals import Estimate
from ventral.stimuli.design import independent, parameters_with_shared_levels, varied_parameters

UNITS = Method(
    "Populations of units",
    "Effective dimensionality, covariance factorization and centered kernel alignment of the population from which an "
    "area’s units were recorded. Each term is a mean over pairs of distinct units, and over distinct images or scenes, "
    "of products that the plain metric sums over all units. 95 % intervals are over both units and images (or scenes).",
    "Effective dimensionality after Chun, Canatar, Chung & Lee, ICLR (2026); the others are Ventral’s own.",
    ("chun2026",),
)
OF_POPULATION = (
    Metric(
        "two_way_effective_dimensionality",
        "effective dimensionality of the population",
        Role.GEOMETRY,
        "Effective dimensionality of the population of units, for many images: it depends neither on the number of "
        "recorded units nor on that of images.",
        UNITS,
        (1, None),
        log=True,
        heading="two-way ED",
    ),
    Metric(
        "two_way_covariance_factorization",
        "covariance factorization of the population",
        Role.GEOMETRY,
        "Covariance factorization of the population of units, for many scenes: 1 for separate axes, 0 for the same.",
        UNITS,
        heading="two-way covariance factorization",
    ),
    Metric(
        "two_way_cka",
        "CKA of two populations",
        Role.GEOMETRY,
        "Centered kernel alignment of the populations of units of two areas: 1 if they differ by a rotation and a "
        "scale, 0 if they are unrelated.",
        UNITS,
        (-1, 1),
        heading="two-way CKA",
    ),
)
METRICS = (
    *OF_POPULATION,
    *(
        replace(
            metric,
            name=f"{metric.name}_crossed",
            label=f"{metric.label} without noise",
            text=f"The metric {metric.name}, from inner products across halves of the trials.",
            method=WITHOUT_NOISE,
            heading="",
        )
        for metric in OF_POPULATION
    ),
)


def two_way_rows(halves: Halves, table: pd.DataFrame, ending: str = "") -> list[dict[str, object]]:
    """Rows of one area: dimensionality if its images are independent, and factorization of every varied parameter.

    Parameters
    ----------
    halves : sequence of two arrays of shape (images, units)
        See `ventral.geometry.two_way`.
    table : DataFrame
        The stimulus table of the images.
    ending : str
        Of the names: "_crossed" if the halves exclude the noise of trials.
    """
    rows = []
    if independent(table):
        rows += row(f"two_way_effective_dimensionality{ending}", lambda: two_way_effective_dimensionality(halves))
    varied, shared_levels = varied_parameters(table), parameters_with_shared_levels(table)
    for parameter in filter(None, varied.unique()):
        index = np.flatnonzero(varied == parameter)
        part, scenes = [(A[index], B[index]) for A, B in halves], table.scene.to_numpy()[index]
        found = row(
            f"two_way_covariance_factorization{ending}",
            lambda part=part, scenes=scenes, shared=parameter in shared_levels: two_way_covariance_factorization(
                part, scenes, shared
            ),
        )
        rows += [{"parameter": parameter, "against": SCENE} | one for one in found]
    return [
        one | {"n": int((varied == one["parameter"]).sum()) if one.get("parameter") else len(table)} for one in rows
    ]


def cka_rows(first: Halves, second: Halves, other: str, ending: str = "") -> list[dict[str, object]]:
    """The row of the first area against the second, which is named `other`; see `two_way_rows`."""
    rows = row(f"two_way_cka{ending}", lambda: two_way_cka(first, second))
    return [one | {"against": other, "n": len(first[0][0])} for one in rows]


def row(metric: str, measure: Callable[[], Estimate]) -> Iterator[dict[str, object]]:
    """A row of a metric; none if it cannot be measured, and the log says why."""
    try:
        found = measure()
    except Fault as fault:
        logging.warning("%s", fault)
        return
    yield {"metric": metric, "value": found.value, "low": found.low, "high": found.high}
