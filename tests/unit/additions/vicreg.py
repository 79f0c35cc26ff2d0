"""VICReg: two views should agree, while every dimension varies and no two dimensions covary.

Source: Bardes, Ponce & LeCun, "VICReg: Variance-invariance-covariance regularization for self-supervised learning",
ICLR (2022).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ventral.training.precision import full_precision
from ventral.training.two_views import TwoViews

if TYPE_CHECKING:
    from torch import Tensor


@full_precision
def vicreg(z1: "Tensor", z2: "Tensor") -> "Tensor":
    """25 · invariance + 25 · variance + covariance, with views of shape (B, D)."""
    loss = 25 * (z1 - z2).square().mean()
    for z in (z1, z2):
        covariance = z.T.cov()
        spread = (covariance.diagonal() + 1e-4).sqrt()
        loss = loss + 25 * (1 - spread).relu().mean() / 2 + covariance.fill_diagonal_(0).square().sum() / z.shape[1]
    return loss


@dataclass(frozen=True, kw_only=True)
class Vicreg(TwoViews):
    """VICReg: makes views agree, and keeps dimensions varied and uncorrelated."""

    objective: Literal["vicreg"]

    loss = staticmethod(vicreg)
