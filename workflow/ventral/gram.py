"""The Gram matrix of one layer's responses, from which all measures of the layer are computed.

With H = I − 11ᵀ/n, every measure of a layer is a function of::

    K = H X Xᵀ H        (n × n)

If there are fewer features than images (d < n), K is larger than X. X is then kept instead, as the factor C = H X of
K = C Cᵀ, and the methods of `Gram` compute from it at the cost of d, not of n. If d ≥ n, X is read only once, block
by block (`ventral.core.block_products`). A few sums are stored with either, to recover what centering removes.

Equal responses are found from the features themselves while they are read (`ventral.core.copies`), never from products,
whose last digits depend on the processor, the number of threads and the position of a row in a block. Products of equal
responses are then made equal, so that everything computed from them depends on equality alone.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ventral.core.block_products import is_real, overflow, place_of, sums_over_blocks
from ventral.core.centering import center
from ventral.core.copies import distinct, first_equal, nearest_equal
from ventral.core.errors import Fault
from ventral.core.hdf5 import create_hdf5, open_hdf5, read_texts, write_array, write_texts
from ventral.core.kept_responses import kept_responses, overflows, sums_of_responses
from ventral.core.symmetric_arrays import read_symmetric, write_symmetric

ORIGIN = ("model", "source", "preprocess", "fingerprint")
RESOLUTION = 1e-6  # of float32 products, as a share of squared norms


@dataclass(frozen=True)
class Gram:
    """Inner products of the responses to n images.

    Attributes
    ----------
    kernel : array of shape (n, n), float64, or None
        K = H X Xᵀ H; None if the responses are kept. `centered` has it in both cases.
    mean_products : array of shape (n,)
        x_i · μ, where μ is the mean response.
    mean_square : float
        μ · μ.
    row_sums : array of shape (n,)
        Sum of each response over its features.
    n_features : int
        d.
    stimulus_id : array of shape (n,) or None
        Which image each row is.
    origin : dict of str
        `model`, `source`, `preprocess` and `fingerprint` of the network; empty for plain arrays.
    copy_of : integer array of shape (n,) or None
        For each row of X, the first row that equals it in all features (itself if no earlier row does). None in files
        of earlier versions; `copies` then decides by distances.
    precision : {"float32", "float64"} or None
        Precision of the products. None in files of earlier versions; float32 is then assumed if d > n.
    responses : array of shape (n, d), or None
        X, kept instead of K if d < n.
    """

    kernel: Any
    mean_products: np.ndarray
    mean_square: float
    row_sums: np.ndarray
    n_features: int
    stimulus_id: np.ndarray | None = None
    origin: dict[str, str] = field(default_factory=dict)
    copy_of: np.ndarray | None = None
    precision: str | None = None
    responses: Any = None

    def __len__(self) -> int:
        return len(self.mean_products)

    @cached_property
    def centered(self) -> np.ndarray:
        """K = H X Xᵀ H, of shape (n, n), float64; of 8 n² bytes, which the methods below avoid if d < n."""
        if self.kernel is not None:
            return self.kernel
        first, place = distinct(self.copies, np.arange(len(self)))
        K = self.factor[first] @ self.factor[first].T
        return K if place is None else K[np.ix_(place, place)]

    @property
    def matrix(self) -> Any:
        """`centered` if it is kept, or if n ≤ 2d, so that its entries cost less than products of responses; or None."""
        return self.centered if self.kernel is not None or len(self) <= 2 * self.n_features else None

    @cached_property
    def factor(self) -> Any:
        """C = H X, of shape (n, d), float64, with K = C Cᵀ; None if K is kept."""
        if self.responses is None:
            return None
        if self.copy_of is not None and not self.copy_of.any():  # all responses are equal
            return np.zeros(self.responses.shape)
        C = self.responses - self.responses.mean(axis=0, dtype=np.float64)
        return C - C.mean(axis=0)  # a large mean leaves a rounding error the first time

    def block(self, rows, columns=None) -> np.ndarray:
        """Centered products of some images with some others, K[rows][:, columns].

        Parameters
        ----------
        rows, columns : NumPy indices of one axis
            `columns` are the rows by default; the block is then exactly symmetric.
        """
        images = np.arange(len(self))
        rows, columns = images[rows], None if columns is None else images[columns]
        if self.matrix is not None:
            return self.matrix[np.ix_(rows, rows if columns is None else columns)]
        first, of_rows = distinct(self.copies, rows)
        other, of_columns = (first, of_rows) if columns is None else distinct(self.copies, columns)
        A = self.factor[first]
        products = A @ (A if columns is None else self.factor[other]).T
        products = products if of_rows is None else products[of_rows]
        return products if of_columns is None else products[:, of_columns]

    @cached_property
    def squares(self) -> np.ndarray:
        """Squared norms of the centered responses, K_ii, of shape (n,)."""
        return np.diag(self.kernel) if self.factor is None else np.einsum("ij,ij->i", self.factor, self.factor)

    @cached_property
    def covariation(self) -> np.ndarray:
        """K or CᵀC, whichever is smaller: a matrix that shares the eigenvalues above zero, of K, of min(n, d) rows."""
        return self.kernel if self.factor is None else self.factor.T @ self.factor

    @cached_property
    def squares_of_rows(self) -> np.ndarray:
        """Σ_j K_ij², of shape (n,)."""
        if self.matrix is not None:
            return np.einsum("ij,ij->i", self.matrix, self.matrix)
        return np.einsum("ij,ij->i", self.factor @ self.covariation, self.factor)

    def times(self, V: np.ndarray) -> np.ndarray:
        """K V for vectors V of shape (n,) or (n, k)."""
        return self.kernel @ V if self.factor is None else self.factor @ (self.factor.T @ V)

    @property
    def products(self) -> np.ndarray:
        """Inner products before centering, X Xᵀ, of shape (n, n)."""
        m = self.mean_products
        return self.centered + m[:, None] + m - self.mean_square

    @property
    def resolution(self) -> float:
        """Largest rounding error of products that cancel, as a share of the squared norms; 0 for float64."""
        single = self.n_features > len(self) if self.precision is None else self.precision == "float32"
        return RESOLUTION if single else 0.0

    @property
    def copies(self) -> np.ndarray:
        """For each image, the first image with an equal response, of shape (n,)."""
        return nearest_equal(self.centered, self.resolution) if self.copy_of is None else self.copy_of

    def varies(self, index: np.ndarray | slice = slice(None)) -> bool:
        """Whether the responses to some of the images differ."""
        return len(np.unique(self.copies[index])) > 1

    def subset(self, index: np.ndarray) -> "Gram":
        """Gram of some of the images, centered on their own mean; `index` is any NumPy index."""
        chosen, m = np.arange(len(self))[index], self.mean_products[index]
        if np.array_equal(chosen, np.arange(len(self))):
            return self
        copy_of = None if self.copy_of is None else first_equal(self.copy_of[index])
        same: dict[str, Any] = {
            "row_sums": self.row_sums[index],
            "stimulus_id": None if self.stimulus_id is None else self.stimulus_id[index],
            "copy_of": copy_of,
        }
        if self.responses is not None and len(chosen) > self.n_features:
            X = self.responses[chosen]
            means, mean_square, _ = sums_of_responses(X)
            return replace(self, responses=X, mean_products=means, mean_square=mean_square, **same)
        K = self.block(chosen)
        K += m[:, None]
        K += m
        K -= self.mean_square
        means = K.mean(axis=1)
        kept: dict[str, Any] = {"kernel": _centered(K, copy_of), "responses": None}
        return replace(self, **kept, mean_products=means, mean_square=float(means.mean()), **same)


def gram(X, block: int | None = None, precision: str = "float32", device: str = "auto") -> Gram:
    """Inner products of the rows of X, centered on the mean row.

    Features are read in blocks; the next block is read while one is multiplied. Products are computed in `precision`
    and summed over blocks in float64. If memory runs out, the block is halved.

    If d < n, the responses themselves are kept. If d ≤ n, all products are computed in float64. They cost little, and
    the Gram is then singular, so that float32 would leave noise in place of zero eigenvalues.

    Parameters
    ----------
    X : array or HDF5 dataset of shape (n images, d features)
        NumPy, CuPy or torch. CuPy and torch arrays are multiplied on their own device.
    block : int, optional
        Features per block; by default as many as fit into 128 MB.
    precision : {"float32", "float64"}
        Precision of the products inside a block if d > n. With float32 the relative Frobenius error stays below 1e-5.
    device : {"auto", "cpu", "cuda", "cuda:0", …}
        Where NumPy and HDF5 input is multiplied. "auto" uses a GPU if there is one that CuPy can use.

    Returns
    -------
    Gram

    Raises
    ------
    Fault
        X is not two-dimensional, has no rows or no features, or contains values that are complex or not finite, or
        whose products overflow; or CuPy cannot use the GPU that `device` names.
    """
    X = X if hasattr(X, "shape") else np.asarray(X)
    if not is_real(X):
        raise Fault(f"{place_of(X)}: a Gram needs real numbers, not {X.dtype}.")
    if len(X.shape) != 2 or 0 in X.shape:
        raise Fault(f"{place_of(X)}: a Gram needs images × features, one or more of each, not {tuple(X.shape)}.")
    n, d = X.shape
    if d < n:
        return _of_responses(X)
    precision = "float64" if d == n else precision
    (K, mean_products, row_sums, mean_square), copy_of = sums_over_blocks(X, block, precision, device)
    if not (np.isfinite(K).all() and np.isfinite(mean_products).all()):
        raise Fault(overflow(X, precision))
    if (copy_of != np.arange(n)).any():
        K, mean_products, row_sums = K[np.ix_(copy_of, copy_of)], mean_products[copy_of], row_sums[copy_of]
    K = _centered(K, copy_of)
    return Gram(K, mean_products, mean_square, row_sums, d, copy_of=copy_of, precision=precision)


def _of_responses(X) -> Gram:
    """The Gram of fewer features than images, which keeps them."""
    responses, copy_of = kept_responses(X)
    if overflows(responses):
        raise Fault(overflow(X, "float64"))
    return Gram(None, *sums_of_responses(responses), X.shape[1], None, {}, copy_of, "float64", responses)


def _centered(K: np.ndarray, copy_of: np.ndarray | None) -> np.ndarray:
    """As `center`, in place, but exactly zero if all responses are known to be equal."""
    return center(K, K) if copy_of is None or copy_of.any() else np.zeros_like(K)


def write_gram(G: Gram, path: str | Path) -> None:
    """Store a Gram in an HDF5 file, which appears complete or not at all.

    Parameters
    ----------
    G : Gram
    path : path
    """
    with create_hdf5(path) as file:
        if G.responses is not None:
            file.reserve(G.responses.nbytes)
            write_array(file, "responses", G.responses)
        else:
            write_symmetric(file, "centered", G.kernel)
        for name in ("mean_products", "row_sums", "copy_of"):
            if getattr(G, name) is not None:
                write_array(file, name, getattr(G, name))
        file.attrs.update(G.origin | {"mean_square": G.mean_square, "n_features": G.n_features})
        if G.precision is not None:
            file.attrs["precision"] = G.precision
        if G.stimulus_id is not None:
            write_texts(file, "stimulus_id", G.stimulus_id)


def read_gram(path: str | Path) -> Gram:
    """Read a Gram that `write_gram` stored.

    Parameters
    ----------
    path : path

    Returns
    -------
    Gram

    Raises
    ------
    Fault
        The file is missing, truncated or damaged.
    """
    with open_hdf5(path) as file:
        return Gram(
            kernel=read_symmetric(file["centered"]) if "centered" in file else None,
            responses=file["responses"][:] if "responses" in file else None,
            mean_products=file["mean_products"][:],
            mean_square=float(file.attrs["mean_square"]),
            row_sums=file["row_sums"][:],
            n_features=int(file.attrs["n_features"]),
            stimulus_id=read_texts(file, "stimulus_id") if "stimulus_id" in file else None,
            origin={name: str(file.attrs[name]) for name in ORIGIN if name in file.attrs},
            copy_of=file["copy_of"][:] if "copy_of" in file else None,
            precision=file.attrs.get("precision"),
        )
