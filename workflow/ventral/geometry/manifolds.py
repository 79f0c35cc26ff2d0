"""Class manifolds: how far apart are the clouds of responses to two classes, and how wide are they in this direction?

With c_i the mean response to class i, C_i the covariance of its n_i responses (ddof 1) and Δ_ij = c_i − c_j::

    R_i = √ tr C_i                        radius
    D_i = (tr C_i)² / tr C_i²             dimension (participation ratio)
    signal_ij = ‖Δ_ij‖ / R_i
    bias_ij = R_j / R_i − 1
    overlap_self_ij  = √(Δ_ijᵀ C_i Δ_ij) / R_i²
    overlap_other_ij = √(Δ_ijᵀ C_j Δ_ij) / R_i²

    projection_distance_ij = mean over x of class i of |(x − c_i) · Δ_ij| / ‖Δ_ij‖ / √(tr C_i / d)

and the signal-to-noise ratio of telling class i from class j with m images of each::

    SNR_ij = ½ (signal² + ((bias + 1)² − 1)/m) / √(1/(D_i m) + overlap_other²/m + overlap_self²)

so that a nearest-mean read-out errs on images of class i with probability H(SNR_ij), where H is the Gaussian tail.
This holds if R_i² is the variance summed over axes, as here and in the code of Sorscher et al. The code of Elmoznino &
Bonner takes the mean over the k = min(n_i, d) principal components instead. The signal is then √k times and the
overlaps are k times as large, and the ratio no longer predicts the errors.

Source: Sorscher, Ganguli & Sompolinsky, "Neural representational geometry underlies few-shot concept learning",
PNAS 119(43): e2200800119 (2022), Eq. 1; projection distances: Elmoznino & Bonner, PLoS Computational Biology
20(1): e1011792 (2024).
"""

from dataclasses import dataclass

import numpy as np

from ventral.core.centering import center
from ventral.core.errors import Fault
from ventral.gram import Gram

ROUNDING = 1e-9  # of the mean squared response about the mean; smaller values are rounding errors of a Gram


@dataclass(frozen=True)
class Manifolds:
    """Geometry of C classes and of their ordered pairs.

    The value of the pair (i, j) is in row i and column j; the diagonals are NaN.

    Attributes
    ----------
    classes : array of shape (C,)
        Names, sorted.
    radius : array of shape (C,)
        In units of the responses.
    dimension : array of shape (C,)
        From 1 to n_i − 1.
    signal, bias, overlap_self, overlap_other : arrays of shape (C, C)
        In units of the radius of class i.
    projection_distance : array of shape (C, C)
        In units of the standard deviation of class i along a mean axis. It approaches √(2/π) = .80, the value of a
        Gaussian, if a class has equal variance along many axes.
    """

    classes: np.ndarray
    radius: np.ndarray
    dimension: np.ndarray
    signal: np.ndarray
    bias: np.ndarray
    overlap_self: np.ndarray
    overlap_other: np.ndarray
    projection_distance: np.ndarray


def manifolds(G: Gram, labels: np.ndarray) -> Manifolds:
    """Geometry of the manifolds of all classes; images with an empty label are left out.

    Parameters
    ----------
    G : Gram of n images
    labels : array of shape (n,)
        The class of each image, '' for none.

    Returns
    -------
    Manifolds

    Raises
    ------
    Fault
        There are fewer than two classes, a class has one image or constant responses, two classes have the same mean
        response, or there are not as many labels as images.
    """
    classes, members = by_class(G, labels)
    alone = [name for name, index in zip(classes, members, strict=True) if len(index) < 2]
    if alone:
        raise Fault(f"The class {alone[0]} has one image; its manifold needs two or more.")
    centered = (center(G.block(index)) for index in members)  # of one class at a time
    traces, squares = np.array([(np.trace(block), np.sum(block**2)) for block in centered]).T
    variance = traces / (np.array([len(index) for index in members]) - 1)
    cc, spread, extent = _towards_means(G, members)
    distance = _of_pairs(np.diag(cc)[:, None] + np.diag(cc) - 2 * cc)  # ‖Δ_ij‖²
    zero = float(ROUNDING * np.mean(G.squares))
    _refuse_constant_classes(classes, (variance > zero) & [G.varies(index) for index in members])
    _refuse_equal_means(classes, distance, zero)
    radius = np.sqrt(variance)
    return Manifolds(
        classes=classes,
        radius=radius,
        dimension=traces**2 / squares,
        signal=np.sqrt(distance) / radius[:, None],
        bias=_of_pairs(radius / radius[:, None] - 1),
        overlap_self=_of_pairs(np.sqrt(spread) / variance[:, None]),
        overlap_other=_of_pairs(np.sqrt(spread.T) / variance[:, None]),
        projection_distance=extent / np.sqrt(distance) / np.sqrt(variance / G.n_features)[:, None],
    )


def _towards_means(G: Gram, members: list[np.ndarray]) -> np.ndarray:
    """Products of class means c, and how far the images of each class lie along the lines to other means.

    Returns
    -------
    array of shape (3, C, C)
        c_i · c_j; Δ_ijᵀ C_i Δ_ij with Δ_ij = c_j − c_i; and the mean of |(x − c_i) · Δ_ij| over images x of class i.
    """
    from scipy.sparse import csr_array

    order, sizes = np.concatenate(members), np.array([len(index) for index in members])
    class_of = np.repeat(np.arange(len(members)), sizes)
    share = csr_array((1 / sizes[class_of], (order, class_of)), shape=(len(G), len(members)))
    rows, means = (G.kernel, share) if G.factor is None else (G.factor, G.factor.T @ share)
    found = np.empty((3, len(members), len(members)))
    for i, index in enumerate(members):  # so that memory holds the products of one class
        xc = rows[index] @ means  # x · c_j
        found[0, i] = xc.mean(axis=0)
        along = xc - xc[:, [i]] - (found[0, i] - found[0, i, i])  # (x − c_i) · Δ_ij
        found[1, i] = np.sum(along**2, axis=0) / (len(index) - 1)
        found[2, i] = np.abs(along).mean(axis=0)
    return found


def _of_pairs(values: np.ndarray) -> np.ndarray:
    """The values with NaN on the diagonal, because no class forms a pair with itself."""
    np.fill_diagonal(values, np.nan)
    return values


def _refuse_constant_classes(classes: np.ndarray, vary: np.ndarray) -> None:
    if not vary.all():
        raise Fault(f"The responses to the class {classes[vary.argmin()]} do not vary; its manifold has no radius.")


def _refuse_equal_means(classes: np.ndarray, distance: np.ndarray, zero: float) -> None:
    if np.nanmin(distance) <= zero:
        i, j = sorted(np.unravel_index(np.nanargmin(distance), distance.shape))
        raise Fault(
            f"The classes {classes[i]} and {classes[j]} have the same mean response; there is no distance between them."
        )


def few_shot_snr(M: Manifolds, shots: int) -> np.ndarray:
    """Signal-to-noise ratio of telling class i from class j with `shots` images of each.

    Parameters
    ----------
    M : Manifolds of C classes
    shots : int
        Number of images of each class from which its mean is estimated.

    Returns
    -------
    array of shape (C, C)
        NaN on the diagonal.
    """
    gain = M.signal**2 + ((M.bias + 1) ** 2 - 1) / shots
    noise = 1 / (M.dimension[:, None] * shots) + M.overlap_other**2 / shots + M.overlap_self**2
    return gain / np.sqrt(noise) / 2


def by_class(G: Gram, labels: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Sorted names of the classes, and the indices of the images of each class, in their order.

    Raises
    ------
    Fault
        There are fewer than two classes, or not as many labels as images.
    """
    labels = np.asarray(labels).astype(str)
    if labels.shape != (len(G),):
        raise Fault(f"{len(G)} images need {len(G)} labels, not {labels.size}; give '' to an image without a class.")
    classes, class_of, counts = np.unique(labels, return_inverse=True, return_counts=True)
    members = np.split(np.argsort(class_of, kind="stable"), np.cumsum(counts)[:-1])
    if classes[0] == "":
        classes, members = classes[1:], members[1:]
    if len(classes) < 2:
        raise Fault(f"Class geometry needs images of two or more classes, and the labels name {len(classes)}.")
    return classes, members
