"""The contrastive-equivariant loss that can be made of every loss of two views.

Two disjoint halves of a batch see the same augmentations: row k of half 1 and row k of half 2 got augmentation a_k for
their first view and b_k for their second. With Z from the invariant and Z̃ from the equivariant projector::

    L = (1 − λ) · loss([Z1a; Z2a], [Z1b; Z2b]) + λ · loss(Z̃1a − Z̃1b, Z̃2a − Z̃2b)

The first term asks that an image has the same embedding under any augmentation, and the second that an augmentation
changes any image in the same way. λ = 0 is ordinary, invariant training. Differences are taken between the raw outputs
of the projectors, and each term normalizes them separately.

Everything is computed in float32 (in float64 for float64 input), even under autocast. A vector without a direction
counts as zero and has no gradient: a row of zeros, which is the difference of two equal views, or in Barlow Twins a
dimension that is constant over the batch.

Source: Yerxa, Feather, Simoncelli & Chung, "Contrastive-equivariant self-supervised learning improves alignment with
primate visual area IT", NeurIPS 37 (2024).
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ventral.training.precision import wide

if TYPE_CHECKING:
    from torch import Tensor

Pair = tuple["Tensor", "Tensor"]
Halves = tuple[Pair, Pair]


def equivariant_loss(
    loss: Callable[..., "Tensor"],
    invariant: Halves,
    equivariant: Halves | None,
    weight: float,
    further: Sequence[tuple[Halves, Halves | None]] = (),
) -> "Tensor":
    """(1 − λ) · loss of the images' views + λ · loss of the views' differences.

    Parameters
    ----------
    loss : function of two views
        `barlow_twins`, `nt_xent`, `mmcr`, or any function that takes tensors of shape (n, D).
    invariant, equivariant : ((z1a, z2a), (z1b, z2b))
        Embeddings by the two projectors, each of shape (B, D): halves 1 and 2 of the images under augmentations a,
        then under augmentations b.
    weight : float
        λ, from 0 to 1. At 0, `equivariant` is ignored and may be None.
    further : sequence of (invariant, equivariant)
        Embeddings of the same views by other copies of the network; only a loss of more than two views, as `mmcr`,
        takes them.

    Returns
    -------
    tensor, a number

    Raises
    ------
    ValueError
        λ outside of 0 to 1, or embeddings that the loss cannot take.
    """
    first, second = equivariant_terms(loss, invariant, equivariant, weight, further)
    return weighed(first, second, weight)


def equivariant_terms(
    loss: Callable[..., "Tensor"],
    invariant: Halves,
    equivariant: Halves | None,
    weight: float,
    further: Sequence[tuple[Halves, Halves | None]] = (),
) -> tuple["Tensor", "Tensor | None"]:
    """The two losses that `equivariant_loss` weighs; the second is None at λ = 0."""
    import torch

    if not 0 <= weight <= 1:
        raise ValueError(f"The weight of the equivariant term is a share, from 0 to 1, and not {weight}.")
    copies = [(invariant, equivariant), *further]
    first = loss(*(torch.cat(view) for views, _ in copies for view in views))
    if weight == 0:
        return first, None
    # one row of differences per half; all first halves are compared with all second halves
    changes = [difference for _, views in copies if views is not None for difference in differences(views)]
    return first, loss(*changes)


def weighed(first: "Tensor", second: "Tensor | None", weight: float) -> "Tensor":
    """(1 − λ) · first + λ · second, the two terms of the loss."""
    return first if second is None else (1 - weight) * first + weight * second


def differences(views: Halves) -> list["Tensor"]:
    """What the augmentations change in the embeddings of half 1, and of half 2."""
    return [wide(a) - wide(b) for a, b in zip(*views, strict=True)]  # 16 bits would spoil the subtraction
