"""Which directions of a layer predict an area? The share of the prediction along the axes that a parameter moves.

The q variables of a parameter, relative to their means, are the columns of Z (images × q). The main effect on a layer
with the centered responses X has the directions Xᵀ Z, the regression of the responses on the variables up to a factor.
With C = K Z and M = Zᵀ K Z, the part of a response x_i in the span U of these directions has the inner product
C_i M⁺ Cᵀ a with the weights Xᵀ a of a ridge regression, so that everything is computed from the Gram K. The prediction
of a unit is the sum of the parts inside and outside U, and the share is that of its covariance with the response::

    share = Σ_units cov(ŷ_U, y) / Σ_units cov(ŷ, y)

over images that were not used for training, so that neither noise of the responses nor what the regression made of it
counts. It is 1 if all that predicts the area lies in U, and 0 if nothing does. The shares of U and of all other
directions add up to 1; if both predict with opposite signs, one is negative.

q random directions of a layer also have a share, because all directions found from images lean towards axes with much
variance. The floor has the variables dealt to the images at random, inside scenes if the set has scenes.

Ventral's own, after the question of Lindsey & Issa, eLife 13:91685 (2024), which subspaces that parameters drive in a
network are those that neurons use.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.predictivity.sampled_fits import Sample, fits, interval_over_units
from ventral.predictivity.spectral_theory import best_ridge
from ventral.stimuli.main_effects import MainEffect

SHUFFLES = 20

SHARES = Method(
    "Directions that predict",
    "Ridge regression from 80 % of the images with the penalty that theory says is best, 5 draws. The share of a "
    "parameter is that of the covariance between predictions and responses to other images, summed over units, which "
    "comes from the directions of the layer along which the parameter’s variables move the responses. Intervals are "
    "jackknives over units; the control deals the variables to the images (of a scene) at random, 20 times.",
    "Ventral’s own; the question is that of Lindsey & Issa, eLife 13:91685 (2024).",
    ("lindsey2024",),
)
METRICS = (
    Metric(
        "parameter_share",
        "share of the prediction along a parameter",
        Role.SCORE,
        "Share of an area’s predicted variance that lies in the subspace in which the parameter moves the layer: 1 if "
        "nothing else predicts, 0 if it does not.",
        SHARES,
        counts="unit",
    ),
    Metric(
        "parameter_share_shuffled",
        "share of the prediction along shuffled labels",
        Role.FLOOR,
        "The metric parameter_share with the parameter’s variables dealt to the images at random, mean and range of 20 "
        "shuffles.",
        SHARES,
        counts="unit",
    ),
)


@dataclass(frozen=True)
class Subspace:
    """Directions Xᵀ Z of a layer.

    Attributes
    ----------
    products : array of shape (n, q)
        C = K Z.
    inverse : array of shape (q, q)
        M⁺.
    """

    products: np.ndarray
    inverse: np.ndarray

    def part(self, train: np.ndarray, test: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The part of predictions of test images inside, (test, units), from the weights of the training images."""
        return self.products[test] @ (self.inverse @ (self.products[train].T @ weights))


def parameter_share_rows(
    sample: Sample, effects: Mapping[str, MainEffect], rng: np.random.Generator
) -> list[dict[str, object]]:
    """Rows of every area and parameter.

    Parameters
    ----------
    sample : Sample
    effects : mapping of MainEffect
        By the name of the parameter, for all images of the layer.
    rng : Generator
        For the training images and the shuffles.

    Returns
    -------
    list of dict
        area, metric, parameter, value, low, high, n (units).
    """
    if not effects:
        return []
    names, subspaces = [*effects], []
    for shuffle in range(1 + SHUFFLES):
        drawn = [effect.contrasts(sample.images, rng if shuffle else None) for effect in effects.values()]
        subspaces += subspaces_of(sample.G, drawn)
    p = sample.training_sizes[-1]
    penalties = [(units, best_ridge(sample.of_area(units), p).penalty) for units in sample.areas.values()]
    inside, whole = covariances(sample, subspaces, fits(sample, p, penalties, rng))
    inside = inside.reshape(1 + SHUFFLES, len(names), -1)
    rows = []
    for area, units in sample.areas.items():
        total = whole[units].sum()
        if total <= 0:  # the layer does not predict the area
            continue
        for name, own in zip(names, np.swapaxes(inside[..., units], 0, 1), strict=True):
            share, *shuffled = own.sum(axis=1) / total
            key = {"area": area, "parameter": name, "n": len(units)}
            without = (own[0].sum() - own[0]) / (total - whole[units]) if len(units) > 1 else np.array([])
            rows.append(key | {"metric": "parameter_share", "value": share} | interval_over_units(share, without))
            ends = {"value": np.mean(shuffled), "low": min(shuffled), "high": max(shuffled)}
            rows.append(key | {"metric": "parameter_share_shuffled"} | ends)
    return rows


def subspaces_of(G: Gram, contrasts: Sequence[np.ndarray]) -> list[Subspace]:
    """The subspaces of several Z (n, q), from one product with the Gram."""
    products = np.split(G.times(np.hstack(contrasts)), np.cumsum([Z.shape[1] for Z in contrasts])[:-1], axis=1)
    return [Subspace(C, np.linalg.pinv(Z.T @ C, hermitian=True)) for Z, C in zip(contrasts, products, strict=True)]


def covariances(sample: Sample, subspaces: Sequence[Subspace], fitted: Iterator) -> tuple[np.ndarray, np.ndarray]:
    """Covariances of responses with the parts of their predictions, (subspaces, units), and with the whole, (units,).

    They are sums over the images that were left out, of responses of variance 1.
    """
    Y = (sample.Y - sample.Y.mean(axis=0)) / sample.Y.std(axis=0)
    inside, whole = np.zeros((len(subspaces), Y.shape[1])), np.zeros(Y.shape[1])
    for train, test, units, weights, predictions in fitted:
        y, scale = Y[np.ix_(test, units)], sample.Y[:, units].std(axis=0)
        y = y - y.mean(axis=0)
        whole[units] += np.sum(predictions * y, axis=0) / scale
        for row, subspace in zip(inside, subspaces, strict=True):
            row[units] += np.sum(subspace.part(train, test, weights) * y, axis=0) / scale
    return inside, whole
