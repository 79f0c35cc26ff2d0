"""The eigenspectrum of an area without the noise of trials, and the exponent of its decay.

Noise adds to every eigenvalue of the responses, relatively most to small ones, so that spectra of noisy responses fall
off too slowly. Let A and B (images × units) be the centered means over two halves of the trials, and v_i the principal
axes of A. The noises of the halves are independent, so that ::

    s_i = (A v_i) · (B v_i) / (n − 1)

has no noise term: it is the signal's variance along v_i, on average. It is computed from products of units or of
images, whichever are fewer: with AᵀA v = λ v, s = vᵀ AᵀB v / (n − 1), and with A Aᵀ u = λ u, s = uᵀ B Aᵀ u / (n − 1).
Values are means over both orders of the halves and over two ways to divide the trials.

The exponent α of s ~ rank^−α is the slope of the logarithm of the means of s over ranges of ranks, evenly spaced in the
logarithm, from rank 11 to rank 500, or to half the number of axes (a sample makes the last ones too small), or to the
last range whose mean exceeds zero by two standard errors. Noise also turns the axes of A, which mixes signal of nearby
ranks. If there is more noise than signal, s therefore falls off too slowly although it contains no noise.

Source: Stringer, Pachitariu, Steinmetz, Carandini & Harris, "High-dimensional geometry of population responses in
visual cortex", Nature 571: 361-365 (2019). Ranges with signal and the jackknife over images are Ventral's own.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ventral.metrics import Method, Metric, Role
from ventral.statistics.intervals import Estimate, jackknife_interval

Halves = Sequence[tuple[np.ndarray, np.ndarray]]
FIRST, LAST, PER_DECADE = 11, 500, 8  # ranks, and ranges of ranks
GROUPS, DIVISIONS = 20, 2  # of images that are left out together, and of the trials
FEWEST_RANGES, FEWEST_IMAGES = 3, 40
LARGEST = 1000  # images of an area with more units than that; of more, so many are drawn, which keeps ranks up to 500
SIGNAL = 2  # standard errors

SPECTRUM = Method(
    "Spectra without noise",
    "Variance of one half of the trials along the principal axes of the other half, as a share of all such variance, "
    "and the exponent α of its decay from rank 11 to rank 500, or to half the number of axes, or to the last rank with "
    "signal. 95 % intervals leave out twentieths of the images (or scenes).",
    "Stringer, Pachitariu, Steinmetz, Carandini & Harris, Nature 571:361 (2019).",
    ("stringer2019",),
)
METRICS = (
    Metric(
        "alpha_crossed",
        "exponent of the spectrum without noise",
        Role.GEOMETRY,
        "Exponent α of the power law rank^−α of the cross-validated spectrum: large if the signal’s variance falls off "
        "fast.",
        SPECTRUM,
    ),
    Metric(
        "last_rank_crossed",
        "last rank with signal",
        Role.CONTROL,
        "The last rank at which alpha_crossed is fitted.",
        SPECTRUM,
        (FIRST - 1, LAST),
    ),
    Metric(
        "eigenvalue_crossed",
        "share of the signal’s variance",
        Role.CONTROL,
        "Mean cross-validated eigenvalue of the ranks in the parameter, as a share of their sum.",
        SPECTRUM,
    ),
)


@dataclass(frozen=True)
class CrossValidatedSpectrum:
    """The spectrum of an area without the noise of trials.

    Attributes
    ----------
    eigenvalues : array of shape (min(n − 1, units),)
        s, in the order of the eigenvalues of one half. Values without signal can be negative.
    ranges : list of (first, last)
        Ranges of ranks, from rank 1.
    shares : list of Estimate
        The mean eigenvalue of each range, as a share of the sum of all eigenvalues.
    alpha : Estimate
        NaN if fewer than three ranges from rank 11 have signal.
    last : int
        The last rank with signal; 10 if none from 11 on has any.
    """

    eigenvalues: np.ndarray
    ranges: list[tuple[int, int]]
    shares: list[Estimate]
    alpha: Estimate
    last: int


def cross_validated_spectrum(
    halves: Halves, rng: np.random.Generator, together: np.ndarray | None = None
) -> CrossValidatedSpectrum:
    """The spectrum of an area from two halves of its trials.

    Parameters
    ----------
    halves : sequence of two arrays of shape (n ≥ 40 images, units)
        Means over two halves of the trials, one pair for each way to divide them
        (`ventral.geometry.trial_halves.response_halves`).
    rng : Generator
        For the twentieths of the images that are left out.
    together : array of shape (n,), optional
        Images with equal values are left out together; by default all are independent.
    """
    n = len(halves[0][0])
    s = eigenvalues(halves)
    _, member = np.unique(np.arange(n) if together is None else together, return_inverse=True)
    group = rng.permutation(np.arange(member.max() + 1) % GROUPS)[member]
    without = np.array(
        [eigenvalues([(A[group != g], B[group != g]) for A, B in halves], len(s)) for g in range(group.max() + 1)]
    )
    ranges = ranges_of_ranks(len(s))
    values = np.vstack([s, without])
    shares = means(values, ranges) / values.sum(axis=1, keepdims=True)
    fitted = with_signal(shares, ranges)
    alphas = [exponent(row[fitted], [ranges[k] for k in fitted]) for row in shares]
    return CrossValidatedSpectrum(
        eigenvalues=s,
        ranges=ranges,
        shares=[estimate(column) for column in shares.T],
        alpha=estimate(np.array(alphas)),
        last=ranges[fitted[-1]][1] if fitted else FIRST - 1,
    )


def eigenvalues(halves: Halves, count: int | None = None) -> np.ndarray:
    """s_1, s_2, …: as many as there are axes, or `count`; those beyond the last axis are zero."""
    found = np.mean([along_axes(*pair) for A, B in halves for pair in ((A, B), (B, A))], axis=0)
    return found if count is None else np.pad(found, (0, max(count - len(found), 0)))[:count]


def along_axes(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """s_i of the principal axes of A, (min(n − 1, units),)."""
    A, B = A - A.mean(axis=0), B - B.mean(axis=0)
    n, units = A.shape
    own, across = (A.T @ A, A.T @ B) if units < n else (A @ A.T, B @ A.T)
    V = np.linalg.eigh(own)[1][:, ::-1][:, : min(n - 1, units)]
    return np.einsum("ij,ij->j", V, across @ V) / (n - 1)


def ranges_of_ranks(count: int) -> list[tuple[int, int]]:
    """First and last rank of ranges that are evenly spaced in the logarithm; one of them begins at rank 11."""
    last = min(count // 2, LAST)
    exponents = np.arange(-PER_DECADE - 1, int(PER_DECADE * np.log10(LAST / FIRST)) + 1) / PER_DECADE
    starts = np.unique(np.round(FIRST * 10.0**exponents).astype(int))
    starts = starts[(starts >= 1) & (starts <= last)]
    return list(zip(starts.tolist(), [*(starts[1:] - 1).tolist(), last], strict=True))


def means(values: np.ndarray, ranges: list[tuple[int, int]]) -> np.ndarray:
    """Means over ranges of ranks, (rows, ranges)."""
    return np.transpose([values[:, first - 1 : last].mean(axis=1) for first, last in ranges])


def with_signal(shares: np.ndarray, ranges: list[tuple[int, int]]) -> list[int]:
    """Indices of the ranges from rank 11 to the last before one that does not exceed zero by two standard errors.

    Parameters
    ----------
    shares : array of shape (1 + groups, ranges)
        Of all images, and without each group.
    """
    error = np.sqrt((len(shares) - 2) * np.var(shares[1:], axis=0))
    from_first = [k for k, (first, _) in enumerate(ranges) if first >= FIRST]
    signal = shares[0, from_first] > SIGNAL * error[from_first]
    return from_first[: len(signal) if signal.all() else int(np.argmin(signal))]


def exponent(shares: np.ndarray, ranges: list[tuple[int, int]]) -> float:
    """Minus the slope of log s against log rank; NaN with too few ranges or without signal in one."""
    if len(shares) < FEWEST_RANGES or (shares <= 0).any():
        return float("nan")
    log_ranks = [np.log(np.arange(first, last + 1)).mean() for first, last in ranges]
    return float(-np.polyfit(log_ranks, np.log(shares), 1)[0])


def estimate(values: np.ndarray) -> Estimate:
    """A value and its interval, from the values of all images and without each group."""
    low, high = jackknife_interval(values[0], values[1:])
    return Estimate(float(values[0]), float(low), float(high))


def spectrum_rows_cv(
    halves: Halves, rng: np.random.Generator, together: np.ndarray | None = None
) -> list[dict[str, object]]:
    """Rows of an area, from the first two ways to divide the trials; none with fewer than 40 images or 20 groups.

    Of more than 1,000 images of more than 1,000 units, 1,000 images are drawn.
    """
    n = len(halves[0][0])
    if n < FEWEST_IMAGES or (together is not None and len(np.unique(together)) < GROUPS):
        logging.warning("The spectrum without noise needs %d images, of %d scenes.", FEWEST_IMAGES, GROUPS)
        return []
    halves = halves[:DIVISIONS]
    if min(halves[0][0].shape) > LARGEST:
        images = np.sort(rng.choice(n, LARGEST, replace=False))
        halves, n = [(A[images], B[images]) for A, B in halves], LARGEST
        together = None if together is None else together[images]
    found = cross_validated_spectrum(halves, rng, together)
    rows = [
        {"metric": "eigenvalue_crossed", "parameter": f"rank {first}" if first == last else f"ranks {first} to {last}"}
        | vars(share)
        for (first, last), share in zip(found.ranges, found.shares, strict=True)
    ]
    if np.isnan(found.alpha.value):
        logging.warning("alpha without noise is undefined: too few ranks from %d on have signal.", FIRST)
    rows += [{"metric": "alpha_crossed"} | vars(found.alpha), {"metric": "last_rank_crossed", "value": found.last}]
    return [row | {"n": n} for row in rows]
