"""Finds the image sizes that a network accepts, and says what to do if it fails."""

import re

from ventral.core.errors import Fault, said
from ventral.models.model import Model

USUAL_SIZES = (32, 48, 64, 96, 128, 160, 192, 224, 256, 299, 384, 448, 512)


def accepted_size(model: Model, size: int) -> int:
    """The size itself if the network accepts it, or else the smallest size that it accepts.

    Parameters
    ----------
    model : Model
        A torch network.
    size : int
        Side of the image in pixels.

    Raises
    ------
    Fault
        The network accepts no usual size.
    """
    error = _refusal(model, size)
    if error is None:
        return size
    accepted = next((usual for usual in USUAL_SIZES if _refusal(model, usual) is None), None)
    if accepted is None:
        raise Fault(f"The network of model {model.name} cannot be run: {said(error)}.{_advice(error)}") from error
    refused = max((usual for usual in USUAL_SIZES if usual < accepted), default=accepted - 1)
    while accepted - refused > 1:
        middle = (accepted + refused) // 2
        accepted, refused = (middle, refused) if _refusal(model, middle) is None else (accepted, middle)
    return accepted


def size_fault(model: Model, size: int, error: Exception) -> Fault:
    """The sentence about a network that failed on images of a size: the smallest size that it accepts, if any."""
    smallest = accepted_size(model, size)
    if smallest == size:
        return Fault(f"The network of model {model.name} failed on an image: {said(error)}.{_advice(error)}")
    return Fault(
        f"The network of model {model.name} does not accept images of {size} pixels ({said(error)}), only {smallest} "
        f"or more. Set `preprocess: {{size: {smallest}}}` for it, or make larger stimuli."
    )


def _advice(error: Exception) -> str:
    """What to do about an error that comes from mixed types of numbers; empty for other errors."""
    if not re.search(r"dtype|Half|BFloat16|Double|should be the same", str(error)):
        return ""
    return " Networks are run in float32: take casts such as .half() or .double() out of its forward pass."


def _refusal(model: Model, size: int) -> Exception | None:
    """The error that the network raises for images of this size; None if it accepts them."""
    import torch

    device = next((parameter.device for parameter in model.network.parameters()), "cpu")
    try:
        with torch.inference_mode():
            model.network(torch.zeros(2, 3, size, size, device=device))
    except Exception as error:
        return error
    return None
