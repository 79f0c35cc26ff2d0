"""The metrics of class manifolds, and their rows with intervals over classes."""

import numpy as np

from ventral.geometry.manifolds import Manifolds, few_shot_snr
from ventral.metrics import Method, Metric, Role
from ventral.statistics.intervals import jackknife_interval

TERMS = ["radius", "dimension", "signal", "bias", "overlap_self", "overlap_other"]

MANIFOLDS = Method(
    "Class manifolds",
    "Radius and participation ratio of the responses to each class, distance and overlap between classes, and the "
    "resulting signal-to-noise ratio of few-shot learning; and the distance of images from their class mean along "
    "the line to another class, in units of the spread of the class. Intervals are over classes: a jackknife of the "
    "logarithm.",
    "Sorscher, Ganguli & Sompolinsky, PNAS 119:e2200800119 (2022). "
    "Elmoznino & Bonner, PLoS Computational Biology 20(1):e1011792 (2024).",
    ("sorscher2022", "elmoznino2024"),
    of_labels=True,
)
METRICS = (
    Metric(
        "few_shot_snr",
        "few-shot SNR",
        Role.GEOMETRY,
        "Signal-to-noise ratio of telling two classes apart after a few images of each: large if errors are rare.",
        MANIFOLDS,
        settings=True,
        heading="few-shot SNR",
    ),
    Metric(
        "projection_distance",
        "projection distance",
        Role.GEOMETRY,
        "Distance of images from their class mean along the line to another class, in units of the spread of the "
        "class: large if classes spread toward each other.",
        MANIFOLDS,
        (0, None),
        heading="projection distance",
    ),
    Metric(
        "manifold_dimension",
        "dimension of class manifolds",
        Role.GEOMETRY,
        "Participation ratio of the covariance of a class: large if its images vary along many axes.",
        MANIFOLDS,
        (1, None),
        heading="dimension",
    ),
    Metric(
        "manifold_signal",
        "signal of class manifolds",
        Role.GEOMETRY,
        "Distance between the means of two classes, in radii.",
        MANIFOLDS,
        (0, None),
        unit="radii",
        heading="signal",
    ),
    Metric(
        "manifold_radius",
        "radius of class manifolds",
        Role.GEOMETRY,
        "Square root of the variance of a class, summed over axes.",
        MANIFOLDS,
        (0, None),
        unit="that of the responses",
    ),
    Metric(
        "manifold_bias",
        "bias of class manifolds",
        Role.GEOMETRY,
        "Radius of another class relative to that of the class, minus one.",
        MANIFOLDS,
        (-1, None),
    ),
    Metric(
        "manifold_overlap_self",
        "overlap of signal and own noise",
        Role.GEOMETRY,
        "Spread of a class along the line to another class: large if it makes the classes hard to tell apart.",
        MANIFOLDS,
        (0, None),
    ),
    Metric(
        "manifold_overlap_other",
        "overlap of signal and the other’s noise",
        Role.GEOMETRY,
        "Spread of the other class along the line between the two, in units of the class.",
        MANIFOLDS,
        (0, None),
    ),
)


def manifold_rows(M: Manifolds, shots: list[int]) -> list[dict[str, object]]:
    """Rows of the terms, the projection distance and the ratio for each number of shots: means over classes or pairs.

    `low` and `high` bound 95 % over classes; they are missing with fewer than five classes.
    """
    values = [(f"manifold_{name}", "", getattr(M, name)) for name in TERMS]
    values.append(("projection_distance", "", M.projection_distance))
    values += [("few_shot_snr", f"{m}-shot", few_shot_snr(M, m)) for m in shots]
    return [
        {"metric": metric, "parameter": parameter, "value": float(np.nanmean(value))} | _interval(value)
        for metric, parameter, value in values
    ]


def _interval(value: np.ndarray) -> dict[str, float]:
    """95 % interval of a mean over classes or pairs: a jackknife over classes, of the logarithm if that is defined.

    Means of ratios have long upper tails, which the logarithm makes shorter.
    """
    C = len(value)
    if C < 5:
        return {}
    known = np.nan_to_num(value)
    left_out = (known.sum() - known) / (C - 1)
    if value.ndim == 2:
        left_out = (known.sum() - known.sum(axis=0) - known.sum(axis=1)) / ((C - 1) * (C - 2))
    mean = np.nanmean(value)
    if min(mean, left_out.min()) > 0:
        low, high = np.exp(jackknife_interval(np.log(mean), np.log(left_out), heavy_tails=True))
    else:
        low, high = jackknife_interval(mean, left_out, heavy_tails=True)
    return {"low": float(low), "high": float(high)}
