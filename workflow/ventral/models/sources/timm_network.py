"""Networks of timm."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ventral.core.errors import Fault
from ventral.models.architectures import timm_builder, timm_package
from ventral.models.library_network import LibraryNetwork
from ventral.models.model import Built
from ventral.models.model_entry import UNKNOWN
from ventral.models.published import of_network, size_of_timm

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class TimmNetwork(LibraryNetwork):
    """A network of timm."""

    source: Literal["timm"]

    def is_path(self, weights: str) -> bool:
        """All texts but DEFAULT, because timm knows one set of published weights of each architecture."""
        return weights != "DEFAULT"

    def published_problems(self, weights: str) -> Iterator[str]:
        """Nothing is known without timm."""
        yield from ()

    def published_kind(self, weights: str) -> str:
        """Known by the tag, such as `in1k`, `dino` or `mae`; unknown without one."""
        tag = str(self.architecture).partition(".")[2]
        labeled = re.search(r"(^|_)(in1k|in12k|in21k|in22k)(_|$)", tag)
        alone = re.fullmatch(r"dino|mae|fcmae|lvd142m|lvd1689m", tag)
        return "self_supervised" if alone else "supervised" if labeled else UNKNOWN

    def needs_check(self, here: bool) -> bool:
        """Whether weights are published is known to timm only."""
        return self.published_name is not None or super().needs_check(here)

    def check_published(self, weights: str, name: str) -> None:
        """Ask timm for the architecture and whether it has weights."""
        timm_builder(str(self.architecture), name)
        if not timm_package().models.is_model_pretrained(str(self.architecture)):
            raise Fault(
                f"Model {name}: timm publishes no weights of {self.architecture}; set `weights: null`, or name a file "
                f"of weights."
            )

    def full_name(self) -> str:
        """`timm:` and the architecture."""
        return f"timm:{self.architecture}"

    def aside(self, weights: str) -> str:
        """How weights of timm are chosen, for a text that is no path."""
        if "/" in weights:
            return ""
        return " (timm knows DEFAULT; other weights of timm are chosen by `architecture: NAME.TAG`)"

    def own_size(self, network: "torch.nn.Module") -> int:
        """The size in timm's settings of the network."""
        return size_of_timm(network)

    def randomly(self, name: str) -> Built:
        """The network with random weights."""
        network = self.constructed(name)
        return Built(network, f"timm {self.architecture}, random weights, seed {self.seed or 0}", of_network(network))

    def published(self, weights: str, name: str) -> Built:
        """The network with timm's weights and with their settings."""
        self.check_published(weights, name)
        if self.arguments:  # so that an error in them is not taken for a failed download
            self.constructed(name)
        try:
            network = self.constructed(name, pretrained=True)
        except Fault:
            raise
        except Exception as error:  # the hub's client has its own class of error for every kind of failure
            raise Fault(
                f"The weights of model {name} could not be downloaded through timm ({error}). Download them on another "
                f"machine and set `weights: path/to/file.pth`."
            ) from error
        return Built(network, f"timm {self.architecture}, its own weights", of_network(network))
