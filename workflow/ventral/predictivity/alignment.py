"""Does a layer have the geometry of an area? RSA and CKA between the two, and the noise ceiling of RSA.

The Gram of an area is the sum of its units' Grams, L = Σ_u w_u y_u y_uᵀ, with w_u = 1, or 0 for a unit that is left
out. CKA without a unit therefore follows from a few numbers per unit and per pair of units::

    ⟨K, L⟩ = Σ_u w_u ⟨K, y_u y_uᵀ⟩,     ‖L‖² = Σ_uv w_u w_v ⟨y_u y_uᵀ, y_v y_vᵀ⟩

The same holds for the unbiased products of the debiased form. The interval of CKA is a jackknife over units, because a
bootstrap draws units twice, which lowers the dimensionality of the responses and makes CKA too small. RSA has an
interval over images: both rank vectors are fixed, a pair of images counts as often as both are drawn, and no image is
paired with itself.

The noise ceiling bounds the RSA that the true responses reach with the recorded ones, from two halves A and B of the
trials. The ranked distances of a half are T + e_A, where T are those of the true responses and the errors of the halves
are independent. Let h be the correlation between the distances of both halves, and w the correlation between those of a
half and of all trials.

- The correlation of T with a half is √h. With all trials, which are less noisy, it is larger.
- The correlation of T with all trials is √h / w. Their distances are T + e, and e depends on the noise of both halves.
  The part of e that is linear in the noise is (e_A + e_B) / 2. The quadratic part has a quarter of the variance of the
  quadratic part of e_A. Both satisfy ⟨e, e_A⟩ = ⟨e, e⟩, so w² is the ratio of the variances of T + e and T + e_A.
- Noise can also increase the same distances in both halves, which h counts as signal. √h / w is then too large, not too
  small.

Hence √h ≤ RSA of the true responses with the recorded ones ≤ √h / w. If e were only linear, √h / w would be the
Spearman–Brown formula, √(2h / (1 + h)). Nili et al. (PLoS Computational Biology 10: e1003553, 2014) derive bounds from
the subjects of a group, but a single area has no group. `tests/benchmarks/rsa_ceiling.py` tests the bounds used here.
"""

import functools
import logging
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ventral.core.errors import Fault
from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.pearson_distances import EVERY
from ventral.predictivity.area_geometry import AreaGeometry, ranks_of_units
from ventral.predictivity.resampled_pairs import resampled_rsa
from ventral.recordings.ceiling import Half
from ventral.recordings.expected_responses import expected
from ventral.recordings.gaps import Block, recorded
from ventral.recordings.signal_to_noise import blocks_of_units
from ventral.representational_similarity import CONSTANT, EQUALLY_FAR, rsa_vector, vector_of
from ventral.statistics.bootstrap import draws, with_interval

LARGE = 1e-6  # of all units' sum of squares; if less is left without a unit, the other units are summed directly
EVEN = 1e-13  # of the square of a norm; less is left of it, as a rounding error, if all images are equally far apart
DRAWS = 2  # of halves; more change little, because there are many pairs of images
RESAMPLES, TAIL = 200, 0.05  # of images, and the share of resamples outside each bound of the ceiling

BOUNDS = Method(
    "Noise ceiling of RSA",
    "Bounds on the RSA of the true responses with the recorded ones. With h the correlation between the distances "
    "of two halves of the trials, and w that between the distances of a half and of all trials, the bounds are "
    "the 5 % point of √h and the 95 % point of √h / w over resampled images.",
)
METRICS = tuple(
    Metric(
        f"rsa_ceiling_{side}",
        f"{side} bound of the ceiling of RSA",
        Role.CEILING,
        f"{side.capitalize()} bound of the RSA of the true responses with the recorded ones, from halves of trials.",
        BOUNDS,
        (0, 1),
        heading=f"RSA ceiling {sign}",
        counts="unit",
    )
    for side, sign in (("lower", "≥"), ("upper", "≤"))
)


def aligned(G: Gram, area: AreaGeometry, of_images: np.ndarray) -> dict[str, dict[str, float]]:
    """RSA and CKA of a layer with an area.

    Parameters
    ----------
    G : Gram of the n images of the area's block
    area : AreaGeometry
    of_images : array of shape (resamples, n)
        How often each image is drawn.

    Returns
    -------
    dict
        `rsa`, `cka` and `debiased_cka`, each with `value` and a 95 % interval: `low` and `high` over units for CKA,
        `low_images` and `high_images` over images for RSA. The value of an undefined measure is NaN, and the log says
        why.
    """
    products = functools.cache(lambda: products_of(G, area))

    def cka(name: str, least: float) -> dict[str, float]:
        value = cka_of(products(), name, G.resolution)
        return with_jackknife(value, left_out_cka(G, area, name, products()[name]), least)

    measures = {
        "rsa": lambda: rsa_with_interval(G, area, of_images),
        "cka": lambda: cka("cka", 0),
        "debiased_cka": lambda: cka("debiased_cka", -1),
    }
    values = {}
    for name, measured in measures.items():
        try:
            values[name] = measured()
        except Fault as fault:
            logging.warning("No %s. %s", name, fault)
            values[name] = {"value": np.nan}
    return values


def rsa_with_interval(G: Gram, area: AreaGeometry, counts: np.ndarray) -> dict[str, float]:
    """Spearman's correlation with the distances of an area, and its interval over images."""
    ranks = area.ranks()
    of_layer, of_area = rsa_vector(G), vector_of(ranks / 2)
    return with_interval(of_layer @ of_area, resampled_rsa(of_layer, of_area, counts), "images")


class Products(NamedTuple):
    """Products of K and of the y yᵀ of each unit.

    Attributes
    ----------
    with_layer : array of shape (units,)
        Of K and each y yᵀ.
    between : array of shape (units,)
        Of each y yᵀ and the sum of all.
    itself : array of shape (units,)
        Of each y yᵀ with itself.
    of_layer : float
        Of K with itself.
    """

    with_layer: np.ndarray
    between: np.ndarray
    itself: np.ndarray
    of_layer: float


def products_of(G: Gram, area: AreaGeometry) -> dict[str, Products]:
    """Products of matrices for `cka`, and of U-centered ones for `debiased_cka`, which need four images.

    If the diagonals of A and B are zero, the product of the U-centered matrices is ::

        ⟨A, B⟩ + 1ᵀA1 1ᵀB1 / ((n − 1)(n − 2)) − 2 1ᵀAB1 / (n − 2)

    and for a centered y, the row sums of y yᵀ without its diagonal are −y². Those of a centered K are minus its
    diagonal.
    """
    n, diagonal, of_layer = len(G), G.squares, G.squares_of_rows.sum()
    sums, fourth, between, overlap = area.products
    with_layer, across = np.zeros((2, len(sums)))
    for rows, y in area.units():
        with_layer[rows], across[rows] = np.sum(y * G.times(y), axis=0), (y**2).T @ diagonal
    itself = sums**2

    def unbiased(plain, on_diagonal, sum_of_a, sum_of_b):
        plain = plain - on_diagonal
        return plain + sum_of_a * sum_of_b / ((n - 1) * (n - 2)) - 2 * on_diagonal / (n - 2)

    found = {"cka": Products(with_layer, between, itself, of_layer)}
    if n > 3:
        found["debiased_cka"] = Products(
            unbiased(with_layer, across, diagonal.sum(), sums),
            unbiased(between, overlap, sums, sums.sum()),
            unbiased(itself, fourth, sums, sums),
            unbiased(of_layer, np.sum(diagonal**2), diagonal.sum(), diagonal.sum()),
        )
    return found


def cka_of(found: dict[str, Products], name: str, resolution: float) -> float:
    """CKA with all units, from the result of `products_of`.

    Parameters
    ----------
    found : dict of Products
    name : {"cka", "debiased_cka"}
    resolution : float
        Largest rounding error of the products of the layer, see `ventral.gram.Gram`.

    Raises
    ------
    Fault
        The layer or the area does not vary. For the debiased form: all images are equally far apart in one of them, or
        there are fewer than four.
    """
    plain = found["cka"].of_layer, found["cka"].between.sum()
    if min(plain) <= 0:
        raise Fault(CONSTANT)
    if name not in found:
        raise Fault("Debiased CKA needs four images or more.")
    one = found[name]
    norms = one.of_layer, one.between.sum()
    if any(norm <= max(EVEN, resolution**2) * of_plain for norm, of_plain in zip(norms, plain, strict=True)):
        raise Fault(EQUALLY_FAR)
    return float(one.with_layer.sum() / np.sqrt(np.prod(norms)))


def left_out_cka(G: Gram, area: AreaGeometry, name: str, products: Products) -> np.ndarray:
    """`cka` or `debiased_cka` without each unit in turn, (units,), from all; NaN if the other units do not vary."""
    norms = products.between.sum() - 2 * products.between + products.itself
    others = products.with_layer.sum() - products.with_layer
    for unit in np.flatnonzero(norms <= LARGE * products.between.sum()):  # differences would be rounding errors
        rest = replace(area, block=Block(np.delete(area.block.units, unit), area.block.images))
        of_rest = products_of(G, rest)[name]
        norms[unit], others[unit] = of_rest.between.sum(), of_rest.with_layer.sum()
    varies = norms > 0
    return np.where(varies, others / np.sqrt(np.where(varies, norms, 1) * products.of_layer), np.nan)


def with_jackknife(value: float, left_out: np.ndarray, least: float) -> dict[str, float]:
    """A value and 1.96 standard errors around it, over units, cut to the possible range from `least` to 1.

    There is no interval where leaving one out leaves nothing.
    """
    half = 1.96 * np.sqrt((len(left_out) - 1) * np.var(left_out))
    low, high = np.clip([value - half, value + half], least, 1)
    return {"value": float(value), "low": float(low), "high": float(high)}


def half(trials: np.ndarray, keys: np.ndarray, second: bool, gaps: bool) -> np.ndarray | Half:
    """One half of the trials as responses, (images, units), with expected ones in place of its gaps."""
    responses = Half(trials, keys, second)
    return expected(responses[EVERY, EVERY]) if gaps else responses


def rsa_ceiling(trials: np.ndarray, area: AreaGeometry, rng: np.random.Generator) -> tuple[float, float] | None:
    """Bounds on the RSA that the true responses of an area reach with the recorded ones.

    Parameters
    ----------
    trials : array of shape (units, images, repeats)
        Of the area's block; NaN for a missing repeat.
    area : AreaGeometry
        Of the means over all trials.
    rng : Generator
        For two draws of halves of the trials, which are averaged, and for the resamples of the images.

    Returns
    -------
    (lower, upper), or None
        The 5 % point of √h and the 95 % point of √h / w over 200 resamples of the images. None if more than half of the
        units have a single trial of an image, or the other way round, or if distances are undefined; the log says why.
        A half without a trial is expected from the same half of the other units.
    """
    lacking = np.concatenate([np.sum(~np.isnan(trials[block]), axis=2) < 2 for block in blocks_of_units(trials)])
    if recorded(lacking).size < lacking.size:
        logging.warning("No noise ceiling of RSA: it needs two trials or more of most images and units.")
        return None
    draws_of_halves = [rng.random(trials.shape[1:]) for _ in range(DRAWS)]
    counts, agreements = draws(rng, trials.shape[1], RESAMPLES), []
    try:
        ranks = area.ranks()
        for keys in draws_of_halves:
            halves = (half(trials, keys, second, bool(lacking.any())) for second in (False, True))
            A, B = (vector_of(ranks_of_units(one)) for one in halves)
            whole = vector_of(ranks / 2)
            agreements.append([resampled_rsa(*pair, counts) for pair in ((A, B), (A, whole), (B, whole))])
            del A, B, whole  # before others are made
    except Fault as fault:
        logging.warning("No noise ceiling of RSA. %s", fault)
        return None
    h = np.maximum(np.mean([of_halves for of_halves, *_ in agreements], axis=0), 0)
    w2 = np.mean([of_a * of_b for _, of_a, of_b in agreements], axis=0)
    upper = np.sqrt(np.divide(h, w2, out=np.full(len(h), np.nan), where=w2 > 0))
    if np.isnan(h).all() or np.isnan(upper).all():
        logging.warning("No noise ceiling of RSA: the halves of the trials have nothing in common.")
        return None
    return float(np.nanquantile(np.sqrt(h), TAIL)), float(min(1.0, np.nanquantile(upper, 1 - TAIL)))
