"""Runs a model over a stimulus set once and stores the responses of all wanted layers.

Images are read in batches and responses are written as they come, so memory holds one batch and, for each layer, one
row of HDF5 chunks, whatever the number of images. A job that was killed is continued after the last image whose
responses are known to be on the disk.
"""

import contextlib
import hashlib
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ventral.core.checksums import NewFile
from ventral.core.device import is_out_of_memory
from ventral.core.errors import Fault
from ventral.core.hdf5 import create_hdf5, write_texts
from ventral.core.jobs import progress
from ventral.core.names import listed
from ventral.core.random import generator
from ventral.core.unfinished import Mark, continued_hdf5
from ventral.models.columns import Column, columns_of, restored
from ventral.models.forward import Pass, forward_pass
from ventral.models.model import Model
from ventral.models.repeatability import check_repeatable
from ventral.models.rounding import check_range

POOLINGS = ("none", "avg", "max")
FORMAT = 1  # increase it when the layout of the file changes
PACKAGES = ("ventral", "numpy", "h5py", "torch", "torchvision", "timm")


def extract(
    model: Model,
    images: np.ndarray | h5py.Dataset,
    layers: Sequence[str],
    path: str | Path,
    *,
    pooling: str = "none",
    batch: int | None = None,
    device: str = "cpu",
    stimulus_id: Sequence[str] | None = None,
    precision: str = "float32",
    max_units: int | None = None,
    seed: int = 0,
    content: str | None = None,
) -> None:
    """Store a model's responses to images: one dataset (n, d) per layer, one forward pass for all of them.

    Parameters
    ----------
    model : Model
        From `load_model`, on the same device.
    images : array or HDF5 dataset of shape (n, H, W, 3), uint8
    layers : names
        A module that runs several times in a forward pass gives its last output.
    path : path
        The HDF5 file to write; it appears when it is complete.
    pooling : {"none", "avg", "max"}
        How responses are reduced over the positions of convolutional maps and the tokens of transformers;
        `ventral.models.layout` says how these axes are found.
    batch : int, optional
        Images per forward pass; default: as many as fit into free memory. Halved each time memory runs out.
    device : str
        Where the network is, "cpu" or "cuda:0".
    stimulus_id : names of shape (n,), optional
        Default: the images' numbers from 0.
    precision : {"float32", "float16"}
        How responses are stored.
    max_units : int, optional
        Keep a random subset of each layer's units (after pooling); default: all.
    seed : int
        The subset depends on it and on the layer's name only.
    content : str, optional
        Digest of the images. If it is given and this process is killed, the next call with the same model, images and
        settings continues where this one stopped, and the file becomes the same, byte for byte.

    Raises
    ------
    Fault
        A layer does not exist or gives no tensor; the network does not accept images of this size; pooling is asked
        for and the axes of positions of a layer cannot be known; responses depend on the batch or on chance, are not
        finite, or cannot be stored in float16; or memory is too small for one image.
    ValueError
        Images of another shape or type, or an unknown pooling or precision.
    """
    layers = list(dict.fromkeys([layers] if isinstance(layers, str) else layers))
    _check_arguments(images, pooling, precision)
    names = [str(i) for i in range(len(images))] if stimulus_id is None else list(map(str, stimulus_id))
    if len(names) != len(images):
        raise ValueError(f"{len(names)} stimulus ids for {len(images)} images.")

    def subset(layer: str, units: int) -> np.ndarray | None:
        if max_units is None or units <= max_units:
            return None
        return np.sort(generator("units", seed, layer).choice(units, max_units, replace=False))

    settings = [pooling, precision, max_units, seed, device.partition(":")[0], images.shape]
    digest = content and _digest(model, names, [content, layers, *settings])
    with forward_pass(model, images[:1], layers, pooling, subset, device) as run, _opened(path, digest) as (file, mark):
        _describe(file, model, names, images.shape[1:3])
        kept = {layer: min(units, max_units or units) for layer, units in run.units.items()}
        columns = columns_of(file, kept, len(images), precision)
        for layer, column in columns.items():
            column.dataset.attrs.update(shape=run.shapes[layer], pooling=pooling, units=run.units[layer], seed=seed)
            column.dataset.attrs["pooled_axes"] = np.array(run.axes[layer], dtype=int)
        _fill(columns, model, images, names, run, batch or run.batch, device, mark)
        _check_rounding(columns, model.name)
        for layer, column in columns.items():
            column.close()
            _warn_of_constants(model.name, layer, column.varies)


def _check_arguments(images: np.ndarray | h5py.Dataset, pooling: str, precision: str) -> None:
    if len(images.shape) != 4 or images.shape[3] != 3 or images.dtype != np.uint8 or not len(images):
        raise ValueError(f"images must be uint8 of shape (n, H, W, 3), not {images.dtype} of {images.shape}.")
    if pooling not in POOLINGS or precision not in ("float32", "float16"):
        raise ValueError(f"pooling is one of {POOLINGS} and precision float32 or float16: {pooling}, {precision}.")


def _fill(
    columns: dict[str, Column],
    model: Model,
    images: np.ndarray | h5py.Dataset,
    names: list[str],
    run: Pass,
    batch: int,
    device: str,
    mark: Mark | None,
) -> None:
    """Run the model on all images and write the responses; check that they are repeatable, at the start and the end."""
    done, batch = _continued(columns, model, mark, batch)
    with progress(total=len(images), unit="image", name=model.name) as bar:
        if done:
            first = images[:batch], {layer: column.dataset[:2] for layer, column in columns.items()}
            check_repeatable(model, run.respond, *first, run.precision, device)
            bar.update(done)
        for start, responses in batches(model, images, run, batch, done):
            count = len(next(iter(responses.values())))
            ids = names[start : start + count]
            for layer, X in responses.items():
                check_finite(X, model.name, layer, ids)
                if columns[layer].rounding:
                    check_range(X, model.name, layer, ids)
                columns[layer].add(X)
            if not start:
                first = images[:count], {layer: X[:2].copy() for layer, X in responses.items()}
                check_repeatable(model, run.respond, *first, run.precision, device)
            bar.update(count)
            if mark and start + count < len(images) and all(column.is_written() for column in columns.values()):
                mark.save_if_due(partial(_state, columns, model.name, start + count, count))
        check_repeatable(model, run.respond, *first, run.precision, device)


def _continued(columns: dict[str, Column], model: Model, mark: Mark | None, batch: int) -> tuple[int, int]:
    """How many images a killed job has completed, and the size of its batches, on which last digits may depend."""
    if not mark or not mark.state:
        return 0, batch
    done = mark.state["images"]
    if not restored(columns, done, mark.state["layers"]):
        logging.warning("Model %s: the unfinished file is damaged, so it begins again.", model.name)
        return 0, batch
    logging.info("Model %s: continuing after %d images of a job that was killed.", model.name, done)
    return done, mark.state["batch"]


def _state(columns: dict[str, Column], model: str, images: int, batch: int) -> dict[str, Any]:
    """What `_continued` needs."""
    _check_rounding(columns, model)
    return {"images": images, "batch": batch, "layers": {layer: one.state() for layer, one in columns.items()}}


def batches(
    model: Model, images: np.ndarray | h5py.Dataset, run: Pass, batch: int, start: int = 0
) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """Yield the index of the first image and {layer: responses} of each batch; halve it when memory runs out.

    The first batch begins with the image `start`.
    """
    while start < len(images):
        responses = None
        with _memory_errors() as ran_out:
            responses = run.respond(images[start : start + batch])
        if responses is not None:
            yield start, responses
            start += batch
        elif batch > 1:
            batch //= 2
            logging.warning("Model %s: memory ran out; continuing with batches of %d.", model.name, batch)
        else:
            raise Fault(
                f"Model {model.name} needs more memory than there is for a single image ({ran_out[0]}). Extract fewer "
                f"layers, use smaller images, or a machine with more memory."
            )


@contextlib.contextmanager
def _memory_errors() -> Iterator[list[str]]:
    """Give a list to which an out-of-memory error of the block adds its first line; other errors pass.

    The GPU's cache is emptied after the error, because its traceback holds tensors.
    """
    messages: list[str] = []
    try:
        yield messages
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        messages.append((str(error).splitlines() or ["out of memory"])[0])
    if messages:
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_initialized():
            torch.cuda.empty_cache()


@contextlib.contextmanager
def _opened(path: str | Path, digest: str | None) -> Iterator[tuple[NewFile, Mark | None]]:
    """A new file, or with a digest the unfinished one of a job that was killed."""
    if digest:
        with continued_hdf5(path, digest) as opened:
            yield opened
    else:
        with create_hdf5(path) as file:
            yield file, None


def _digest(model: Model, names: list[str], settings: list[Any]) -> str:
    """Digest of everything that determines the content of the file."""
    described = json.dumps([FORMAT, model.name, model.fingerprint, _versions(), names, settings], default=str)
    return hashlib.sha256(described.encode()).hexdigest()


def _describe(file: h5py.File, model: Model, names: list[str], pixels: tuple[int, int]) -> None:
    """Write the stimulus ids, and as attributes the model, its preprocessing and the versions of packages."""
    write_texts(file, "stimulus_id", names)
    file.attrs.update(model=model.name, source=model.source, fingerprint=model.fingerprint, versions=_versions())
    file.attrs["preprocess"] = model.preparation
    if model.is_module:
        own, (height, width) = model.preprocess, model.preprocess.shown(*pixels)
        file.attrs.update(mean=own.mean, std=own.std, interpolation=own.interpolation, crop=own.crop)
        file.attrs["size"] = height if height == width else (height, width)
    if model.autocast:
        file.attrs["autocast"] = model.autocast
    logging.info("Model %s, %s: %s.", model.name, model.source, model.preparation)


def _versions() -> str:
    return ", ".join(f"{package} {version}" for package in PACKAGES if (version := _version(package)))


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def check_finite(X: np.ndarray, model: str, layer: str, ids: list[str]) -> None:
    if np.isfinite(X.sum()):  # fast; the sum of finite numbers may overflow, so the test below decides
        return
    bad = ~np.isfinite(X)
    if bad.any():
        stimuli = listed([ids[row] for row in np.flatnonzero(bad.any(axis=1))])
        raise Fault(
            f"Layer {layer} of model {model} gives values that are not finite: {bad.sum()} of {X.size} in this batch, "
            f"for stimuli {stimuli}. Its weights or its preprocessing are wrong, or it overflows."
        )


def _check_rounding(columns: dict[str, Column], model: str) -> None:
    for layer, column in columns.items():
        if column.rounding:
            column.rounding.check(model, layer)


def _warn_of_constants(model: str, layer: str, varies: np.ndarray) -> None:
    if not varies.any():
        logging.warning("Layer %s of model %s answers every image alike, so it has no geometry.", layer, model)
    elif not varies.all():
        logging.info("Layer %s of model %s: %d of %d units never vary.", layer, model, (~varies).sum(), varies.size)
