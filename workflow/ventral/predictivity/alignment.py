"""Is a layer's geometry that of an area? RSA and CKA between the two, and how far noise lets RSA reach.

An area's Gram is the sum of its units' own, L = Σ_u w_u y_u y_uᵀ with w_u = 1, or 0 for a unit that is left out, so
that CKA without a unit follows from a few numbers per unit and pair of units::

    ⟨K, L⟩ = Σ_u w_u ⟨K, y_u y_uᵀ⟩,     ‖L‖² = Σ_uv w_u w_v ⟨y_u y_uᵀ, y_v y_vᵀ⟩

and likewise in the unbiased products of the debiased form. Its interval is the jackknife's, since a bootstrap draws
units twice, which makes responses of fewer dimensions and a CKA that is too small. RSA is resampled over images: with
both rank vectors held, a pair of images counts as often as its two images are drawn together, and no image pairs with
itself.

The noise ceiling of RSA bounds the RSA that the true responses reach with the recorded ones, from two halves A and B
of the trials. Ranked distances of a half are T + e_A, with T those of the true responses and with errors that the
halves do not share. Let h be the correlation of the distances of both halves and w that of a half with all trials.

- T correlates with a half as √h, and more than that with all trials, which have less noise.
- T correlates with all trials as √h / w. Their distances are T + e, where e follows from the noise of both halves: its
  part that is linear in the noise is (e_A + e_B) / 2, and its part that is quadratic has a quarter of the variance of
  e_A. Both have ⟨e, e_A⟩ = ⟨e, e⟩, so w² is the ratio of the variances of T + e and T + e_A.
- Noise also makes some distances larger than others in both halves alike, which h takes for signal. So √h / w is too
  large rather than too small.

Hence √h ≤ RSA of the true responses with the recorded ones ≤ √h / w. For a linear e alone √h / w is what the formula of
Spearman and Brown gives, √(2h / (1 + h)). Nili et al. (PLoS Computational Biology 10: e1003553, 2014) bound RSA by the
subjects of a group, and a single area has no such group; `tests/benchmarks/rsa_ceiling.py` tests the bounds used here.
"""

import logging

import numpy as np

from ventral.alignment import debiased_cka, linear_cka, rsa_vector
from ventral.gram import Gram, gram
from ventral.predictivity.resampling import draws, with_interval
from ventral.recordings.ceiling import split_halves
from ventral.store import Fault

LARGE = 1e-6  # of all units' sum of squares: where less is left without a unit, the others are summed themselves
SINGLE = 1e-5  # of a mean square: less is rounding, in float32
DRAWS = 2  # of halves: many pairs of images leave little to average
RESAMPLES, TAIL = 200, 0.05  # of images, and the share of them outside each bound of the ceiling


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
        `low_images` and `high_images` over images for RSA. A measure that is undefined has the value NaN, which the log
        explains.
    """
    H = gram(Y, device="cpu")
    measures = {
        "rsa": lambda: rsa_with_interval(G, H, of_images),
        "cka": lambda: with_jackknife(linear_cka(G, H), left_out_cka(G, Y), least=0),
        "debiased_cka": lambda: with_jackknife(debiased_cka(G, H), left_out_cka(G, Y, debiased=True), least=-1),
    }
    found = {}
    for name, measured in measures.items():
        try:
            found[name] = measured()
        except Fault as fault:
            logging.warning("No %s. %s", name, fault)
            found[name] = {"value": np.nan}
    return found


def rsa_with_interval(G: Gram, H: Gram, counts: np.ndarray) -> dict[str, float]:
    """Spearman's correlation of distances, and its interval over images."""
    a, b = rsa_vector(G), rsa_vector(H)
    return with_interval(a @ b, resampled_rsa(square(a), square(b), counts), "images")


def left_out_cka(G: Gram, Y: np.ndarray, debiased: bool = False) -> np.ndarray:
    """CKA without each unit in turn, (units,); NaN where the others do not vary."""
    K, Y = G.centered, np.where(np.ptp(Y, axis=0) > 0, Y - Y.mean(axis=0), 0)
    if debiased:
        with_layer, between, of_layer = unbiased_products(K, Y)
    else:
        with_layer, between, of_layer = np.sum(Y * (K @ Y), axis=0), (Y.T @ Y) ** 2, np.sum(K**2)
    norms, products = between.sum() - 2 * between.sum(axis=0) + np.diag(between), with_layer.sum() - with_layer
    for unit in np.flatnonzero(norms <= LARGE * between.sum()):  # differences would be rounding
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
    """Products of U-centred matrices: of K and each y yᵀ, of all pairs of y yᵀ, and of K with itself.

    With zeros in the diagonals of A and B, U-centring makes of ⟨A, B⟩ ::

        ⟨A, B⟩ + 1ᵀA1 1ᵀB1 / ((n − 1)(n − 2)) − 2 1ᵀAB1 / (n − 2)

    and y yᵀ of a centred y without its diagonal has the row sums −y².
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
    )  # the row sums of a centred K without its diagonal are less its diagonal
    return with_layer, between, of_layer


def resampled_rsa(a: np.ndarray, b: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Correlation of two matrices of ranks, from `square`, over the pairs of each resample of images."""
    w = counts.astype(np.float32)

    def mean(values):
        return np.einsum("ri,ri->r", w @ values.astype(np.float32), w, dtype=np.float64) / pairs

    pairs = np.maximum(np.sum(counts, axis=1) ** 2 - np.sum(counts**2, axis=1), 1)  # one image alone makes none
    mean_a, mean_b = mean(a), mean(b)
    covariance = mean(a * b) - mean_a * mean_b
    square_a, square_b = mean(a**2), mean(b**2)
    of_a, of_b = square_a - mean_a**2, square_b - mean_b**2
    varies = (of_a > SINGLE * square_a) & (of_b > SINGLE * square_b)
    return np.divide(covariance, np.sqrt(np.abs(of_a * of_b)), out=np.full(len(w), np.nan), where=varies)


def square(vector: np.ndarray) -> np.ndarray:
    """A vector over pairs of images as a symmetric matrix with zeros in its diagonal, of mean square 1."""
    n = int(np.ceil(np.sqrt(2 * len(vector))))
    matrix = np.zeros((n, n))
    matrix[np.triu_indices(n, 1)] = vector * np.sqrt(len(vector))
    return matrix + matrix.T


def rsa_ceiling(trials: np.ndarray, responses: np.ndarray, rng: np.random.Generator) -> tuple[float, float] | None:
    """Bounds on the RSA that the true responses of an area reach with the recorded ones.

    Parameters
    ----------
    trials : array of shape (units, images, repeats)
        NaN where a repeat is missing.
    responses : array of shape (units, images)
        Means over all trials.
    rng : Generator
        For the halves of the trials, of which two draws are averaged, and the resamples of the images.

    Returns
    -------
    (lower, upper), or None where an image has a single trial of some unit or distances are undefined
        The 5 % point of √h and the 95 % point of √h / w over 200 resamples of the images, see above.
    """
    halves = [half for _ in range(DRAWS) for half in split_halves(trials, rng)]
    if not np.isfinite(halves).all():
        logging.warning("No noise ceiling of RSA: it needs two trials or more of every image and unit.")
        return None
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
