"""Whether a network responds to an image in the same way in every batch and in every run.

Batch normalization without running statistics, dropout that stays on, noise, or state that is kept between calls give
responses that no fingerprint describes. The network is therefore shown its first images again, among and after other
images, after the first batch and after the last.
"""

import logging
import sys
from collections.abc import Callable

import numpy as np

from ventral.device import is_out_of_memory
from ventral.models.model import Model
from ventral.store import Fault

TOLERANCE = 1e-3  # of a response and the layer's root mean square; float32 rounds to 6e-8, and depth multiplies that
ROUNDINGS = 32  # roundings of a coarser type that may add up, where a network computes in half precision
TWICE = 2  # passes of every network; a state that a batch leaves behind shows in the next batch of its size
AGAIN = 30  # passes of a network that draws random numbers, which may leave the first answers as they are
Respond = Callable[[np.ndarray], dict[str, np.ndarray]]


def check_repeatable(
    model: Model, respond: Respond, images: np.ndarray, first: dict[str, np.ndarray], precision: float, device: str
) -> None:
    """Compare the responses to the first images with those in a batch of another size, in the reverse order.

    Parameters
    ----------
    model : Model
    respond : callable
        Maps uint8 images (b, H, W, 3) to {layer: array (b, units)}.
    images : uint8 array of shape (b, H, W, 3)
        The first batch.
    first : {layer: array of shape (b, units)}
        Its responses.
    precision : float
        Spacing of numbers near 1 in the coarsest type that the network computes with.
    device : str
        Where the network runs.

    Raises
    ------
    Fault
        A layer's responses differ by more than rounding explains; the layer and the module are named.
    """
    tolerance = max(TOLERANCE, ROUNDINGS * precision)
    for round_ in range(AGAIN):
        before = _random_state()
        again, beside = _answered_again(respond, images)
        for layer, X in again.items():
            size = difference(first[layer][: len(X)], X)
            if not size <= tolerance:
                raise Fault(_sentence(model, layer, size, tolerance, respond, images, beside, device))
        is_random = _random_state() != before
        if not is_random and round_ + 1 >= TWICE:
            return
        if is_random and not round_:
            logging.info("Model %s draws random numbers; it is shown its first images %d times.", model.name, AGAIN)


def difference(X: np.ndarray, Y: np.ndarray) -> float:
    """Largest difference of two arrays in units of the value itself plus the root mean square of all values."""
    X, Y = np.asarray(X, np.float64), np.asarray(Y, np.float64)
    if not (X.shape == Y.shape and np.isfinite(X).all() and np.isfinite(Y).all()):
        return np.inf
    apart = np.abs(X - Y)
    scale = np.sqrt(max(np.mean(X**2), np.mean(Y**2))) + np.maximum(np.abs(X), np.abs(Y))
    return float(np.max(np.divide(apart, scale, out=np.zeros_like(apart), where=apart > 0), initial=0))


def _answered_again(respond: Respond, images: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Responses to the first images, and the batch that they come from, in which their negatives follow them.

    The network is given the batch from its end, so that each of the images has another place.
    """
    kept = images[:2]
    beside = 255 - images[[0] if len(kept) + 1 != len(images) else [0, 0]]
    batch = np.concatenate([kept, beside])
    try:
        return {layer: X[::-1][: len(kept)] for layer, X in respond(batch[::-1]).items()}, batch
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    return {layer: X[:1] for layer, X in respond(images[:1]).items()}, images[:1]


def _random_state() -> tuple:
    """The state of the generators that code draws from when it is given none."""
    numbers = np.random.get_state()  # noqa: NPY002
    torch = sys.modules.get("torch")
    if torch is None:
        return (numbers[1].tobytes(), numbers[2])
    gpu = torch.cuda.get_rng_state().numpy().tobytes() if torch.cuda.is_initialized() else b""
    return (numbers[1].tobytes(), numbers[2], torch.get_rng_state().numpy().tobytes(), gpu)


def _sentence(
    model: Model,
    layer: str,
    size: float,
    tolerance: float,
    respond: Respond,
    images: np.ndarray,
    beside: np.ndarray,
    device: str,
) -> str:
    """The message: the layer, whether its responses depend on the batch or on chance, and the module at fault."""
    by_chance = _is_random(lambda: respond(beside)[layer], tolerance)
    culprit = _culprit(model, images, beside, by_chance, tolerance, device) if model.is_module else ""
    how = "differently each time" if by_chance else "differently in another batch or after other images"
    where = f" The first module with different outputs is {culprit}." if culprit else ""
    advice = "Switch its randomness or its memory off" if by_chance else "Make its output depend on that image alone"
    return (
        f"Layer {layer} of model {model.name} responds to the same image {how}, by up to {size:.2g} of its scale, so "
        f"its responses mean nothing.{where} {advice}."
    )


def _is_random(answer: Callable[[], np.ndarray], tolerance: float) -> bool:
    """Whether answers to one batch differ; repeated as long as random numbers are drawn."""
    first = answer()
    for _ in range(AGAIN):
        before = _random_state()
        if difference(first, answer()) > tolerance:
            return True
        if _random_state() == before:
            break
    return False


def _culprit(
    model: Model, images: np.ndarray, beside: np.ndarray, by_chance: bool, tolerance: float, device: str
) -> str:
    """The module that answers the same input differently, in words; empty when none is found."""
    from ventral.models.hooks import first_to_differ

    one = model.preprocess(beside, device)
    other = one if by_chance else model.preprocess(np.concatenate([images[:1], beside]), device)
    names = (
        first_to_differ(model.network, one, other, lambda X, Y: difference(X, Y) > tolerance)
        for _ in range(AGAIN if by_chance else 1)
    )
    return next(filter(None, names), "")
