"""Capacity, radius and dimension of one manifold, from its anchor points (`ventral.geometry.manifold_capacity`)."""

import numpy as np

from ventral.geometry.center_correlations import ROUNDING
from ventral.geometry.cone_projection import cone_coefficients
from ventral.geometry.left_out_draws import kept_draws

DRAW_VECTORS = 50  # for the error of the draws


def coordinates(block: np.ndarray, dimensions: int, Z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points of one manifold and Gaussian vectors, in the axes of the points.

    Parameters
    ----------
    block : array of shape (M, M)
        Inner products of its points about their center, in squared norms of the center.
    dimensions : int
        D, at most M.
    Z : array of shape (vectors, M + D + 1)
        Gaussian numbers: for the points, so that they give the same vectors t in whatever axes points are written; for
        axes without extent; and for the last coordinate.

    Returns
    -------
    points, T : arrays of shape (M, D) and (vectors, D + 1)
    """
    eigenvalues, axes = (part[..., len(block) - dimensions :] for part in np.linalg.eigh(block))
    of_points, others = np.split(Z, [len(block)], axis=1)
    occupied = eigenvalues > ROUNDING * eigenvalues[-1]  # the other axes are arbitrary
    T = np.column_stack([np.where(occupied, of_points @ axes, others[:, :-1]), others[:, -1]])
    return axes * np.sqrt(np.maximum(eigenvalues, 0)), T


def anchor_geometry(points: np.ndarray, T: np.ndarray) -> tuple[float, float, float]:
    """Capacity, radius and dimension of one manifold.

    Parameters
    ----------
    points : array of shape (M, D)
        About their center, in norms of the center.
    T : array of shape (vectors, D + 1)
        Gaussian.
    """
    S = np.column_stack([points, np.ones(len(points))])
    projections = cone_coefficients(S, T) @ S
    t, scale = T[:, :-1], projections[:, -1:]
    touching = points[np.argmax(t @ points.T, axis=1)]
    anchors = np.where(scale > 0, projections[:, :-1] / np.where(scale > 0, scale, 1), touching)
    spread = anchors - anchors.mean(axis=0)
    norms = np.linalg.norm(anchors, axis=1) * np.linalg.norm(t, axis=1)
    cosines = np.sum(t * anchors, axis=1) / np.where(norms > 0, norms, 1)
    return (
        1 / float(np.mean(np.sum(projections**2, axis=1))),
        float(np.sqrt(np.mean(np.sum(spread**2, axis=1)))),
        points.shape[1] * float(cosines.mean()) ** 2,
    )


def without_each_draw(inner: np.ndarray, points: np.ndarray, T: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """1 / capacity, radius and dimension of one manifold without each of at most five groups of draws.

    Shared axes and vectors stay as they are, so that values differ by the draws alone.

    Parameters
    ----------
    inner : array of shape (M, M)
        Inner products of its points about the mean of all images, in squared norms of the center of all its points.
    points, T : arrays of shape (M, D) and (vectors, D + 1)
        As for `anchor_geometry`.
    draw : integer array of shape (M,)

    Returns
    -------
    array of shape (groups, 3)
    """
    rows = []
    for kept in kept_draws(draw):
        about_center = points[kept] - points[kept].mean(axis=0)
        norm = np.sqrt(inner[np.ix_(kept, kept)].mean())
        capacity, radius, dimension = anchor_geometry(about_center / norm, T[:DRAW_VECTORS])
        rows.append((1 / capacity, radius, dimension))
    return np.array(rows)
