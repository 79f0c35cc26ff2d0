"""A response is the mean of its scene plus a residual, which a parameter adds to it at each level.

    x_il = m_i + c_il        scene i, level l

Inner products of means and residuals are linear in the Gram matrix, so the features are not needed.
"""

from dataclasses import dataclass

import numpy as np

from ventral.core.errors import Fault


@dataclass(frozen=True)
class Decomposition:
    """Inner products of means and residuals of the responses to N scenes at L levels of one parameter.

    Attributes
    ----------
    mean_mean : array of shape (N, N)
        m_i · m_j, about the mean of the means.
    residual_mean : array of shape (N, L, N)
        c_il · m_j.
    residual_residual : array of shape (N, L, N, L)
        c_il · c_jk.
    shared_levels : bool
        Whether level l is the same in every scene, as for moments of movies and augmentations. Otherwise every scene
        has levels of its own.
    """

    mean_mean: np.ndarray
    residual_mean: np.ndarray
    residual_residual: np.ndarray
    shared_levels: bool = False

    @property
    def induced(self) -> np.ndarray:
        """Sum over levels of |c_il|², per scene, of shape (N,)."""
        return np.einsum("ilil->i", self.residual_residual)


def decompose(K: np.ndarray, scenes: np.ndarray, shared_levels: bool = False) -> Decomposition:
    """Split a centered Gram matrix.

    Parameters
    ----------
    K : array of shape (n, n)
        Centered; symmetric or antisymmetric.
    scenes : array of shape (n,)
        The base scene of each image; every scene appears equally often.
    shared_levels : bool
        See `Decomposition`.

    Raises
    ------
    Fault
        The scenes have unequal sizes, there are fewer than two scenes or levels, or not one scene for each image.
    """
    order, N, L = by_scene(scenes)
    if len(order) != len(K):
        raise Fault(f"{len(K)} images need as many scenes, not {len(order)}.")
    K = K[np.ix_(order, order)].reshape(N, L, N, L)
    image_mean = K.mean(axis=3)  # x_il · m_j
    mean_image = K.mean(axis=1)  # m_i · x_jk
    mean_mean = image_mean.mean(axis=1)
    residual_residual = K  # already a copy, and large
    residual_residual -= image_mean[..., None]
    residual_residual -= mean_image[:, None]
    residual_residual += mean_mean[:, None, :, None]
    return Decomposition(mean_mean, image_mean - mean_mean[:, None], residual_residual, shared_levels)


def residual_products(K: np.ndarray, first: np.ndarray, second: np.ndarray, scenes: np.ndarray) -> np.ndarray:
    """Inner products c_il · c′_jk of the effects of two parameters on the same scenes.

    Parameters
    ----------
    K : array of shape (n, n)
        Inner products of all images.
    first, second : arrays of indices
        The images in which each of the two parameters varies.
    scenes : array of shape (n,)

    Returns
    -------
    array of shape (N, L, N, L′)

    Raises
    ------
    ValueError
        The two parameters vary in different scenes.
    Fault
        As for `decompose`.
    """
    (rows, N, L), (columns, M, L_) = by_scene(scenes[first]), by_scene(scenes[second])
    if not same_scenes(scenes, first, second):
        raise ValueError("Two parameters can only be compared if they vary in the same scenes.")
    block = K[np.ix_(first[rows], second[columns])].reshape(N, L, M, L_)
    block = block - block.mean(axis=1, keepdims=True)
    return block - block.mean(axis=3, keepdims=True)


def same_scenes(scenes: np.ndarray, first: np.ndarray, second: np.ndarray) -> bool:
    """Whether two groups of images show the same scenes."""
    return np.array_equal(np.unique(scenes[first]), np.unique(scenes[second]))


def by_scene(scenes: np.ndarray) -> tuple[np.ndarray, int, int]:
    """The order that sorts images by scene, and the numbers of scenes and levels."""
    names, counts = np.unique(np.asarray(scenes), return_counts=True)
    if len(names) < 2 or counts.min() < 2 or counts.min() != counts.max():
        raise Fault(
            f"Every scene needs the same number of levels, two or more, and there must be two or more scenes; here are "
            f"{len(names)} scenes with {counts.min() if len(counts) else 0} to {counts.max() if len(counts) else 0} "
            f"images."
        )
    return np.argsort(scenes, kind="stable"), len(names), int(counts[0])
