"""How many components of a layer predict an area, and does it matter how much variance they have?

`pcr_r` is the correlation between held-out responses and their prediction by least squares on the first k components of
the training images. The curve over k says how many of them help, before the regression fits noise.

Ridge regression favors components with much variance. ZCA whitening with the covariance of the training images gives
all components the same variance, and hence the same penalty. With inside = V diag(λ) Vᵀ the inner products of the
training images, those of the whitened responses are V Vᵀ, so a penalty α multiplies all predictions of a unit by
1/(1 + α)::

    ŷ = across V diag(1 / λ) Vᵀ (y − ȳ) / (1 + α) + ȳ

The correlation does not depend on α: it is that of least squares on all components, where the curve of `pcr_r` ends.
Components with little variance, which are mostly noise or of few images, then count as much as all others.

Source: the whitened layers of Elmoznino & Bonner, "High-performing neural network models of visual cortex benefit from
high latent dimensionality", PLoS Computational Biology 20: e1011792 (2024), who ask whether more than the spectrum of a
layer matters.
"""

from collections.abc import Callable

import numpy as np

from ventral.metrics import Method, Metric, Role
from ventral.predictivity.area_scores import summarized
from ventral.predictivity.encoding import COUNTS

RESAMPLES = 200  # of units

CURVE = Method(
    "Components that predict",
    "Correlation between held-out responses and their prediction by least squares on the first components of the "
    "training images, against their number; and by ridge regression after ZCA whitening of the layer with the "
    "covariance of the training images, which gives all components the same penalty. Medians over units; intervals are "
    "bootstraps over units.",
    "Elmoznino & Bonner, PLoS Computational Biology 20:e1011792 (2024), for whitened layers.",
    ("elmoznino2024",),
)
METRICS = (
    Metric(
        "pcr_r",
        "r of the first components",
        Role.CONTROL,
        "Correlation between held-out responses and their prediction by least squares on as many of the first "
        "components as the parameter says, median over units.",
        CURVE,
        (-1, 1),
        counts="unit",
    ),
    Metric(
        "whitened_r",
        "r of the whitened layer",
        Role.CONTROL,
        "Correlation between held-out responses and their prediction by ridge regression from the whitened layer, "
        "median over units; it is the same for all penalties.",
        CURVE,
        (-1, 1),
        counts="unit",
    ),
)


def component_rows(
    area: str, by_components: np.ndarray, components: int, draw: Callable[[int], np.ndarray]
) -> list[dict[str, object]]:
    """Rows of one area.

    Parameters
    ----------
    area : str
    by_components : array of shape (len(COUNTS) + 1, splits, units)
        r with the first components, as many as each of `COUNTS`, and with all of them. Units without a score are left
        out.
    components : int
        That the training images of every split have; the curve ends before larger numbers.
    draw : function of n
        Resamples of n units.

    Returns
    -------
    list of dict
        area, metric, value, low, high, n (units), and parameter ("50 components") of the curve.
    """
    scored = by_components[:, :, ~np.isnan(by_components).any(axis=(0, 1))]
    known = sum(count <= components for count in COUNTS)
    whitened = summarized(area, "whitened_r", scored[-1], lambda n: draw(n)[:RESAMPLES])
    return [*curve_rows(area, "pcr_r", scored[:known], draw), whitened | {"parameter": ""}]


def curve_rows(
    area: str, metric: str, by_components: np.ndarray, draw: Callable[[int], np.ndarray]
) -> list[dict[str, object]]:
    """Rows of a curve over the number of components.

    Parameters
    ----------
    area, metric : str
    by_components : array of shape (counts, splits, units)
        r with as many components as each of the first of `COUNTS`. Units without a score are left out.
    draw : function of n
        Resamples of n units.

    Returns
    -------
    list of dict
        As `component_rows`.
    """
    defined = ~np.isnan(by_components).any(axis=(0, 1))
    return [
        summarized(area, metric, r, lambda n: draw(n)[:RESAMPLES])
        | {"parameter": f"{count} component{'s' * (count > 1)}"}
        for count, r in zip(COUNTS, by_components[:, :, defined], strict=False)
    ]
