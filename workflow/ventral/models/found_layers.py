"""Finds the layers of a network by running it once."""

from collections import Counter
from dataclasses import dataclass

import torch

from ventral.models.hooks import trial


@dataclass(frozen=True)
class Layer:
    """A module whose output can be extracted.

    Attributes
    ----------
    name : str
    shape : tuple of int
        Of the response to one image.
    auto : bool
        Whether it is one of the blocks that `layers: auto` means.
    """

    name: str
    shape: tuple[int, ...]
    auto: bool


def describe(network: torch.nn.Module, size: int) -> list[Layer]:
    """Find the layers of a network, in the order in which they finish.

    `auto` are the blocks' outputs: a residual, dense, inception, … block or a transformer's layer; in a
    network without blocks (AlexNet, VGG) the outputs of the nonlinearities.

    Parameters
    ----------
    network : torch.nn.Module
    size : int
        Side in pixels of the image that is passed through the network.
    """
    device = next((p.device for p in network.parameters()), "cpu")
    calls = trial(network.eval(), torch.zeros(2, 3, size, size, device=device))
    shapes = {name: call.shape[1:] for name, call in calls.items() if call.shape and call.shape[0] == 2}
    auto = [name for name in blocks(network) if name in shapes]
    auto = auto or [name for name in nonlinearities(network) if name in shapes]
    return [Layer(name, shape, name in auto) for name, shape in shapes.items()]


def blocks(network: torch.nn.Module, prefix: str = "") -> list[str]:
    """Names of the outermost modules with a forward pass of their own that do not hold a row of such modules."""
    found = []
    for name, module in network.named_children():
        if is_row(module) or holds_rows(module):
            found += blocks(module, f"{prefix}{name}.")
        elif is_block(module) and any(True for _ in module.children()):
            found.append(prefix + name)
    return found


def is_row(module: torch.nn.Module) -> bool:
    """Whether a module only holds its children or runs them one after another."""
    containers = (torch.nn.Sequential, torch.nn.ModuleList, torch.nn.ModuleDict)
    return any(isinstance(module, kind) and type(module).forward is kind.forward for kind in containers)


def holds_rows(module: torch.nn.Module) -> bool:
    """Whether a row inside a module has two or more blocks of the same class, as in a stage or an encoder."""
    rows = [[type(child) for child in row.children() if is_block(child)] for row in module.modules() if is_row(row)]
    return any(count > 1 for row in rows for count in Counter(row).values())


def is_block(module: torch.nn.Module) -> bool:
    """Whether a module has a forward pass of its own over two or more weighted maps (not one and its norm)."""
    return not is_row(module) and sum(weight.ndim > 1 for weight in module.parameters()) > 1


def nonlinearities(network: torch.nn.Module) -> list[str]:
    """Names of the activation functions."""
    others = (torch.nn.MultiheadAttention, torch.nn.Softmax, torch.nn.LogSoftmax)
    return [
        name
        for name, module in network.named_modules()
        if type(module).__module__ == torch.nn.ReLU.__module__ and not isinstance(module, others)
    ]
