"""Which groups of images change in the same way? A mixture of covariances, without labels.

In each group of images, such as the frames of a clip, one thing changes, and it is not known which. The changes of a
group g are the responses minus their mean, with q coordinates c_gl. If groups of one kind k move along the same axes,
their changes have a covariance in common, up to a gain of the group::

    c_gl ~ N(0, s_g Σ_k),      S_g = Σ_l c_gl c_glᵀ,      t_gk = tr(Σ_k⁻¹ S_g)

With ν_g degrees of freedom in the group, and with the gain s_g at its maximum t_gk / (ν_g q), the log-likelihood is ::

    log p(g | k) = − ν_g/2 · log |Σ_k| − ν_g q/2 · log t_gk + constant

which is the density of the direction of all changes of a group (an angular central Gaussian), so that kinds and
mixtures can be compared by it. Expectation-maximization fits the covariances. Second moments cannot tell apart kinds
whose covariances are proportional, nor two changes that happen in every group.

Scenes are a nuisance: a change of one object has little in common with the same change of another. Two things are
therefore done. Changes are relative to what all groups of a scene share (`relative`), and the groups of a scene are
divided among the kinds as evenly as possible (`balanced_kinds`).

Held-out likelihood alone would find kinds of object beside kinds of change. The number of kinds is therefore at most
that of the parameters of the design, or 6 if most scenes have one group. It is the smallest whose log-likelihood of
other scenes is within one standard error of the largest, over five folds of scenes; the standard error is that of the
difference over scenes.

Source: the density is that of Tyler, "Statistical analysis for the angular central Gaussian distribution on the
sphere", Biometrika 74: 579-589 (1987); the rule of one standard error is that of Breiman, Friedman, Olshen & Stone,
"Classification and Regression Trees" (1984). The use for groups of images is Ventral's own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ventral.core.errors import Fault
from ventral.core.unit_rows import unit_rows
from ventral.geometry.balanced_kinds import memberships, most_probable

MOST = 6  # kinds
FOLDS = 5
ITERATIONS = 15
CONVERGED = 1e-3  # largest change of a membership
REFINED = 15  # steps of k-means
SHRINKAGE = 0.8  # of the covariance of a kind towards that of all
ALONE = 0.2  # the same if most scenes have one group; more would make kinds of groups that differ in noise only
OF_SCENE = 0.5  # share of a scene's own covariance in what its changes are relative to


@dataclass(frozen=True)
class Mixture:
    """K kinds of change.

    Attributes
    ----------
    covariances : array of shape (K, q, q)
        Σ_k, of trace q.
    """

    covariances: np.ndarray

    def log_likelihood(self, S: np.ndarray, freedom: np.ndarray, scene: np.ndarray) -> np.ndarray:
        """Log-likelihood of the groups of each scene, of shape (N,)."""
        return memberships(log_likelihoods(self.covariances, S, freedom)[0], scene)[1]

    def kinds(self, S: np.ndarray, freedom: np.ndarray, scene: np.ndarray) -> np.ndarray:
        """The most probable kind of each group, of shape (groups,)."""
        return most_probable(log_likelihoods(self.covariances, S, freedom)[0], scene)


def hidden_kinds(
    S: np.ndarray, freedom: np.ndarray, scenes: np.ndarray, rng: np.random.Generator, n_parameters: int
) -> Mixture:
    """The mixture with the number of kinds that describes other scenes.

    Parameters
    ----------
    S : array of shape (groups, q, q)
        Sums of products of the changes in each group, relative to those of all and of their scene (`relative`).
    freedom : integer array of shape (groups,)
        ν_g, one less than the images of a group.
    scenes : array of shape (groups,)
        The scene of each group.
    rng : Generator
        For the folds.
    n_parameters : int
        Largest number of kinds if most scenes have several groups: how many parameters vary, though not where.

    Raises
    ------
    Fault
        There are fewer scenes than folds.
    """
    names, scene = np.unique(scenes, return_inverse=True)
    if len(names) < FOLDS:
        raise Fault(f"Kinds of change need {FOLDS} scenes or more, not {len(names)}.")
    fold = rng.permutation(np.arange(len(names)) % FOLDS)
    most = MOST if alone(scene) else min(MOST, n_parameters)
    numbers = range(1, min(most, len(S) // 4) + 1)
    A = similarities(S, scene)
    held = np.zeros((len(names), len(numbers)))
    for f in range(FOLDS):
        test = fold[scene] == f
        kept, left = (np.unique(scene[each], return_inverse=True)[1] for each in (~test, test))
        for column, start in enumerate(starts(A[np.ix_(~test, ~test)], kept, numbers)):
            found = mixture(S[~test], freedom[~test], kept, start)
            held[fold == f, column] = found.log_likelihood(S[test], freedom[test], left)
    loss = held[:, [held.mean(axis=0).argmax()]] - held
    near = loss.mean(axis=0) <= loss.std(axis=0, ddof=1) / np.sqrt(len(names))
    return mixture(S, freedom, scene, [*starts(A, scene, numbers)][near.argmax()])


def mixture(S: np.ndarray, freedom: np.ndarray, scene: np.ndarray, start: np.ndarray) -> Mixture:
    """Fit a mixture by expectation-maximization.

    Parameters
    ----------
    S : array of shape (groups, q, q)
    freedom : integer array of shape (groups,)
    scene : integer array of shape (groups,)
        0 … N − 1.
    start : integer array of shape (groups,)
        A first kind of each group, 0 … K − 1.
    """
    q, n_kinds = S.shape[1], int(start.max()) + 1
    shrinkage = ALONE if alone(scene) else SHRINKAGE
    members, products = np.eye(n_kinds)[start], np.repeat(np.trace(S, axis1=1, axis2=2)[:, None], n_kinds, axis=1)
    for _ in range(ITERATIONS):
        scatter = np.tensordot((members * freedom[:, None] / products).T, S, 1)
        traces = np.maximum(np.trace(scatter, axis1=1, axis2=2), np.finfo(float).tiny)
        covariances = (1 - shrinkage) * q / traces[:, None, None] * scatter + shrinkage * np.eye(q)
        logs, products = log_likelihoods(covariances, S, freedom)
        before, members = members, memberships(logs, scene)[0]
        if np.abs(members - before).max() < CONVERGED:
            break
    return Mixture(covariances)


def alone(scene: np.ndarray) -> bool:
    """Whether most scenes have one group."""
    return bool(np.median(np.bincount(scene)) <= 1)


def log_likelihoods(covariances: np.ndarray, S: np.ndarray, freedom: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log p(g | k) without its constant, and t_gk, each of shape (groups, K)."""
    q = S.shape[1]
    inverses = np.linalg.inv(covariances)
    products = S.reshape(len(S), -1) @ inverses.reshape(len(inverses), -1).T
    return -freedom[:, None] / 2 * (np.linalg.slogdet(covariances)[1] + q * np.log(products)), products


def similarities(S: np.ndarray, scene: np.ndarray) -> np.ndarray:
    """Cosines between the S of groups of different scenes, and 0 for groups of one scene, (groups, groups)."""
    flat = unit_rows(S.reshape(len(S), -1))
    return np.where(scene[:, None] == scene, 0, np.maximum(flat @ flat.T, 0))


def starts(A: np.ndarray, scene: np.ndarray, numbers: range) -> Iterator[np.ndarray]:
    """First kinds of the groups for each number of kinds, from their similarities.

    Centers are found by k-means of directions in a spectral embedding of the groups: the first is the most central
    group, and each further one is the group that is least similar to those before it. Groups then move to the kind to
    whose groups in other scenes they are most similar on average. All assignments are balanced.
    """
    degree = np.sqrt(np.maximum(A.sum(axis=1), np.finfo(float).tiny))  # groups may share no axis with other scenes
    vectors = np.linalg.eigh(A / np.outer(degree, degree))[1][:, ::-1]
    for number in numbers:
        yield start_of(unit_rows(vectors[:, :number]), A, scene)


def start_of(E: np.ndarray, A: np.ndarray, scene: np.ndarray) -> np.ndarray:
    """First kinds of the groups, as many as the embedding E has dimensions."""
    centers = E[[(E @ E.sum(axis=0)).argmax()]]
    while len(centers) < E.shape[1]:
        centers = np.vstack([centers, E[(E @ centers.T).max(axis=1).argmin()]])
    apart = (scene[:, None] != scene).astype(float)
    kinds = most_probable(E @ centers.T, scene)
    kinds = settled(kinds, scene, lambda members: E @ unit_rows(members.T @ E).T)
    return settled(kinds, scene, lambda members: A @ members / np.maximum(apart @ members, 1))


def settled(kinds: np.ndarray, scene: np.ndarray, near: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Kinds after a few steps to the nearest, of which `near` tells the nearness from one-hot memberships."""
    for _ in range(REFINED):
        before, kinds = kinds, most_probable(near(np.eye(kinds.max() + 1)[kinds]), scene)
        if (kinds == before).all():
            break
    return np.unique(kinds, return_inverse=True)[1]


def relative(S: np.ndarray, scene: np.ndarray) -> np.ndarray:
    """S_g relative to the changes of all groups and of the groups of the same scene; each has trace q.

    The coordinates are those in which the mean of the S_g, each of trace 1, is the identity. With P the mean over the
    groups of a scene, if it has several, its changes are then multiplied by the inverse root of half P and half the
    identity.
    """
    q, counts = S.shape[1], np.bincount(scene)
    S = S / np.trace(S, axis1=1, axis2=2)[:, None, None]
    S = turned(np.linalg.inv(np.linalg.cholesky(S.mean(axis=0))), S)
    P = np.stack([S[scene == each].mean(axis=0) for each in range(len(counts))])
    share = np.where(counts > 1, OF_SCENE, 0)[:, None, None]
    values, vectors = np.linalg.eigh(share * P + (1 - share) * np.eye(q))
    roots = vectors / np.sqrt(values)[:, None] @ np.swapaxes(vectors, 1, 2)
    return turned(roots[scene], S)


def turned(W: np.ndarray, S: np.ndarray) -> np.ndarray:
    """W S_g Wᵀ, each of trace q."""
    S = W @ S @ np.swapaxes(W, -1, -2)
    return S.shape[1] * S / np.trace(S, axis1=1, axis2=2)[:, None, None]
