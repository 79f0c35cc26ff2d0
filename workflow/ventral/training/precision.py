"""Losses in full precision: what every loss of views shares. Light to import, because entries of objectives do."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def wide(z: "Tensor") -> "Tensor":
    """The tensor in float32; float64 stays."""
    import torch

    return z.to(torch.promote_types(z.dtype, torch.float32))


def unit_rows(z: "Tensor") -> "Tensor":
    """Rows scaled to length 1; a row of zeros is unchanged and has no gradient."""
    import torch

    length = torch.linalg.vector_norm(z, dim=1, keepdim=True)
    return z / length.where(length > 0, torch.inf)


def full_precision(loss: Callable) -> Callable:
    """Let a loss of views, each of shape (B, D), compute in float32 at least, and refuse views that do not fit."""
    takes_more = any(each.kind is each.VAR_POSITIONAL for each in signature(loss).parameters.values())

    @wraps(loss)
    def checked(*arguments, **options):
        import torch

        views = [argument for argument in arguments if isinstance(argument, torch.Tensor)]
        _check(loss.__name__, [tuple(view.shape) for view in views], takes_more)
        with torch.autocast(views[0].device.type, enabled=False):
            return loss(*(wide(each) if isinstance(each, torch.Tensor) else each for each in arguments), **options)

    return checked


def _check(name: str, shapes: list[tuple[int, ...]], takes_more: bool) -> None:
    """Raise a ValueError unless views of these shapes can be compared."""
    if len(shapes) < 2 or len(set(shapes)) > 1 or len(shapes[0]) != 2:
        raise ValueError(
            f"{name} compares two or more views of the same images, each of the same shape (images, dimensions); it "
            f"was given {', '.join(map(str, shapes))}."
        )
    if len(shapes) > 2 and not takes_more:
        raise ValueError(f"{name} compares two views and was given {len(shapes)}; mmcr takes more.")
    if shapes[0][0] < 2:
        raise ValueError(
            f"{name} sets images apart from each other and needs two at least; it was given one. Make the batch "
            "larger, or drop an incomplete last one."
        )
