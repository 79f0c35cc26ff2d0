"""Scores of an area as rows of the long table: medians over units with intervals, divided by the ceiling or not."""

import logging
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ventral.metrics import Metric, Role
from ventral.predictivity.encoding import MODELS, RIDGE
from ventral.statistics.bootstrap import (
    center,
    mean_of_splits,
    medians_over,
    resampled_center,
    with_interval,
)

SMALLEST_CEILING = 0.1  # units below it are mostly noise, and dividing by their ceiling is meaningless
CEILED = {
    "{}_r/c": lambda r, c: r / c,
    "({}_r/c)^2": lambda r, c: (r / c) * np.abs(r / c),  # Brain-Score from 2020 to 2025, except for the sign
    "{}_r^2/c": lambda r, c: r * np.abs(r) / c,  # Brain-Score since 2026, except for the sign
}
NAMES = {  # and what each is a fixed function of, as c is the same for all layers
    "{}_r/c": ("r/c", "{}_r"),
    "({}_r/c)^2": ("(r/c)²", "{}_r^2/c"),
    "{}_r^2/c": ("r²/c", ""),
}
METRICS = (
    Metric(
        "ceiling",
        "noise ceiling c",
        Role.CEILING,
        "Reliability c of the responses to the test images, median over units; a perfect model reaches r = √c.",
        RIDGE,
        (0, 1),
        counts="unit",
    ),
    *(
        Metric(
            formula.format(name),
            f"{model.label} {written}",
            Role.SCORE,
            f"{written} of {model.text}, with r and the reliability c as medians over units with c ≥ .1; "
            f"{'1 for a perfect model' if written == 'r²/c' else 'a perfect model exceeds 1'}.",
            model.method,
            same_as=same_as.format(name),
            heading=written if (name, written) == ("ridge", "r²/c") else "",
            counts="unit",
        )
        for name, model in MODELS.items()
        for formula, (written, same_as) in NAMES.items()
    ),
)


class Medians(NamedTuple):
    """Medians over an area's units of scores on resampled images, (splits, resamples).

    Attributes
    ----------
    every : array
        Over all units that vary in every split.
    reliable : array
        Over those of them with a ceiling of 0.1 or more.
    """

    every: np.ndarray
    reliable: np.ndarray


def score_rows(
    area: str,
    inside: np.ndarray,
    scores: dict[str, np.ndarray],
    medians: dict[str, Medians],
    ceilings: tuple[np.ndarray, np.ndarray] | None,
    draw: Callable[[int], np.ndarray],
) -> list[dict[str, object]]:
    """Rows of an area's scores, its ceiling and its ceiled scores.

    Parameters
    ----------
    area : str
    inside : bool array of shape (units,)
        Which units belong to the area.
    scores : dict of arrays of shape (splits, units)
    medians : dict of Medians
        Of the area's scores on resampled images, for the metrics with an interval over images.
    ceilings : (c, resampled c), optional
        As from `scored_ceilings`.
    draw : function of n
        Resamples of n units.
    """
    rows = []
    for metric, values in scores.items():
        on_images = medians[metric].every if metric in medians else None
        rows.append(summarized(area, metric, values[:, inside], draw, on_images))
    if ceilings is None:
        return rows
    c, resampled_c = ceilings[0][inside], ceilings[1]
    rows.append(summarized(area, "ceiling", c[None], draw))
    for metric, resampled in medians.items():
        r, method = scores[metric][:, inside], metric.removesuffix("_r")
        reliable = is_reliable(c) & ~np.isnan(r).any(axis=0)
        report_left_out(area, method, reliable)
        units = inside.copy()
        units[inside] = reliable
        c_images = medians_over(resampled_c, units) if reliable.any() else np.empty(0)
        rows += ceiled(area, method, r[:, reliable], c[reliable], draw, (resampled.reliable, c_images))
    return rows


def summarized(
    area: str, metric: str, scores: np.ndarray, draw: Callable[[int], np.ndarray], on_images: np.ndarray | None = None
) -> dict[str, object]:
    """One row of the table: the median over units, averaged over splits, with its intervals.

    Parameters
    ----------
    area, metric : str
    scores : array of shape (splits, units)
        Units without a score in every split are left out, which the log says. Without units the value is NaN, and with
        one unit there is no interval over units.
    draw : function of n
        Resamples of n units.
    on_images : array of shape (splits, resamples), optional
        Medians of the scores on resampled images.
    """
    defined = ~np.isnan(scores).any(axis=0)
    if not defined.all():
        logging.warning("%s, %s: %d units without a score are left out.", area, metric, np.sum(~defined))
    scores, n = scores[:, defined], int(defined.sum())
    row = {"area": area, "metric": metric, "n": n, "value": np.nan}
    if n and on_images is not None:
        row |= with_interval(center(scores), mean_of_splits(on_images), "images")
    if n > 1:
        row |= with_interval(center(scores), resampled_center(scores, draw(n)), "units")
    return row | ({"value": float(center(scores))} if n else {})


def ceiled(
    area: str,
    method: str,
    r: np.ndarray,
    c: np.ndarray,
    draw: Callable[[int], np.ndarray],
    on_images: tuple[np.ndarray, np.ndarray],
) -> list[dict[str, object]]:
    """Rows of a method's scores divided by the ceiling.

    Parameters
    ----------
    area, method : str
    r : array of shape (splits, units)
        Scores of the units with a score in every split and a ceiling of 0.1 or more.
    c : array of shape (units,)
        Their ceilings.
    draw : function of n
        Resamples of n units.
    on_images : arrays of shape (splits, resamples) and (resamples,)
        Medians over units of the scores and of the ceilings on resampled images. Resamples with a ceiling below 0.1 are
        left out; if these are more than one in ten, there is no interval over images.
    """
    n = len(c)
    rows = [{"area": area, "metric": name.format(method), "n": n, "value": np.nan} for name in CEILED]
    if not n:
        return rows
    r_images, c_images = mean_of_splits(on_images[0]), on_images[1]
    c_images = np.where(c_images >= SMALLEST_CEILING, c_images, np.nan)
    for row, formula in zip(rows, CEILED.values(), strict=True):
        value = formula(center(r), center(c[None]))
        row |= with_interval(value, formula(r_images, c_images), "images")
        if n > 1:
            drawn = resampled_center(r, draw(n)), resampled_center(c[None], draw(n))
            row |= with_interval(value, formula(*drawn), "units")
    return rows


def is_reliable(ceilings: np.ndarray) -> np.ndarray:
    """Which units have a ceiling by which their score can be divided."""
    return np.nan_to_num(ceilings) >= SMALLEST_CEILING


def report_left_out(area: str, method: str, reliable: np.ndarray) -> None:
    """Log how many units are left out of the ceiled scores of a method."""
    if not reliable.all():
        logging.warning(
            "%s: %d of %d units have a ceiling below %g or no score, and are left out of the ceiled %s scores.",
            area,
            np.sum(~reliable),
            len(reliable),
            SMALLEST_CEILING,
            method,
        )
