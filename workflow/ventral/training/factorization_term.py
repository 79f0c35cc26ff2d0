"""Factorization as an objective: augmentations should not move an image within the space where images differ.

With c an image's views minus their mean, and P the projection on the principal components that hold 90 % of the
variance of earlier images' mean views, the term to be minimized is::

    Var(P c) / Var(c)

It is 0 if augmentations and images vary in orthogonal subspaces, and 1 if augmentations vary only inside the subspace
of the images. Rotating or scaling all embeddings does not change it. P has no gradient.

It is one minus the factorization of Lindsey & Issa, "Factorized visual representations in the primate visual system and
deep neural networks", eLife 13: RP91685 (2024); the public training code of their group has such a term.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ventral.training.precision import full_precision, wide

SHARE = 0.9  # of the variance between images that the components hold


class FactorizationTerm(nn.Module):
    """Var(P c) / Var(c), with P from a queue of the mean views of earlier batches.

    Parameters
    ----------
    queue : int
        Number of images whose mean views determine P. They are the whole state of the term, which is 0 until there are
        as many.
    """

    def __init__(self, queue: int = 2048):
        super().__init__()
        self.queue = queue
        self.register_buffer("means", torch.empty(0, 0))

    def forward(self, views: Sequence[Tensor]) -> Tensor:
        """The term of a batch, whose mean views then join the queue.

        Parameters
        ----------
        views : tensors of shape (B, D)
            Embeddings of two or more views of B images.

        Returns
        -------
        tensor, a number from 0 to 1

        Raises
        ------
        ValueError
            Other shapes, or a single image.
        """
        means = torch.stack([wide(view.detach()) for view in views]).mean(dim=0)
        basis = components(self.means, SHARE) if len(self.means) == self.queue else means[:0].T
        term = shared_variance(*views, basis=basis)
        if torch.isfinite(means).all():  # a step that overflowed is skipped, and must not spoil those to come
            self.means = torch.cat([self.means if len(self.means) else means[:0], means])[-self.queue :]
        return term

    def _load_from_state_dict(self, state, prefix, *arguments):
        if f"{prefix}means" in state:  # which are as many as were there when it was saved
            self.means = torch.empty_like(state[f"{prefix}means"], device=self.means.device)
        super()._load_from_state_dict(state, prefix, *arguments)


@full_precision
def shared_variance(*views: Tensor, basis: Tensor) -> Tensor:
    """Share of the variance of views about their mean that lies in the span of a basis; 0 if the views are equal.

    Parameters
    ----------
    *views : tensors of shape (B, D)
        Embeddings of two or more views of B images.
    basis : tensor of shape (D, k)
        With orthonormal columns.
    """
    z = torch.stack(views)
    c = z - z.mean(dim=0)
    variance = c.square().sum()
    return (c @ basis.to(c.dtype)).square().sum() / variance.where(variance > 0, torch.inf)


@torch.no_grad()
def components(rows: Tensor, share: float) -> Tensor:
    """The fewest principal components of rows, of shape (n, D), that hold a share of their variance: (D, k)."""
    rows = rows - rows.mean(dim=0)
    n, D = rows.shape
    eigenvalues, vectors = torch.linalg.eigh(rows.T @ rows if n >= D else rows @ rows.T)
    eigenvalues, vectors = eigenvalues.flip(0).clamp(min=0), vectors.flip(1)
    held = eigenvalues.cumsum(0) - eigenvalues  # by the components before each one
    kept = (held < share * eigenvalues.sum()).sum()
    vectors = vectors[:, :kept]
    return vectors if n >= D else rows.T @ (vectors / eigenvalues[:kept].sqrt())
