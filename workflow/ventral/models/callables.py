"""Runs models that are plain functions of images, and checks what they return."""

from collections.abc import Callable, Mapping

import numpy as np

from ventral.core.errors import Fault
from ventral.core.names import did_you_mean
from ventral.models.foreign import as_fault
from ventral.models.model import Model


def check_layers(model: Model, layers: list[str]) -> None:
    """Raise a Fault unless the callable has all of these layers."""
    known = list(model.network.layers)
    for layer in layers:
        if layer not in known:
            raise Fault(f"Model {model.name} has no layer {layer!r}{did_you_mean(layer, known, 3)}.")


def call(model: Model, layers: list[str], images: np.ndarray) -> dict[str, np.ndarray]:
    """The responses of a callable to images.

    Parameters
    ----------
    model : Model
    layers : names
    images : uint8 array of shape (n, H, W, 3)

    Returns
    -------
    {layer: float32 array of shape (n, ...)}

    Raises
    ------
    Fault
        The callable raised an error, lacks a layer, or returned something other than arrays of real numbers whose
        first axis is the images.
    """
    with as_fault(f"Model {model.name} failed on {len(images)} images"):
        given = model.network(images)
    if not isinstance(given, Mapping):
        kind = "nothing" if given is None else f"a value of type {type(given).__name__}"
        raise Fault(f"Model {model.name} returned {kind} for images; it must return {{layer: array (n, d)}}.")
    missing = [layer for layer in layers if layer not in given]
    if missing:
        raise Fault(f"Model {model.name} lists the layer {missing[0]!r} and returned no responses of it.")
    with as_fault(f"Model {model.name} returned responses that are not an array of real numbers"):
        arrays = {layer: _array(given[layer]) for layer in layers}
    for layer, array in arrays.items():
        if array.shape[:1] != images.shape[:1]:
            raise Fault(
                f"Model {model.name} returned an array of shape {array.shape} for layer {layer} and "
                f"{len(images)} images; its first axis must be the images."
            )
        if not array.size:
            raise Fault(f"Model {model.name} returned an empty array of shape {array.shape} for layer {layer}.")
    return arrays


def shapes_of_callable(network: Callable, size: int) -> dict[str, tuple[int, ...]]:
    """Shape of each layer's response to one black image; empty shapes if the callable does not accept it."""
    try:
        given = network(np.zeros((2, size, size, 3), np.uint8))
        return {layer: tuple(given[layer].shape[1:]) for layer in network.layers}
    except Exception:  # user code may raise any error, and the names of the layers are known without it
        return dict.fromkeys(network.layers, ())


def _array(given: object) -> np.ndarray:
    """An array, or a torch tensor of any type on any device, as a float32 array."""
    if hasattr(given, "detach"):
        given = given.detach().cpu()
        given = given if given.is_complex() else given.float()
    given = np.asarray(given)
    if given.dtype.kind in "cmMSUV":
        raise ValueError(f"they are of type {given.dtype}")
    return given.astype(np.float32, copy=False)
