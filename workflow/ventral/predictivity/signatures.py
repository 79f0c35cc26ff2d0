"""Behavioral signatures: which images are hard, and with which distractors.

Both follow from the rate p(i, d) at which distractor d is chosen when image i of object o is shown and o and d are
offered. For a model with scores s of all objects it is ::

    p(i, d) = e^s(i,d) / (e^s(i,o) + e^s(i,d))

The hit rate is 1 − p(i, d). The false alarm rate of o with d is how often o is chosen on images j of d, the mean of
p(j, o) over these images. With z the quantile of the normal distribution ::

    i2(i, d) = z(1 − p(i, d)) − z(⟨p(j, o)⟩_j of d)                          clipped to ±5
    i2n(i, d) = i2(i, d) − ⟨i2(j, d)⟩_j of o
    i1(i) = z(1 − ⟨p(i, d)⟩_d) − z(⟨p(j, o)⟩_j not of o)                     clipped to ±5

so that i2n compares images of the same object, not objects.

Sources: Rajalingham, Issa, Bashivan, Kar, Schmidt & DiCarlo, Journal of Neuroscience 38:7255 (2018); false alarm rates
as means over images of an object after Schrimpf et al., bioRxiv 407007 (2018).
"""

import numpy as np

CLIP = 5.0
ROUNDING = 1e-9  # smaller differences of d′ are rounding errors


def rates_of_trials(
    image: np.ndarray, distractor: np.ndarray, chosen: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """How often each distractor was chosen.

    Parameters
    ----------
    image, distractor : arrays of shape (trials,)
        Numbers of the image and of the distractor.
    chosen : bool array of shape (trials,)
        Whether the distractor was chosen.
    shape : (images, objects)

    Returns
    -------
    array of shape (images, objects)
        NaN if the distractor was not offered.
    """
    cell = image * shape[1] + distractor
    count, errors = (np.bincount(cell, weights, minlength=np.prod(shape)) for weights in (None, chosen.astype(float)))
    return np.where(count > 0, errors / np.maximum(count, 1), np.nan).reshape(shape)


def rates_of_scores(scores: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """How often a model chooses each distractor, (images, objects), from its scores; NaN for an image's own object."""
    from scipy.special import expit  # figures import this module for its metrics, and need no scipy

    rows = np.arange(len(scores))
    rates = expit(scores - scores[rows, objects][:, None])
    rates[rows, objects] = np.nan
    return rates


def i1(rates: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """Sensitivity d′ of each image against all distractors, (images,); NaN if none was offered."""
    return d_prime(1 - mean(rates, axis=1), mean(rates, axis=0)[objects])


def i2n(rates: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """Sensitivity d′ of each image with each distractor, (images, objects), minus the mean over images of its object.

    NaN if the distractor was not offered, or if the object was never offered on images of the distractor.
    """
    k = rates.shape[1]
    false_alarms = np.array([mean(rates[objects == d], axis=0) for d in range(k)])  # of o (columns) on images of d
    sensitivity = d_prime(1 - rates, false_alarms[:, objects].T)
    cells = np.array([mean(sensitivity[objects == o], axis=0) for o in range(k)])
    difference = sensitivity - cells[objects]
    return np.where(np.abs(difference) <= ROUNDING, 0, difference)


SIGNATURES = {"i1": i1, "i2n": i2n}


def d_prime(hits: np.ndarray, false_alarms: np.ndarray) -> np.ndarray:
    """z(hits) − z(false alarms), clipped to ±5; NaN if both rates are 1 or both are 0."""
    from scipy.special import ndtri

    with np.errstate(invalid="ignore"):  # ∞ − ∞
        return np.clip(ndtri(hits) - ndtri(false_alarms), -CLIP, CLIP)


def halves_of_trials(image: np.ndarray, distractor: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Which trials are in the first half: every other trial of each image and distractor, in random order.

    If the number of trials is odd, a random half gets the additional trial.
    """
    cell = image * (distractor.max(initial=0) + 1) + distractor
    order = rng.permutation(len(cell))
    order = order[np.argsort(cell[order], kind="stable")]
    begins = np.flatnonzero(np.diff(cell[order], prepend=-1))
    sizes = np.diff(begins, append=len(cell))
    place = np.arange(len(cell)) - np.repeat(begins - rng.integers(2, size=len(begins)), sizes)
    first = np.empty(len(cell), dtype=bool)
    first[order] = place % 2 == 0
    return first


def mean(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean of the values that are not NaN; NaN if there are none."""
    there = ~np.isnan(values)
    count = there.sum(axis=axis)
    return np.where(count > 0, np.sum(values, axis=axis, where=there) / np.maximum(count, 1), np.nan)
