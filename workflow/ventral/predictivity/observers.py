"""The ranks of observers' distances, and how well observers agree: the noise ceiling of RSA with several observers.

With b_o the ranks of observer o, centered and of norm 1, and b̄ their mean, the bounds are ::

    upper = mean over o of ρ(b̄, b_o)                  no distances reach more, without ties and missing pairs
    lower = mean over o of ρ(b̄ without o, b_o)        what the other observers reach

The ranks of b̄ give the largest mean Spearman correlation with all observers, by the rearrangement inequality. A perfect
model lies between both bounds.

Source: Nili, Wingfield, Walther, Su, Marslen-Wilson & Kriegeskorte, "A toolbox for representational similarity
analysis", PLoS Computational Biology 10: e1003553 (2014).
"""

import logging
from dataclasses import dataclass

import numpy as np

from ventral.representational_similarity import mean_ranks

FEWEST_PAIRS = 3


@dataclass(frozen=True)
class Observer:
    """The distances of one observer in one area.

    Attributes
    ----------
    name : str
    pairs : bool array of shape (n (n − 1) / 2,), or None
        Which pairs it has; None if it has all.
    ranks : array of shape (pairs that it has,)
        Centered ranks of norm 1.
    """

    name: str
    pairs: np.ndarray | None
    ranks: np.ndarray

    def of(self, vector: np.ndarray) -> np.ndarray:
        """The entries of a vector over all pairs that the observer has."""
        return vector if self.pairs is None else vector[self.pairs]

    def correlation(self, vector: np.ndarray) -> float:
        """Spearman's correlation of its distances with a vector over all pairs, in which its own pairs are known."""
        return float(unit_ranks(self.of(vector)) @ self.ranks)


def observer_of(name: str, values: np.ndarray, where: str) -> Observer | None:
    """The ranks of the distances of an observer; None, with a line in the log, if its known distances do not vary."""
    known = ~np.isnan(values)
    if known.sum() < FEWEST_PAIRS or np.ptp(values[known]) == 0:
        logging.warning("%s: the distances of the observer %s do not vary and are left out.", where, name)
        return None
    return Observer(name, None if known.all() else known, unit_ranks(values[known]))


def unit_ranks(values: np.ndarray) -> np.ndarray:
    """Centered ranks of norm 1; zeros if all values are equal."""
    ranks = mean_ranks(values)
    ranks -= ranks.mean()
    norm = np.linalg.norm(ranks)
    return ranks / norm if norm > 0 else ranks


def noise_ceiling_of(observers: list[Observer]) -> dict[str, float]:
    """Mean correlation of observers with the mean ranks of all, `upper`, and of the others, `lower`.

    Parameters
    ----------
    observers : list of two or more Observer

    Returns
    -------
    dict
        `lower` is NaN if no observer shares three pairs with others.
    """
    total, count = summed(observers)
    lower, upper = [], []
    for observer in observers:
        upper.append(observer.correlation(total / np.maximum(count, 1)))
        rest, others = observer.of(total) - scaled(observer), observer.of(count) - 1
        shared = others > 0
        if shared.sum() >= FEWEST_PAIRS:
            lower.append(unit_ranks(rest[shared] / others[shared]) @ unit_ranks(observer.ranks[shared]))
    return {"lower": float(np.mean(lower)) if lower else np.nan, "upper": float(np.mean(upper))}


def summed(observers: list[Observer]) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the ranks of all observers over all pairs, and how many have each pair."""
    pairs = max(len(one.ranks) if one.pairs is None else len(one.pairs) for one in observers)
    total, count = np.zeros((2, pairs))
    for one in observers:
        where = slice(None) if one.pairs is None else one.pairs
        total[where] += scaled(one)
        count[where] += 1
    return total, count


def scaled(observer: Observer) -> np.ndarray:
    """Ranks with a mean square of 1, so that observers with few and with many pairs can be averaged."""
    return observer.ranks * np.sqrt(len(observer.ranks))
