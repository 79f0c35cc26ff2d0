"""Dimensionality of every stimulus set, with corrections, intervals and sub-samples if the images are independent."""

import logging

import numpy as np

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.geometry.family import Family, Layer
from ventral.geometry.intrinsic import intrinsic_dimension
from ventral.geometry.spectrum import effective_dimensionality
from ventral.geometry.sub_samples import sample_rows
from ventral.geometry.whitening import whitened_effective_dimensionality
from ventral.metrics import Method, Metric, Role
from ventral.stimuli.design import independent

ELMOZNINO = "Elmoznino & Bonner, PLoS Computational Biology 20(1):e1011792 (2024)."
SPECTRAL = Method(
    "Effective dimensionality",
    "ED = (Σλ)²/Σλ² of the eigenvalues λ of the covariance; the number of components with 80 % of the variance; "
    "and the exponent of a power law that is fitted to the eigenvalues.",
    ELMOZNINO,
    ("elmoznino2024",),
)
UNBIASED = Method(
    "Corrected effective dimensionality",
    "The ratio of unbiased estimates of (tr Σ)² and tr Σ² over distinct images, with a jackknife over images. It "
    "is measured only if the images are independent.",
    "U-statistics of Chen, Zhang & Zhong, JASA 105:810 (2010).",
    ("chen2010",),
)
FURTHER = Method(
    "Whitened and intrinsic dimensionality",
    "ED of one half of the images after whitening by the other half; and TwoNN, from the ratio of each image’s "
    "distances to its second and first neighbors.",
    f"{ELMOZNINO} Facco et al., Scientific Reports 7:12140 (2017).",
    ("elmoznino2024", "facco2017"),
)
SAMPLED = Method(
    "Dimensionality of fewer images",
    "Effective dimensionality, plain and corrected, of random sub-samples of the images: the ratio of the mean terms "
    "of 10 draws, with the range over draws.",
)
ED = Metric(
    "effective_dimensionality",
    "effective dimensionality",
    Role.GEOMETRY,
    "(Σλ)²/Σλ² of the eigenvalues λ of the covariance: the number of axes if variance were spread evenly; few images "
    "make it too small.",
    SPECTRAL,
    (1, None),
    log=True,
    heading="ED",
)
CORRECTED = Metric(
    "corrected_effective_dimensionality",
    "corrected effective dimensionality",
    Role.GEOMETRY,
    "Effective dimensionality from unbiased estimates of (tr Σ)² and tr Σ², which does not depend on the number of "
    "images.",
    UNBIASED,
    (1, None),
    log=True,
    heading="corrected ED",
)
METRICS = (
    ED,
    CORRECTED,
    Metric(
        "whitened_effective_dimensionality",
        "whitened effective dimensionality",
        Role.GEOMETRY,
        "Effective dimensionality of half of the images after whitening by the other half: large if the variance of "
        "all axes is stable.",
        FURTHER,
        (1, None),
        log=True,
        heading="whitened ED",
    ),
    Metric(
        "intrinsic_dimension",
        "intrinsic dimension",
        Role.GEOMETRY,
        "TwoNN estimate of the dimension of the manifold on which the responses lie.",
        FURTHER,
        (0, None),
        heading="intrinsic dimension",
    ),
    Metric(
        "components_80",
        "components with 80 % of the variance",
        Role.GEOMETRY,
        "Smallest number of principal components with 80 % of the variance or more.",
        SPECTRAL,
        (1, None),
        variant_of=ED.name,
        heading="components for 80 %",
    ),
    Metric(
        "alpha",
        "exponent of the spectrum",
        Role.GEOMETRY,
        "Exponent α of the power law λ ∝ rank^−α that is fitted at 50 ranks: large if variance falls off fast.",
        SPECTRAL,
        heading="α",
    ),
    *(
        metric.as_control(
            f"{metric.name}_of_sample",
            f"{metric.label} of fewer images",
            f"The metric {metric.name} for the number of images in the parameter.",
            method=SAMPLED,
        )
        for metric in (ED, CORRECTED)
    ),
)


def dimensionality_rows(layer: Layer) -> list[dict[str, object]]:
    """Rows of dimensionality, with intervals, corrections and sub-samples if the images are independent."""
    G, seed = layer.G, layer.seed
    names = ("effective_dimensionality", "components_80", "alpha")
    rows = [{"metric": name, "value": getattr(layer.spectrum, name), "n": len(G)} for name in names]
    if not np.isfinite(layer.spectrum.alpha):
        logging.warning("alpha is undefined, because fewer than two eigenvalues are above zero.")
    if not independent(layer.table):
        return rows
    dimensionality = effective_dimensionality(G)
    rows[0] |= {"low": dimensionality.low, "high": dimensionality.high}
    corrected = {
        "metric": "corrected_effective_dimensionality",
        "value": dimensionality.corrected_effective_dimensionality,
    }
    if not np.isfinite(corrected["value"]):
        logging.warning("The corrected effective dimensionality is undefined; it needs more images or more variance.")
    rows.append(corrected | {"low": dimensionality.corrected_low, "high": dimensionality.corrected_high, "n": len(G)})
    for metric, value in (
        ("whitened_effective_dimensionality", lambda: whitened_effective_dimensionality(G, generator(seed, "halves"))),
        ("intrinsic_dimension", lambda: intrinsic_dimension(G)),
    ):
        try:
            rows.append({"metric": metric, "value": value(), "n": len(G)})
        except Fault as fault:
            logging.warning("%s", fault)
    return rows + sample_rows(G, seed)


FAMILY = Family(0, lambda table: True, dimensionality_rows)
