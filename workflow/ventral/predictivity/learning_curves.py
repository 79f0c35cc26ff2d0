"""How the error of ridge regression falls with the number of training images: as theory predicts it, and as measured.

Both have the one penalty per area that theory says is best (`ventral.predictivity.spectral_theory`), which depends on
the spectrum of the layer and on the mean alignment of the units. It is not chosen on training images alone, so the
curves explain the scores of encoding models and do not replace them.
"""

from collections.abc import Sequence

import numpy as np

from ventral.metrics import Method, Metric, Role
from ventral.predictivity.sampled_fits import DRAWS, Sample, fits, interval_over_units
from ventral.predictivity.spectral_theory import Modes, alignment, best_ridge, moved_penalties, radius

THEORY = Method(
    "Why a layer predicts",
    "The spectral theory of ridge regression: its error follows from the eigenvalues of the layer’s Gram matrix and "
    "from the shares of the responses’ variance along its eigenvectors. The error from 80 % of the images is the sum "
    "of error modes, E = R √D, with the radius R and the dimension D of the mean modes of the area’s units. Intervals "
    "are jackknives over units, with the images as they are.",
    "Canatar, Feather, Wakhloo & Chung, NeurIPS 36 (2023); for training images without replacement and the error of "
    "the others, Ventral’s own derivation.",
    ("canatar2023",),
)
METRICS = (
    Metric(
        "spectral_alignment",
        "alignment with leading components",
        Role.SCORE,
        "Share of the responses’ variance along the leading eigenvectors of the layer: 1 if the first has all, 0 if "
        "all have the same share, as for shuffled images.",
        THEORY,
        (-1, 1),
        heading="alignment",
        counts="unit",
    ),
    Metric(
        "error_radius",
        "radius of the error modes",
        Role.SCORE,
        "R = √Σ W̃² of the error modes W̃ of ridge regression from 80 % of the images: large if single modes are "
        "predicted badly.",
        THEORY,
        (0, None),
        heading="error radius",
        counts="unit",
    ),
    Metric(
        "error_dimension",
        "dimension of the error modes",
        Role.SCORE,
        "D = (ΣW̃)² / ΣW̃² of the error modes W̃ of ridge regression from 80 % of the images: large if the error is "
        "spread over many modes.",
        THEORY,
        (1, None),
        heading="error dimension",
        counts="unit",
    ),
    Metric(
        "predicted_error",
        "predicted error of ridge regression",
        Role.CONTROL,
        "Squared error of the prediction of other images, as a share of the responses’ variance, that theory expects "
        "from the number of training images in the parameter.",
        THEORY,
        (0, None),
        counts="unit",
    ),
    Metric(
        "measured_error",
        "measured error of ridge regression",
        Role.CONTROL,
        f"The same error of ridge regression with the same penalty, mean of {DRAWS} draws of the training images.",
        THEORY,
        (0, None),
        counts="unit",
    ),
)


def learning_curve_rows(of: Sample, rng: np.random.Generator) -> list[dict[str, object]]:
    """Rows of every area: alignment, radius and dimension of error modes, and both learning curves.

    Parameters
    ----------
    of : Sample
    rng : Generator
        For the training images.

    Returns
    -------
    list of dict
        area, metric, value, low, high, n (units), and parameter ("80 images") of the curves.
    """
    rows = []
    for area, units in of.areas.items():
        rows += [{"area": area} | row for row in spectral_rows(of.of_area(units), of.training_sizes[-1])]
    for p in of.training_sizes:
        ridges = {area: best_ridge(of.of_area(units), p) for area, units in of.areas.items()}
        penalties = [(units, ridges[area].penalty) for area, units in of.areas.items()]
        measured = measured_errors(of, p, penalties, rng)
        for area, units in of.areas.items():
            key = {"area": area, "parameter": f"{p} images", "n": len(units)}
            expected = ridges[area].weights @ of.of_area(units).shares
            rows.append(key | {"metric": "predicted_error"} | mean_over_units(expected))
            rows.append(key | {"metric": "measured_error"} | mean_over_units(measured[units]))
    return rows


def spectral_rows(of_area: Modes, p: int) -> list[dict[str, object]]:
    """Rows of the alignment of an area, and of its error modes with p training images, which need two units."""
    ridge, units = best_ridge(of_area, p), of_area.shares.shape[1]
    rows = [{"metric": "spectral_alignment", "n": units} | mean_over_units(alignment(of_area.shares))]
    if units < 2:
        return rows
    error = ridge.weights @ of_area.shares
    without = (error.sum() - error) / (units - 1)
    R, R_without = radius(ridge.weights, of_area.shares)
    moved, slope = moved_penalties(of_area, p, ridge)
    R_without = R_without * np.exp(slope * moved)  # the error is at its minimum and changes no more
    for metric, value, left_out in (
        ("error_radius", R, R_without),
        ("error_dimension", (error.mean() / R) ** 2, (without / R_without) ** 2),
    ):
        rows.append({"metric": metric, "n": units, "value": float(value)} | interval_over_units(value, left_out))
    return rows


def mean_over_units(values: np.ndarray) -> dict[str, float]:
    """The mean of values (units,) and its interval."""
    without = (values.sum() - values) / max(len(values) - 1, 1)
    return {"value": float(values.mean())} | interval_over_units(values.mean(), without)


def measured_errors(
    of: Sample, p: int, penalties: Sequence[tuple[np.ndarray, float]], rng: np.random.Generator
) -> np.ndarray:
    """Squared error of the images that were not used for training, as a share of each unit's variance, (units,)."""
    errors = np.zeros(of.Y.shape[1])
    for _, test, units, _, predictions in fits(of, p, penalties, rng):
        errors[units] += np.mean((of.Y[np.ix_(test, units)] - predictions) ** 2, axis=0)
    return errors / DRAWS / of.Y.var(axis=0)
