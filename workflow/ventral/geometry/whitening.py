"""Effective dimensionality after ZCA whitening that is fitted to other images.

Whitening makes a steep spectrum flat. If neurons can still be predicted after whitening, their prediction does not
depend on the shape of the spectrum. With μ the mean and λ_k, u_k the eigenvalues and axes of the covariance (ddof 1)
of the responses to the fitted images ::

    W = Σ_k u_k u_kᵀ / √max(λ_k, τ),    y = W (x − μ),    τ = floor · λ_1

where λ = 0 for axes without variance among the fitted images. Blocks of the Gram are sufficient, because
W² = I/τ + Σ_{λ_k > τ} u_k u_kᵀ (1/λ_k − 1/τ), and u_k is a combination of the fitted responses.

Source: the ZCA control of Elmoznino & Bonner, PLoS Computational Biology 20(1): e1011792 (2024), whose public code fits
the whitening to 1,000 ImageNet images and raises smaller eigenvalues to 10⁻⁶. That floor is in units of the squared
responses, so scaling a layer would change the result. Here the floor is relative to the largest eigenvalue.
"""

from dataclasses import replace

import numpy as np

from ventral.core.centering import center
from ventral.core.errors import Fault
from ventral.core.kept_responses import sums_of_responses
from ventral.geometry.spectrum import effective_dimensionality
from ventral.gram import Gram

FLOOR = 1e-3
NEEDS = "Whitening needs two or more images to fit, and responses that vary between them."


def whitened_effective_dimensionality(G: Gram, rng: np.random.Generator, floor: float = FLOOR) -> float:
    """Effective dimensionality of one half of the images after whitening by the other half.

    With fewer fitted images than features, it measures to what extent both halves have the same main axes. It is below
    n / 2.

    Parameters
    ----------
    G : Gram of n images, n ≥ 4
    rng : numpy.random.Generator
        For the halves.
    floor : float
        See `whitened`.

    Returns
    -------
    float

    Raises
    ------
    Fault
        There are fewer than four images, or a half has no variance.
    """
    if len(G) < 4:
        raise Fault(f"Whitening with other images needs four images or more, not {len(G)}.")
    fit, test = np.array_split(rng.permutation(len(G)), 2)
    return effective_dimensionality(whitened(G, fit, test, floor)).effective_dimensionality


def whitened(G: Gram, fit: np.ndarray, test: np.ndarray, floor: float = FLOOR) -> Gram:
    """Gram of some images' responses after the ZCA whitening of other images.

    Parameters
    ----------
    G : Gram of n images
    fit, test : arrays of int
        The images that the whitening is fitted to, and those that are whitened; none is in both.
    floor : float
        Smaller eigenvalues are raised to this share of the largest, in (0, 1].

    Returns
    -------
    Gram of the test images

    Raises
    ------
    Fault
        The responses to the fitted images do not vary.
    ValueError
        An image is in `fit` and in `test`, or the floor is not in (0, 1].
    """
    if np.intersect1d(fit, test).size:
        raise ValueError("No image may be both fitted and whitened.")
    if not 0 < floor <= 1:
        raise ValueError(f"The floor must be in (0, 1], not {floor}.")
    if not G.varies(fit):
        raise Fault(NEEDS)
    narrow = G.factor is not None and len(fit) > G.n_features and len(test) > G.n_features
    return (_whitened_responses if narrow else _whitened_products)(G, fit, test, floor)


def _whitened_responses(G: Gram, fit: np.ndarray, test: np.ndarray, floor: float) -> Gram:
    """From the responses themselves: y = W (x − μ)."""
    mean = G.factor[fit].mean(axis=0)
    of_fit = G.factor[fit] - mean
    kappa, axes = np.linalg.eigh(of_fit.T @ of_fit)
    if kappa[-1] <= 0:
        raise Fault(NEEDS)
    W = (axes / np.sqrt(np.maximum(kappa, floor * kappa[-1]) / (len(fit) - 1))) @ axes.T
    responses = (G.factor[test] - mean) @ W
    means, mean_square, row_sums = sums_of_responses(responses)
    return replace(
        G.subset(test),  # whitening keeps equal responses equal
        responses=responses,
        mean_products=means,
        mean_square=mean_square,
        row_sums=row_sums,
    )


def _whitened_products(G: Gram, fit: np.ndarray, test: np.ndarray, floor: float) -> Gram:
    """From inner products, which are all that there is of more features than images."""
    of_fit = G.block(fit)
    mean_of_fit, mean_square = of_fit.mean(axis=1), of_fit.mean()  # x · μ of the fitted images, and μ · μ
    kappa, vectors = np.linalg.eigh(center(of_fit, of_fit))
    del of_fit  # arrays of many images are freed and overwritten, so that four of them are held at most
    if kappa[-1] <= 0:
        raise Fault(NEEDS)
    kept = kappa > floor * kappa[-1]
    variances, tau = kappa[kept] / (len(fit) - 1), floor * kappa[-1] / (len(fit) - 1)
    combine = vectors[:, kept] / np.sqrt(kappa[kept])  # u_k = Σ_f combine_fk (x_f − μ)
    del vectors

    along = G.block(test, fit)
    mean = along.mean(axis=1)  # x · μ
    along = _from_mean(along, mean, mean_of_fit, mean_square) @ combine  # (x − μ) · u_k
    sums = G.row_sums - G.row_sums[fit].mean()
    sums_of_axes = sums[fit] @ combine
    del combine
    row_sums = sums[test] / np.sqrt(tau) + along @ ((1 / np.sqrt(variances) - 1 / np.sqrt(tau)) * sums_of_axes)

    products = _from_mean(G.block(test), mean, mean, mean_square)
    products /= tau
    products += (along * (1 / variances - 1 / tau)) @ along.T
    del along
    means = products.mean(axis=1)
    return replace(
        G.subset(test),  # whitening keeps equal responses equal
        kernel=center(products, products),
        responses=None,
        mean_products=means,
        mean_square=float(means.mean()),
        row_sums=row_sums,
    )


def _from_mean(products: np.ndarray, of_rows: np.ndarray, of_columns: np.ndarray, mean_square: float) -> np.ndarray:
    """Inner products of deviations from μ, in place, from those of the responses with each other and with μ."""
    products -= of_rows[:, None]
    products -= of_columns
    products += mean_square
    return products
