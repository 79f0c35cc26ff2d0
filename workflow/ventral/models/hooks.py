"""Watches a torch network while it runs: which modules run, how often, and what they give.

Two facts about networks decide the code. A module may run several times in one forward pass (the one
`relu` of a residual block): its last call counts, as in published analyses. And the next module may write
into a module's output (in-place ReLU), so a hook must copy before it returns.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

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
    """

    count: int
    shape: tuple[int, ...] | None
    output: str


class Finished(Exception):
    """Raised by the last hook, to leave the forward pass when nothing more is wanted."""


@torch.inference_mode()
def trial(network: torch.nn.Module, x: torch.Tensor) -> dict[str, Call]:
    """Run the network once and tell what each module did, in the order in which they last finished."""
    calls: dict[str, Call] = {}

    def watch(name: str) -> Callable:
        def hook(module, inputs, output):
            before = calls.pop(name, None)
            tensor = first_tensor(output)
            calls[name] = Call(
                count=1 + (before.count if before else 0),
                shape=None if tensor is None else tuple(tensor.shape),
                output=type(output).__name__,
            )

        return hook

    with _hooked({name: (module, watch(name)) for name, module in network.named_modules() if name}):
        network(x)
    return calls


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
        the forward pass is left as soon as every wanted layer has had its last call.
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

    with _hooked({layer: (network.get_submodule(layer), watch(layer)) for layer in counts}):
        yield run


def first_tensor(output: object) -> torch.Tensor | None:
    """The tensor that stands for a module's output, or None.

    A tuple or list (attention returns its output and its weights) stands for its first tensor. A mapping
    must hold one tensor only, or one under `last_hidden_state` or `out`.
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
def _hooked(hooks: dict[str, tuple[torch.nn.Module, Callable]]) -> Iterator[None]:
    handles = [module.register_forward_hook(hook) for module, hook in hooks.values()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
