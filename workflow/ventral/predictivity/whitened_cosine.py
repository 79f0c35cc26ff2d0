"""The whitened unbiased cosine: does a layer have the squared distances of an area, without the noise of trials?

Distances across two halves A and B of the trials, d_ij = (a_i − a_j) · (b_i − b_j), are unbiased and can be negative.
Errors of distances that share an image are correlated. The cosine after whitening distances by this covariance V, for
independent noise of equal size, is that of the centered matrices of inner products::

    d_Kᵀ V⁻¹ d_L / √(d_Kᵀ V⁻¹ d_K · d_Lᵀ V⁻¹ d_L) = ⟨K, L⟩ / (‖K‖ ‖L‖),     L = H (A Bᵀ + B Aᵀ) H / 2

so that no matrix of n² × n² is needed. With l_u the term of unit u in L = Σ l_u, everything follows from sums over
units and pairs of units, and so does the cosine without a unit. The interval is a jackknife over units::

    ⟨K, l_u⟩ = a_uᵀ K b_u,     ⟨l_u, l_v⟩ = (a_uᵀ a_v b_uᵀ b_v + a_uᵀ b_v b_uᵀ a_v) / 2

Source: Diedrichsen, Berlot, Mur, Schütt, Shahbazi & Kriegeskorte, "Comparing representational geometries using whitened
unbiased-distance-matrix similarity", Neurons, Behavior, Data Analysis, and Theory 5: 3 (2021).
"""

import functools
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.pearson_distances import EVERY, row_blocks
from ventral.predictivity.alignment import LARGE, with_jackknife
from ventral.predictivity.area_geometry import AT_ONCE
from ventral.recordings.ceiling import Half
from ventral.recordings.gaps import Block

DISTANCES = "unbiased distances"
COSINE = Method(
    "Whitened unbiased cosine",
    "Cosine between the squared distances of a layer and unbiased distances of an area, which are products of "
    "differences in two halves of the trials, after whitening by the covariance of their errors. The interval is a "
    "jackknife over units.",
    "Diedrichsen et al., Neurons, Behavior, Data Analysis, and Theory 5:3 (2021).",
    ("diedrichsen2021",),
)
METRICS = (
    Metric(
        "whitened_cosine",
        "whitened unbiased cosine",
        Role.SCORE,
        "Cosine between whitened distances of the layer and unbiased ones of the area: 1 for the same geometry without "
        "noise, about 0 if only noise is recorded.",
        COSINE,
        (-1, 1),
        counts="unit",
    ),
)


@dataclass(frozen=True)
class CrossedHalves:
    """Two halves of the trials of an area.

    Attributes
    ----------
    trials : array of shape (all units, all images, repeats)
    block : Block
        The units and images of the area.
    keys : array of shape (images, repeats)
        By which trials are divided, see `ventral.recordings.ceiling.Half`.
    """

    trials: np.ndarray = field(repr=False)
    block: Block
    keys: np.ndarray

    def halves(self) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """Some units after the other, and their centered means over each half, (images, units)."""
        for rows in row_blocks(len(self.block.units), AT_ONCE):
            trials = self.trials[np.ix_(self.block.units[rows], self.block.images)]
            first, second = (Half(trials, self.keys, second)[EVERY, EVERY] for second in (False, True))
            yield rows, first - first.mean(axis=0), second - second.mean(axis=0)

    @functools.cached_property
    def norms(self) -> tuple[float, np.ndarray]:
        """‖L‖², and without each unit in turn, (units,)."""
        between, itself = self.products()
        norm = between.sum()
        left_out = norm - 2 * between + itself
        for unit in np.flatnonzero(np.abs(left_out) <= LARGE * abs(norm)):  # differences would be rounding errors
            others = replace(self.block, units=np.delete(self.block.units, unit))
            left_out[unit] = replace(self, block=others).products()[0].sum()
        return norm, left_out

    def products(self) -> tuple[np.ndarray, np.ndarray]:
        """Products of the term l_u of each unit with the sum of all, and with itself, (units,) each."""
        between, itself = np.zeros((2, len(self.block.units)))
        for rows, a, b in self.halves():
            for columns, c, d in self.halves():
                products = ((a.T @ c) * (b.T @ d) + (a.T @ d) * (b.T @ c)) / 2
                between[rows] += products.sum(axis=1)
                if rows == columns:
                    itself[rows] = np.diag(products)
        return between, itself


def crossed_halves(trials: np.ndarray | None, block: Block, rng: np.random.Generator) -> CrossedHalves | None:
    """Divide the trials of an area; None without two trials of every image and unit.

    Parameters
    ----------
    trials : array of shape (all units, all images, repeats), or None
        NaN where a repeat is missing.
    block : Block
    rng : Generator
    """
    if trials is None:
        return None
    units = row_blocks(len(block.units), AT_ONCE)
    counts = (np.sum(~np.isnan(trials[np.ix_(block.units[rows], block.images)]), axis=2) for rows in units)
    if min(int(count.min()) for count in counts) < 2:
        logging.warning("No whitened unbiased cosine: it needs two trials or more of every image and unit.")
        return None
    return CrossedHalves(trials, block, rng.random((len(block.images), trials.shape[2])))


def whitened_cosine(G: Gram, crossed: CrossedHalves) -> dict[str, float]:
    """The whitened unbiased cosine of a layer with an area, and its interval over units.

    Parameters
    ----------
    G : Gram of the images of the area's block
    crossed : CrossedHalves

    Returns
    -------
    dict
        `value`, `low` and `high`; NaN if the layer or the area does not vary.
    """
    with_layer, of_layer = np.empty(len(crossed.block.units)), G.squares_of_rows.sum()
    for rows, a, b in crossed.halves():
        with_layer[rows] = np.sum(a * G.times(b), axis=0)
    norm, norms = crossed.norms
    if not norm * of_layer > 0:
        return {"value": np.nan}
    others = with_layer.sum() - with_layer
    for unit in np.flatnonzero(np.abs(others) <= LARGE * abs(with_layer.sum())):
        others[unit] = np.delete(with_layer, unit).sum()
    left_out = others / np.sqrt(np.where(norms > 0, norms, np.nan) * of_layer)
    return with_jackknife(float(with_layer.sum() / np.sqrt(norm * of_layer)), left_out, least=-1)
