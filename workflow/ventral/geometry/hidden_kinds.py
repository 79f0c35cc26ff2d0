"""Which groups of images change in the same way? A mixture of covariances, without labels.

In each group of images, such as the frames of a clip, one thing changes, and it is not known which. The changes of a
group g are the responses minus their mean, with q coordinates c_gl. If groups of one kind k move along the same axes,
their changes have a covariance in common, up to a gain of the group::

    c_gl ~ N(0, s_g Σ_k),      S_g = Σ_l c_gl c_glᵀ,      t_gk = tr(Σ_k⁻¹ S_g)

With ν degrees of freedom in each group, and with the gain s_g at its maximum t_gk / (ν q), the log-likelihood is ::

    log p(g | k) = − ν/2 · log |Σ_k| − ν q/2 · log t_gk + constant

which is the density of the direction of all changes of a group (an angular central Gaussian), so that kinds and
mixtures can be compared by it. Expectation-maximization fits the covariances and the shares of the kinds. Second
moments cannot tell apart kinds whose covariances are proportional, nor two changes that happen in every group.

The number of kinds is the smallest whose log-likelihood of groups of other scenes is within one standard error of the
largest, over five folds of scenes; the standard error is that of the difference over scenes.

Source: the density is that of Tyler, "Statistical analysis for the angular central Gaussian distribution on the
sphere", Biometrika 74: 579-589 (1987); the rule of one standard error is that of Breiman, Friedman, Olshen & Stone,
"Classification and Regression Trees" (1984). The use for groups of images is Ventral's own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ventral.core.errors import Fault
from ventral.core.unit_rows import unit_rows

MOST = 6  # kinds
FOLDS = 5
ITERATIONS = 15
CONVERGED = 1e-3  # largest change of a membership
REFINED = 4  # steps of k-means
SHRINKAGE = 0.2  # of the covariance of a kind towards that of all


@dataclass(frozen=True)
class Mixture:
    """A mixture of K kinds of change.

    Attributes
    ----------
    covariances : array of shape (K, q, q)
        Σ_k, of trace q.
    shares : array of shape (K,)
        Of the groups; they add up to 1.
    """

    covariances: np.ndarray
    shares: np.ndarray

    def log_joint(self, S: np.ndarray, freedom: int) -> np.ndarray:
        """log share + log p(g | k), of shape (groups, K)."""
        return log_likelihoods(self.covariances, S, freedom)[0] + np.log(self.shares)

    def log_likelihood(self, S: np.ndarray, freedom: int) -> np.ndarray:
        """log p(g), of shape (groups,)."""
        return np.logaddexp.reduce(self.log_joint(S, freedom), axis=1)

    def kinds(self, S: np.ndarray, freedom: int) -> np.ndarray:
        """The most probable kind of each group, of shape (groups,)."""
        return self.log_joint(S, freedom).argmax(axis=1)


def hidden_kinds(S: np.ndarray, freedom: int, scenes: np.ndarray, rng: np.random.Generator) -> Mixture:
    """The mixture with the number of kinds that describes groups of other scenes.

    Parameters
    ----------
    S : array of shape (groups, q, q)
        Sums of products of the changes in each group, relative to the covariance of all (`relative`).
    freedom : int
        ν, one less than the images of a group.
    scenes : array of shape (groups,)
        The scene of each group, only to leave out whole scenes.
    rng : Generator
        For the folds.

    Raises
    ------
    Fault
        There are fewer scenes than folds.
    """
    names, scene = np.unique(scenes, return_inverse=True)
    if len(names) < FOLDS:
        raise Fault(f"Kinds of change need {FOLDS} scenes or more, not {len(names)}.")
    fold = rng.permutation(np.arange(len(names)) % FOLDS)[scene]
    numbers = range(1, min(MOST, len(S) // 4) + 1)
    held = np.zeros((len(S), len(numbers)))
    for test in (fold == f for f in range(FOLDS)):
        for column, start in enumerate(starts(S[~test], numbers)):
            held[test, column] = mixture(S[~test], freedom, start).log_likelihood(S[test], freedom)
    best = held.mean(axis=0).argmax()
    loss = np.array([np.bincount(scene, held[:, best] - each) for each in held.T])
    near = loss.mean(axis=1) <= loss.std(axis=1, ddof=1) / np.sqrt(len(names))
    return mixture(S, freedom, [*starts(S, numbers)][near.argmax()])


def mixture(S: np.ndarray, freedom: int, start: np.ndarray) -> Mixture:
    """Fit a mixture by expectation-maximization.

    Parameters
    ----------
    S : array of shape (groups, q, q)
    freedom : int
    start : integer array of shape (groups,)
        A first kind of each group, 0 … K − 1.
    """
    q, n_kinds = S.shape[1], int(start.max()) + 1
    memberships, products = np.eye(n_kinds)[start], np.repeat(np.trace(S, axis1=1, axis2=2)[:, None], n_kinds, axis=1)
    for _ in range(ITERATIONS):
        scatter = np.tensordot((memberships / products).T, S, 1)
        traces = np.maximum(np.trace(scatter, axis1=1, axis2=2), np.finfo(float).tiny)
        covariances = (1 - SHRINKAGE) * q / traces[:, None, None] * scatter + SHRINKAGE * np.eye(q)
        shares = (memberships.sum(axis=0) + 1) / (len(S) + n_kinds)
        found = Mixture(covariances, shares)
        logs, products = log_likelihoods(covariances, S, freedom)
        joint, before = logs + np.log(shares), memberships
        memberships = np.exp(joint - np.logaddexp.reduce(joint, axis=1)[:, None])
        if np.abs(memberships - before).max() < CONVERGED:
            break
    return found


def log_likelihoods(covariances: np.ndarray, S: np.ndarray, freedom: int) -> tuple[np.ndarray, np.ndarray]:
    """log p(g | k) without its constant, and t_gk, each of shape (groups, K)."""
    q = S.shape[1]
    inverses = np.linalg.inv(covariances)
    products = S.reshape(len(S), -1) @ inverses.reshape(len(inverses), -1).T
    return -freedom / 2 * (np.linalg.slogdet(covariances)[1] + q * np.log(products)), products


def starts(S: np.ndarray, numbers: range) -> Iterator[np.ndarray]:
    """First kinds of the groups for each number of kinds: k-means of directions in a spectral embedding of the groups.

    The similarity of two groups is the cosine between their S. The first center is the most central group, and each
    further one is the group that is least similar to those before it.
    """
    flat = S.reshape(len(S), -1)
    A = flat @ flat.T / np.outer(*2 * [np.linalg.norm(flat, axis=1)])
    np.fill_diagonal(A, 0)
    degree = np.sqrt(A.sum(axis=1))
    vectors = np.linalg.eigh(A / np.outer(degree, degree))[1][:, ::-1]
    for number in numbers:
        E = unit_rows(vectors[:, :number])
        centers = E[[(E @ E.sum(axis=0)).argmax()]]
        while len(centers) < number:
            centers = np.vstack([centers, E[(E @ centers.T).max(axis=1).argmin()]])
        for _ in range(REFINED):
            nearest = (E @ centers.T).argmax(axis=1)
            centers = unit_rows(np.eye(number)[nearest].T @ E)
        yield np.unique((E @ centers.T).argmax(axis=1), return_inverse=True)[1]


def relative(S: np.ndarray) -> np.ndarray:
    """S_g in coordinates in which the mean of the S_g, each of trace 1, is the identity; then each of trace q."""
    q = S.shape[1]
    S = S / np.trace(S, axis1=1, axis2=2)[:, None, None]
    inverse_root = np.linalg.inv(np.linalg.cholesky(S.mean(axis=0)))
    S = inverse_root @ S @ inverse_root.T
    return q * S / np.trace(S, axis1=1, axis2=2)[:, None, None]
