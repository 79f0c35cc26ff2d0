"""Groups of images in each of which one thing changes, and their changes along the leading axes, from a Gram.

The images of a group are those in which one parameter varies in one scene, or the frames of a clip. The change c_gl is
a response minus the mean of its group g, in units of the group's root sum of squares, so that groups count alike. The
axes are the principal axes of all changes. Groups need not be of one size.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.geometry.subspaces import ROUNDING
from ventral.gram import Gram
from ventral.stimuli.design import varied_parameters

AXES = 64  # largest number
PER_AXIS = 12  # degrees of freedom of the changes that each axis needs
OF_TWO = 8  # the same where there would be fewer than two axes
IMAGES = 1000  # largest number that is used, in whole scenes
MIXED = "augmentation"  # changes of place and of color at once


@dataclass(frozen=True)
class Groups:
    """G groups of images, group by group.

    Attributes
    ----------
    images : integer array of shape (n,)
    sizes : integer array of shape (G,)
        Numbers of images, L_g.
    parameter : array of shape (G,)
        What varies in each group; for comparisons with what was found, not for finding it.
    scene : integer array of shape (G,)
        0 … N − 1.
    """

    images: np.ndarray
    sizes: np.ndarray
    parameter: np.ndarray
    scene: np.ndarray

    @property
    def freedom(self) -> np.ndarray:
        """Degrees of freedom of the changes in each group, L_g − 1."""
        return self.sizes - 1

    @property
    def n_axes(self) -> int:
        """Number of axes that the changes allow."""
        freedom = int(self.freedom.sum())
        return min(AXES, max(freedom // PER_AXIS, min(2, freedom // OF_TWO)))

    @property
    def first(self) -> np.ndarray:
        """Place of each group's first image in `images`, (G,)."""
        return np.cumsum(self.sizes) - self.sizes

    def subset(self, kept: np.ndarray) -> "Groups":
        """Some of the groups, by a boolean array."""
        images = self.images[np.repeat(kept, self.sizes)]
        scene = np.unique(self.scene[kept], return_inverse=True)[1]
        return Groups(images, self.sizes[kept], self.parameter[kept], scene)

    def sums(self, values: np.ndarray, axis: int = 0) -> np.ndarray:
        """Sums over the images of each group along an axis."""
        return np.add.reduceat(values, self.first, axis=axis)

    def of_images(self, values: np.ndarray, axis: int = 0) -> np.ndarray:
        """One value for each image along an axis, from one for each group."""
        return np.repeat(values, self.sizes, axis=axis)

    def means(self, values: np.ndarray, axis: int = 0) -> np.ndarray:
        """Means over the images of each group along an axis."""
        sizes = self.sizes.reshape([-1 if place == axis else 1 for place in range(values.ndim)])
        return self.sums(values, axis) / sizes


@dataclass(frozen=True)
class Changes:
    """The changes of G groups along q axes.

    Attributes
    ----------
    scatter : array of shape (G, q, q)
        Σ_l c_gl c_glᵀ of each group; its trace is the share of the group's variance along the axes.
    products : array of shape (G, G)
        Inner products of the groups' covariances, Σ_lm (s_g c_gl · s_h c_hm)² / (ν_g ν_h), along all axes there are and
        with the root sums of squares s that the c are relative to.
    content : array of shape (N, q)
        Mean responses to the scenes along the axes, relative to their mean, of which the sum of squares is the share
        of the variance between scenes along the axes.
    """

    scatter: np.ndarray
    products: np.ndarray
    content: np.ndarray

    @property
    def along_axes(self) -> np.ndarray:
        """Which groups change along the axes, boolean, (G,)."""
        return np.trace(self.scatter, axis1=1, axis2=2) > ROUNDING

    def subset(self, kept: np.ndarray, scene: np.ndarray) -> "Changes":
        """The changes of some of the groups, by a boolean array, and the content of their scenes."""
        return Changes(self.scatter[kept], self.products[kept][:, kept], self.content[np.unique(scene[kept])])


def groups_of(table: pd.DataFrame, rng: np.random.Generator) -> Groups:
    """The groups of a stimulus table of n images, in each of which one thing changes.

    Scenes beyond 1,000 images are left out, and so are augmentations that change everything at once if others do not.

    Parameters
    ----------
    table : DataFrame
        With the columns scene and parameter.
    rng : Generator
        For the draw of scenes and the order of groups.
    """
    varied = varied_parameters(table).to_numpy()
    if len({*varied} - {"", MIXED}) > 0:
        varied = np.where(varied == MIXED, "", varied)
    rows = np.flatnonzero(varied != "")
    members = [rows[each] for each in table.iloc[rows].groupby(["scene", "parameter"]).indices.values()]
    members.sort(key=lambda each: each[0])
    members = [members[place] for place in rng.permutation(len(members))]  # so that no order tells the parameters
    sizes, first = np.array([len(each) for each in members]), np.array([each[0] for each in members])
    scene = np.unique(table.scene.to_numpy()[first], return_inverse=True)[1]
    groups = Groups(np.concatenate(members), sizes, varied[first], scene)
    order = rng.permutation(scene.max() + 1)
    count = np.cumsum(np.bincount(scene, sizes)[order])
    return groups.subset(np.isin(scene, order[count <= max(IMAGES, count[0])]))


def varying(G: Gram, groups: Groups) -> Groups:
    """The groups in which the responses change, as those of single images do not."""
    K = G.block(groups.images)
    total = groups.sums(np.diag(K)) - np.diag(groups.sums(groups.means(K), axis=1))
    return groups.subset(total > ROUNDING * max(np.trace(K), np.finfo(float).tiny))


def changes(G: Gram, groups: Groups) -> Changes:
    """The changes of groups, all of which change the responses (`varying`).

    Parameters
    ----------
    G : Gram of n images
    groups : Groups
    """
    K = G.block(groups.images)
    to_images = K - groups.of_images(groups.means(K))  # changes · responses
    among = to_images - groups.of_images(groups.means(to_images, axis=1), axis=1)
    squares = groups.sums(np.diag(among))
    products = groups.sums(groups.sums(among**2), axis=1) / np.outer(groups.freedom, groups.freedom)
    scale = groups.of_images(np.sqrt(squares))
    among = among / scale[:, None] / scale
    axes = leading(among, groups.n_axes)
    X = among @ axes
    scatter = groups.sums(X[:, :, None] * X[:, None])
    of_scene = np.eye(groups.scene.max() + 1)[groups.scene] / np.bincount(groups.scene)
    content = (groups.means(to_images, axis=1) @ of_scene / scale[:, None]).T @ axes
    means = of_scene.T @ groups.means(groups.means(K), axis=1) @ of_scene
    between = np.trace(means) - means.mean() * len(means)
    content = (content - content.mean(axis=0)) / np.sqrt(between)
    return Changes(scatter, products, content)


def leading(K: np.ndarray, q: int) -> np.ndarray:
    """Weights of the q leading principal axes, of which the products with responses are coordinates, (n, q)."""
    from scipy.linalg import eigh

    eigenvalues, vectors = eigh(K, subset_by_index=[len(K) - q, len(K) - 1])
    positive = eigenvalues > ROUNDING * eigenvalues[-1]
    return (vectors[:, positive] / np.sqrt(eigenvalues[positive]))[:, ::-1]
