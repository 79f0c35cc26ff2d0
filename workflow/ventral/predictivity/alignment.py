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

import logging

import numpy as np

from ventral.core.errors import Fault
from ventral.gram import Gram, gram
from ventral.metrics import Method, Metric, Role
from ventral.recordings.ceiling import split_halves
from ventral.representational_similarity import debiased_cka, linear_cka, rsa_vector
from ventral.statistics.bootstrap import draws, with_interval

LARGE = 1e-6  # of all units' sum of squares; if less is left without a unit, the other units are summed directly
SINGLE = 1e-5  # of a mean square; smaller variances are rounding errors of float32
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
    H = gram(Y, device="cpu")
    measures = {
        "rsa": lambda: rsa_with_interval(G, H, of_images),
        "cka": lambda: with_jackknife(linear_cka(G, H), left_out_cka(G, Y), least=0),
        "debiased_cka": lambda: with_jackknife(debiased_cka(G, H), left_out_cka(G, Y, debiased=True), least=-1),
    }
    values = {}
    for name, measured in measures.items():
        try:
            values[name] = measured()
        except Fault as fault:
            logging.warning("No %s. %s", name, fault)
            values[name] = {"value": np.nan}
    return values


def rsa_with_interval(G: Gram, H: Gram, counts: np.ndarray) -> dict[str, float]:
    """Spearman's correlation of distances, and its interval over images."""
    a, b = rsa_vector(G), rsa_vector(H)
    return with_interval(a @ b, resampled_rsa(square(a), square(b), counts), "images")


def left_out_cka(G: Gram, Y: np.ndarray, debiased: bool = False) -> np.ndarray:
    """CKA without each unit in turn, (units,); NaN if the other units do not vary."""
    K, Y = G.centered, np.where(np.ptp(Y, axis=0) > 0, Y - Y.mean(axis=0), 0)
    if debiased:
        with_layer, between, of_layer = unbiased_products(K, Y)
    else:
        with_layer, between, of_layer = np.sum(Y * (K @ Y), axis=0), (Y.T @ Y) ** 2, np.sum(K**2)
    norms, products = between.sum() - 2 * between.sum(axis=0) + np.diag(between), with_layer.sum() - with_layer
    for unit in np.flatnonzero(norms <= LARGE * between.sum()):  # their differences would be rounding errors
        others = np.arange(len(norms)) != unit
        norms[unit], products[unit] = between[np.ix_(others, others)].sum(), with_layer[others].sum()
    varies = norms > 0
    return np.where(varies, products / np.sqrt(np.where(varies, norms, 1) * of_layer), np.nan)


def with_jackknife(value: float, left_out: np.ndarray, least: float) -> dict[str, float]:
    """A value and 1.96 standard errors around it, over units, cut to the possible range from `least` to 1.

    There is no interval where leaving one out leaves nothing.
    """
    half = 1.96 * np.sqrt((len(left_out) - 1) * np.var(left_out))
    low, high = np.clip([value - half, value + half], least, 1)
    return {"value": float(value), "low": float(low), "high": float(high)}


def unbiased_products(K: np.ndarray, Y: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Products of U-centered matrices: of K and each y yᵀ, of all pairs of y yᵀ, and of K with itself.

    If the diagonals of A and B are zero, the product of the U-centered matrices is ::

        ⟨A, B⟩ + 1ᵀA1 1ᵀB1 / ((n − 1)(n − 2)) − 2 1ᵀAB1 / (n − 2)

    and for a centered y, the row sums of y yᵀ without its diagonal are −y².
    """
    n = len(K)
    squares, diagonal = Y**2, np.diag(K)
    sums = squares.sum(axis=0)

    def product(plain, sum_of_a, sum_of_b, rows):
        return plain + sum_of_a * sum_of_b / ((n - 1) * (n - 2)) - 2 * rows / (n - 2)

    across = squares.T @ diagonal
    overlap = squares.T @ squares
    with_layer = product(np.sum(Y * (K @ Y), axis=0) - across, diagonal.sum(), sums, across)
    between = product((Y.T @ Y) ** 2 - overlap, sums[:, None], sums, overlap)
    of_layer = product(
        np.sum(K**2) - np.sum(diagonal**2), diagonal.sum(), diagonal.sum(), np.sum(diagonal**2)
    )  # the row sums of a centered K without its diagonal are minus the diagonal
    return with_layer, between, of_layer


def resampled_rsa(a: np.ndarray, b: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Correlation of two matrices from `square` over the pairs of images of each resample, (resamples,)."""
    w = counts.astype(np.float32)

    def mean(values):
        return np.einsum("ri,ri->r", w @ values.astype(np.float32), w, dtype=np.float64) / pairs

    pairs = np.maximum(np.sum(counts, axis=1) ** 2 - np.sum(counts**2, axis=1), 1)  # a single image forms no pair
    mean_a, mean_b = mean(a), mean(b)
    covariance = mean(a * b) - mean_a * mean_b
    square_a, square_b = mean(a**2), mean(b**2)
    of_a, of_b = square_a - mean_a**2, square_b - mean_b**2
    varies = (of_a > SINGLE * square_a) & (of_b > SINGLE * square_b)
    return np.divide(covariance, np.sqrt(np.abs(of_a * of_b)), out=np.full(len(w), np.nan), where=varies)


def square(vector: np.ndarray) -> np.ndarray:
    """A unit vector over pairs of images as a symmetric matrix of mean square 1, with zeros on its diagonal."""
    n = int(np.ceil(np.sqrt(2 * len(vector))))
    matrix = np.zeros((n, n))
    matrix[np.triu_indices(n, 1)] = vector * np.sqrt(len(vector))
    return matrix + matrix.T


def rsa_ceiling(trials: np.ndarray, responses: np.ndarray, rng: np.random.Generator) -> tuple[float, float] | None:
    """Bounds on the RSA that the true responses of an area reach with the recorded ones.

    Parameters
    ----------
    trials : array of shape (units, images, repeats)
        NaN for a missing repeat.
    responses : array of shape (units, images)
        Means over all trials.
    rng : Generator
        For two draws of halves of the trials, which are averaged, and for the resamples of the images.

    Returns
    -------
    (lower, upper), or None
        The 5 % point of √h and the 95 % point of √h / w over 200 resamples of the images. None if an image has a single
        trial of any unit, or if distances are undefined; the log says why.
    """
    if np.sum(~np.isnan(trials), axis=2).min() < 2:
        logging.warning("No noise ceiling of RSA: it needs two trials or more of every image and unit.")
        return None
    halves = [half for _ in range(DRAWS) for half in split_halves(trials, rng)]
    try:
        whole, *parts = (square(rsa_vector(gram(one.T, device="cpu"))) for one in (responses, *halves))
    except Fault as fault:
        logging.warning("No noise ceiling of RSA. %s", fault)
        return None
    counts = draws(rng, responses.shape[1], RESAMPLES)
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    h = np.mean([resampled_rsa(A, B, counts) for A, B in pairs], axis=0)
    w2 = np.mean([resampled_rsa(A, whole, counts) * resampled_rsa(B, whole, counts) for A, B in pairs], axis=0)
    h = np.maximum(h, 0)
    upper = np.sqrt(np.divide(h, w2, out=np.full(len(h), np.nan), where=w2 > 0))
    if np.isnan(h).all() or np.isnan(upper).all():
        logging.warning("No noise ceiling of RSA: the halves of the trials have nothing in common.")
        return None
    return float(np.nanquantile(np.sqrt(h), TAIL)), float(min(1.0, np.nanquantile(upper, 1 - TAIL)))
