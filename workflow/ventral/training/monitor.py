"""Measures whether a training goes well: effective dimensionality and spread of the embeddings."""

import math

import torch
from torch import Tensor

from ventral.core.errors import Fault

LEAST_RANK = 1.001  # low, because networks have few dimensions after few steps: Barlow Twins had 1.1 after 48 steps
LEAST_SPREAD = 0.02


@torch.no_grad()
def effective_rank(z: Tensor) -> Tensor:
    """Effective dimensionality (Σ λ)² / Σ λ² of embeddings of shape (n, D); 0 if all are equal."""
    z = z.float() - z.float().mean(dim=0)
    products = z @ z.T if len(z) < z.shape[1] else z.T @ z
    total = products.diagonal().sum()
    return torch.where(total > 0, total.square() / products.square().sum(), 0.0)


@torch.no_grad()
def spread(z: Tensor) -> Tensor:
    """Mean over dimensions of the standard deviation of embeddings scaled to length 1; 1/√D if they are isotropic."""
    return torch.nn.functional.normalize(z.float(), dim=1).std(dim=0).mean()


def check_finite(loss: float, name: str, epoch: int, step: int, settings: dict) -> None:
    """Raise a Fault if the loss is not a number."""
    if not math.isfinite(loss):
        raise Fault(
            f"Network {name}: the loss became {loss} in epoch {epoch}, step {step}. Lower `optimizer.lr` "
            f"({settings['lr']:g}), lengthen `optimizer.warmup` ({settings['warmup']:g} epochs), or set "
            f"`precision: float32`."
        )


def check_not_collapsed(row: dict, dimensions: int, name: str, settings: dict) -> None:
    """Raise a Fault if all images have nearly the same embedding, or their embeddings are on one line.

    Parameters
    ----------
    row : dict
        The epoch's row of the log.
    dimensions : int
        D of the embeddings.
    """
    even = 1 / math.sqrt(dimensions)
    if row["rank"] < LEAST_RANK or row["std"] < LEAST_SPREAD * even:
        raise Fault(
            f"Network {name} collapsed: in epoch {row['epoch']} its embeddings have {row['rank']:.2f} effective "
            f"dimensions of {dimensions}, and a standard deviation of {row['std']:.2g} where evenly spread ones have "
            f"{even:.2g}. Lower `optimizer.lr` ({settings['lr']:g}), lengthen `optimizer.warmup` "
            f"({settings['warmup']:g} epochs), or enlarge `batch`."
        )
