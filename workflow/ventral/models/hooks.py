"""Watches a torch network while it runs: which modules run, how often, and what they give.

Two properties of networks matter here. A module may run several times in one forward pass, such as the single `relu` of
a residual block; its last call counts, as in published analyses. And the next module may write into the output of a
module (in-place ReLU), so a hook must copy before it returns.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch


@dataclass
class Call:
    """What one module did in one forward pass.

    Attributes
    ----------
    count : int
        How often it ran.
    shape : tuple of int or None
        Shape of its last output, the images' axis included; None when there is no tensor to record.
    output : str
        The type of its last output, for messages.
    dtype : torch.dtype or None
        Of its last output's tensor.
    """

    count: int
    shape: tuple[int, ...] | None
    output: str
    dtype: torch.dtype | None


class Finished(Exception):
    """Raised by the last hook to end the forward pass when nothing more is needed."""


@torch.inference_mode()
def trial(network: torch.nn.Module, x: torch.Tensor) -> dict[str, Call]:
    """Run the network once and describe what each module did, in the order in which they last finished."""
    calls: dict[str, Call] = {}

    def watch(name: str) -> Callable:
        def hook(module, inputs, output):
            before = calls.pop(name, None)
            tensor = first_tensor(output)
            calls[name] = Call(
                count=1 + (before.count if before else 0),
                shape=None if tensor is None else tuple(tensor.shape),
                output=type(output).__name__,
                dtype=None if tensor is None else tensor.dtype,
            )

        return hook

    with _removed_after([module.register_forward_hook(watch(name)) for name, module in watchable(network)]):
        network(x)
    return calls


def watchable(network: torch.nn.Module) -> Iterator[tuple[str, torch.nn.Module]]:
    """Names and modules inside a network, except those of TorchScript, which take no hooks."""
    for name, module in network.named_modules():
        if name and not isinstance(module, torch.jit.ScriptModule):
            yield name, module


@torch.inference_mode()
def first_to_differ(
    network: torch.nn.Module,
    one: torch.Tensor,
    other: torch.Tensor,
    differ: Callable[[np.ndarray, np.ndarray], bool],
) -> str:
    """Find the first module with the same input but another output for the first image of two batches.

    Parameters
    ----------
    network : torch.nn.Module
    one, other : tensors
        Batches whose first image is the same.
    differ : callable of two arrays

    Returns
    -------
    str
        The innermost such module with its type, and a property of it that may be the reason; empty if there is
        none.
    """
    first, second = _flow(network, one), _flow(network, other)
    for name, count in first:
        if (name, count) in second:
            inputs, outputs = zip(first[name, count], second[name, count], strict=True)
            same_input = len(inputs[0]) == len(inputs[1]) and not any(map(differ, *inputs))
            if same_input and (len(outputs[0]) != len(outputs[1]) or any(map(differ, *outputs))):
                return _described(name, network.get_submodule(name))
    return ""


def _flow(network: torch.nn.Module, x: torch.Tensor) -> dict[tuple[str, int], tuple[list, list]]:
    """Input and output of each call of each module for the first image, in the order in which the calls end."""
    calls: dict[tuple[str, int], tuple[list, list]] = {}
    waiting: dict[str, list[list]] = {}
    counts: dict[str, int] = {}

    def before(name: str) -> Callable:
        def hook(module, inputs, keywords):
            waiting.setdefault(name, []).append(_of_first_image((*inputs, *keywords.values()), len(x)))

        return hook

    def after(name: str) -> Callable:
        def hook(module, inputs, output):
            counts[name] = counts.get(name, 0) + 1
            calls[name, counts[name]] = (waiting[name].pop(), _of_first_image((first_tensor(output),), len(x)))

        return hook

    modules = [*watchable(network), ("", network)]
    handles = [module.register_forward_pre_hook(before(name), with_kwargs=True) for name, module in modules]
    handles += [module.register_forward_hook(after(name)) for name, module in modules]
    with _removed_after(handles):
        network(x)
    return calls


def _of_first_image(values: tuple, n: int) -> list[np.ndarray]:
    """The rows of the first of n images, in each tensor whose first axis is the images or equal parts of them."""
    tensors = [value for value in values if isinstance(value, torch.Tensor) and value.ndim]
    rows = [tensor[: len(tensor) // n] for tensor in tensors if len(tensor) % n == 0]
    return [row.detach().to("cpu", torch.float32, copy=True).numpy() for row in rows]


def _described(name: str, module: torch.nn.Module) -> str:
    """A module's name and type, and the state that may make its output depend on the batch or on chance."""
    has_statistics = getattr(module, "running_mean", 0) is not None
    state = "" if has_statistics else ", which has no running statistics"
    if module.training:
        state = f"{state} and is in training mode" if state else ", which is in training mode"
    return f"{name or 'the network itself'} ({type(module).__name__}{state})"


@contextlib.contextmanager
def recording(
    network: torch.nn.Module, counts: dict[str, int], keep: Callable[[str, torch.Tensor], object]
) -> Iterator[Callable[[torch.Tensor], dict[str, object]]]:
    """Give a function that runs the network on a batch and returns what `keep` made of each layer's output.

    Parameters
    ----------
    network : torch.nn.Module
    counts : {layer: int}
        How often each wanted layer runs in one forward pass (from `trial`). Its last call is kept, and
        the forward pass ends as soon as every wanted layer has had its last call.
    keep : callable of (layer, tensor)
        Must copy: the tensor may be overwritten by the next module.
    """
    left: dict[str, int] = {}
    kept: dict[str, object] = {}

    def watch(layer: str) -> Callable:
        def hook(module, inputs, output):
            left[layer] -= 1
            if left[layer] == 0:
                kept[layer] = keep(layer, first_tensor(output))
                if len(kept) == len(counts):
                    raise Finished

        return hook

    @torch.inference_mode()
    def run(x: torch.Tensor) -> dict[str, object]:
        left.update(counts)
        kept.clear()
        with contextlib.suppress(Finished):
            network(x)
        return dict(kept)

    with _removed_after([network.get_submodule(layer).register_forward_hook(watch(layer)) for layer in counts]):
        yield run


def first_tensor(output: object) -> torch.Tensor | None:
    """The tensor that represents the output of a module, or None.

    A tuple or list is represented by its first tensor (attention returns its output and its weights). A mapping must
    hold a single tensor, or one under `last_hidden_state` or `out`.
    """
    if isinstance(output, torch.Tensor):
        return output
    if isinstance(output, (tuple, list)):
        return next((item for item in output if isinstance(item, torch.Tensor)), None)
    if hasattr(output, "items"):
        tensors = {key: value for key, value in output.items() if isinstance(value, torch.Tensor)}
        if len(tensors) == 1:
            return next(iter(tensors.values()))
        return tensors.get("last_hidden_state", tensors.get("out"))
    return None


@contextlib.contextmanager
def _removed_after(hooks: list[torch.utils.hooks.RemovableHandle]) -> Iterator[None]:
    """Remove hooks at the end of the block."""
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
