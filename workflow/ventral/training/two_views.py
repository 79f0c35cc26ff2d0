"""Objectives that compare two views of each image, to each of which an equivariant term can be added."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le, MinLen

from ventral.config.entry import Key, Several
from ventral.training.network_entry import NetworkEntry, NotNegative

if TYPE_CHECKING:
    from torch import Tensor, nn

Share = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True, kw_only=True)
class TwoViews(NetworkEntry):
    """An objective that compares two views of each image.

    A subclass gives its loss, and can be trained with an equivariant term without further code: see
    `ventral.training.equivariant_loss`.
    """

    lambda_: Annotated[
        list[Share],
        MinLen(1),
        Key(
            "Shares of the equivariant term, which compares two views; 0 is the invariant baseline of the others.",
            uniqueItems=True,
        ),
    ]
    projector: Annotated[
        list[Several],
        MinLen(1),
        Key("Widths of the two projectors, one for each term. They are discarded after training."),
    ] = field(default_factory=lambda: [2048, 2048, 2048])
    factorization: Annotated[NotNegative, Key("Weight of the term that factorizes augmentations from images.")] = 0

    @staticmethod
    @abstractmethod
    def loss(*views: "Tensor") -> "Tensor":
        """The loss of two views, each of shape (B, D)."""

    @property
    def weight(self) -> float:
        """λ of a single network."""
        return self.lambda_[0]

    @property
    def embedding(self) -> int:
        return self.projector[-1]

    def members(self, entry: str) -> dict[str, dict[str, float]]:
        return {
            f"{entry}_lambda{weight + 0.0:g}_seed{seed}": {"lambda": weight + 0.0, "seed": seed}  # −0 is 0
            for weight in self.lambda_
            for seed in self.seeds
        }

    def heads(self, features: int, classes: int) -> dict[str, "nn.Module"]:
        """The projectors of the terms; at λ = 0 there is no equivariant one."""
        from ventral.training.encoder import projector

        terms = ("invariant", "equivariant") if self.weight else ("invariant",)
        return {term: projector(features, self.projector) for term in terms}

    def criterion(self) -> "nn.Module":
        from ventral.training.view_criterion import ViewCriterion

        return ViewCriterion(self.loss, self.weight, self.factorization)

    def number_problems(self) -> Iterator[str]:
        names = [f"{weight:g}" for weight in self.lambda_]
        if len({*names}) < len(names):
            yield f"lambda: {', '.join(names)} does not tell all values apart; six digits of each count."
        yield from super().number_problems()
