"""Where images lie along the principal components of other images, for one layer.

With z_j the responses of a layer to m other images and z̄ their mean, the components are the axes v_k and variances
λ_k / (m − 1) of Σ_j (z_j − z̄)(z_j − z̄)ᵀ = V diag(λ) Vᵀ. The coordinates of an image with the response x are ::

    t_k = (x − z̄) · v_k

They follow from the inner products of all images together. With U the eigenvectors of the products of the other images,
v_k = Σ_j U_jk (z_j − z̄) / √λ_k, and so t_k = Σ_j (x − z̄) · (z_j − z̄) U_jk / √λ_k. If a layer has fewer features than
there are images, the responses are used themselves (`ventral.gram`). Nothing that reads coordinates needs the responses
of either set.

Source: Elmoznino & Bonner, "High-performing neural network models of visual cortex benefit from high latent
dimensionality", PLoS Computational Biology 20: e1011792 (2024), who fit the components of a layer on a large set of
photographs.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ventral.core.hdf5 import create_hdf5, open_hdf5, read_texts, write_array, write_texts
from ventral.gram import Gram, gram
from ventral.projection import projected
from ventral.regression.folds import fold_of
from ventral.regression.pcr import components

MOST = 1000  # components; more are not kept


class Coordinates(NamedTuple):
    """Coordinates of n images along components of other images.

    Attributes
    ----------
    values : array of shape (n, components), float64
        Components with the largest variance come first.
    stimulus_id : array of shape (n,)
    stimuli : str
        The name of the other images.
    """

    values: np.ndarray
    stimulus_id: np.ndarray
    stimuli: str


class Stacked:
    """Responses to two sets of images, (images, features), which are read as one array without joining them before."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts
        self.shape = (sum(len(part) for part in parts), parts[0].shape[1])
        self.dtype = np.result_type(*(part.dtype for part in parts))
        self.chunks = getattr(parts[0], "chunks", None)

    def __getitem__(self, key: Any) -> np.ndarray:
        return np.concatenate([part[key] for part in self.parts])


def coordinates(
    X: Any, others: Any, device: str = "auto", projection: int | None = None, names: Sequence[str | int] = ()
) -> np.ndarray:
    """Coordinates of images along the principal components of other images.

    Parameters
    ----------
    X : array or HDF5 dataset of shape (n, d)
        Responses of a layer to the images.
    others : array or HDF5 dataset of shape (m, d)
        Its responses to the other images.
    device : str
        As for `ventral.gram.gram`.
    projection, names : int and sequence of str or int, optional
        As for `ventral.projection.projected`, by which both sets are projected in the same way.

    Returns
    -------
    array of shape (n, components), float64
        Components with the largest variance come first: at most 1000, and those with more than 1e-7 of the variance of
        the first. No columns, and a warning, if the sets differ in the number of features or the responses to the other
        images do not vary. With more features than images, products have float32 precision relative to the squared
        distance between the means of the sets.

    Raises
    ------
    Fault
        As for `ventral.gram.gram`.
    """
    if X.shape[1] != others.shape[1]:
        logging.warning(
            "%d features for the images of the recording and %d for the other images cannot share components, so this "
            "layer has none; for components, give both sets the same `size` and `pooling`.",
            *(X.shape[1], others.shape[1]),
        )
        return np.empty((len(X), 0))
    X, others = (projected(responses, projection, *names) for responses in (X, others))
    return along_components(gram(Stacked(others, X), device=device), len(others))


def along_components(G: Gram, others: int) -> np.ndarray:
    """As `coordinates`, from the Gram of all images, of which the first `others` are the other images."""
    rows = np.arange(len(G))
    fold = fold_of(G, rows[:others], rows[others:])
    eigenvalues, U = fold.eigen
    if not eigenvalues.any():
        logging.warning("The responses to the other images do not vary, so they have no components.")
    leading = slice(len(eigenvalues) - components(eigenvalues, MOST), None)  # the largest come last
    return (fold.across_times(U[:, leading]) / np.sqrt(eigenvalues[leading]))[:, ::-1]


def write_coordinates(found: Coordinates, path: str | Path) -> None:
    """Store coordinates in an HDF5 file, which appears complete or not at all."""
    with create_hdf5(path) as file:
        file.reserve(found.values.nbytes)
        write_array(file, "coordinates", found.values)
        write_texts(file, "stimulus_id", found.stimulus_id)
        file.attrs["stimuli"] = found.stimuli


def read_coordinates(path: str | Path) -> Coordinates:
    """Read coordinates that `write_coordinates` stored.

    Raises
    ------
    Fault
        The file is missing, truncated or damaged.
    """
    with open_hdf5(path) as file:
        return Coordinates(file["coordinates"][:], read_texts(file, "stimulus_id"), str(file.attrs["stimuli"]))
