"""Groups of images in each of which one thing changes, and their changes along the leading axes, from a Gram.

The images of a group are those in which one parameter varies in one scene, or the frames of a clip. The change c_gl is
a response minus the mean of its group g, in units of the group's root sum of squares, so that groups count alike. The
axes are the principal axes of all changes.
"""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.geometry.covariances import squared_blocks
from ventral.geometry.subspaces import ROUNDING
from ventral.gram import Gram
from ventral.stimuli.design import varied_parameters

AXES = 16  # largest number
PER_AXIS = 8  # degrees of freedom of the changes that each axis needs
IMAGES = 1000  # largest number that is used, in whole scenes
MIXED = "augmentation"  # changes of place and of color at once


@dataclass(frozen=True)
class Groups:
    """G groups of L images each.

    Attributes
    ----------
    images : integer array of shape (G, L)
    parameter : array of shape (G,)
        What varies in each group; for comparisons with what was found, not for finding it.
    scene : integer array of shape (G,)
        0 … N − 1.
    """

    images: np.ndarray
    parameter: np.ndarray
    scene: np.ndarray

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the changes in a group, L − 1."""
        return self.images.shape[1] - 1

    @property
    def n_axes(self) -> int:
        """Number of axes that the changes allow."""
        return min(AXES, len(self.images) * self.freedom // PER_AXIS)

    def subset(self, kept: np.ndarray) -> "Groups":
        """Some of the groups."""
        scene = np.unique(self.scene[kept], return_inverse=True)[1]
        return Groups(self.images[kept], self.parameter[kept], scene)


@dataclass(frozen=True)
class Changes:
    """The changes of G groups along q axes.

    Attributes
    ----------
    scatter : array of shape (G, q, q)
        Σ_l c_gl c_glᵀ of each group; its trace is the share of the group's variance along the axes.
    products : array of shape (G, G)
        Inner products of the groups' covariances, Σ_lm (s_g c_gl · s_h c_hm)², along all axes there are and with the
        root sums of squares s that the c are relative to.
    content : array of shape (N, q)
        Mean responses to the scenes along the axes, relative to their mean, of which the sum of squares is the share
        of the variance between scenes along the axes.
    """

    scatter: np.ndarray
    products: np.ndarray
    content: np.ndarray


def groups_of(table: pd.DataFrame, rng: np.random.Generator) -> Groups:
    """The groups of a stimulus table of n images, in each of which one thing changes.

    Groups of another size than most are left out, and the log names their parameters. So are scenes beyond 1,000
    images, and augmentations that change everything at once if others do not.

    Parameters
    ----------
    table : DataFrame
        With the columns scene and parameter.
    rng : Generator
        For the draw of scenes.
    """
    varied = varied_parameters(table).to_numpy()
    if len({*varied} - {"", MIXED}) > 0:
        varied = np.where(varied == MIXED, "", varied)
    rows = np.flatnonzero(varied != "")
    members = [rows[each] for each in table.iloc[rows].groupby(["scene", "parameter"]).indices.values()]
    members.sort(key=lambda each: each[0])  # not by the names of parameters
    sizes = np.array([len(each) for each in members])
    L = np.bincount(sizes).argmax()
    images = np.array([each for each in members if len(each) == L])
    if others := {*varied[rows]} - {*varied[images[:, 0]]}:
        sentence = (
            "Kinds of change are sought in groups of %d images. Left out, because their groups have other sizes: %s."
        )
        logging.warning(sentence, L, ", ".join(sorted(others)))
    scene = np.unique(table.scene.to_numpy()[images[:, 0]], return_inverse=True)[1]
    groups = Groups(images, varied[images[:, 0]], scene)
    order = rng.permutation(scene.max() + 1)
    count = np.cumsum(np.bincount(scene, minlength=len(order))[order]) * L
    return groups.subset(np.isin(scene, order[count <= max(IMAGES, count[0])]))


def varying(G: Gram, groups: Groups) -> Groups:
    """The groups in which the responses change."""
    (n_groups, L), K = groups.images.shape, G.block(groups.images.ravel())
    K = K.reshape(n_groups, L, n_groups, L)
    total = np.einsum("glgl->g", K) - np.einsum("glgm->g", K) / L
    return groups.subset(total > ROUNDING * max(np.einsum("glgl->", K), np.finfo(float).tiny))


def changes(G: Gram, groups: Groups) -> Changes:
    """The changes of groups, all of which change the responses (`varying`).

    Parameters
    ----------
    G : Gram of n images
    groups : Groups
    """
    n_groups, L = groups.images.shape
    K = G.block(groups.images.ravel()).reshape(n_groups, L, n_groups * L)
    to_images = (K - K.mean(axis=1, keepdims=True)).reshape(n_groups, L, n_groups, L)  # changes · responses
    among = to_images - to_images.mean(axis=3, keepdims=True)
    scale = np.sqrt(np.einsum("glgl->g", among))
    products = squared_blocks(among)
    among = among / scale[:, None, None, None] / scale[:, None]
    axes = leading(among.reshape(n_groups * L, -1), groups.n_axes)
    X = (among.reshape(n_groups * L, -1) @ axes).reshape(n_groups, L, -1)
    of_scene = np.eye(groups.scene.max() + 1)[groups.scene] / np.bincount(groups.scene)
    to_means = to_images.mean(axis=3) @ of_scene / scale[:, None, None]
    content = np.einsum("gln,glq->nq", to_means, axes.reshape(n_groups, L, -1))
    means = of_scene.T @ K.reshape(n_groups, L, n_groups, L).mean(axis=(1, 3)) @ of_scene
    between = np.trace(means) - means.mean() * len(means)
    content = (content - content.mean(axis=0)) / np.sqrt(between)
    return Changes(np.einsum("gli,glj->gij", X, X), products, content)


def leading(K: np.ndarray, q: int) -> np.ndarray:
    """Weights of the q leading principal axes, of which the products with responses are coordinates, (n, q)."""
    from scipy.linalg import eigh

    eigenvalues, vectors = eigh(K, subset_by_index=[len(K) - q, len(K) - 1])
    positive = eigenvalues > ROUNDING * eigenvalues[-1]
    return (vectors[:, positive] / np.sqrt(eigenvalues[positive]))[:, ::-1]
