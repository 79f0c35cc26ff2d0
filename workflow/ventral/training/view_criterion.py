"""The loss of an objective of two views, term by term, and what is monitored about its embeddings."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ventral.training.collectives import gathered
from ventral.training.equivariant_loss import Halves, differences, equivariant_terms, weighed
from ventral.training.factorization_term import FactorizationTerm
from ventral.training.monitor import effective_rank, spread


class ViewCriterion(nn.Module):
    """The two weighed terms of a loss of two views, and the factorization term.

    Parameters
    ----------
    loss : function of two views
    weight : float
        λ, the share of the equivariant term.
    factorization : float
        Weight of the factorization term.
    """

    def __init__(self, loss: Callable[..., Tensor], weight: float, factorization: float) -> None:
        super().__init__()
        self.loss, self.weight, self.factorization = loss, weight, factorization
        self.term = FactorizationTerm()

    def forward(
        self, outputs: dict[str, Tensor], averaged: dict[str, Tensor] | None = None, questions: None = None
    ) -> dict[str, Tensor]:
        """The loss, its terms, and the effective dimensions and spread of the embeddings that are trained.

        Parameters
        ----------
        outputs : dict of tensors of shape (4 · pairs, D)
            Embeddings of this process' views by the projector of each term.
        averaged : dict of tensors, optional
            The same by averaged copies of the networks.
        questions : None
            Views are compared with each other alone.
        """
        (z, z_equivariant), *further = [_halves_of(each) for each in (outputs, averaged) if each is not None]
        first, second = equivariant_terms(self.loss, z, z_equivariant, self.weight, further)
        loss = weighed(first, second, self.weight)
        views = [torch.cat(view) for view in z]
        factorization = torch.zeros((), device=first.device)
        if self.factorization:
            factorization = self.term(views)
            loss = loss + self.factorization * factorization
        trained = views if self.weight < 1 or z_equivariant is None else differences(z_equivariant)
        embeddings = torch.cat(trained).detach()
        return {
            "loss": loss,
            "invariant": first,
            "equivariant": torch.zeros_like(first) if second is None else second,
            "factorization": factorization,
            "rank": effective_rank(embeddings),
            "std": spread(embeddings),
        }


def halves(z: Tensor) -> Halves:
    """Embeddings of all processes, ((z1a, z2a), (z1b, z2b)), from this one's rows 1a, 2a, 1b, 2b."""
    pairs = gathered(z.unflatten(0, (4, -1)).transpose(0, 1))
    z1a, z2a, z1b, z2b = pairs.unbind(dim=1)
    return (z1a, z2a), (z1b, z2b)


def _halves_of(outputs: dict[str, Tensor]) -> tuple[Halves, Halves | None]:
    """Halves of the invariant and of the equivariant embeddings; None where there are none."""
    equivariant = halves(outputs["equivariant"]) if "equivariant" in outputs else None
    return halves(outputs["invariant"]), equivariant
