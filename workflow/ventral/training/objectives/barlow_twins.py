"""Barlow Twins: the cross-correlation of two views should be the identity.

Source: Zbontar, Jing, Misra, LeCun & Deny, "Barlow Twins", ICML 139 (2021).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from ventral.training.precision import full_precision
from ventral.training.two_views import TwoViews

if TYPE_CHECKING:
    from torch import Tensor


@full_precision
def barlow_twins(z1: "Tensor", z2: "Tensor", off_diagonal: float = 5e-3, scale: float = 0.048) -> "Tensor":
    """Make the cross-correlation C of two views the identity: scale · (Σ (C_ii − 1)² + off_diagonal · Σ_{i≠j} C_ij²).

    Parameters
    ----------
    z1, z2 : tensors of shape (B, D)
        Embeddings of two views of B images.
    off_diagonal : float
        Weight of the correlations between dimensions.
    scale : float
        Factor of the loss, which suits the published learning rates.

    Returns
    -------
    tensor, a number

    Raises
    ------
    ValueError
        Other shapes, or a single image.

    Notes
    -----
    Zbontar et al. (2021). The variance is biased and has 1e-5 added, as in batch normalization without affine
    parameters.
    """
    from torch.nn.functional import batch_norm

    first, second = (batch_norm(z, None, None, training=True) for z in (z1, z2))
    C = first.T @ second / len(z1)
    on_diagonal = (C.diagonal() - 1).square().sum()
    return scale * (on_diagonal + off_diagonal * (C.square().sum() - C.diagonal().square().sum()))


@dataclass(frozen=True, kw_only=True)
class BarlowTwins(TwoViews):
    """Barlow Twins: makes the dimensions of two views agree, and different dimensions uncorrelated."""

    reference: ClassVar[str] = "zbontar2021"

    objective: Literal["barlow_twins"]

    loss = staticmethod(barlow_twins)
