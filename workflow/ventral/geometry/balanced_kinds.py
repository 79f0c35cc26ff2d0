"""Assignments of groups of images to kinds of change that give every scene several kinds.

The groups of a scene are known to change different things, though not which. Of the m groups of a scene, each of K
kinds therefore has at most ⌈m/K⌉, and all assignments that meet this are equally probable beforehand. Kinds of object,
which would hold all groups of a scene, are excluded. Scenes with more than 6 groups are taken in parts of at most 6.
"""

from functools import lru_cache

import numpy as np

TOGETHER = 6  # largest number of groups that are assigned together


@lru_cache
def allowed(m: int, n_kinds: int) -> np.ndarray:
    """All balanced assignments of m groups to kinds, of shape (assignments, m)."""
    every = np.indices((n_kinds,) * m).reshape(m, -1).T
    counts = (every[:, :, None] == np.arange(n_kinds)).sum(axis=1)
    return every[counts.max(axis=1) <= -(-m // n_kinds)]


def places(scene: np.ndarray) -> list[np.ndarray]:
    """The groups of scenes or of their parts, as arrays of shape (parts, m), one for each m there is."""
    order = np.argsort(scene, kind="stable")
    within = np.arange(len(order)) - np.searchsorted(scene[order], scene[order])
    part = np.unique(np.stack([scene[order], within // TOGETHER]), axis=1, return_inverse=True)[1].ravel()
    m = np.bincount(part)[part]
    return [order[m == number].reshape(-1, number) for number in np.unique(m)]


def memberships(logs: np.ndarray, scene: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of the kinds of each group, and log-likelihoods of the scenes.

    Parameters
    ----------
    logs : array of shape (groups, K)
        log p(g | k).
    scene : integer array of shape (groups,)
        0 … N − 1.

    Returns
    -------
    probabilities : array of shape (groups, K)
    log_likelihood : array of shape (N,)
    """
    found, total = np.zeros_like(logs), np.zeros(scene.max() + 1)
    for groups in places(scene):
        ways, joint = joint_logs(logs, groups)
        likelihood = np.logaddexp.reduce(joint, axis=1)
        weights = np.exp(joint - likelihood[:, None])
        found[groups] = np.tensordot(weights, np.eye(logs.shape[1])[ways], 1)
        np.add.at(total, scene[groups[:, 0]], likelihood - np.log(len(ways)))
    return found, total


def most_probable(logs: np.ndarray, scene: np.ndarray) -> np.ndarray:
    """The kinds of the groups in the best balanced assignment of each scene, of shape (groups,)."""
    kinds = np.zeros(len(logs), dtype=int)
    for groups in places(scene):
        ways, joint = joint_logs(logs, groups)
        kinds[groups] = ways[joint.argmax(axis=1)]
    return kinds


def joint_logs(logs: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The allowed assignments, and Σ_g log p(g | its kind) for each part of a scene, (parts, assignments)."""
    m, n_kinds = groups.shape[1], logs.shape[1]
    ways = allowed(m, n_kinds)
    chosen = np.eye(n_kinds)[ways].reshape(len(ways), m * n_kinds)
    return ways, logs[groups].reshape(len(groups), m * n_kinds) @ chosen.T
