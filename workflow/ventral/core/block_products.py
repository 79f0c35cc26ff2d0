"""Sums of inner products over blocks of features, on the CPU or a GPU.

Blocks are multiplied where they are, by NumPy, CuPy or torch. While one is multiplied, the next one is read.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from array_api_compat import array_namespace, is_numpy_array

from ventral.core.copies import copies_after
from ventral.core.device import is_out_of_memory, to_numpy, usable_cupy
from ventral.core.errors import Fault

BLOCK_BYTES = 128e6
LAYERS = 4  # at most, that share a GPU
MORE_BYTES = 100e6  # of their products, beyond those of one layer, which take 24 n² bytes
SMALL = 1e-30  # products below this may have lost digits, because the smallest float32 number is 1e-38

Sums = tuple[np.ndarray, np.ndarray, np.ndarray, float]


def sums_over_blocks(X, block: int | None, precision: str, device: str) -> tuple[Sums, np.ndarray]:
    """Inner products of the rows of X, and what centering needs; see `ventral.gram.gram` for the parameters.

    Returns
    -------
    sums : tuple
        Products of deviations from the mean row, (n, n), centered within rounding; products of rows with the mean row,
        (n,); row sums, (n,); and the square of the mean row.
    copy_of : integer array of shape (n,)
        For each row, the first row that equals it in all features.

    Raises
    ------
    Fault
        A value is not finite, or CuPy cannot use the GPU that `device` names.
    """
    n, d = X.shape
    load = _loader(X, device)
    width = block or block_width(X)
    totals, copy_of, start, ahead = None, np.zeros(n, dtype=int), 0, None
    with ThreadPoolExecutor(1) as reader:
        while start < d:
            part = None  # frees the block before another one is read
            stop = min(start + width, d)
            ahead = ahead or reader.submit(_read, X, start, stop)
            try:
                part = ahead.result()
                ahead = reader.submit(_read, X, stop, stop + width)
                totals, copy_of = _with_block(totals, copy_of, load(part), precision)
            except Exception as error:
                if not is_out_of_memory(error) or stop - start == 1:
                    raise
                width, ahead = (stop - start) // 2, None
                logging.warning("Out of memory; continuing with blocks of %d features.", width)
            else:
                if not np.isfinite(totals[-1]) and not np.isfinite(to_numpy(part)).all():
                    raise Fault(not_finite(X, part, start))
                start = stop
    return (*map(to_numpy, totals[:3]), totals[3]), copy_of


def is_real(X) -> bool:
    """Whether an array of NumPy, CuPy, torch or HDF5 holds real numbers."""
    dtype = getattr(X, "dtype", None)
    return dtype.kind in "fiub" if isinstance(dtype, np.dtype) else "complex" not in str(dtype)


def place_of(X) -> str:
    """The layer and the file that an array belongs to, for messages."""
    file = getattr(X, "file", None)
    return "The responses" if file is None else f"The layer {X.name.strip('/')} in {file.filename}"


def _with_block(totals: list | None, copy_of: np.ndarray, x, precision: str) -> tuple[list, np.ndarray]:
    """The totals and the copies after one more block; an error leaves both as they were."""
    with np.errstate(invalid="ignore", over="ignore"):  # `sums_over_blocks` reports it, with names
        copy_of = copies_after(copy_of, x)
        return _added(totals, *_block_gram(x, precision)), copy_of


def _added(totals: list | None, products, sums: tuple) -> list:
    """The totals plus the sums of one more block, in float64.

    The large array is updated last, in place and without new memory. If memory runs out before, nothing of the block
    has been added, so it can be tried again.
    """
    if totals is None:
        return [array_namespace(products).astype(products, sums[0].dtype), *sums]
    smaller = [total + one for total, one in zip(totals[1:], sums, strict=True)]
    totals[0] += products
    return [totals[0], *smaller]


def _block_gram(x, precision: str):
    """Products of deviations from the mean in one block of features, and the block's other sums, mean square last."""
    xp = array_namespace(x)
    x = xp.astype(x, xp.result_type(x.dtype, getattr(xp, precision)), copy=False)  # integers would round the mean
    mean = xp.sum(x, axis=0, dtype=xp.float64) / x.shape[0]
    rounded = xp.astype(mean, x.dtype)
    c = xp.astype(x - rounded, getattr(xp, precision))
    products = c @ c.T
    if precision == "float32" and float(xp.max(xp.linalg.diagonal(products))) < SMALL:  # variation is absent or tiny
        c = xp.astype(c, xp.float64)
        products = c @ c.T
    # x = c + rounded, to the last bit. The level that all units share is multiplied separately, in float64, because a
    # large level would hide the rest of the mean.
    rounded, level, sums = xp.astype(rounded, xp.float64), xp.mean(mean), xp.sum(c, axis=1, dtype=xp.float64)
    with_rest = xp.astype(c @ xp.astype(mean - level, c.dtype), xp.float64)
    products_with_mean = with_rest + level * sums + rounded @ mean
    return products, (products_with_mean, sums + xp.sum(rounded), float(mean @ mean))


def _read(X, start: int, stop: int):
    return X[:, start : min(stop, X.shape[1])]


def _loader(X, device: str) -> Callable:
    """The function that moves a block to the device that multiplies it; CuPy copies through pinned memory."""
    lies_elsewhere = hasattr(X, "__array_namespace__") or hasattr(X, "device")
    cupy = None if lies_elsewhere and not is_numpy_array(X) else usable_cupy(device)
    return cupy.asarray if cupy else lambda part: part


def block_width(X, share: int = 1) -> int:
    """Features that fit into the block size, or into a share of it; whole chunks if X is chunked."""
    width = max(1, int(BLOCK_BYTES / share / (4 * X.shape[0])))
    chunk = (getattr(X, "chunks", None) or (1, 1))[1]
    return max(chunk, width // chunk * chunk)


def layers_at_once(n: int) -> int:
    """Layers of n images whose products a GPU computes at a time; their blocks share the memory of one layer's."""
    return max(1, min(LAYERS, 1 + int(MORE_BYTES / (24 * n**2))))


def not_finite(X, part, start: int) -> str:
    """The message for values that are not finite in a block of features that begins at `start`."""
    bad = ~np.isfinite(to_numpy(part))
    rows = np.flatnonzero(bad.any(axis=1))
    names = rows.tolist()
    if getattr(X, "parent", None) is not None and "stimulus_id" in X.parent:
        names = [X.parent["stimulus_id"].asstr()[row] for row in rows[:5]]
    return (
        f"{place_of(X)}: {bad.sum()} values of {len(rows)} images are not finite among the features "
        f"{start} to {start + part.shape[1] - 1}, first in the images {', '.join(map(str, names[:5]))}."
    )


def overflow(X, precision: str) -> str:
    """The message for finite values whose products are not finite in this precision."""
    remedy = "Scale them down" if precision == "float64" else 'Use precision="float64"'
    return f"{place_of(X)}: the values are finite and their products overflow {precision}. {remedy}."
