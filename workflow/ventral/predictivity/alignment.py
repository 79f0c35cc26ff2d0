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
from typing import NamedTuple

import numpy as np

from ventral.core.errors import Fault
from ventral.gram import Gram, gram
from ventral.metrics import Method, Metric, Role
from ventral.pearson_distances import EVERY, distances_of_pairs
from ventral.predictivity.resampled_pairs import resampled_rsa
from ventral.recordings.ceiling import Half
from ventral.recordings.expected_responses import expected
from ventral.recordings.gaps import recorded
from ventral.recordings.signal_to_noise import blocks_of_units
from ventral.representational_similarity import debiased_cka, linear_cka, rsa_vector, vector_of_ranks
from ventral.statistics.bootstrap import draws, with_interval

LARGE = 1e-6  # of all units' sum of squares; if less is left without a unit, the other units are summed directly
AT_ONCE = 512  # units
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


def aligned(G: Gram, Y: np.ndarray, of_images: np.ndarray) -> dict[str, dict[str, float]]:
    """RSA and CKA of a layer with an area.

    Parameters
    ----------
    G : Gram of n images
    Y : array of shape (n, units)
        The area's responses.
    of_images : array of shape (resamples, n)
        How often each image is drawn.

    Returns
    -------
    dict
        `rsa`, `cka` and `debiased_cka`, each with `value` and a 95 % interval: `low` and `high` over units for CKA,
        `low_images` and `high_images` over images for RSA. The value of an undefined measure is NaN, and the log says
        why.
    """
    left_out = functools.cache(lambda: left_out_cka(G, Y))
    of_area = functools.cache(lambda: gram(Y, device="cpu"))

    def rsa() -> dict[str, float]:
        pairs = distances_of_pairs(of_area())
        of_area.cache_clear()  # because ranks of all pairs need the memory of the Gram
        return rsa_with_interval(G, pairs, of_images)

    measures = {
        "cka": lambda: with_jackknife(linear_cka(G, of_area()), left_out()["cka"], least=0),
        "debiased_cka": lambda: with_jackknife(debiased_cka(G, of_area()), left_out()["debiased_cka"], least=-1),
        "rsa": rsa,
    }
    values = {}
    for name, measured in measures.items():
        try:
            values[name] = measured()
        except Fault as fault:
            logging.warning("No %s. %s", name, fault)
            values[name] = {"value": np.nan}
    return {name: values[name] for name in ("rsa", "cka", "debiased_cka")}


def rsa_with_interval(G: Gram, pairs: tuple[np.ndarray, np.ndarray], counts: np.ndarray) -> dict[str, float]:
    """Spearman's correlation with the distances of an area, `pairs`, and its interval over images."""
    of_area = vector_of_ranks(*pairs)
    of_layer = rsa_vector(G)
    return with_interval(of_layer @ of_area, resampled_rsa(of_layer, of_area, counts), "images")


def left_out_cka(G: Gram, Y: np.ndarray) -> dict[str, np.ndarray]:
    """`cka` and `debiased_cka` without each unit in turn, (units,) each; NaN if the other units do not vary."""
    found = {}
    for name, products in unit_products(G, Y).items():
        norms = products.between.sum() - 2 * products.between + products.itself
        others = products.with_layer.sum() - products.with_layer
        for unit in np.flatnonzero(norms <= LARGE * products.between.sum()):  # differences would be rounding errors
            rest = unit_products(G, np.delete(Y, unit, axis=1))[name]
            norms[unit], others[unit] = rest.between.sum(), rest.with_layer.sum()
        varies = norms > 0
        found[name] = np.where(varies, others / np.sqrt(np.where(varies, norms, 1) * products.of_layer), np.nan)
    return found


def with_jackknife(value: float, left_out: np.ndarray, least: float) -> dict[str, float]:
    """A value and 1.96 standard errors around it, over units, cut to the possible range from `least` to 1.

    There is no interval where leaving one out leaves nothing.
    """
    half = 1.96 * np.sqrt((len(left_out) - 1) * np.var(left_out))
    low, high = np.clip([value - half, value + half], least, 1)
    return {"value": float(value), "low": float(low), "high": float(high)}


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


def unit_products(G: Gram, Y: np.ndarray) -> dict[str, Products]:
    """Products of matrices for `cka`, and of U-centered ones for `debiased_cka`, from pairs of blocks of units.

    If the diagonals of A and B are zero, the product of the U-centered matrices is ::

        ⟨A, B⟩ + 1ᵀA1 1ᵀB1 / ((n − 1)(n − 2)) − 2 1ᵀAB1 / (n − 2)

    and for a centered y, the row sums of y yᵀ without its diagonal are −y². Those of a centered K are minus its
    diagonal.
    """
    n, diagonal, of_layer = len(G), G.squares, G.squares_of_rows.sum()
    with_layer, across, sums, fourth, between, overlap = np.zeros((6, Y.shape[1]))
    blocks = [slice(start, start + AT_ONCE) for start in range(0, Y.shape[1], AT_ONCE)]
    of_images = np.sum([np.sum(_varying(Y[:, rows]) ** 2, axis=1) for rows in blocks], axis=0)
    for rows in blocks:
        y = _varying(Y[:, rows])
        with_layer[rows] = np.sum(y * G.times(y), axis=0)
        across[rows], overlap[rows] = (y**2).T @ diagonal, (y**2).T @ of_images
        sums[rows], fourth[rows] = np.sum(y**2, axis=0), np.sum(y**4, axis=0)
        for columns in blocks[blocks.index(rows) :]:
            pairs = (y.T @ (y if columns == rows else _varying(Y[:, columns]))) ** 2
            between[rows] += pairs.sum(axis=1)
            if columns != rows:
                between[columns] += pairs.sum(axis=0)
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


def _varying(Y: np.ndarray) -> np.ndarray:
    """Responses minus their means, exactly zero for units that do not vary."""
    return np.where(np.ptp(Y, axis=0) > 0, Y - Y.mean(axis=0), 0)


def ranks_of(Y: np.ndarray | Half) -> np.ndarray:
    """`rsa_vector` of the responses of units, (images, units), whose Gram is not kept while pairs are ranked."""
    pairs = distances_of_pairs(gram(Y, device="cpu"))
    return vector_of_ranks(*pairs)


def half(trials: np.ndarray, keys: np.ndarray, second: bool, gaps: bool) -> np.ndarray | Half:
    """One half of the trials as responses, (images, units), with expected ones in place of its gaps."""
    responses = Half(trials, keys, second)
    return expected(responses[EVERY, EVERY]) if gaps else responses


def rsa_ceiling(trials: np.ndarray, responses: np.ndarray, rng: np.random.Generator) -> tuple[float, float] | None:
    """Bounds on the RSA that the true responses of an area reach with the recorded ones.

    Parameters
    ----------
    trials : array of shape (units, images, repeats)
        NaN for a missing repeat.
    responses : array of shape (units, images)
        Means over all trials, without gaps.
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
    counts, agreements = draws(rng, responses.shape[1], RESAMPLES), []
    try:
        whole = ranks_of(responses.T)
        for keys in draws_of_halves:
            A, B = (ranks_of(half(trials, keys, second, bool(lacking.any()))) for second in (False, True))
            agreements.append([resampled_rsa(*pair, counts) for pair in ((A, B), (A, whole), (B, whole))])
            del A, B  # before others are made
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
