"""Checks that a network responds to an image in the same way in every batch and in every run.

This is not the case if it normalizes batches without running statistics, keeps dropout on, adds noise, or keeps a state
between calls. After the first batch and after the last one, the network is therefore shown its first images again, in
the reverse order and in a batch with other images.
"""

import logging
import sys
from collections.abc import Callable

import numpy as np

from ventral.core.device import is_out_of_memory
from ventral.core.errors import Fault
from ventral.models.model import Model

TOLERANCE = 1e-3  # relative to a response plus the layer's root mean square; rounding errors of float32 reach 2e-6
ROUNDINGS = 32  # rounding errors that may add up in a network that computes in half precision
PASSES = 2  # of every network, because the state that a batch leaves may change only the next batch of its size
RANDOM_PASSES = 30  # of a network that draws random numbers, because most draws may leave the responses unchanged
Respond = Callable[[np.ndarray], dict[str, np.ndarray]]


def check_repeatable(
    model: Model, respond: Respond, images: np.ndarray, first: dict[str, np.ndarray], precision: float, device: str
) -> None:
    """Compare responses to the first two images with those in a batch of another size, in the reverse order.

    Parameters
    ----------
    model : Model
    respond : callable
        Maps uint8 images (b, H, W, 3) to {layer: array (b, units)}.
    images : uint8 array of shape (b, H, W, 3)
        The first batch.
    first : {layer: array of shape (b, units)}
        Its responses, at least to the first two images.
    precision : float
        Spacing of numbers near 1 in the coarsest type that the network computes with.
    device : str
        Where the network runs.

    Raises
    ------
    Fault
        A layer's responses differ by more than rounding explains. The sentence names the layer and the first module
        whose output differs.
    """
    tolerance = max(TOLERANCE, ROUNDINGS * precision)
    for done in range(1, RANDOM_PASSES + 1):
        before = _random_state()
        again, batch = _answered_again(respond, images)
        for layer, X in again.items():
            size = difference(first[layer][: len(X)], X)
            if not size <= tolerance:
                by_chance = _is_random(respond, batch, layer, tolerance)
                module = _first_module(model, images, batch, by_chance, tolerance, device) if model.is_module else ""
                raise Fault(_sentence(model.name, layer, size, by_chance, module))
        is_random = _random_state() != before
        if not is_random and done >= PASSES:
            return
        if is_random and done == 1:
            logging.info(
                "Model %s draws random numbers; its first images are shown %d times.", model.name, RANDOM_PASSES
            )


def difference(X: np.ndarray, Y: np.ndarray) -> float:
    """Largest difference of two arrays, relative to the value plus the root mean square of all values.

    It is infinite for arrays of different shapes and for values that are not finite.
    """
    X, Y = np.asarray(X, np.float64), np.asarray(Y, np.float64)
    if not (X.shape == Y.shape and np.isfinite(X).all() and np.isfinite(Y).all()):
        return np.inf
    apart = np.abs(X - Y)
    scale = np.sqrt(max(np.mean(X**2), np.mean(Y**2))) + np.maximum(np.abs(X), np.abs(Y))
    return float(np.max(np.divide(apart, scale, out=np.zeros_like(apart), where=apart > 0), initial=0))


def _answered_again(respond: Respond, images: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Responses to the first two images in a batch with their negatives, and the batch.

    The network is shown the batch in the reverse order, so that both images have another place in it. If memory runs
    out, it is shown the first image alone.
    """
    kept = images[:2]
    negatives = 255 - images[[0] if len(kept) + 1 != len(images) else [0, 0]]
    batch = np.concatenate([kept, negatives])
    try:
        return {layer: X[::-1][: len(kept)] for layer, X in respond(batch[::-1]).items()}, batch
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    return {layer: X[:1] for layer, X in respond(images[:1]).items()}, images[:1]


def _random_state() -> tuple:
    """The states of the global random number generators of NumPy and torch."""
    numbers = np.random.get_state()  # noqa: NPY002
    torch = sys.modules.get("torch")
    if torch is None:
        return (numbers[1].tobytes(), numbers[2])
    gpu = torch.cuda.get_rng_state().numpy().tobytes() if torch.cuda.is_initialized() else b""
    return (numbers[1].tobytes(), numbers[2], torch.get_rng_state().numpy().tobytes(), gpu)


def _is_random(respond: Respond, batch: np.ndarray, layer: str, tolerance: float) -> bool:
    """Whether responses to the same batch differ; repeated as long as random numbers are drawn."""
    first = respond(batch)[layer]
    for _ in range(RANDOM_PASSES):
        before = _random_state()
        if difference(first, respond(batch)[layer]) > tolerance:
            return True
        if _random_state() == before:
            break
    return False


def _first_module(
    model: Model, images: np.ndarray, batch: np.ndarray, by_chance: bool, tolerance: float, device: str
) -> str:
    """The first module that responds to the same input differently, in words; empty if none is found."""
    from ventral.models.hooks import first_to_differ

    one = model.preprocess(batch, device)
    other = one if by_chance else model.preprocess(np.concatenate([images[:1], batch]), device)
    found = (
        first_to_differ(model.network, one, other, lambda X, Y: difference(X, Y) > tolerance)
        for _ in range(RANDOM_PASSES if by_chance else 1)
    )
    return next(filter(None, found), "")


def _sentence(model: str, layer: str, size: float, by_chance: bool, module: str) -> str:
    how, advice = "differently in another batch or after other images", "Make its output depend on that image alone"
    if by_chance:
        how, advice = "differently each time", "Switch off its randomness, or the state that it keeps between calls"
    where = f" The first module with different outputs is {module}." if module else ""
    return (
        f"Layer {layer} of model {model} responds to the same image {how}, by up to {size:.2g} of its scale, so its "
        f"responses cannot be interpreted.{where} {advice}."
    )
