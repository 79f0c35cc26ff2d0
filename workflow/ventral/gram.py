"""The Gram matrix of one layer's responses: the waist of the workflow.

With H = I − 11ᵀ/n, everything that Ventral says of a layer is a function of::

    K = H X Xᵀ H        (n × n)

so the d features of X are read once, block by block, and never again. A few sums are kept beside K for
what centring takes away (row norms, Pearson-distance matrices, cosines).

Which responses are equal is decided on the features themselves while they are read (`ventral.copies`), never on
products, whose last digits depend on the processor, the number of threads and the place of a row in a block. Products
of equal responses are then made equal, so that whatever follows from them depends on equality alone.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from array_api_compat import array_namespace, is_numpy_array

from ventral.copies import copies_after, first_equal, nearest_equal
from ventral.device import gpus, is_out_of_memory
from ventral.store import Fault, create_hdf5, open_hdf5, read_texts, write_array, write_texts

BLOCK_BYTES = 128e6
ORIGIN = ("model", "source", "preprocess", "fingerprint")
RESOLUTION = 1e-6  # of products in float32
SMALL = 1e-30  # products below it may have lost digits to the smallest number of float32, 1e-38


@dataclass(frozen=True)
class Gram:
    """Inner products of the responses to n images.

    Attributes
    ----------
    centered : array of shape (n, n), float64
        K = H X Xᵀ H.
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
        `model`, `source` and `fingerprint` of the network whose responses these are; empty for plain arrays.
    copy_of : integer array of shape (n,) or None
        The first row of X that equals this one, feature by feature; its own number where no earlier row does. None
        where nobody looked, as in files of earlier versions: `copies` then decides by distances.
    precision : {"float32", "float64"} or None
        Of the products. None in files of earlier versions: float32 is then assumed where d > n.
    """

    centered: np.ndarray
    mean_products: np.ndarray
    mean_square: float
    row_sums: np.ndarray
    n_features: int
    stimulus_id: np.ndarray | None = None
    origin: dict[str, str] = field(default_factory=dict)
    copy_of: np.ndarray | None = None
    precision: str | None = None

    def __len__(self) -> int:
        return len(self.centered)

    @property
    def products(self) -> np.ndarray:
        """Inner products before centring, X Xᵀ, of shape (n, n)."""
        m = self.mean_products
        return self.centered + m[:, None] + m - self.mean_square

    @property
    def resolution(self) -> float:
        """What rounding may leave of products that cancel, as a share of the squared norms; 0 for float64."""
        single = self.n_features > len(self) if self.precision is None else self.precision == "float32"
        return RESOLUTION if single else 0.0

    @property
    def copies(self) -> np.ndarray:
        """For each image the first whose response equals its own, of shape (n,)."""
        return nearest_equal(self.centered, self.resolution) if self.copy_of is None else self.copy_of

    def varies(self, index: np.ndarray | slice = slice(None)) -> bool:
        """Whether the responses to some of the images differ."""
        return len(np.unique(self.copies[index])) > 1

    def subset(self, index: np.ndarray) -> "Gram":
        """Gram of some of the images, centred on their own mean; `index` as NumPy takes it."""
        chosen, m = np.arange(len(self))[index], self.mean_products[index]
        copy_of = None if self.copy_of is None else first_equal(self.copy_of[index])
        K = self.centered[np.ix_(chosen, chosen)] + m[:, None] + m - self.mean_square
        means = K.mean(axis=1)
        return replace(
            self,
            centered=_centered(K, copy_of),
            mean_products=means,
            mean_square=float(means.mean()),
            row_sums=self.row_sums[index],
            stimulus_id=None if self.stimulus_id is None else self.stimulus_id[index],
            copy_of=copy_of,
        )


def gram(X, block: int | None = None, precision: str = "float32", device: str = "auto") -> Gram:
    """Inner products of the rows of X, centred on the mean row.

    Features are read in blocks; the next block is read while one is multiplied. Products are taken in
    `precision` and summed over blocks in float64. When memory runs out the block is halved.

    No more features than images make products that cost little and a Gram that is singular, in which float32
    would leave noise where eigenvalues are zero. So these products are taken in float64, whatever `precision` says.

    Parameters
    ----------
    X : array or HDF5 dataset of shape (n images, d features)
        NumPy, CuPy or torch; a CuPy or torch array is multiplied where it lies.
    block : int, optional
        Features per block; by default as many as fit 128 MB.
    precision : {"float32", "float64"}
        Of the products inside a block when d > n. With float32 the relative Frobenius error stays below 1e-5.
    device : {"auto", "cpu", "cuda", "cuda:0", …}
        Where NumPy and HDF5 input is multiplied; "auto" takes a GPU when there is one that CuPy can use.

    Returns
    -------
    Gram

    Raises
    ------
    Fault
        X is not two-dimensional, has no rows or no features, or holds values that are no real numbers, not finite,
        or whose products overflow; or CuPy cannot use the GPU that `device` names.
    """
    X = X if hasattr(X, "shape") else np.asarray(X)
    if not _is_real(X):
        raise Fault(f"{_where(X)}: a Gram needs real numbers, not {X.dtype}.")
    if len(X.shape) != 2 or 0 in X.shape:
        raise Fault(f"{_where(X)}: a Gram needs images × features, one or more of each, not {tuple(X.shape)}.")
    n, d = X.shape
    if d <= n:
        precision = "float64"
    load = _loader(X, device)
    width = block or _block_width(X)
    totals, copy_of, start, ahead = None, np.zeros(n, dtype=int), 0, None
    with ThreadPoolExecutor(1) as reader:
        while start < d:
            part = x = None  # a block that did not fit is let go before it is read again
            stop = min(start + width, d)
            ahead = ahead or reader.submit(_read, X, start, stop)
            try:
                part = ahead.result()
                ahead = reader.submit(_read, X, stop, stop + width)
                with np.errstate(invalid="ignore", over="ignore"):  # said below, with names
                    x = load(part)
                    copy_of = copies_after(copy_of, x)  # twice where a block is tried again, which changes nothing
                    totals = _added(totals, *_block_gram(x, precision))
            except Exception as error:
                if not is_out_of_memory(error) or stop - start == 1:
                    raise
                width, ahead = (stop - start) // 2, None
                logging.warning("Out of memory; going on with blocks of %d features.", width)
                continue
            if not np.isfinite(totals[-1]) and not np.isfinite(_numpy(part)).all():
                raise Fault(_not_finite(X, part, start))
            start = stop
    K, mean_products, row_sums = map(_numpy, totals[:3])
    if not (np.isfinite(K).all() and np.isfinite(mean_products).all()):
        remedy = "Scale them down" if precision == "float64" else 'Use precision="float64"'
        raise Fault(f"{_where(X)}: the values are finite and their products overflow {precision}. {remedy}.")
    if (copy_of != np.arange(n)).any():
        K, mean_products, row_sums = K[np.ix_(copy_of, copy_of)], mean_products[copy_of], row_sums[copy_of]
    K = _centered(K, copy_of)
    return Gram(K, mean_products, totals[3], row_sums, d, copy_of=copy_of, precision=precision)


def center(K: np.ndarray) -> np.ndarray:
    """H K H: remove the mean of rows and columns, and the rounding that breaks symmetry."""
    means = K.mean(axis=0)
    K = K - means - means[:, None] + means.mean()
    return (K + K.T) / 2


def _centered(K: np.ndarray, copy_of: np.ndarray | None) -> np.ndarray:
    """The same, exactly zero where all responses are known to be equal."""
    return center(K) if copy_of is None or copy_of.any() else np.zeros_like(K)


def write_gram(G: Gram, path: str | Path) -> None:
    """Store a Gram; the file appears whole or not at all."""
    with create_hdf5(path) as file:
        file.reserve(G.centered.nbytes)
        for name in ("centered", "mean_products", "row_sums"):
            write_array(file, name, getattr(G, name))
        file.attrs["mean_square"], file.attrs["n_features"] = G.mean_square, G.n_features
        file.attrs.update(G.origin)
        if G.copy_of is not None:
            write_array(file, "copy_of", G.copy_of)
        if G.precision is not None:
            file.attrs["precision"] = G.precision
        if G.stimulus_id is not None:
            write_texts(file, "stimulus_id", G.stimulus_id)


def read_gram(path: str | Path) -> Gram:
    """Read what `write_gram` stored.

    Raises
    ------
    Fault
        The file is missing, truncated or damaged.
    """
    with open_hdf5(path) as file:
        return Gram(
            centered=file["centered"][:],
            mean_products=file["mean_products"][:],
            mean_square=float(file.attrs["mean_square"]),
            row_sums=file["row_sums"][:],
            n_features=int(file.attrs["n_features"]),
            stimulus_id=read_texts(file, "stimulus_id") if "stimulus_id" in file else None,
            origin={name: str(file.attrs[name]) for name in ORIGIN if name in file.attrs},
            copy_of=file["copy_of"][:] if "copy_of" in file else None,
            precision=file.attrs.get("precision"),
        )


def _added(totals: list | None, products, sums: tuple) -> list:
    """The totals with one block more, in float64.

    The large array grows in its place, last of all and without new memory, so that a block is added whole or, before
    it is tried again, not at all.
    """
    if totals is None:
        return [array_namespace(products).astype(products, sums[0].dtype), *sums]
    smaller = [total + one for total, one in zip(totals[1:], sums, strict=True)]
    totals[0] += products
    return [totals[0], *smaller]


def _block_gram(x, precision: str):
    """Centred products of one block of features, and its share of the sums kept beside them, the mean square last."""
    xp = array_namespace(x)
    x = xp.astype(x, xp.result_type(x.dtype, getattr(xp, precision)), copy=False)  # integers would round the mean
    mean = xp.sum(x, axis=0, dtype=xp.float64) / x.shape[0]
    rounded = xp.astype(mean, x.dtype)
    c = xp.astype(x - rounded, getattr(xp, precision))
    products = c @ c.T
    if precision == "float32" and float(xp.max(xp.linalg.diagonal(products))) < SMALL:  # nothing varies, or too little
        c = xp.astype(c, xp.float64)
        products = c @ c.T
    # x = c + rounded, to the last bit. What all units share is multiplied apart, in float64, because a large common
    # level would drown the rest of the mean.
    rounded, level, sums = xp.astype(rounded, xp.float64), xp.mean(mean), xp.sum(c, axis=1, dtype=xp.float64)
    with_rest = xp.astype(c @ xp.astype(mean - level, c.dtype), xp.float64)
    products_with_mean = with_rest + level * sums + rounded @ mean
    return products, (products_with_mean, sums + xp.sum(rounded), float(mean @ mean))


def _read(X, start: int, stop: int):
    return X[:, start : min(stop, X.shape[1])]


def _loader(X, device: str):
    """How a block reaches the device that multiplies it."""
    lies_elsewhere = hasattr(X, "__array_namespace__") or hasattr(X, "device")
    if device == "cpu" or (lies_elsewhere and not is_numpy_array(X)) or (device == "auto" and not gpus()):
        return lambda part: part
    try:
        import cupy

        cupy.cuda.runtime.getDeviceCount()
        cupy.empty(1)  # a GPU that is counted may still refuse, being full, in exclusive use or too old
    except (ImportError, RuntimeError, MemoryError) as error:  # CUDA's own errors are RuntimeErrors
        answer = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        if device != "auto":
            raise Fault(
                f"`device: {device}` needs a GPU that CuPy can use, and CuPy says: {answer}. Set `device: auto` to go "
                f"on with the CPU."
            ) from error
        logging.warning("The Gram is computed on the CPU, since CuPy cannot use the GPU: %s.", answer)
        return lambda part: part
    return cupy.asarray


def _block_width(X) -> int:
    """Features that fit the block size, in whole chunks where X is chunked."""
    width = max(1, int(BLOCK_BYTES / (4 * X.shape[0])))
    chunk = (getattr(X, "chunks", None) or (1, 1))[1]
    return max(chunk, width // chunk * chunk)


def _numpy(x) -> np.ndarray:
    return np.asarray(x.get() if hasattr(x, "get") else x.cpu() if hasattr(x, "cpu") else x)


def _is_real(X) -> bool:
    """Whether an array of NumPy, CuPy, torch or HDF5 holds real numbers."""
    dtype = getattr(X, "dtype", None)
    return dtype.kind in "fiub" if isinstance(dtype, np.dtype) else "complex" not in str(dtype)


def _not_finite(X, part, start: int) -> str:
    bad = ~np.isfinite(_numpy(part))
    rows = np.flatnonzero(bad.any(axis=1))
    names = rows.tolist()
    if getattr(X, "parent", None) is not None and "stimulus_id" in X.parent:
        names = [X.parent["stimulus_id"].asstr()[row] for row in rows[:5]]
    return (
        f"{_where(X)}: {bad.sum()} values of {len(rows)} images are not finite among the features "
        f"{start} to {start + part.shape[1] - 1}, first in the images {', '.join(map(str, names[:5]))}."
    )


def _where(X) -> str:
    file = getattr(X, "file", None)
    return "The responses" if file is None else f"The layer {X.name.strip('/')} in {file.filename}"
