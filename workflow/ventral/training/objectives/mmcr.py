"""Maximum manifold capacity: centroids of an image's views should be long and spread over many directions.

Source: Yerxa, Kuang, Simoncelli & Chung, "Learning efficient coding of natural images with maximum manifold capacity
representations", NeurIPS 36 (2023).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from ventral.config.entry import Key
from ventral.training.precision import full_precision, unit_rows
from ventral.training.two_views import TwoViews

if TYPE_CHECKING:
    from torch import Tensor


@full_precision
def mmcr(z1: "Tensor", z2: "Tensor", *further: "Tensor") -> "Tensor":
    """Spread the images' centroids: minus the nuclear norm of the mean, over views, of rows scaled to length 1.

    Parameters
    ----------
    z1, z2, *further : tensors of shape (B, D)
        Embeddings of two or more views of B images.

    Returns
    -------
    tensor, a number

    Raises
    ------
    ValueError
        Other shapes, or a single image.

    Notes
    -----
    Yerxa et al. (2023), without the term of the single views.
    """
    import torch

    centroids = torch.stack([unit_rows(z) for z in (z1, z2, *further)]).mean(dim=0)
    # The decomposition would raise an error, but gradient scaling needs a loss in order to skip the step.
    if not torch.isfinite(centroids).all():
        return torch.nan * centroids.sum()
    return -torch.linalg.svdvals(centroids).sum()


@dataclass(frozen=True, kw_only=True)
class Mmcr(TwoViews):
    """Maximum manifold capacity (MMCR): spreads the centroids of the images' views over many directions."""

    reference: ClassVar[str] = "yerxa2023"

    objective: Literal["mmcr"]
    ema: Annotated[
        float | None,
        Key(
            "Decay of averaged copies of the network that add views.",
            type=["number", "null"],
            exclusiveMinimum=0,
            exclusiveMaximum=1,
        ),
    ] = None

    loss = staticmethod(mmcr)
