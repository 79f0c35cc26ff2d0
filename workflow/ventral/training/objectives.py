"""Objectives of self-supervised training, and the equivariant one that can be made of each of them.

Two disjoint halves of a batch see the same augmentations: row k of half 1 and row k of half 2 got augmentation a_k for
their first view and b_k for their second. With Z from the invariant and Z̃ from the equivariant projector::

    L = (1 − λ) · loss([Z1a; Z2a], [Z1b; Z2b]) + λ · loss(Z̃1a − Z̃1b, Z̃2a − Z̃2b)

The first term asks that an image be the same under any augmentation; the second that an augmentation change any image
in the same way. λ = 0 is ordinary, invariant training. Differences are of the projectors' raw outputs, and each term
normalises for itself.

All is computed in float32 (float64 where that is given), also under autocast. What has no direction counts as zero
and has no gradient: a row of zeros, as two equal views leave, or in Barlow Twins a dimension constant over the batch.

Source: Yerxa, Feather, Simoncelli & Chung, "Contrastive-equivariant self-supervised learning improves alignment with
primate visual area IT", NeurIPS 37 (2024).
"""

from collections.abc import Callable, Sequence
from functools import wraps
from inspect import signature

import torch
import torch.nn.functional as F
from torch import Tensor

Pair = tuple[Tensor, Tensor]
Halves = tuple[Pair, Pair]


def full_precision(loss: Callable) -> Callable:
    """Let a loss of views, each of shape (B, D), compute in float32 at least, and refuse views that do not fit."""
    takes_more = any(each.kind is each.VAR_POSITIONAL for each in signature(loss).parameters.values())

    @wraps(loss)
    def checked(*arguments, **options):
        views = [argument for argument in arguments if isinstance(argument, Tensor)]
        shapes = [tuple(view.shape) for view in views]
        if len(views) < 2 or len(set(shapes)) > 1 or views[0].ndim != 2:
            raise ValueError(
                f"{loss.__name__} compares two or more views of the same images, each of the same shape (images, "
                f"dimensions); it was given {', '.join(map(str, shapes))}."
            )
        if len(views) > 2 and not takes_more:
            raise ValueError(f"{loss.__name__} compares two views and was given {len(views)}; mmcr takes more.")
        if len(views[0]) < 2:
            raise ValueError(
                f"{loss.__name__} sets images apart from each other and needs two at least; it was given one. Make "
                "the batch larger, or drop an incomplete last one."
            )
        with torch.autocast(views[0].device.type, enabled=False):
            return loss(*(wide(each) if isinstance(each, Tensor) else each for each in arguments), **options)

    return checked


@full_precision
def barlow_twins(z1: Tensor, z2: Tensor, off_diagonal: float = 5e-3, scale: float = 0.048) -> Tensor:
    """Make the cross-correlation C of two views the identity: scale · (Σ (C_ii − 1)² + off_diagonal · Σ_{i≠j} C_ij²).

    Parameters
    ----------
    z1, z2 : tensors of shape (B, D)
        Embeddings of two views of B images.
    off_diagonal : float
        Weight of the correlations between dimensions.
    scale : float
        Factor of the whole, which suits the published learning rates.

    Raises
    ------
    ValueError
        Other shapes, or a single image.

    Notes
    -----
    Zbontar, Jing, Misra, LeCun & Deny, "Barlow Twins", ICML 139 (2021). The variance is biased and has 1e-5 added, as
    in batch normalization without affine parameters.
    """
    first, second = (F.batch_norm(z, None, None, training=True) for z in (z1, z2))
    C = first.T @ second / len(z1)
    on_diagonal = (C.diagonal() - 1).square().sum()
    return scale * (on_diagonal + off_diagonal * (C.square().sum() - C.diagonal().square().sum()))


@full_precision
def nt_xent(z1: Tensor, z2: Tensor, temperature: float = 0.15) -> Tensor:
    """Tell each view's partner from all other rows: mean over 2B rows of −log softmax(cosine / temperature)_partner.

    Parameters
    ----------
    z1, z2 : tensors of shape (B, D)
        Embeddings of two views of B images.
    temperature : float

    Raises
    ------
    ValueError
        Other shapes, or a single image.

    Notes
    -----
    The NT-Xent loss of Chen, Kornblith, Norouzi & Hinton, "A simple framework for contrastive learning of visual
    representations", ICML 119 (2020).
    """
    z = _unit_rows(torch.cat([z1, z2]))
    rows = torch.arange(len(z), device=z.device)
    itself = torch.eye(len(z), dtype=torch.bool, device=z.device)
    return F.cross_entropy((z @ z.T / temperature).masked_fill(itself, -torch.inf), rows.roll(len(z1)))


@full_precision
def mmcr(z1: Tensor, z2: Tensor, *further: Tensor) -> Tensor:
    """Spread the images' centroids: minus the nuclear norm of the mean, over views, of rows scaled to length 1.

    Parameters
    ----------
    z1, z2, *further : tensors of shape (B, D)
        Embeddings of two or more views of B images.

    Raises
    ------
    ValueError
        Other shapes, or a single image.

    Notes
    -----
    Yerxa, Kuang, Simoncelli & Chung, "Learning efficient coding of natural images with maximum manifold capacity
    representations", NeurIPS 36 (2023), without the term of the single views.
    """
    centroids = torch.stack([_unit_rows(z) for z in (z1, z2, *further)]).mean(dim=0)
    if not torch.isfinite(centroids).all():  # the decomposition would raise; gradient scaling needs a loss to skip
        return torch.nan * centroids.sum()
    return -torch.linalg.svdvals(centroids).sum()


OBJECTIVES = {"barlow_twins": barlow_twins, "nt_xent": nt_xent, "mmcr": mmcr}


def equivariant_loss(
    loss: Callable[..., Tensor],
    invariant: Halves,
    equivariant: Halves | None,
    weight: float,
    further: Sequence[tuple[Halves, Halves | None]] = (),
) -> Tensor:
    """(1 − λ) · loss of the images' views + λ · loss of the views' differences.

    Parameters
    ----------
    loss : function of two views
        One of OBJECTIVES, or any function that takes tensors of shape (n, D).
    invariant, equivariant : ((z1a, z2a), (z1b, z2b))
        Embeddings by the two projectors, each of shape (B, D): halves 1 and 2 of the images under augmentations a,
        then under augmentations b.
    weight : float
        λ, from 0 to 1. At 0 `equivariant` is not looked at and may be None.
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
    loss: Callable[..., Tensor],
    invariant: Halves,
    equivariant: Halves | None,
    weight: float,
    further: Sequence[tuple[Halves, Halves | None]] = (),
) -> tuple[Tensor, Tensor | None]:
    """The two losses that `equivariant_loss` weighs; the second is None at λ = 0."""
    if not 0 <= weight <= 1:
        raise ValueError(f"The weight of the equivariant term is a share, from 0 to 1, and not {weight}.")
    copies = [(invariant, equivariant), *further]
    first = loss(*(torch.cat(view) for views, _ in copies for view in views))
    if weight == 0:
        return first, None
    # one row of differences per half; all first halves are compared with all second halves
    return first, loss(*(difference for _, views in copies for difference in differences(views)))


def weighed(first: Tensor, second: Tensor | None, weight: float) -> Tensor:
    """(1 − λ) · first + λ · second, the two terms of the loss."""
    return first if second is None else (1 - weight) * first + weight * second


def differences(views: Halves) -> list[Tensor]:
    """What the augmentations change in the embeddings of half 1, and of half 2."""
    return [wide(a) - wide(b) for a, b in zip(*views, strict=True)]  # 16 bits would spoil the subtraction


def wide(z: Tensor) -> Tensor:
    """In float32, or as given where that is float64."""
    return z.to(torch.promote_types(z.dtype, torch.float32))


def _unit_rows(z: Tensor) -> Tensor:
    length = torch.linalg.vector_norm(z, dim=1, keepdim=True)
    return z / length.where(length > 0, torch.inf)
