"""Runs a batch of images through any model once and returns the responses of all wanted layers."""

import contextlib
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ventral.core.device import is_out_of_memory
from ventral.core.errors import Fault
from ventral.core.names import did_you_mean
from ventral.models.callables import call, check_layers
from ventral.models.image_sizes import size_fault
from ventral.models.layout import known_shapes, position_axes, require_known, shapes_of_larger
from ventral.models.model import Model

if TYPE_CHECKING:
    import torch

    from ventral.models.hooks import Call

MOST_IMAGES = {"cpu": 32, "cuda": 256}  # larger batches gain nothing on the CPU and little on a GPU
MOST_BYTES = {"cpu": 2**30, "cuda": 2**35}

Shapes = dict[str, tuple[int, ...]]
Kept = dict[str, np.ndarray | None]


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
        Axes of a batch of responses that are pooled over, where axis 0 is the images; empty without pooling.
    units : {layer: int}
        Units after pooling, before a subset of them is taken.
    batch : int
        Images that fit into memory, a power of two.
    precision : float
        Spacing of numbers near 1 in the coarsest type that the network computes with.
    """

    respond: Callable[[np.ndarray], dict[str, np.ndarray]]
    shapes: Shapes
    axes: Shapes
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
    """Prepare a model to run on images of one size.

    Parameters
    ----------
    model : Model
    first : uint8 array of shape (1 or more, H, W, 3)
    layers : names
    pooling : {"none", "avg", "max"}
    subset : callable of (layer, units)
        Indices of the units to keep, or None for all.
    device : str
        Where the network is.

    Raises
    ------
    Fault
        A layer does not exist, does not run or gives no tensor; the network does not accept the images.
    """
    prepare = _module_pass if model.is_module else _callable_pass
    with _autocast(model, device), prepare(model, first[:1].repeat(2, axis=0), layers, pooling, subset, device) as run:
        yield run


def _autocast(model: Model, device: str) -> contextlib.AbstractContextManager:
    """The block in which torch computes in the type that the model's entry asks for."""
    if model.autocast is None:
        return contextlib.nullcontext()
    import torch

    return torch.autocast(device.partition(":")[0], getattr(torch, model.autocast))


@contextlib.contextmanager
def _module_pass(model, first, layers, pooling, subset, device) -> Iterator[Pass]:
    import torch

    from ventral.models.hooks import recording
    from ventral.models.transfers import finished

    calls = _calls(model, first, device)
    shapes = {layer: _shape(model, layer, calls) for layer in layers}
    axes = {layer: () for layer in layers}
    if pooling != "none" and any(len(shape) > 1 for shape in shapes.values()):
        axes = _axes_of_module(model, calls, layers, first, device)
    units, kept = _units(shapes, axes, subset)
    largest = max((math.prod(one.shape[1:]) for one in calls.values() if one.shape), default=0)
    batch = _batch(4 * (4 * largest + sum(units.values())), device)
    counts = {layer: calls[layer].count for layer in layers}
    keep = _keeper(model.name, pooling, shapes, axes, kept, device)
    # By default, a GPU rounds the inputs of convolutions to 10 bits and may sum in another order in each run.
    exact = torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False)
    with recording(model.network, counts, keep) as run, exact:

        def respond(images: np.ndarray) -> dict[str, np.ndarray]:
            responses = run(model.preprocess(images, device))
            absent = [layer for layer in layers if layer not in responses]
            if absent:
                raise Fault(
                    f"Model {model.name}: {absent[0]} runs {counts[absent[0]]} times for the first image and fewer "
                    f"times for others, so its last call is not defined."
                )
            finished(device)
            return {layer: responses[layer].numpy() for layer in layers}

        yield Pass(respond, shapes, axes, units, batch, _precision(calls))


@contextlib.contextmanager
def _callable_pass(model, first, layers, pooling, subset, device) -> Iterator[Pass]:
    check_layers(model, layers)
    reduce = {"avg": np.mean, "max": np.max}.get(pooling)
    shapes = {layer: array.shape[1:] for layer, array in call(model, layers, first).items()}
    axes = {layer: () for layer in layers}
    if pooling != "none" and any(len(shape) > 1 for shape in shapes.values()):
        axes = _axes_of_callable(model, shapes, first)
    units, kept = _units(shapes, axes, subset)

    def respond(images: np.ndarray) -> dict[str, np.ndarray]:
        responses = {}
        for layer, array in call(model, layers, images).items():
            x = (reduce(array, axis=axes[layer]) if axes[layer] else array).reshape(len(array), -1)
            responses[layer] = x if kept[layer] is None else x[:, kept[layer]]
        return responses

    batch = _batch(4 * (4 * first[0].size + sum(units.values())), "cpu")
    yield Pass(respond, shapes, axes, units, batch, float(np.finfo(np.float32).eps))


def _calls(model: Model, first: np.ndarray, device: str) -> "dict[str, Call]":
    """What every module does with two images; a Fault names the smallest accepted size if they are refused."""
    from ventral.models.hooks import trial

    try:
        return trial(model.network, model.preprocess(first, device))
    except Exception as error:
        if is_out_of_memory(error):
            raise
        raise size_fault(model, model.preprocess.size or min(first.shape[1:3]), error) from error


def _shape(model: Model, layer: str, calls: "dict[str, Call]") -> tuple[int, ...]:
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


def _why_not_seen(network: "torch.nn.Module", layer: str) -> str:
    import torch

    places = [layer.rsplit(".", depth)[0] for depth in range(layer.count(".") + 1)]
    if any(isinstance(network.get_submodule(place), torch.jit.ScriptModule) for place in places):
        return "belongs to a TorchScript module, whose responses cannot be recorded; take a layer outside of it."
    return "exists but does not run in a forward pass."


def _keeper(name: str, pooling: str, shapes: Shapes, axes: Shapes, kept: Kept, device: str) -> Callable:
    """A function of (layer, tensor) that pools and flattens a batch of responses and keeps some of the units."""
    import torch

    from ventral.models.transfers import to_host

    reduce = {"avg": torch.Tensor.mean, "max": torch.Tensor.amax}.get(pooling)
    chosen = {layer: None if i is None else torch.from_numpy(i).to(device) for layer, i in kept.items()}

    def keep(layer: str, tensor: torch.Tensor) -> torch.Tensor:
        if tuple(tensor.shape[1:]) != shapes[layer]:
            raise Fault(
                f"Layer {layer} of model {name} gives a tensor of shape {tuple(tensor.shape)} for one batch and "
                f"{(2, *shapes[layer])} for 2 images; the shape of its output must depend only on the number of images."
            )
        if axes[layer]:  # in float32 at least, because a sum in half precision loses digits
            tensor = reduce(tensor.to(torch.promote_types(tensor.dtype, torch.float32)), axes[layer])
        x = tensor.flatten(1)
        if chosen[layer] is not None:
            x = x.index_select(1, chosen[layer])
        return to_host(x)

    return keep


def _precision(calls: "dict[str, Call]") -> float:
    """Spacing of numbers near 1 in the coarsest floating-point type among the outputs."""
    import torch

    types = [one.dtype for one in calls.values() if one.dtype is not None and one.dtype.is_floating_point]
    return max((torch.finfo(dtype).eps for dtype in types), default=0.0)


def _axes_of_module(
    model: Model, calls: "dict[str, Call]", layers: list[str], first: np.ndarray, device: str
) -> Shapes:
    """Axes of positions of each layer of a torch network."""
    x = model.preprocess(first, device)
    shapes, larger = known_shapes(calls), shapes_of_larger(model.network, x)
    axes = {layer: position_axes(layer, shapes, larger, tuple(x.shape[2:]), model.network) for layer in layers}
    return {layer: require_known(model.name, layer, shapes[layer][1:], axes[layer]) for layer in layers}


def _axes_of_callable(model: Model, shapes: Shapes, first: np.ndarray) -> Shapes:
    """Axes of positions of each layer of a callable."""
    of_batch = {layer: (len(first), *shape) for layer, shape in shapes.items()}
    try:
        responses = call(model, list(shapes), first.repeat(2, axis=1).repeat(2, axis=2))
    except Exception:  # user code may refuse a size with any error
        responses = {}
    larger = {layer: array.shape for layer, array in responses.items()}
    axes = {layer: position_axes(layer, of_batch, larger, first.shape[1:3]) for layer in shapes}
    return {layer: require_known(model.name, layer, shapes[layer], axes[layer]) for layer in shapes}


def _units(shapes: Shapes, axes: Shapes, subset: Callable) -> tuple[dict[str, int], Kept]:
    """Units of each layer after pooling, and indices of those to keep."""
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
