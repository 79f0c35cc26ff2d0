"""NT-Xent: each view should be nearer to its partner than to all other views.

Source: Chen, Kornblith, Norouzi & Hinton, "A simple framework for contrastive learning of visual representations",
ICML 119 (2020).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from ventral.training.precision import full_precision, unit_rows
from ventral.training.two_views import TwoViews

if TYPE_CHECKING:
    from torch import Tensor


@full_precision
def nt_xent(z1: "Tensor", z2: "Tensor", temperature: float = 0.15) -> "Tensor":
    """Tell each view's partner from all other rows: mean over 2B rows of −log softmax(cosine / temperature)_partner.

    Parameters
    ----------
    z1, z2 : tensors of shape (B, D)
        Embeddings of two views of B images.
    temperature : float

    Returns
    -------
    tensor, a number

    Raises
    ------
    ValueError
        Other shapes, or a single image.

    Notes
    -----
    The NT-Xent loss of Chen et al. (2020).
    """
    import torch
    from torch.nn.functional import cross_entropy

    z = unit_rows(torch.cat([z1, z2]))
    rows = torch.arange(len(z), device=z.device)
    itself = torch.eye(len(z), dtype=torch.bool, device=z.device)
    return cross_entropy((z @ z.T / temperature).masked_fill(itself, -torch.inf), rows.roll(len(z1)))


@dataclass(frozen=True, kw_only=True)
class NtXent(TwoViews):
    """NT-Xent (SimCLR): identifies the other view of an image among the views of all other images."""

    reference: ClassVar[str] = "chen2020"

    objective: Literal["nt_xent"]

    loss = staticmethod(nt_xent)
