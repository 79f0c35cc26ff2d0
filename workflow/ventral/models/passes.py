"""One forward pass over a batch of images that gives the responses of all wanted layers, for any model."""

import contextlib
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ventral.device import is_out_of_memory
from ventral.faults import said
from ventral.models.foreign import running
from ventral.models.layout import known_shapes, position_axes, require_known, shapes_of_larger
from ventral.models.model import Model
from ventral.names import did_you_mean
from ventral.store import Fault

SIZES = (32, 48, 64, 96, 128, 160, 192, 224, 256, 299, 384, 448, 512)
MOST_IMAGES = {"cpu": 32, "cuda": 256}  # larger batches gain nothing on the CPU and little on a GPU
MOST_BYTES = {"cpu": 2**30, "cuda": 2**35}


@dataclass(frozen=True)
class Pass:
    """How a model answers a batch.

    Attributes
    ----------
    respond : callable
        Maps uint8 images (b, H, W, 3) to {layer: float32 array (b, units)}.
    shapes : {layer: tuple of int}
        Shape of the response to one image, before pooling and flattening.
    axes : {layer: tuple of int}
        Axes that are pooled over, of responses whose axis 0 are the images; empty without pooling.
    units : {layer: int}
        Units after pooling, before a subset of them is taken.
    batch : int
        Images that fit into memory, a power of two.
    precision : float
        Spacing of numbers near 1 in the coarsest type that the network computes with.
    """

    respond: Callable[[np.ndarray], dict[str, np.ndarray]]
    shapes: dict[str, tuple[int, ...]]
    axes: dict[str, tuple[int, ...]]
    units: dict[str, int]
    batch: int
    precision: float


@contextlib.contextmanager
def forward_pass(
    model: Model,
    first: np.ndarray,
    layers: list[str],
    pooling: str,
    subset: Callable[[str, int], np.ndarray | None],
    device: str,
) -> Iterator[Pass]:
    """Prepare a model for running over images like `first`, uint8 (1 or more, H, W, 3).

    Parameters
    ----------
    subset : callable of (layer, units)
        Indices of the units to keep, or None for all.

    Raises
    ------
    Fault
        A layer does not exist, does not run or gives no tensor; the network does not accept the images.
    """
    make = _module_pass if model.is_module else _callable_pass
    with make(model, first[:1].repeat(2, axis=0), layers, pooling, subset, device) as prepared:
        yield prepared


def accepted_size(model: Model, size: int) -> int:
    """The size itself, or the least that the network accepts when it does not accept this one.

    Raises
    ------
    Fault
        The network accepts no usual size.
    """
    error = _refusal(model, size, size)
    if error is None:
        return size
    accepted = next((s for s in SIZES if _refusal(model, s, s) is None), None)
    if accepted is None:
        raise Fault(f"The network of model {model.name} cannot be run: {said(error)}.{_advice(error)}") from error
    refused = max((s for s in SIZES if s < accepted), default=accepted - 1)
    while accepted - refused > 1:
        middle = (accepted + refused) // 2
        accepted, refused = (middle, refused) if _refusal(model, middle, middle) is None else (accepted, middle)
    return accepted


@contextlib.contextmanager
def _module_pass(model, first, layers, pooling, subset, device) -> Iterator[Pass]:
    import torch

    from ventral.models.hooks import recording

    calls = _watched(model, first, device)
    shapes = {layer: _shape(model, layer, calls) for layer in layers}
    pools = {"avg": torch.Tensor.mean, "max": torch.Tensor.amax}
    axes = {layer: () for layer in layers}
    if pooling != "none" and any(len(shape) > 1 for shape in shapes.values()):
        axes = _axes_of_module(model, calls, layers, first, device)
    units, kept = _units(shapes, axes, subset)
    chosen = {layer: None if i is None else torch.from_numpy(i).to(device) for layer, i in kept.items()}

    def keep(layer: str, tensor: torch.Tensor) -> torch.Tensor:
        if tuple(tensor.shape[1:]) != shapes[layer]:
            raise Fault(
                f"Layer {layer} of model {model.name} gives a tensor of shape {tuple(tensor.shape)} for one batch and "
                f"{(2, *shapes[layer])} for 2 images; the shape of its output must depend only on the number of images."
            )
        x = (pools[pooling](tensor, axes[layer]) if axes[layer] else tensor).flatten(1)
        if chosen[layer] is not None:
            x = x.index_select(1, chosen[layer])
        return x.to("cpu", torch.float32, copy=True)

    counts = {layer: calls[layer].count for layer in layers}
    floating = [call.dtype for call in calls.values() if call.dtype is not None and call.dtype.is_floating_point]
    precision = max((torch.finfo(dtype).eps for dtype in floating), default=0.0)
    largest = max(math.prod(call.shape[1:]) for call in calls.values() if call.shape)
    batch = _batch(4 * (4 * largest + sum(units.values())), device)
    # A GPU would round convolutions to 10 bits and choose their order anew in each run.
    exact = torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False)
    with recording(model.network, counts, keep) as run, exact:

        def respond(images: np.ndarray) -> dict[str, np.ndarray]:
            kept = run(model.preprocess(images, device))
            absent = [layer for layer in layers if layer not in kept]
            if absent:
                raise Fault(
                    f"Model {model.name}: {absent[0]} ran {counts[absent[0]]} times for the first image and less often "
                    f"for others, so its last call is not defined."
                )
            return {layer: kept[layer].numpy() for layer in layers}

        yield Pass(respond, shapes, axes, units, batch, precision)


@contextlib.contextmanager
def _callable_pass(model, first, layers, pooling, subset, device) -> Iterator[Pass]:
    known = list(model.network.layers)
    for layer in layers:
        if layer not in known:
            raise Fault(f"Model {model.name} has no layer {layer!r}{did_you_mean(layer, known, 3)}.")

    def answers(images: np.ndarray) -> dict[str, np.ndarray]:
        return _answers(model, layers, images)

    pools = {"avg": np.mean, "max": np.max}
    shapes = {layer: array.shape[1:] for layer, array in answers(first).items()}
    axes = {layer: () for layer in layers}
    if pooling != "none" and any(len(shape) > 1 for shape in shapes.values()):
        axes = _axes_of_callable(model.name, answers, first)
    units, kept = _units(shapes, axes, subset)

    def respond(images: np.ndarray) -> dict[str, np.ndarray]:
        responses = {}
        for layer, array in answers(images).items():
            x = (pools[pooling](array, axis=axes[layer]) if axes[layer] else array).reshape(len(array), -1)
            responses[layer] = x if kept[layer] is None else x[:, kept[layer]]
        return responses

    batch = _batch(4 * (4 * first[0].size + sum(units.values())), "cpu")
    yield Pass(respond, shapes, axes, units, batch, float(np.finfo(np.float32).eps))


def _answers(model: Model, layers: list[str], images: np.ndarray) -> dict[str, np.ndarray]:
    """What a callable returns for images, checked, as float32 arrays (n, …) by layer."""
    with running(f"Model {model.name} failed on {len(images)} images"):
        given = model.network(images)
    if not isinstance(given, Mapping):
        kind = "nothing" if given is None else f"a value of type {type(given).__name__}"
        raise Fault(f"Model {model.name} returned {kind} for images; it must return {{layer: array (n, d)}}.")
    missing = [layer for layer in layers if layer not in given]
    if missing:
        raise Fault(f"Model {model.name} names the layer {missing[0]!r} and returned none for it.")
    with running(f"Model {model.name} returned responses that are not an array of real numbers"):
        arrays = {layer: _array(given[layer]) for layer in layers}
    for layer, array in arrays.items():
        if array.shape[:1] != images.shape[:1]:
            raise Fault(
                f"Model {model.name} returned an array of shape {array.shape} for layer {layer} and "
                f"{len(images)} images; its first axis must be the images."
            )
        if not array.size:
            raise Fault(
                f"Model {model.name} returned an array of shape {array.shape} for layer {layer}, which is empty."
            )
    return arrays


def _array(given: object) -> np.ndarray:
    """What a callable gave, as float32; a tensor of torch of any type, on any device, stands for its values."""
    if hasattr(given, "detach"):
        given = given.detach().cpu()
        given = given if given.is_complex() else given.float()
    given = np.asarray(given)
    if given.dtype.kind in "cmMSUV":
        raise ValueError(f"they are of type {given.dtype}")
    return given.astype(np.float32, copy=False)


def _watched(model: Model, first: np.ndarray, device: str) -> dict:
    """What every module does with two images; a Fault that names the least size when they are refused."""
    from ventral.models.hooks import trial

    try:
        return trial(model.network, model.preprocess(first, device))
    except Exception as error:
        if is_out_of_memory(error):
            raise
        size = model.preprocess.size or min(first.shape[1:3])
        least = accepted_size(model, size)
        if least == size:
            raise Fault(
                f"The network of model {model.name} failed on an image: {said(error)}.{_advice(error)}"
            ) from error
        raise Fault(
            f"The network of model {model.name} does not accept images of {size} pixels ({said(error)}), only "
            f"{least} or more. Set `preprocess: {{size: {least}}}` for it, or make larger stimuli."
        ) from error


def _shape(model: Model, layer: str, calls: dict) -> tuple[int, ...]:
    """Shape of one layer's response to one image."""
    if layer not in calls:
        names = [name for name, _ in model.network.named_modules() if name]
        if layer in names:
            raise Fault(f"Layer {layer} of model {model.name} {_why_not_seen(model.network, layer)}")
        raise Fault(f"Model {model.name} has no layer {layer!r}{did_you_mean(layer, names, 3)}.")
    shape = calls[layer].shape
    if shape is None:
        raise Fault(f"Layer {layer} of model {model.name} gives a {calls[layer].output} without one clear tensor.")
    if calls[layer].dtype.is_complex:
        raise Fault(f"Layer {layer} of model {model.name} gives complex numbers; take a layer with real responses.")
    if len(shape) < 2 or shape[0] != 2:
        raise Fault(
            f"Layer {layer} of model {model.name} gives a tensor of shape {shape} for 2 images; its first axis is not "
            f"the images (windows or tokens, perhaps). Use the module around it."
        )
    return shape[1:]


def _why_not_seen(network: object, layer: str) -> str:
    import torch

    places = [layer.rsplit(".", depth)[0] for depth in range(layer.count(".") + 1)]
    if any(isinstance(network.get_submodule(place), torch.jit.ScriptModule) for place in places):
        return "belongs to a TorchScript module, whose responses cannot be recorded; take a layer outside of it."
    return "exists but does not run in a forward pass."


def _axes_of_module(model: Model, calls: dict, layers: list[str], first: np.ndarray, device: str) -> dict:
    """Axes of positions of each layer of a torch network."""
    x = model.preprocess(first, device)
    shapes, larger = known_shapes(calls), shapes_of_larger(model.network, x)
    axes = {layer: position_axes(layer, shapes, larger, tuple(x.shape[2:]), model.network) for layer in layers}
    return {layer: require_known(model.name, layer, shapes[layer][1:], axes[layer]) for layer in layers}


def _axes_of_callable(name: str, answers: Callable, first: np.ndarray) -> dict:
    """Axes of positions of each layer of a callable."""
    shapes = {layer: array.shape for layer, array in answers(first).items()}
    try:
        given = answers(first.repeat(2, axis=1).repeat(2, axis=2))
    except Exception:  # user code refuses a size by any kind of error
        given = {}
    larger = {layer: array.shape for layer, array in given.items()}
    axes = {layer: position_axes(layer, shapes, larger, first.shape[1:3]) for layer in shapes}
    return {layer: require_known(name, layer, shapes[layer][1:], axes[layer]) for layer in shapes}


def _units(shapes: dict, axes: dict, subset: Callable) -> tuple[dict[str, int], dict[str, np.ndarray | None]]:
    units = {
        layer: math.prod(size for axis, size in enumerate(shape, 1) if axis not in axes[layer])
        for layer, shape in shapes.items()
    }
    return units, {layer: subset(layer, count) for layer, count in units.items()}


def _batch(bytes_per_image: int, device: str) -> int:
    """Images that fit into a quarter of the free memory, a power of two."""
    kind = device.partition(":")[0]
    fitting = min(MOST_BYTES[kind], _free_memory(device) // 4) // max(1, bytes_per_image)
    return 2 ** int(math.log2(min(MOST_IMAGES[kind], max(1, fitting))))


def _free_memory(device: str) -> int:
    if device.startswith("cuda"):
        import torch

        return torch.cuda.mem_get_info(device)[0]
    pages = "SC_AVPHYS_PAGES" if "SC_AVPHYS_PAGES" in os.sysconf_names else "SC_PHYS_PAGES"
    return os.sysconf(pages) * os.sysconf("SC_PAGE_SIZE")


def _refusal(model: Model, height: int, width: int) -> Exception | None:
    """What the network says against images of this size; None when it accepts them."""
    import torch

    device = next((parameter.device for parameter in model.network.parameters()), "cpu")
    try:
        with torch.inference_mode():
            model.network(torch.zeros(2, 3, height, width, device=device))
    except Exception as error:
        return error
    return None


def _advice(error: Exception) -> str:
    """What to do about an error that mixed types of numbers raise."""
    if not re.search(r"dtype|Half|BFloat16|Double|should be the same", str(error)):
        return ""
    return " Networks are run in float32: take casts such as .half() or .double() out of its forward pass."
