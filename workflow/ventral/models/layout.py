"""Finds the axes of a layer's responses that are positions, over which pooling reduces them.

Maps are (n, channels, H, W) or (n, H, W, channels), and tokens are (n, tokens, channels) or (n, channels, tokens). The
shape alone does not tell which, but the type of the module does, and so do the axes that grow with the image.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from ventral.core.errors import Fault

if TYPE_CHECKING:
    import torch

    from ventral.models.hooks import Call

Shapes = Mapping[str, tuple[int, ...]]
EXTRA_TOKENS = 8  # at most so many class, distillation and register tokens beside those of the grid


def position_axes(
    layer: str, shapes: Shapes, larger: Shapes, image: tuple[int, int], network: "torch.nn.Module | None" = None
) -> tuple[int, ...] | None:
    """Find the axes of positions in the responses of one layer; a class token counts as a position.

    Parameters
    ----------
    layer : str
    shapes : {layer: shape}
        Shapes of responses to n images; axis 0 is the images.
    larger : {layer: shape}
        Shapes of responses to images of twice the height and width; empty if the network does not accept them.
    image : (height, width)
        Size of the images that the network is shown.
    network : torch.nn.Module, optional

    Returns
    -------
    tuple of int or None
        Empty for vectors; None if the layout cannot be known.
    """
    shape = shapes[layer]
    axes = range(1, len(shape))
    if len(shape) < 3:
        return ()
    if network is not None and _has_channels_first(network.get_submodule(layer)):
        return tuple(axes[1:])
    grown = larger.get(layer, shape)
    changed = tuple(axis for axis in axes if grown[axis] != shape[axis]) if len(grown) == len(shape) else ()
    if len(changed) == len(axes):
        return None  # no channels are left: attention between positions, or channels and positions in one axis
    if changed:
        return changed if sum(shape[axis] > 1 for axis in axes if axis not in changed) < 2 else None
    single = tuple(axis for axis in axes if shape[axis] == 1)
    if len(single) >= len(axes) - 1:
        return single
    if len(shape) == 3:
        return _axis_of_tokens(shape, shapes, network)
    return _axes_of_map(shape, image) if len(shape) == 4 else None


def require_known(model: str, layer: str, shape: tuple[int, ...], axes: tuple[int, ...] | None) -> tuple[int, ...]:
    """The axes, or a Fault if they are unknown."""
    if axes is None:
        raise Fault(
            f"It is unknown which axes of layer {layer} of model {model} are positions: neither its modules, nor the "
            f"shape {shape} of its response to one image, nor images of another size determine them. Set "
            f"`pooling: none`, or take another layer."
        )
    return axes


def shapes_of_larger(network: "torch.nn.Module", x: "torch.Tensor") -> dict[str, tuple[int, ...]]:
    """Shapes of all responses to images of twice the height and width; empty if the network does not accept them."""
    from ventral.models.hooks import trial

    x = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
    for resized in _resized(network, tuple(x.shape[2:])):
        try:
            return known_shapes(trial(resized(), x))
        except Exception:  # user code may refuse a size with any error
            continue
    return {}


def known_shapes(calls: "Mapping[str, Call]") -> dict[str, tuple[int, ...]]:
    """Shapes of the outputs that are a tensor."""
    return {name: call.shape for name, call in calls.items() if call.shape}


def _resized(network: "torch.nn.Module", size: tuple[int, int]) -> "Iterator[Callable[[], torch.nn.Module]]":
    """Functions that give the network itself, and a copy set to the size if it is a network of timm of fixed size."""
    yield lambda: network
    if hasattr(network, "set_input_size"):

        def resized_copy() -> "torch.nn.Module":
            other = copy.deepcopy(network)
            other.set_input_size(img_size=size)
            return other

        yield resized_copy


def _has_channels_first(module: "torch.nn.Module") -> bool:
    """Whether the type of a module means that axis 1 of its output is its channels."""
    from torch.nn.modules import batchnorm, conv, instancenorm, pooling
    from torch.nn.modules.normalization import GroupNorm

    pools = (pooling._MaxPoolNd, pooling._AvgPoolNd, pooling._AdaptiveAvgPoolNd, pooling._AdaptiveMaxPoolNd)
    norms = (batchnorm._BatchNorm, instancenorm._InstanceNorm, GroupNorm)
    return isinstance(module, (conv._ConvNd, *norms, *pools))


def _axis_of_tokens(
    shape: tuple[int, ...], shapes: Shapes, network: "torch.nn.Module | None"
) -> tuple[int, ...] | None:
    """The axis that holds the tokens: as long as the grid of a convolution, and not as wide as any normalization.

    Each of these clues is conclusive if it holds for exactly one axis. None if neither is conclusive, or if they
    disagree.
    """
    if network is None:
        return None
    modules = dict(network.named_modules())
    maps = {given[2:] for name, given in shapes.items() if len(given) == 4 and _has_channels_first(modules[name])}
    grids = {count for height, width in maps for count in _subsampled(height, width)}
    widths = {width for module in modules.values() for width in _width(module)}
    tokens = {axis for axis in (1, 2) if any(grid <= shape[axis] <= grid + EXTRA_TOKENS for grid in grids)}
    others = {axis for axis in (1, 2) if shape[axis] not in widths}
    evidence = [axes for axes in (tokens, others) if len(axes) == 1]
    return tuple(evidence[0]) if evidence and evidence[0] == evidence[-1] else None


def _subsampled(height: int, width: int) -> Iterator[int]:
    """Numbers of positions of a grid, and of the grids that taking every second row and column gives, above 1."""
    while height * width > 1:
        yield height * width
        height, width = (height + 1) // 2, (width + 1) // 2


def _width(module: "torch.nn.Module") -> tuple[int, ...]:
    """The number of channels of a normalization of tokens; empty for other modules."""
    kind = type(module).__name__
    if kind == "LayerNorm":
        return tuple(module.normalized_shape[-1:])
    return (module.num_features,) if kind == "BatchNorm1d" else ()


def _axes_of_map(shape: tuple[int, ...], image: tuple[int, int]) -> tuple[int, ...] | None:
    """The two neighboring axes that have the proportions of the image; None if both pairs have them, or neither."""
    height, width = image
    pairs = [(axis, axis + 1) for axis in (1, 2) if shape[axis] * width == shape[axis + 1] * height]
    return pairs[0] if len(pairs) == 1 else None
