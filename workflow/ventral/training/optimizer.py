"""Optimizers, and the learning rate of each step."""

import math

import torch
from torch import nn

PROBE_RATE = 0.01
LAST = 0.001


def optimizer_of(parameters: list[nn.Parameter], settings: dict) -> torch.optim.Optimizer:
    """AdamW or LARS; parameters of one dimension (biases, norms) do not decay.

    LARS adapts the rate only of parameters that decay, as published.

    Parameters
    ----------
    parameters : list of parameters
    settings : dict
        kind ("adamw" or "lars"), lr, weight_decay, and momentum (of LARS).
    """
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": settings["weight_decay"]},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return KINDS[settings["kind"]]([group for group in groups if group["params"]], settings)


def adamw(groups: list[dict], settings: dict) -> torch.optim.Optimizer:
    return torch.optim.AdamW(groups, lr=settings["lr"], fused=True)


def lars(groups: list[dict], settings: dict) -> torch.optim.Optimizer:
    from timm.optim import Lars

    return Lars(groups, lr=settings["lr"], momentum=settings["momentum"])


KINDS = {"adamw": adamw, "lars": lars}


def learning_rate(step: int, steps: int, epochs: int, settings: dict) -> float:
    """Rate of a step: rises linearly to `lr` over the warm-up, then decays as a cosine to a thousandth of `lr`.

    Parameters
    ----------
    step : int
        From 0, counted from the beginning of the training.
    steps : int
        Steps of an epoch.
    epochs : int
    settings : dict
        lr, and warmup in epochs.
    """
    rising, last = settings["warmup"] * steps, epochs * steps - 1
    if step + 1 < rising:
        return settings["lr"] * (step + 1) / rising
    start = max(0.0, rising - 1)
    share = (step - start) / (last - start) if last > start else 0.0
    return settings["lr"] * (LAST + (1 - LAST) * (1 + math.cos(math.pi * share)) / 2)
