"""Networks with random weights, of which only the layers are described."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from ventral.models.model import Built
from ventral.models.model_entry import UNTRAINED
from ventral.models.named_network import NamedNetwork


@dataclass(frozen=True, kw_only=True)
class RandomWeights(NamedNetwork):
    """A network of torchvision, of timm (timm:name) or your own, with random weights."""

    for_configs: ClassVar[bool] = False

    source: Literal["architecture"]

    @classmethod
    def like(cls, other: NamedNetwork) -> Self:
        """The same network and preprocessing as that of another entry."""
        keys = ("architecture", "arguments", "preprocess", "seed")
        return cls(source="architecture", **{key: getattr(other, key) for key in keys})

    def build(self, name: str) -> Built:
        """The network with random weights."""
        return Built(self.constructed(name), f"{self.architecture}, random weights")

    def known_kind(self) -> str:
        """Untrained."""
        return UNTRAINED

    def weights_in_words(self, seed: int) -> str:
        """That they are random."""
        return f"untrained, seed {seed if self.seed is None else self.seed}"
